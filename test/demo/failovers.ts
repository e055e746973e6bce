// What a failover was, in numbers: from the last answer of one life to the first of the next, and
// how much of that time AWS's own operations would have taken. Arithmetic only; all times are the
// client's monotonic milliseconds.

import type { Life } from "./client/ledger.ts";

/** `hook`: an operator replaced the instance and its agent let go. `crash`: it lost its power. */
export type Cause = "hook" | "crash";

/** An operation of AWS, as the region simulated it. */
export interface Span {
  readonly what: string;
  readonly fromMs: number;
  readonly untilMs: number;
}

export interface Failover {
  readonly cause: Cause;
  readonly fromAz: string;
  readonly toAz: string;
  readonly lastAtMs: number;
  readonly firstAtMs: number;
  /** Time in which at least one of AWS's operations on the critical path was under way. */
  readonly awsMs: number;
}

export const outageMs = (failover: Failover): number => failover.firstAtMs - failover.lastAtMs;

/** One failover for each cause whose next life has answered; lives in the order of their starts. */
export function failoversOf(
  causes: readonly Cause[],
  lives: readonly Life[],
  spans: readonly Span[],
): readonly Failover[] {
  return causes.flatMap((cause, index) => {
    const from = lives[index];
    const to = lives[index + 1];
    if (from === undefined || to === undefined) return [];
    const window = { what: "outage", fromMs: from.lastAtMs, untilMs: to.firstAtMs };
    return [
      {
        cause,
        fromAz: from.zone,
        toAz: to.zone,
        lastAtMs: from.lastAtMs,
        firstAtMs: to.firstAtMs,
        awsMs: coveredMs(spans, window),
      },
    ];
  });
}

/** Length of the union of the spans within the window: what runs side by side counts once. */
export function coveredMs(spans: readonly Span[], window: Span): number {
  const sorted = spans
    .map(({ fromMs, untilMs }) => ({
      fromMs: Math.max(fromMs, window.fromMs),
      untilMs: Math.min(untilMs, window.untilMs),
    }))
    .filter(({ fromMs, untilMs }) => untilMs > fromMs)
    .toSorted((left, right) => left.fromMs - right.fromMs);
  let covered = 0;
  let reachedMs = window.fromMs;
  for (const { fromMs, untilMs } of sorted) {
    covered += Math.max(0, untilMs - Math.max(fromMs, reachedMs));
    reachedMs = Math.max(reachedMs, untilMs);
  }
  return covered;
}
