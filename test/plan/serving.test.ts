// From an open seat to a launched instance: units, readiness, hooks.

import { describe, expect, it } from "vitest";
import { awaitReady, finishLaunch, startUnits } from "../../agent/plan/serving.ts";
import { gist, stepOf } from "./decisions.ts";
import { i, settings } from "./seat.ts";
import { group, inGroup, opened, openingAt, serving, view } from "./world.ts";

describe("units", () => {
  const unit = (
    state: "active" | "inactive" | "failed" | "activating" | "missing" | "unusable",
    name = "db",
  ) => ({
    name,
    state,
  });

  it("are started one after the other", () => {
    const units = [unit("active"), unit("inactive", "api"), unit("inactive", "web")];
    expect(stepOf(startUnits(view({ units })), "startUnit").with.unit).toBe("api");
  });

  it("that failed are started again, that are starting are waited for", () => {
    expect(gist(startUnits(view({ units: [unit("failed")] })))).toBe("startUnit");
    expect(gist(startUnits(view({ units: [unit("activating")] })))).toBe("wait");
  });

  it("that do not exist are refused", () => {
    expect(gist(startUnits(view({ units: [unit("missing")] })))).toBe("EHA-NOT-READY");
    expect(gist(startUnits(view({ units: [unit("unusable")] })))).toBe("EHA-NOT-READY");
  });

  it("that are up need nothing", () => {
    expect(startUnits(view({ units: [unit("active")] }))).toBeNull();
  });
});

describe("readiness", () => {
  const check = { kind: "tcp", port: 5432 } as const;
  const ready = { check, withinMs: 60_000, everyMs: 5_000, failures: 3, replace: false };
  const at = (over: { ready: boolean; sinceMs: number; checkedMs: number } | null) =>
    view({
      settings: settings({ ready }),
      memory: { readiness: over === null ? null : { why: "no answer", ...over } },
    });

  it("is asked for at once, and again when it is due", () => {
    expect(gist(awaitReady(at(null)))).toBe("checkReady");
    const due = { ready: false, sinceMs: 980_000, checkedMs: 995_000 };
    expect(gist(awaitReady(at(due)))).toBe("checkReady");
  });

  it("is waited for between two checks", () => {
    const recent = { ready: false, sinceMs: 980_000, checkedMs: 999_800 };
    expect(gist(awaitReady(at(recent)))).toBe("wait");
  });

  it("failure mode 27: that never comes is refused, and the data stays mounted", () => {
    const late = { ready: false, sinceMs: 930_000, checkedMs: 999_800 };
    expect(gist(awaitReady(at(late)))).toBe("EHA-NOT-READY");
  });

  it("is there once it was seen, or where none is asked for", () => {
    expect(awaitReady(at({ ready: true, sinceMs: 0, checkedMs: 0 }))).toBeNull();
    expect(awaitReady(view())).toBeNull();
  });
});

describe("the end of a launch", () => {
  const memory = { opening: openingAt("opened") };

  it("answers one's own hook first, then a predecessor's, once, and keeps the opening", () => {
    const pending = { group: group("Pending:Wait") };
    const leaving = [inGroup(2, "Terminating:Wait")];
    const rest = { instances: leaving, volumes: [opened(1, 4)] };
    const own = finishLaunch(view({ me: pending, ...rest, memory }));
    expect(stepOf(own, "completeHook").with.hook).toBe("on-launch");
    expect(own).toMatchObject({ opening: { stage: "opened" } });
    const served = { me: { group: group("InService") }, ...rest };
    const second = finishLaunch(view({ ...served, memory }));
    expect(stepOf(second, "completeHook").with.hook).toBe("on-terminate");
    const helped = { ...memory, helped: [i(2)] };
    expect(gist(finishLaunch(view({ ...served, memory: helped })))).toBe("done");
  });

  it("is done once the group has this instance in service", () => {
    expect(gist(finishLaunch(serving()))).toBe("done");
  });
});
