// `npm run soak`: flows and faults at full speed, one after the other, and whether the agent's memory stays
// flat. A holder takes scheduled snapshots under faults, loses its address and takes it back, dies or is
// told to end, and the next one takes over; after each cycle the heap is collected and measured.
//   npm run soak -- [--cycles N] [--seed N]
// The last line is JSON; the exit code is 0 where memory is flat.

import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { fastClock } from "../flow/fast-clock.ts";
import type { FaultSettings } from "../region/faults/settings.ts";
import { createRandom } from "../region/state/ids.ts";
import { type Counts, type SoakedAgent, startAgent } from "./agent.ts";
import { startRegion } from "./far-region.ts";
import { type Sample, trendOf } from "./trend.ts";

const { values: given } = parseArgs({
  options: {
    cycles: { type: "string", default: "300" },
    seed: { type: "string", default: "1" },
  },
});
const cycles = Number(given.cycles);
const random = createRandom(Number(given.seed));

/** What may go wrong in a cycle; each for a second or two, of which the agent has 25 times as many. */
const menu: readonly FaultSettings[] = [
  {},
  { serverErrors: { chance: 0.3, durationMs: 1_000 } },
  { lostReplies: { chance: 0.3, durationMs: 1_000 } },
  { lostRequests: { chance: 0.3, durationMs: 1_000 } },
  { garbledReplies: { chance: 0.3, durationMs: 1_000 } },
  { throttling: { startShare: 0, durationMs: 1_000 } },
  { timeouts: { count: 1 } },
  { staleReads: { lagMs: 100, durationMs: 1_000 } },
  { emptyLists: { chance: 0.3, durationMs: 1_000 } },
  { missingRows: { chance: 0.3, durationMs: 1_000 } },
  { snapshotErrors: { count: 1 } },
  { refusedMetadata: { status: 503, chance: 0.3, durationMs: 1_000 } },
  { shortCredentials: { lifetimeMs: 800, renewalMs: 300, durationMs: 2_000 } },
  { stuckAttaching: { count: 1 } },
];

// A holder lives through so many cycles before the next one takes over.
const holdingCycles = 12;
const progressCycles = 20;

const region = await startRegion();
process.env["AWS_ENDPOINT_URL_EC2"] = region.endpoint;
process.env["AWS_ENDPOINT_URL_AUTO_SCALING"] = region.endpoint;
const clock = fastClock();
const total: Counts = { steps: 0, sets: 0, troubles: 0, refusals: 0 };
const samples: Sample[] = [];
let takeOvers = 0;
let agent = await begin();
for (let cycle = 1; cycle <= cycles; cycle += 1) {
  const faults = menu[Math.floor(random() * menu.length)] ?? {};
  await region.ask({ ask: "fail", faults });
  if (cycle % holdingCycles === 0) agent = await takeOver(agent);
  else await hold(agent, cycle);
  await region.ask({ ask: "heal" });
  await settled(agent);
  samples.push(measure());
  if (cycle % progressCycles === 0) {
    const { heapBytes, rssBytes } = samples.at(-1) ?? { heapBytes: 0, rssBytes: 0 };
    process.stderr.write(`${cycle}: ${megabytes(heapBytes)} MB heap, ${megabytes(rssBytes)} MB\n`);
  }
}
await finish(agent);
const agentHours = clock.monotonicMs() / 3_600_000;
clock.close();
region.close();
report();

/** The next instance of the group, serving. */
async function begin(): Promise<SoakedAgent> {
  const instanceId = await region.ask({ ask: "arrival" });
  return startAgent(region, clock, instanceId);
}

async function hold(holder: SoakedAgent, cycle: number): Promise<void> {
  if (cycle % 5 === 0) await region.ask({ ask: "free address" });
  holder.due();
  await clock.sleep(30_000);
}

async function takeOver(holder: SoakedAgent): Promise<SoakedAgent> {
  takeOvers += 1;
  const how = random() < 0.5 ? "crash" : "terminate";
  const { instanceId } = holder;
  if (how === "crash") await finish(holder);
  await region.ask({ ask: "end", instanceId, how });
  const next = await begin();
  if (how === "terminate") {
    await until(async () => (await region.ask({ ask: "isOn", instanceId })) === "off");
    await finish(holder);
  }
  return next;
}

async function finish(holder: SoakedAgent): Promise<void> {
  await holder.stop();
  for (const name of ["steps", "sets", "troubles", "refusals"] as const) {
    total[name] += holder.counts[name];
  }
}

async function settled({ mind }: SoakedAgent): Promise<void> {
  await until(async () => mind.phase === "holding the seat");
}

/** Real time: nothing here takes a minute on any machine. */
async function until(found: () => Promise<boolean>): Promise<void> {
  for (let turn = 0; turn < 3_000; turn += 1) {
    if (await found()) return;
    await sleep(20);
  }
  throw new Error("Cannot soak: the seat did not come back within a minute");
}

/** After a collection; twice, since what the first frees may hold more. */
function measure(): Sample {
  const { gc } = globalThis;
  if (gc === undefined) throw new Error("Cannot measure: run with --expose-gc");
  gc();
  gc();
  const { heapUsed: heapBytes, rss: rssBytes } = process.memoryUsage();
  return { heapBytes, rssBytes };
}

function report(): void {
  const heap = trendOf(samples.map((sample) => sample.heapBytes));
  const rss = trendOf(samples.map((sample) => sample.rssBytes));
  const last = samples.at(-1);
  const result = {
    cycles,
    takeOvers,
    ...total,
    agentHours: Math.round(agentHours * 10) / 10,
    heapMb: megabytes(last?.heapBytes ?? 0),
    heapGrowthKb: Math.round(heap.growthBytes / 1_000),
    heapBytesPerCycle: Math.round(heap.slopeBytes),
    rssMb: megabytes(last?.rssBytes ?? 0),
    rssGrowthKb: Math.round(rss.growthBytes / 1_000),
    flat: heap.flat,
  };
  process.stdout.write(`${JSON.stringify(result)}\n`);
  process.exitCode = heap.flat ? 0 : 1;
}

function megabytes(bytes: number): number {
  return Math.round(bytes / 100_000) / 10;
}
