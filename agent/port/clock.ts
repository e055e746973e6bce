// The real clock. Only this file asks the operating system for time, chance and timers; everything
// else is handed a Clock, so that a test or a simulation decides what time it is. It must never
// reject or throw: a wait that ends early is safe, since whoever waited looks again.

import type { Clock } from "../domain/clock.ts";

/** The longest timer that Node keeps; a longer one would fire at once. */
const timerMsMax = 2 ** 31 - 1;

/** The machine's clock. A sleep of more than 24 days ends after 24 days. */
export function systemClock(): Clock {
  return {
    nowMs: () => Date.now(),
    monotonicMs: () => performance.now(),
    sleep,
    random: () => Math.random(),
    every,
  };
}

function sleep(durationMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted === true) return resolve();
    const finish = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", finish);
      resolve();
    };
    const timer = setTimeout(finish, bounded(durationMs));
    signal?.addEventListener("abort", finish, { once: true });
  });
}

/** A heartbeat alone does not keep the program running: what it beats for does. */
function every(periodMs: number, work: () => void): () => void {
  const timer = setInterval(work, bounded(periodMs)).unref();
  return () => clearInterval(timer);
}

function bounded(durationMs: number): number {
  return Math.min(Math.max(durationMs, 0), timerMsMax);
}
