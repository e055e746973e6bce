// `npm run bench:idle`: what the idle daemon costs beside an empty Node, measured side by side in
// one run, so that the ratios hold whatever the machine and whatever else it is doing. Rounds
// alternate between the two and the middle value counts; nothing is asserted here.
//   npm run bench:idle -- [--bundle FILE] [--rounds N] [--settle SECONDS] [--flags] [-- ARGUMENT...]

import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { type Cost, costOf } from "./cost.ts";

interface Subject {
  readonly name: string;
  /** What Node is given to start, load everything and end. */
  readonly start: readonly string[];
  /** What Node is given to stay idle. */
  readonly idle: readonly string[];
}

interface Result {
  readonly name: string;
  readonly startMs: number;
  readonly cost: Cost;
}

// What the unit file might give V8: less room for young objects, code kept small, no compilers.
const flagSets: readonly (readonly string[])[] = [
  [],
  ["--max-semi-space-size=1"],
  ["--optimize-for-size"],
  ["--lite-mode"],
  ["--optimize-for-size", "--max-semi-space-size=1"],
  ["--lite-mode", "--max-semi-space-size=1"],
];

const options = parseArgs({
  allowPositionals: true,
  options: {
    bundle: {
      type: "string",
      default: fileURLToPath(new URL("../../dist/ec2-ha-agent.mjs", import.meta.url)),
    },
    rounds: { type: "string", default: "7" },
    settle: { type: "string", default: "5" },
    flags: { type: "boolean", default: false },
  },
});
const rounds = Number(options.values.rounds);
const settleMs = Number(options.values.settle) * 1000;
const idleArgs = options.positionals.length > 0 ? options.positionals : ["run"];

const directory = await mkdtemp(join(tmpdir(), "ec2-ha-idle-"));
try {
  const subjects = await listSubjects(directory);
  print(await measure(subjects));
} finally {
  await rm(directory, { recursive: true, force: true });
}

/** The first one is what the others are compared with. */
async function listSubjects(place: string): Promise<readonly Subject[]> {
  const empty = join(place, "empty.mjs");
  await writeFile(empty, "if (process.argv[2] === 'idle') setInterval(() => undefined, 1e6);\n");
  const sets = options.values.flags ? flagSets : [[]];
  const { bundle } = options.values;
  return [
    { name: "empty Node", start: [empty], idle: [empty, "idle"] },
    ...sets.map((flags) => ({
      name: ["agent", ...flags].join(" "),
      start: [...flags, bundle, "version"],
      idle: [...flags, bundle, ...idleArgs],
    })),
  ];
}

async function measure(subjects: readonly Subject[]): Promise<readonly Result[]> {
  const starts = new Map(subjects.map(({ name }) => [name, [] as number[]]));
  for (let round = 0; round < rounds; round += 1) {
    for (const { name, start } of subjects) starts.get(name)?.push(await timeStart(start));
  }
  const results: Result[] = [];
  for (const { name, idle } of subjects) {
    results.push({ name, startMs: middle(starts.get(name) ?? []), cost: await idleCost(idle) });
  }
  return results;
}

async function timeStart(args: readonly string[]): Promise<number> {
  const begin = performance.now();
  const child = spawn(process.execPath, args, { stdio: "ignore" });
  await ended(child);
  if (child.exitCode !== 0) throw new Error(`Cannot time "${args.join(" ")}": it failed: run it`);
  return performance.now() - begin;
}

async function idleCost(args: readonly string[]): Promise<Cost> {
  const child = spawn(process.execPath, args, { stdio: "ignore" });
  try {
    await Promise.race([sleep(settleMs), ended(child)]);
    if (child.exitCode !== null || child.pid === undefined) {
      throw new Error(`Cannot weigh "${args.join(" ")}": it ended: it must stay idle`);
    }
    return await costOf(child.pid, sleep(settleMs));
  } finally {
    child.kill("SIGKILL");
  }
}

async function ended(child: ChildProcess): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    child.once("exit", () => resolve());
    child.once("error", reject);
  });
}

async function sleep(durationMs: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, durationMs));
}

function middle(numbers: readonly number[]): number {
  return (
    numbers.toSorted((left, right) => left - right)[Math.floor(numbers.length / 2)] ?? Number.NaN
  );
}

function print(results: readonly Result[]): void {
  const [base] = results;
  if (base === undefined) return;
  const rows = results.map(({ name, startMs, cost }) => ({
    subject: name,
    "start ms": Math.round(startMs),
    "start x": ratio(startMs, base.startMs),
    "resident MB": (cost.residentKb / 1000).toFixed(1),
    "resident x": ratio(cost.residentKb, base.cost.residentKb),
    "written MB": (cost.writtenKb / 1000).toFixed(1),
    "CPU ms a minute": Math.round(cost.cpuMsPerMinute),
  }));
  console.table(rows);
}

function ratio(found: number, base: number): string {
  return (found / base).toFixed(2);
}
