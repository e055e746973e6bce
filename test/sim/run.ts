// One seed from its first launch to its last word: faults and an operator's doings for a while, then
// a calm in which the seat has to be served again. Safety is checked at every write and call, by the
// client and the oracle; liveness at the end.

import { createPaperDisks, type PaperDisks } from "../flow/paper-disks.ts";
import { createHazards } from "./hazards.ts";
import { createOperator } from "./operator.ts";
import { createTimeline, startMs, type Timeline } from "./timeline.ts";
import { createUniverse, zones } from "./universe.ts";

export interface RunOptions {
  readonly seed: string;
  /** Strikes and deeds left out, to find out which a violation needs. */
  readonly mutedStrikes?: ReadonlySet<number>;
  readonly mutedDeeds?: ReadonlySet<string>;
  readonly staleMsMax?: number;
  /** Other disks than honest ones, to see that a lie is caught. */
  readonly disks?: PaperDisks;
}

export interface Violation {
  readonly invariant: string;
  readonly found: string;
}

export interface RunResult {
  readonly seed: string;
  readonly violation: Violation | null;
  readonly steps: number;
  readonly acknowledged: number;
  readonly failovers: number;
  readonly refusals: readonly string[];
  readonly counts: Readonly<Record<string, number>>;
  readonly struck: readonly number[];
  readonly deeds: readonly string[];
  readonly story: readonly string[];
}

const minuteMs = 60_000;

const turmoilMs = 40 * minuteMs;
/** Hook timeouts, patience, snapshots and a launch or two: the slowest way back, with room. */
const calmMs = 90 * minuteMs;
/** Served for so long in the calm, the seat is back. */
const steadyMs = 60_000;
/** Reads older than this are beyond what the argument assumes. */
const staleMsUsual = 2_500;

export async function runSeed(options: RunOptions): Promise<RunResult> {
  const { seed } = options;
  const timeline = createTimeline();
  const log = createLog(timeline);
  const { say, violate, isOver } = log;
  const hazards = createHazards({
    seed,
    muted: options.mutedStrikes ?? new Set(),
    say,
    staleMsMax: options.staleMsMax ?? staleMsUsual,
  });
  const { disks = createPaperDisks() } = options;
  const universe = await createUniverse({ seed, timeline, hazards, disks, say, violate });
  const { world, client, computers, groupName } = universe;
  hazards.watch(() => ({
    server: client.server,
    isServed: timeline.nowMs() - client.lastMs < 3_000,
  }));
  const write = (): void => {
    client.write();
    timeline.after(1_000, write);
  };
  write();
  const untilMs = timeline.nowMs() + turmoilMs;
  const muted = options.mutedDeeds ?? new Set();
  const serving = () => client.server;
  const common = { seed, timeline, world, groupName, zones: zoneNames, computers, say };
  const operator = createOperator({ ...common, serving, muted, untilMs });
  await timeline.run(untilMs, isOver);
  say("calm");
  hazards.calm();
  // It takes time, which only passes below.
  void operator.calm();
  await untilServed({ timeline, isOver, violate, client });
  // Closing waits for machines whose time does not pass any more.
  void world.close();
  return {
    seed,
    violation: log.violation(),
    steps: timeline.steps,
    acknowledged: client.acknowledged,
    failovers: client.failovers,
    refusals: log.story.flatMap((line) => /refused (EHA-[A-Z-]+)/.exec(line)?.[1] ?? []),
    counts: Object.fromEntries(hazards.counts),
    struck: hazards.struck,
    deeds: operator.done,
    story: log.story,
  };
}

const zoneNames = zones.map((zone) => zone.name);

/** What happened, line by line, and the first thing that must not have. */
function createLog(timeline: Timeline) {
  const story: string[] = [];
  let violation: Violation | null = null;
  const say = (line: string): void => {
    const seconds = ((timeline.nowMs() - startMs) / 1_000).toFixed(1);
    story.push(`${seconds.padStart(8)}  ${line}`);
  };
  return {
    story,
    say,
    violation: () => violation,
    isOver: () => violation !== null,
    violate(invariant: string, found: string): void {
      if (violation !== null) return;
      violation = { invariant, found };
      say(`VIOLATION: ${invariant}: ${found}`);
    },
  };
}

interface Waiting {
  readonly timeline: Timeline;
  readonly isOver: () => boolean;
  readonly violate: (invariant: string, found: string) => void;
  readonly client: { readonly lastMs: number };
}

async function untilServed({ timeline, isOver, violate, client }: Waiting): Promise<void> {
  const limitMs = timeline.nowMs() + calmMs;
  let sinceMs = timeline.nowMs();
  const isSteady = (): boolean => {
    if (timeline.nowMs() - client.lastMs > 5_000) sinceMs = timeline.nowMs();
    return timeline.nowMs() - sinceMs > steadyMs;
  };
  await timeline.run(limitMs, () => isOver() || isSteady());
  if (isOver() || isSteady()) return;
  violate("faults stop, then the seat is served", `not within ${calmMs / minuteMs} minutes`);
}
