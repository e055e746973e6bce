// Can the demo catch a liar? Each control runs the honest way and the lying way on one code path, with
// one function swapped, so many times each:
//   writer     a service that acknowledges before anything is flushed, and one crash
//   snapshots  a plain copy of one volume after the other, and a ledger over both
// A liar must be caught in every run, an honest one in none.
//
//   node test/demo/controls.ts [--runs 20] [--only writer|snapshots]

import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { parseArgs } from "node:util";
import { systemClock } from "../../agent/port/clock.ts";
import { runInOwnNamespaces } from "../region/machines/enclosure.ts";
import { type Copying, playSnapshots } from "./control-snapshots.ts";
import type { Durability } from "./service/store.ts";
import { show } from "./show.ts";
import { openTerminal } from "./terminal.ts";

const exitUsage = 2;
const names = ["writer", "snapshots"] as const;
type Name = (typeof names)[number];

/** How often each way of a control was caught. */
interface Tally {
  readonly runs: number;
  readonly honestCaught: number;
  readonly liarCaught: number;
}

// Only the agent's own waits are left to wait for.
const speed = 40;
const answersMin = 300;

const { values } = parseArgs({
  options: {
    runs: { type: "string", default: "20" },
    only: { type: "string" },
    // Plays one way of one control and prints how often it was caught: a process of its own each.
    play: { type: "string" },
  },
});
const runs = Number(values.runs);
async function judge(chosen: readonly Name[]): Promise<void> {
  const tallies: Partial<Record<Name, Tally>> = {};
  for (const name of chosen) tallies[name] = await tallyOf(name);
  process.stdout.write(`${JSON.stringify(tallies)}\n`);
  const good = ({ honestCaught, liarCaught }: Tally): boolean =>
    honestCaught === 0 && liarCaught === runs;
  process.exitCode = Object.values(tallies).every(good) && chosen.length > 0 ? 0 : 1;
}

async function tallyOf(name: Name): Promise<Tally> {
  const honestCaught = await caught(name, "honest");
  const liarCaught = await caught(name, "liar");
  return { runs, honestCaught, liarCaught };
}

async function caught(name: Name, way: string): Promise<number> {
  // The snapshots' rounds share an instance; a crash wants a region of its own.
  const batches = name === "snapshots" ? [runs] : Array.from({ length: runs }, () => 1);
  let sum = 0;
  for (const [index, rounds] of batches.entries()) {
    const count = await playApart(`${name}/${way}`, rounds);
    sum += count;
    process.stdout.write(`${name}, ${way}, ${index + 1} of ${batches.length}: ${count} caught\n`);
  }
  return sum;
}

async function playApart(play: string, rounds: number): Promise<number> {
  const [program = ""] = process.argv.slice(1);
  const child = spawn(process.execPath, [program, "--play", play, "--runs", String(rounds)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const last = (await text(child.stdout)).trim().split("\n").at(-1) ?? "";
  if (/^\d+$/.test(last)) return Number(last);
  throw new Error(`Cannot play "${play}": it ended with "${last}"`);
}

async function playOne(): Promise<void> {
  const count = await (plays[values.play ?? ""] ?? refuse)();
  process.stdout.write(`${count}\n`, () => process.exit(0));
}

const plays: Readonly<Record<string, () => Promise<number>>> = {
  "writer/honest": () => playWriter("durable"),
  "writer/liar": () => playWriter("careless"),
  "snapshots/honest": () => countTorn("instant"),
  "snapshots/liar": () => countTorn("plain"),
};

const refuse = (): never => {
  throw new Error(`Cannot play "${values.play}": there is no such control`);
};

async function countTorn(copying: Copying): Promise<number> {
  const rounds = await playSnapshots(copying, runs, systemClock());
  return rounds.filter(({ whole }) => !whole).length;
}

/** 1 where the numbers at the end say that acknowledged writes were lost. */
async function playWriter(durability: Durability): Promise<number> {
  const clock = systemClock();
  const terminal = openTerminal((line) => process.stderr.write(line), clock);
  const quiet = { ...terminal, show: () => undefined };
  const result = await show({
    pattern: "stateful",
    causes: ["crash"],
    answersMin,
    speed,
    durability,
    init: "small",
    backend: "loop",
    clock,
    terminal: quiet,
  });
  if (result.lives.length !== result.livesWanted) {
    throw new Error(`Cannot judge the writer: ${result.lives.length} lives`);
  }
  return result.lost > 0 ? 1 : 0;
}

if (!Number.isInteger(runs) || runs < 1) {
  process.stderr.write(`Cannot run controls: found "${values.runs}" runs, wanted 1 or more\n`);
  process.exitCode = exitUsage;
} else if (values.play === undefined) {
  await judge(names.filter((name) => values.only === undefined || name === values.only));
} else {
  await runInOwnNamespaces(playOne);
}
