// How fast a pursuit goes: it counts waits for the same thing, repeats of the same steps, failures and
// refusals in a row, and turns them into pauses. The lengths are plan/pace.ts's.

import type { Decision } from "../domain/decision.ts";
import { backOffMs, pauseMs } from "../plan/pace.ts";
import type { Observer } from "./ports.ts";

export interface Pauses {
  before(decision: Decision): Promise<void>;
  afterFailure(): Promise<void>;
  looked(): void;
  /** The world refused what was planned, again and again: a loop that may never end must be slow. */
  afterDeed(anyRefused: boolean): Promise<void>;
}

/** Counts waits for the same thing, repeats of the same steps, and failures in a row. */
export function pacer({ ports, settings }: Observer, signal: AbortSignal): Pauses {
  let last = "";
  let count = 0;
  let failures = 0;
  let refusals = 0;
  const sleep = (durationMs: number) => ports.clock.sleep(durationMs, signal);
  return {
    async before(decision) {
      const same = fingerprint(decision);
      count = same === last ? count + 1 : 0;
      last = same;
      const turn = { count, chance: ports.clock.random() };
      if (decision.kind === "perform") return sleep(backOffMs(count));
      const pace = decision.kind === "wait" ? decision.pace : "slow";
      // Looking again at once, for the same reason, again and again, is a loop that makes no progress.
      if (pace === "now" && count > 0) return sleep(backOffMs(count));
      return sleep(pauseMs(pace, settings, turn));
    },
    async afterFailure() {
      failures += 1;
      return sleep(backOffMs(Math.min(failures, failuresMax)) * (1 + ports.clock.random()));
    },
    looked() {
      failures = 0;
    },
    async afterDeed(anyRefused) {
      refusals = anyRefused ? refusals + 1 : 0;
      // The first is the ordinary case: somebody was faster.
      return sleep(backOffMs(Math.max(0, Math.min(refusals - 1, failuresMax))));
    },
  };
}

// 500 ms, doubled up to 8 s: a throttle empties its bucket in seconds, and a service waits on us.
const failuresMax = 5;

function fingerprint(decision: Decision): string {
  switch (decision.kind) {
    case "perform":
      // The same deed a second later is the same deed: what time it is does not count.
      return JSON.stringify(decision.steps, (key, value: unknown) =>
        key === "at" || key.endsWith("Ms") ? undefined : value,
      );
    case "wait":
      return `${decision.pace} ${decision.opening?.stage ?? ""}`;
    case "refuse":
      return decision.refusal.code;
    case "done":
      return "done";
  }
}
