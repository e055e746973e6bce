// Time for an agent in a test: 25 seconds of its own pass in one of ours, so that minutes of patience
// can be waited out. It advances in small equal ticks and stands still while the world is asked, so that a
// busy machine slows it down, never tears a gap into it, and lets no deadline pass that an idle one
// would not; a gap is made by `leap` alone.

import type { Clock } from "../../agent/domain/clock.ts";

export interface FastClock extends Clock {
  /** The machine stands still for so long: all timers come due at once. */
  leap(durationMs: number): void;
  /** Stands still until the work has settled; for a moment only where it hangs. */
  during<T>(work: Promise<T>): Promise<T>;
  close(): void;
}

const tickRealMs = 4;
const tickMs = 100;
/** A call is answered within milliseconds, on the busiest machine within this; else it hangs. */
const heldRealMsMax = 1_000;

interface Sleeper {
  readonly dueMs: number;
  readonly wake: () => void;
}

export function fastClock(): FastClock {
  const startMs = Date.now();
  const sleepers = new Set<Sleeper>();
  let elapsedMs = 0;
  let held = 0;
  const advance = (durationMs: number): void => {
    elapsedMs += durationMs;
    const due = [...sleepers].filter((sleeper) => sleeper.dueMs <= elapsedMs);
    for (const sleeper of due.toSorted((left, right) => left.dueMs - right.dueMs)) sleeper.wake();
  };
  const timer = setInterval(() => {
    if (held === 0) advance(tickMs);
  }, tickRealMs);
  return {
    nowMs: () => startMs + elapsedMs,
    monotonicMs: () => elapsedMs,
    random: () => Math.random(),
    sleep: (durationMs, signal) => sleep(sleepers, elapsedMs + durationMs, signal),
    every(periodMs, work) {
      const period = setInterval(work, Math.max(1, (periodMs * tickRealMs) / tickMs));
      return () => clearInterval(period);
    },
    leap: advance,
    async during(work) {
      held += 1;
      let isHeld = true;
      const letGo = (): void => {
        if (isHeld) held -= 1;
        isHeld = false;
      };
      const hanging = setTimeout(letGo, heldRealMsMax);
      try {
        return await work;
      } finally {
        clearTimeout(hanging);
        letGo();
      }
    },
    close() {
      clearInterval(timer);
      for (const sleeper of [...sleepers]) sleeper.wake();
    },
  };
}

function sleep(sleepers: Set<Sleeper>, dueMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted === true) {
      resolve();
      return;
    }
    const wake = (): void => {
      sleepers.delete(sleeper);
      signal?.removeEventListener("abort", wake);
      resolve();
    };
    const sleeper: Sleeper = { dueMs, wake };
    sleepers.add(sleeper);
    signal?.addEventListener("abort", wake, { once: true });
  });
}
