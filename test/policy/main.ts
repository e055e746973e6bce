// `npm run policy-proof`: shows that the printed policy suffices, that nothing can be taken out of it,
// that each condition is needed, and that another seat is out of reach. What was rehearsed is said line
// by line; the last line is the tally. It ends with 1 if anything was missed.

import { performance } from "node:perf_hooks";
import { assailAll, trespassAll } from "./assail.ts";
import { createCrew } from "./crew.ts";
import { type Progress, partsOf, rehearseAll, removeAll } from "./prove.ts";

/** The processes that rehearse; more would only slow each other down on a small machine. */
const crewSize = 2;

async function main(): Promise<number> {
  const startMs = performance.now();
  const progress: Progress = {
    say(line) {
      const seconds = Math.round((performance.now() - startMs) / 1_000);
      process.stdout.write(`${String(seconds).padStart(4)} s  ${line}\n`);
    },
  };
  const crew = createCrew(crewSize);
  try {
    const baselines = await rehearseAll(crew, progress);
    const parts = partsOf(baselines);
    const removals = await removeAll(crew, baselines, progress);
    const needs = await assailAll(parts, progress);
    const crossing = await trespassAll(progress);
    const passed = baselines.every(({ reached, denied }) => reached && denied.length === 0);
    const tally = {
      statements: parts.length,
      removals: removals.length,
      removalsCaught: removals.filter(({ caught }) => caught).length,
      conditions: needs.length,
      conditionsNeeded: needs.filter(({ needed }) => needed).length,
      crossSeatRefused: crossing.refused,
    };
    process.stdout.write(`${JSON.stringify(tally)}\n`);
    const missed =
      tally.removals - tally.removalsCaught + (tally.conditions - tally.conditionsNeeded);
    return passed && missed === 0 && crossing.refused === crossing.tried ? 0 : 1;
  } finally {
    crew.dismiss();
  }
}

process.exitCode = await main();
