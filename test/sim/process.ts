// One life of an agent's process: it can be killed and paused between any two things that it waits
// for. What it asked of the world before is not taken back by that: a call that was sent may arrive,
// and take effect, after its sender's death.

import type { Chance } from "./chance.ts";
import type { Timeline } from "./timeline.ts";

export interface Life {
  readonly isAlive: () => boolean;
  kill(): void;
  pause(durationMs: number): void;
  /** Runs the work when the process can run: at once, after its pause, or never. */
  deliver(work: () => void): void;
}

export function createLife(timeline: Timeline): Life {
  let alive = true;
  let pausedUntilMs = 0;
  const deliver = (work: () => void): void => {
    if (!alive) return;
    const leftMs = pausedUntilMs - timeline.nowMs();
    if (leftMs <= 0) work();
    else timeline.after(leftMs, () => deliver(work));
  };
  return {
    isAlive: () => alive,
    kill() {
      alive = false;
    },
    pause(durationMs) {
      pausedUntilMs = Math.max(pausedUntilMs, timeline.nowMs() + durationMs);
    },
    deliver,
  };
}

/** What becomes of one thing that a process asks of the world. */
export interface Passage {
  /** Until it takes effect; null never does. */
  readonly arrivesMs: number | null;
  /** From the effect to the answer; null loses it. */
  readonly answersMs: number | null;
  /** Asked again each second once it is due: while true, it does not arrive. */
  readonly isHeld?: () => boolean;
  /** What the caller is told where no answer comes, and when, counted from the asking. */
  readonly otherwise: { readonly afterMs: number; readonly error: () => Error } | null;
}

export interface Asking<T> {
  readonly timeline: Timeline;
  readonly life: Life;
  readonly passage: Passage;
  readonly effect: () => Promise<T>;
}

/** Parks the caller until the answer is there; a process that died waits for ever. */
export function ask<T>({ timeline, life, passage, effect }: Asking<T>): Promise<T> {
  const { arrivesMs, answersMs, otherwise, isHeld = () => false } = passage;
  return new Promise((resolve, reject) => {
    if (otherwise !== null) {
      timeline.after(otherwise.afterMs, () => life.deliver(() => reject(otherwise.error())));
    }
    if (arrivesMs === null) return;
    const arrive = (): void => {
      if (isHeld()) {
        timeline.after(1_000, arrive);
        return;
      }
      const settled = effect();
      // Its outcome is handed on as it is, but later, and perhaps to nobody.
      const answer = (): void => {
        if (answersMs === null) return;
        timeline.after(answersMs, () => life.deliver(() => resolve(settled)));
      };
      settled.then(answer, answer);
    };
    timeline.after(arrivesMs, arrive);
  });
}

/** A short and a long delay, as networks have them. */
export function latencyMs(chance: Chance): number {
  return chance.isHit(0.05) ? chance.between(500, 3_000) : chance.between(5, 150);
}
