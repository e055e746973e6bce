// From an open seat to a launched instance: units in their order, the readiness check, a
// predecessor's hook, one's own hook. Nothing here touches data.

import type { Decision } from "../domain/decision.ts";
import { completeOwn, completePredecessor } from "./hook.ts";
import { perform, refuse, type View, wait } from "./view.ts";

export function startUnits(view: View): Decision | null {
  const { units } = view.facts;
  const down = units.find((unit) => unit.state !== "active");
  if (down === undefined) return null;
  if (down.state === "missing") {
    return refuse(
      "EHA-NOT-READY",
      `unit "${down.name}" does not exist: install it, or take it out of "units"`,
    );
  }
  if (down.state === "unusable") {
    return refuse(
      "EHA-NOT-READY",
      `unit "${down.name}" is masked, or its file is wrong: see systemctl status ${down.name}`,
    );
  }
  if (down.state === "activating" || down.state === "deactivating") {
    return wait(`unit "${down.name}" is ${down.state}`, {
      pace: "ready",
      look: { kind: "local" },
      opening: view.memory.opening,
    });
  }
  const timeoutMs = view.settings.ready?.withinMs ?? unitStartMs;
  const step = { name: "startUnit", with: { unit: down.name, timeoutMs } } as const;
  return perform([step], {
    why: "the seat is open",
    look: { kind: "local" },
    opening: view.memory.opening,
  });
}

// Without a readiness setting: long enough for a database's crash recovery to be worth waiting for.
const unitStartMs = 300_000;

// While a service starts, everybody waits for it: it is asked more often than a running one.
const startingMs = 500;

/** null once the service answered its check. */
export function awaitReady(view: View): Decision | null {
  const { ready } = view.settings;
  const { readiness, opening } = view.memory;
  if (ready === null || readiness?.ready === true) return null;
  const { monotonicMs } = view.facts;
  const everyMs = Math.min(ready.everyMs, startingMs);
  const due = readiness === null || monotonicMs - readiness.checkedMs >= everyMs;
  if (due) {
    const step = {
      name: "checkReady",
      with: { check: ready.check, timeoutMs: ready.everyMs },
    } as const;
    return perform([step], { why: "is the service ready?", look: { kind: "local" }, opening });
  }
  if (monotonicMs - readiness.sinceMs > ready.withinMs) {
    return refuse(
      "EHA-NOT-READY",
      `the service is not ready after ${Math.round(ready.withinMs / 1000)} s (${readiness.why}): the data stays mounted; see the unit's journal`,
    );
  }
  return wait(`the service is not ready yet: ${readiness.why}`, {
    pace: "ready",
    look: { kind: "local" },
    opening,
  });
}

/** Answers the hooks that this instance may answer now; `done` when the launch is complete. */
export function finishLaunch(view: View): Decision {
  const decision = completeOwn(view, "launch", "the service is ready") ?? completePredecessor(view);
  if (decision === null) return { kind: "done", why: "the seat is held and served" };
  return "opening" in decision ? { ...decision, opening: view.memory.opening } : decision;
}
