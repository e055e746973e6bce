// Deadlines for whole pursuits. They go by the same clock as everything else, so that virtual time
// moves them too, and nothing of them is left once the work has ended.

import type { Clock } from "../domain/clock.ts";

export interface Limit {
  readonly clock: Clock;
  readonly durationMs: number;
  /** What ends the work sooner. */
  readonly others: readonly AbortSignal[];
}

/** Does the work with a signal that aborts after `durationMs`, or with any of the others. */
export async function expiring<T>(
  { clock, durationMs, others }: Limit,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const over = new AbortController();
  const ended = new AbortController();
  const sooner = AbortSignal.any([...others]);
  const slept = clock.sleep(durationMs, AbortSignal.any([sooner, ended.signal]));
  const late = slept.then(() => over.abort());
  try {
    return await work(AbortSignal.any([over.signal, sooner]));
  } finally {
    ended.abort();
    await late;
  }
}
