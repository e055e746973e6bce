// The sum of many runs, as the last line of a simulation tells it.

import type { RunResult } from "./run.ts";

export interface Tally {
  readonly seeds: number;
  readonly steps: number;
  readonly violations: number;
  readonly crashes: number;
  readonly failovers: number;
  readonly refusals: number;
  readonly dataLossWithinPolicy: number;
}

export const emptyTally: Tally = {
  seeds: 0,
  steps: 0,
  violations: 0,
  crashes: 0,
  failovers: 0,
  refusals: 0,
  dataLossWithinPolicy: 0,
};

export function tallied(tally: Tally, result: RunResult): Tally {
  return {
    seeds: tally.seeds + 1,
    steps: tally.steps + result.steps,
    violations: tally.violations + (result.violation === null ? 0 : 1),
    crashes: tally.crashes + (result.counts["agent killed"] ?? 0) + machinesLost(result),
    failovers: tally.failovers + result.failovers,
    refusals: tally.refusals + result.refusals.length,
    // Nothing goes back to older data today.
    dataLossWithinPolicy: 0,
  };
}

function machinesLost({ deeds }: RunResult): number {
  return deeds.filter((deed) => /^(crash|zone outage|terminate)/.test(deed)).length;
}
