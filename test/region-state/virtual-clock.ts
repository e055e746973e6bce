// Time that stands still until a test moves it. Between two timers everything that can go on without
// time goes on, so that a test sees the region at rest.

import { setImmediate as turn } from "node:timers/promises";
import type { RegionClock } from "../region/state/clock.ts";

export interface VirtualClock extends RegionClock {
  /** Moves time on by `ms`, running what falls due in its order. */
  advance(ms: number): Promise<void>;
}

/** An arbitrary morning, so that times in failures look like times. */
const startMs = Date.UTC(2026, 10, 22, 9, 0, 0);

interface Timer {
  readonly dueMs: number;
  readonly order: number;
  readonly work: () => void;
}

export function createVirtualClock(): VirtualClock {
  const timers = new Set<Timer>();
  let nowMs = startMs;
  let order = 0;

  const earliest = (limitMs: number): Timer | undefined =>
    [...timers]
      .filter((timer) => timer.dueMs <= limitMs)
      .toSorted((one, other) => one.dueMs - other.dueMs || one.order - other.order)[0];

  return {
    nowMs: () => nowMs,
    after: (delayMs, work) => {
      order += 1;
      const timer = { dueMs: nowMs + Math.max(0, delayMs), order, work };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    advance: async (ms) => {
      const limitMs = nowMs + ms;
      await rest();
      for (let next = earliest(limitMs); next !== undefined; next = earliest(limitMs)) {
        timers.delete(next);
        nowMs = next.dueMs;
        next.work();
        await rest();
      }
      nowMs = limitMs;
    },
  };
}

/** One turn of the event loop runs every promise that can run. */
async function rest(): Promise<void> {
  await turn();
}
