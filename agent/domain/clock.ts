// Time and chance, as the rest of the program may know them. Wall time is for what other machines
// read (tags, schedules); the monotonic time alone measures waits, since a wall clock may jump.

export interface Clock {
  /** Wall time, in milliseconds since the epoch. */
  nowMs(): number;
  /** Time since an arbitrary start that never goes back, in milliseconds. */
  monotonicMs(): number;
  /** Resolves after `durationMs`, or at once when the signal aborts. Never rejects. */
  sleep(durationMs: number, signal?: AbortSignal): Promise<void>;
  /** A number in [0, 1). */
  random(): number;
  /** Calls `work` every `periodMs` until the returned function is called. */
  every(periodMs: number, work: () => void): () => void;
}
