// When a fault strikes, whatever it does: by chance, count and time, where it is aimed, and the same again
// for the same seed and the same calls.

import { describe, expect, test } from "vitest";
import { faultNames } from "../region/faults/defaults.ts";
import { createFaults, type Faults } from "../region/faults/faults.ts";
import type { FaultPlan } from "../region/faults/settings.ts";
import { createVirtualClock } from "../region-state/virtual-clock.ts";

const everybody = { callers: "everybody" } as const;

function faultsOf(plan: FaultPlan): Faults {
  return createFaults(createVirtualClock(), plan);
}

/** One sign for each of so many calls: `x` where it struck. */
function strikes(faults: Faults, calls: number, what = "AttachVolume"): string {
  const one = (): string =>
    faults.strike("serverErrors", { what, instanceId: "i-1" }) === null ? "." : "x";
  return Array.from({ length: calls }, one).join("");
}

describe("how often", () => {
  test("a fault that is off never strikes", () => {
    expect(strikes(faultsOf({}), 5)).toBe(".....");
  });

  test("a fault that is on strikes always, unless its setting says less", () => {
    expect(strikes(faultsOf({ serverErrors: {} }), 5)).toBe("xxxxx");
    expect(strikes(faultsOf({ serverErrors: { count: 2 } }), 5)).toBe("xx...");
    expect(strikes(faultsOf({ serverErrors: { skip: 3 } }), 5)).toBe("...xx");
    expect(strikes(faultsOf({ serverErrors: { skip: 1, count: 1 } }), 5)).toBe(".x...");
    expect(strikes(faultsOf({ serverErrors: { chance: 0 } }), 5)).toBe(".....");
  });

  test("a chance strikes that share of all calls, in the long run", () => {
    const struck = strikes(faultsOf({ serverErrors: { chance: 0.3 } }), 10_000).replaceAll(".", "");
    expect(struck.length / 10_000).toBeCloseTo(0.3, 1);
  });

  test("a duration ends it, and setting it anew begins another", async () => {
    const clock = createVirtualClock();
    const faults = createFaults(clock, { serverErrors: { durationMs: 1_000 } });
    await clock.advance(999);
    expect(strikes(faults, 1)).toBe("x");
    await clock.advance(1);
    expect(strikes(faults, 1)).toBe(".");
    faults.set({ serverErrors: { durationMs: 1_000 } });
    expect(strikes(faults, 1)).toBe("x");
  });
});

describe("chance", () => {
  test("the same seed and the same calls bring the same faults, another seed brings others", () => {
    const run = (seed: number): string =>
      strikes(faultsOf({ seed, serverErrors: { chance: 0.5 } }), 64);
    expect(run(7)).toBe(run(7));
    expect(run(7)).not.toBe(run(8));
  });

  test("two faults of one seed and one chance do not strike the same calls", () => {
    const faults = faultsOf({ seed: 7, serverErrors: { chance: 0.5 }, timeouts: { chance: 0.5 } });
    const target = { what: "AttachVolume", instanceId: "i-1" };
    const timeouts = Array.from({ length: 64 }, () =>
      faults.strike("timeouts", target) === null ? "." : "x",
    );
    expect(timeouts.join("")).not.toBe(strikes(faults, 64));
  });

  test("one fault's strikes do not depend on whether another is on", () => {
    const alone = faultsOf({ seed: 7, serverErrors: { chance: 0.5 } });
    const beside = faultsOf({ seed: 7, serverErrors: { chance: 0.5 }, timeouts: { chance: 0.5 } });
    const both = Array.from({ length: 64 }, () => {
      beside.strike("timeouts", { what: "AttachVolume", instanceId: "i-1" });
      return strikes(beside, 1);
    });
    expect(both.join("")).toBe(strikes(alone, 64));
  });
});

describe("where", () => {
  test("only the actions it names are hit, and only they count as seen", () => {
    const faults = faultsOf({ serverErrors: { actions: ["Describe*", "AttachVolume"], skip: 1 } });
    expect(strikes(faults, 2, "DetachVolume")).toBe("..");
    expect(strikes(faults, 2, "DescribeVolumes")).toBe(".x");
    expect(strikes(faults, 1)).toBe("x");
  });

  test.each([
    { pattern: "*Volume*", what: "DescribeVolumes", isHit: true },
    { pattern: "Describe*s*", what: "DescribeVolumes", isHit: true },
    { pattern: "De*Volume", what: "DescribeVolumes", isHit: false },
    { pattern: "Volumes", what: "DescribeVolumes", isHit: false },
    { pattern: "*aa*aa*", what: "aaa", isHit: false },
  ])("the pattern $pattern against $what: $isHit", ({ pattern, what, isHit }) => {
    expect(strikes(faultsOf({ serverErrors: { actions: [pattern] } }), 1, what)).toBe(
      isHit ? "x" : ".",
    );
  });

  test("the operator's calls pass, unless the plan or the setting says everybody", () => {
    const isHit = (plan: FaultPlan): boolean =>
      faultsOf(plan).strike("timeouts", { what: "StopInstances", instanceId: null }) !== null;
    expect(isHit({ timeouts: {} })).toBe(false);
    expect(isHit({ timeouts: {}, callers: "everybody" })).toBe(true);
    expect(isHit({ timeouts: { callers: "everybody" } })).toBe(true);
  });

  test("one instance's calls can fail while another's pass", () => {
    const faults = faultsOf({ timeouts: { callers: ["i-1"] } });
    const isHit = (instanceId: string): boolean =>
      faults.strike("timeouts", { what: "StopInstances", instanceId }) !== null;
    expect([isHit("i-1"), isHit("i-2")]).toEqual([true, false]);
  });
});

describe("while the region runs", () => {
  test("faults are switched on and off one by one or all at once", () => {
    const faults = faultsOf(everybody);
    faults.set({ serverErrors: {}, timeouts: {} });
    faults.clear("timeouts");
    expect(faults.on("timeouts")).toBeNull();
    expect(strikes(faults, 1)).toBe("x");
    faults.clear();
    expect(strikes(faults, 1)).toBe(".");
  });

  test("each strike is counted, and stays so when the fault is gone", () => {
    const faults = faultsOf({ serverErrors: { count: 2 } });
    strikes(faults, 5);
    faults.clear();
    expect(faults.counts()).toMatchObject({ serverErrors: 2, timeouts: 0 });
    expect(Object.keys(faults.counts())).toEqual(faultNames);
  });

  test("what is held back goes on after its time, or when released", async () => {
    const clock = createVirtualClock();
    const faults = createFaults(clock);
    const gone: string[] = [];
    void faults.hold(1_000).then(() => gone.push("timed"));
    void faults.hold(Infinity).then(() => gone.push("released"));
    await clock.advance(1_000);
    expect(gone).toEqual(["timed"]);
    expect(faults.release()).toBe(1);
    await clock.advance(0);
    expect(gone).toEqual(["timed", "released"]);
  });
});
