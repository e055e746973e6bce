// The simulation: some seeds in which all promises hold, one seed twice with the same story, and disks
// that lie, to show that a promise that does not hold is seen. `npm run sim` runs more.

import { expect, it } from "vitest";
import { createPaperDisks, type PaperDisks } from "../flow/paper-disks.ts";
import { runSeed } from "./run.ts";

const seeds = Array.from({ length: 60 }, (_, index) => String(index + 1));

it("every acknowledged write survives what befalls the group, and the seat is served again", async () => {
  const broken: string[] = [];
  let failovers = 0;
  for (const seed of seeds) {
    const { violation, failovers: moved } = await runSeed({ seed });
    failovers += moved;
    if (violation !== null) broken.push(`seed ${seed}: ${violation.invariant}: ${violation.found}`);
  }
  expect(broken).toEqual([]);
  // Runs in which nothing happens would show nothing.
  expect(failovers).toBeGreaterThan(seeds.length);
}, 120_000);

it("one seed tells one story", async () => {
  const [one, other] = [await runSeed({ seed: "7" }), await runSeed({ seed: "7" })];
  expect(one.story.length).toBeGreaterThan(100);
  expect(other.story).toEqual(one.story);
}, 20_000);

it("snapshots that lack the last write are caught at the first write after them", async () => {
  const caught: string[] = [];
  for (const seed of seeds.slice(0, 20)) {
    const { violation } = await runSeed({ seed, disks: forgetfulDisks() });
    if (violation !== null) caught.push(violation.invariant);
  }
  expect(new Set(caught)).toEqual(new Set(["every acknowledged write is there before the next"]));
}, 60_000);

function forgetfulDisks(): PaperDisks {
  const disks = createPaperDisks();
  const { machines } = disks;
  return {
    ...disks,
    machines: {
      ...machines,
      async createVolume(volume) {
        await machines.createVolume(volume);
        const disk = disks.disk(volume.volumeId);
        if (volume.snapshotId !== null) disk.lines = disk.lines.slice(0, -1);
      },
    },
  };
}
