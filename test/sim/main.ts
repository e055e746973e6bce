// `npm run sim -- --seeds N [--from S] [--trace]`: so many seeds, side by side on two processes. A
// violation is shrunk to the strikes and deeds it needs, and printed as a story. The last line is a
// summary in JSON; any violation makes the exit code 1.

import { parseArgs } from "node:util";
import { runSeed } from "./run.ts";
import { shrink } from "./shrink.ts";
import { emptyTally, type Tally, tallied } from "./tally.ts";

const { values } = parseArgs({
  options: {
    seeds: { type: "string", default: "100" },
    from: { type: "string", default: "1" },
    trace: { type: "boolean", default: false },
    first: { type: "boolean", default: false },
    stale: { type: "string", default: "2500" },
  },
});

async function main(): Promise<void> {
  const from = Number(values.from);
  const count = Number(values.seeds);
  let tally: Tally = emptyTally;
  for (let seed = from; seed < from + count; seed += 1) {
    const options = { seed: String(seed), staleMsMax: Number(values.stale) };
    const result = await runSeed(options);
    tally = tallied(tally, result);
    if (values.trace) process.stdout.write(`${result.story.join("\n")}\n`);
    if (result.violation === null) continue;
    process.stdout.write(
      `${values.first ? `seed ${seed}: ${result.violation.invariant}: ${result.violation.found}` : await shrink(options, result)}\n`,
    );
    process.exitCode = 1;
    if (values.first) break;
  }
  process.stdout.write(`${JSON.stringify(tally)}\n`);
}

await main();
