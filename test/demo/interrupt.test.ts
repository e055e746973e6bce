// A demo that is interrupted leaves nothing behind, whenever that happens and whatever the signal is:
// no process, namespace, loop device, mount, interface or file.

import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, test } from "vitest";
import { systemClock } from "../../agent/port/clock.ts";
import { remains, type Sighting, sight, surroundings } from "./traces.ts";

const asRoot = process.getuid?.() === 0;
const script = fileURLToPath(new URL("../../scripts/demo", import.meta.url));
const clock = systemClock();

// The same moments in every run of the test; another seed finds other ones.
const seed = 20_261_122;
const moments = 10;
// Within this time a demo goes through its set-up, two take-overs and three lives.
const latestMs = 40_000;
const goneWithinMs = 10_000;
// By then a demo without root has one instance that serves, and another one on its way.
const takenOverMs = 10_000;

const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
const directories: string[] = [];

afterAll(() => {
  for (const directory of directories) rmSync(directory, { recursive: true, force: true });
});

describe.skipIf(!asRoot)("a demo leaves nothing behind", () => {
  const before = surroundings();

  test.concurrent.each(plan())(
    "when $signal comes after $afterMs ms",
    ({ signal, afterMs, lane }) =>
      inLane(lane, async () => {
        expect(await leftBy([script, "--pattern", "stateful"], { signal, afterMs })).toEqual([]);
        expect(surroundings()).toEqual(before);
      }),
    moments * (latestMs + goneWithinMs),
  );

  test.each(["SIGINT", "SIGKILL"] as const)(
    "when %s comes to one that runs without root",
    async (signal) => {
      const command = ["unshare", "--user", script, "--pattern", "address"];
      expect(await leftBy(command, { signal, afterMs: takenOverMs })).toEqual([]);
      expect(surroundings()).toEqual(before);
    },
    takenOverMs + goneWithinMs + 20_000,
  );
});

/** Starts a demo, interrupts it, and says what is left of it. */
async function leftBy(
  command: readonly string[],
  { signal, afterMs }: Omit<Moment, "lane">,
): Promise<readonly string[]> {
  const { demo, directory } = start(command);
  await Promise.race([clock.sleep(afterMs), ended(demo)]);
  const sighting = sight(directory);
  // Otherwise there was nothing to interrupt.
  expect(sighting.processes.size).toBeGreaterThan(0);
  interrupt(demo, signal);
  await ended(demo);
  return remainsLater(directory, sighting);
}

// Two demos at a time: as many as there are processors to expect.
const lanes: Promise<void>[] = [Promise.resolve(), Promise.resolve()];

/** Runs `work` after what is in the lane already, whatever comes of that. */
function inLane(lane: number, work: () => Promise<void>): Promise<void> {
  const done = (lanes[lane] ?? Promise.resolve()).then(work);
  lanes[lane] = done.catch(() => undefined);
  return done;
}

interface Moment {
  readonly signal: NodeJS.Signals;
  readonly afterMs: number;
  readonly lane: number;
}

/** Every moment with its signal; SIGKILL, which nobody can tidy up after, comes last. */
function plan(): readonly Moment[] {
  const chance = generator(seed);
  return Array.from({ length: moments + 1 }, (_, index) => ({
    signal: index === moments ? "SIGKILL" : (signals[index % signals.length] ?? "SIGINT"),
    afterMs: Math.round(chance() * latestMs),
    lane: index % 2,
  }));
}

/** Numbers in [0, 1), the same ones for the same seed (mulberry32). */
function generator(start: number): () => number {
  let state = start;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** In a group of its own, as a shell with job control starts it. */
function start([file = "", ...words]: readonly string[]): {
  readonly demo: ChildProcess;
  readonly directory: string;
} {
  const directory = mkdtempSync("/var/tmp/ec2-ha-interrupt-");
  directories.push(directory);
  const demo = spawn(file, words, {
    detached: true,
    stdio: "ignore",
    env: { ...process.env, TMPDIR: directory },
  });
  return { demo, directory };
}

function interrupt({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  try {
    if (pid !== undefined) process.kill(-pid, signal);
  } catch {
    // It was over before its moment came.
  }
}

function ended(demo: ChildProcess): Promise<void> {
  if (demo.exitCode !== null || demo.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => demo.once("exit", () => resolve()));
}

/** The kernel takes a moment to end namespaces whose programs are gone. */
async function remainsLater(directory: string, sighting: Sighting): Promise<readonly string[]> {
  const untilMs = clock.monotonicMs() + goneWithinMs;
  for (;;) {
    const left = remains(directory, sighting);
    if (left.length === 0 || clock.monotonicMs() > untilMs) return left;
    await clock.sleep(100);
  }
}
