// Time as the region knows it. Nothing else in this folder may read a clock or set a timer, so that
// the same state machines run against the wall clock and, for simulation, under virtual time.

export interface RegionClock {
  nowMs(): number;
  /** Runs `work` once, `delayMs` from now; works due at one time run in the order they were asked for. */
  after(delayMs: number, work: () => void): () => void;
}

export const realClock: RegionClock = {
  nowMs: () => Date.now(),
  after: (delayMs, work) => {
    const timer = setTimeout(work, Math.max(0, delayMs));
    return () => clearTimeout(timer);
  },
};

export interface ClosableClock extends RegionClock {
  /** Cancels all that is still due. Later requests are ignored. */
  close(): void;
}

/** A clock whose timers can all be cancelled at once, so that a closed world leaves nothing behind. */
export function closableClock(clock: RegionClock): ClosableClock {
  const cancels = new Set<() => void>();
  let closed = false;
  return {
    nowMs: () => clock.nowMs(),
    after: (delayMs, work) => {
      if (closed) return () => undefined;
      const cancel = clock.after(delayMs, () => {
        cancels.delete(cancel);
        work();
      });
      cancels.add(cancel);
      return () => {
        cancels.delete(cancel);
        cancel();
      };
    },
    close: () => {
      closed = true;
      for (const cancel of cancels) cancel();
      cancels.clear();
    },
  };
}
