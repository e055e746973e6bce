// A snapshot set is one instant over all its volumes while a writer runs. The writer appends the next
// number to a log on the first volume, syncs it, and only then to the second: at no instant is the
// second ahead of the first, or more than one behind it. A control takes the snapshots one after
// another, and the same test must find it out.

import { describe, expect, test } from "vitest";
import { asRoot, diskOf, launchOf, type Rig, startRig } from "./rig.ts";

const machine = launchOf(11);
const reader = launchOf(12);
const volumes = ["vol-0000000000000000a", "vol-0000000000000000b"] as const;
/** A torn set is torn nearly every time; a whole one must be whole each time. */
const rounds = { torn: 3, whole: 15 } as const;

const writer = `
const fs = require("node:fs");
const files = ${JSON.stringify(volumes)}.map((id) => fs.openSync("/" + id + "/log", "w"));
const buffer = Buffer.alloc(8);
for (let n = 1; ; n++) {
  buffer.writeDoubleLE(n);
  for (const file of files) {
    fs.writeSync(file, buffer, 0, 8, 0);
    fs.fsyncSync(file);
  }
  if (n === 10) console.log("writing");
}`;

async function prepare(rig: Rig): Promise<void> {
  await rig.machines.launch(machine);
  await rig.machines.launch(reader);
  for (const volumeId of volumes) {
    await rig.machines.createVolume({ volumeId, sizeGib: 1, snapshotId: null });
    await rig.machines.attach(volumeId, machine.instanceId);
    await rig.shell(
      machine.instanceId,
      `mkfs.ext4 -q ${diskOf(volumeId)} && mkdir /${volumeId} && mount ${diskOf(volumeId)} /${volumeId}`,
    );
  }
  await rig.shell(
    machine.instanceId,
    `systemd-run --unit=writer ${process.execPath} /opt/writer.js`,
  );
  await rig.event((event) => event.line === "writing");
}

/** The number on each volume of a set, read by another instance. */
async function readSet(rig: Rig, round: number): Promise<readonly number[]> {
  const numbers: number[] = [];
  for (const [at, volumeId] of volumes.entries()) {
    const copy = `vol-${String(round).padStart(8, "0")}00000000${String(at)}`;
    await rig.machines.createVolume({ volumeId: copy, sizeGib: 1, snapshotId: `snap-${volumeId}` });
    await rig.machines.attach(copy, reader.instanceId);
    const script = `mkdir -p /m && mount ${diskOf(copy)} /m && od -An -tf8 -N8 /m/log; umount /m`;
    numbers.push(Number(await rig.shell(reader.instanceId, script)));
    await rig.machines.detach(copy, reader.instanceId);
    await rig.machines.deleteVolume(copy);
    await rig.machines.deleteSnapshot(`snap-${volumeId}`);
  }
  return numbers;
}

/** How far the second volume is ahead of the first, in each set. */
async function leads(kind: "torn" | "whole"): Promise<readonly number[]> {
  const files = [{ path: "/opt/writer.js", text: writer }];
  const rig = await startRig({ torn: kind === "torn", image: { files, units: [] } });
  try {
    await prepare(rig);
    const found: number[] = [];
    for (let round = 0; round < rounds[kind]; round += 1) {
      await rig.machines.createSnapshots(
        volumes.map((volumeId) => ({ volumeId, snapshotId: `snap-${volumeId}` })),
      );
      const [first = 0, second = 0] = await readSet(rig, round);
      expect(second).toBeGreaterThan(0);
      found.push(second - first);
    }
    return found;
  } finally {
    await rig.stop();
  }
}

describe.skipIf(!asRoot)("snapshot sets", { timeout: 60_000 }, () => {
  test("a set holds both volumes at one instant while a writer syncs one after the other", async () => {
    const found = await leads("whole");
    expect(found.every((lead) => lead === 0 || lead === -1)).toBe(true);
  });

  test("the same test finds out snapshots that are taken one after the other", async () => {
    const found = await leads("torn");
    expect(found.some((lead) => lead > 0)).toBe(true);
  });
});
