// Which failures an operator hears of: a denial at once, nonsense when it comes again, silence when it
// lasts, each once, and nothing of what passes.

import { describe, expect, it } from "vitest";
import { Failure, type FailureDetails } from "../../agent/domain/failure.ts";
import { failed, passed, type Troubles, type Work, wasTold } from "../../agent/flow/troubles.ts";

/** What is told as this failure comes again at each of these moments. */
function toldAt(
  details: Partial<FailureDetails>,
  momentsMs: readonly number[],
  work: Work = "look",
): readonly (string | null)[] {
  const failure = failureOf(details);
  let troubles: Troubles = new Map();
  return momentsMs.map((nowMs) => {
    const found = failed(troubles, { work, failure, nowMs });
    troubles = found.troubles;
    return found.refusal?.code ?? null;
  });
}

function failureOf(details: Partial<FailureDetails>): Failure {
  const plain = { kind: "transient", action: "describe", subject: '"vol-1"', found: "x" } as const;
  return new Failure({ ...plain, ...details });
}

describe("an operator is told", () => {
  it("of a denial at once, and once", () => {
    expect(toldAt({ kind: "denied" }, [0, 1_000, 2_000])).toEqual(["EHA-DENIED", null, null]);
  });

  it("of nonsense only when it comes a third time, and not within some seconds", () => {
    const refusal = "EHA-AWS-REFUSED";
    const broken = { kind: "broken", refusal } as const;
    expect(toldAt(broken, [0, 1_000, 2_000, 3_000])).toEqual([null, null, null, null]);
    expect(toldAt(broken, [0, 10_000, 20_000, 30_000])).toEqual([null, null, refusal, null]);
  });

  it("of what should pass only when it has lasted for three minutes", () => {
    const silent = { refusal: "EHA-AWS-SILENT" } as const;
    expect(toldAt(silent, [0, 179_000, 180_000])).toEqual([null, null, "EHA-AWS-SILENT"]);
  });

  it("of a unit that does not start as of a service that is not ready", () => {
    expect(toldAt({}, [0, 180_000], "startUnit")).toEqual([null, "EHA-NOT-READY"]);
    expect(toldAt({}, [0, 180_000], "unmount")).toEqual([null, "EHA-BROKEN"]);
  });

  it("what was found, how long it has lasted, and what comes next", () => {
    const found = failed(new Map([["look", { sinceMs: 0, count: 9, told: [] }]]), {
      work: "look",
      failure: failureOf({}),
      nowMs: 200_000,
    });
    expect(found.refusal?.message).toBe(
      'Cannot describe "vol-1": x (for 3 minutes): trying on, ever more slowly',
    );
    const failure = failureOf({ kind: "denied", next: "allow it" });
    const denied = failed(new Map(), { work: "look", failure, nowMs: 0 });
    expect(denied.refusal?.message).toBe('Cannot describe "vol-1": x: allow it');
  });
});

describe("an operator is told again", () => {
  const denied = (permission: string) =>
    failureOf({ kind: "denied", found: `denied ${permission}`, refusal: "EHA-DENIED" });

  it("of another trouble with the same work, since what was mended showed the next", () => {
    const failures = [
      denied("ec2:DescribeVolumes"),
      denied("ec2:DescribeSnapshots"),
      denied("ec2:DescribeVolumes"),
      failureOf({ kind: "transient", refusal: "EHA-AWS-SILENT" }),
      failureOf({ kind: "transient", refusal: "EHA-AWS-SILENT", found: "y" }),
    ];
    let troubles: Troubles = new Map();
    const codes = failures.map((failure, turn) => {
      const found = failed(troubles, { work: "look", failure, nowMs: turn * 100_000 });
      troubles = found.troubles;
      return found.refusal?.code ?? null;
    });
    expect(codes).toEqual(["EHA-DENIED", "EHA-DENIED", null, "EHA-AWS-SILENT", null]);
  });

  it("of a trouble that was over, unless it only flickers", () => {
    const told = { count: 1, told: ["EHA-DENIED"] };
    const troubles: Troubles = new Map([
      ["look", { ...told, sinceMs: 0 }],
      ["attach", { ...told, told: [], sinceMs: 0 }],
    ]);
    expect(wasTold(troubles, { work: "look", nowMs: 1_000 })).toBe(false);
    expect(wasTold(troubles, { work: "look", nowMs: 20_000 })).toBe(true);
    expect(wasTold(troubles, { work: "attach", nowMs: 20_000 })).toBe(false);
    expect(wasTold(troubles, { work: "mount", nowMs: 20_000 })).toBe(false);
  });
});

describe("a work that was done", () => {
  it("has no trouble any more, and others keep theirs", () => {
    const trouble = { sinceMs: 0, count: 3, told: ["EHA-AWS-SILENT"] };
    const troubles: Troubles = new Map([
      ["look", trouble],
      ["attach", trouble],
    ]);
    expect([...passed(troubles, ["look", "mount"]).keys()]).toEqual(["attach"]);
  });
});
