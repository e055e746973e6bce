// Virtual time for a whole world: what is due next happens next, and between two events everything
// that can go on without time goes on. One order of calls gives one run. Nothing here waits.

import { setImmediate as turn } from "node:timers/promises";
import type { RegionClock } from "../region/state/clock.ts";

export interface Timeline extends RegionClock {
  /** Runs what falls due until then, or until `isOver` says so. */
  run(untilMs: number, isOver?: () => boolean): Promise<void>;
  /** Events run so far. */
  readonly steps: number;
}

/** An arbitrary morning, so that times in a story look like times. */
export const startMs = Date.UTC(2026, 10, 22, 9, 0, 0);

interface Timer {
  readonly dueMs: number;
  readonly order: number;
  work: (() => void) | null;
}

export function createTimeline(): Timeline {
  const heap: Timer[] = [];
  let nowMs = startMs;
  let order = 0;
  let steps = 0;
  return {
    nowMs: () => nowMs,
    after(delayMs, work) {
      order += 1;
      const timer: Timer = { dueMs: nowMs + Math.max(0, delayMs), order, work };
      push(heap, timer);
      return () => {
        timer.work = null;
      };
    },
    async run(untilMs, isOver = () => false) {
      await turn();
      for (;;) {
        const next = heap[0];
        if (next === undefined || next.dueMs > untilMs || isOver()) break;
        pop(heap);
        if (next.work === null) continue;
        nowMs = next.dueMs;
        steps += 1;
        next.work();
        await turn();
      }
      if (!isOver()) nowMs = Math.max(nowMs, untilMs);
    },
    get steps() {
      return steps;
    },
  };
}

function isBefore(one: Timer, other: Timer): boolean {
  return one.dueMs < other.dueMs || (one.dueMs === other.dueMs && one.order < other.order);
}

/** A binary heap: a run has thousands of timers, and most of them are cancelled. */
function push(heap: Timer[], timer: Timer): void {
  let index = heap.length;
  heap.push(timer);
  while (index > 0) {
    const parent = (index - 1) >> 1;
    const above = heap[parent];
    if (above === undefined || !isBefore(timer, above)) break;
    heap[index] = above;
    index = parent;
  }
  heap[index] = timer;
}

function pop(heap: Timer[]): void {
  const last = heap.pop();
  if (last === undefined || heap.length === 0) return;
  let index = 0;
  for (;;) {
    const child = smallerChild(heap, index);
    const below = heap[child];
    if (below === undefined || !isBefore(below, last)) break;
    heap[index] = below;
    index = child;
  }
  heap[index] = last;
}

function smallerChild(heap: readonly Timer[], index: number): number {
  const left = 2 * index + 1;
  const [one, other] = [heap[left], heap[left + 1]];
  return one !== undefined && other !== undefined && isBefore(other, one) ? left + 1 : left;
}
