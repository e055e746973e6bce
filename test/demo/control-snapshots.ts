// Can the rehearsal see a torn snapshot? A ledger in two halves (service/halves.ts) is written on two
// volumes of one instance while both are snapshotted, restored and read again, by the code that every
// snapshot of the region takes. Only the function that copies the disks is swapped: the region's own,
// or a plain copy of one volume after the other.

import { open } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { Clock } from "../../agent/domain/clock.ts";
import { createProcessMachines, type ProcessMachines } from "../region/machines/process.ts";
import {
  type DiskCopy,
  type SnapshotDisks,
  snapshotAtOneInstant,
} from "../region/machines/reflink.ts";
import { type Halves, isWhole } from "./service/halves.ts";

export interface SnapshotRound {
  /** null where a restored file system could not even be read. */
  readonly halves: Halves | null;
  readonly whole: boolean;
}

export type Copying = "instant" | "plain";

const program = fileURLToPath(new URL("service/halves.ts", import.meta.url));
const instanceId = "i-0000000000000c0de";
const names = ["first", "second"] as const;

// Between the two volumes of a plain copy: thousands of writes of the ledger.
const heldMs = 50;
const copyBytes = 1024 * 1024;

/** As many rounds as asked for, on one instance. Needs root and namespaces of its own. */
export async function playSnapshots(
  copying: Copying,
  rounds: number,
  clock: Clock,
): Promise<readonly SnapshotRound[]> {
  const machines = await createProcessMachines({
    image: { files: [unitFile()], units: [] },
    serveApi: (socket) => socket.destroy(),
    serveMetadata: (socket) => socket.destroy(),
    ports: [],
    snapshotDisks: copying === "instant" ? snapshotAtOneInstant : plainCopy(clock),
  });
  try {
    await startLedger(machines);
    const results: SnapshotRound[] = [];
    for (let round = 0; round < rounds; round += 1) {
      results.push(await playRound(machines, round));
    }
    return results;
  } finally {
    await machines.powerOff(instanceId, "cut");
    machines.close();
  }
}

function plainCopy(clock: Clock): SnapshotDisks {
  return async (copies) => {
    for (const copy of copies) {
      await copyPlainly(copy);
      await clock.sleep(heldMs);
    }
  };
}

/** Reads and writes, as `cp` does; blocks of zeros stay holes. */
async function copyPlainly({ slab, slot, targetFile }: DiskCopy): Promise<void> {
  const [source, target] = await Promise.all([open(slab, "r"), open(targetFile, "r+")]);
  try {
    const [buffer, zeros] = [Buffer.alloc(copyBytes), Buffer.alloc(copyBytes)];
    for (let offset = 0; offset < slot.sizeBytes; offset += copyBytes) {
      await source.read(buffer, 0, copyBytes, slot.startByte + offset);
      if (!buffer.equals(zeros)) await target.write(buffer, 0, copyBytes, offset);
    }
  } finally {
    await Promise.all([source.close(), target.close()]);
  }
}

const unitFile = () => ({
  path: "/etc/systemd/system/halves.service",
  text: `[Service]\nExecStart=${process.execPath} ${program} /mnt/first /mnt/second\n`,
});

async function startLedger(machines: ProcessMachines): Promise<void> {
  await machines.launch({
    instanceId,
    privateIp: "10.0.0.10",
    mac: "02:00:00:00:00:0a",
    userData: null,
    imageId: "ami-00000000000000001",
  });
  for (const name of names) {
    await machines.createVolume({ volumeId: volumeOf(name), sizeGib: 1, snapshotId: null });
    await machines.attach(volumeOf(name), instanceId);
    await run(machines, `mkfs.ext4 -q "${device(volumeOf(name))}"`);
    await run(machines, mountAt(volumeOf(name), `/mnt/${name}`));
  }
  await run(machines, "systemctl start halves.service");
  await run(machines, `until [ -s /mnt/second/count ]; do sleep 0.1; done`);
}

/** Snapshots both halves as they are written, and reads what a restore of them shows. */
async function playRound(machines: ProcessMachines, round: number): Promise<SnapshotRound> {
  const sets = names.map((name) => ({
    name,
    volumeId: volumeOf(name),
    snapshotId: `snap-${name}-${round}`,
    restoredId: volumeOf(`${name}-${round}`),
  }));
  await machines.createSnapshots(sets);
  for (const { snapshotId, restoredId } of sets) {
    await machines.createVolume({ volumeId: restoredId, sizeGib: 1, snapshotId });
    await machines.attach(restoredId, instanceId);
  }
  const halves = await readRestored(machines, sets);
  for (const { restoredId, snapshotId } of sets) {
    await machines.detach(restoredId, instanceId);
    await machines.deleteVolume(restoredId);
    await machines.deleteSnapshot(snapshotId);
  }
  return { halves, whole: halves !== null && isWhole(halves) };
}

interface RestoredHalf {
  readonly name: string;
  readonly restoredId: string;
}

async function readRestored(
  machines: ProcessMachines,
  sets: readonly RestoredHalf[],
): Promise<Halves | null> {
  const counts: number[] = [];
  for (const { name, restoredId } of sets) {
    const folder = `/mnt/restored-${name}`;
    const script = `${mountAt(restoredId, folder)} && cat ${folder}/count`;
    const { exitCode, stdout } = await machines.exec(instanceId, ["sh", "-c", script]);
    await machines.exec(instanceId, ["umount", folder]);
    if (exitCode === 0) counts.push(Number(stdout));
  }
  const [first, second] = counts;
  return first === undefined || second === undefined ? null : { first, second };
}

async function run(machines: ProcessMachines, script: string): Promise<void> {
  const { exitCode, stderr } = await machines.exec(instanceId, ["sh", "-c", script]);
  if (exitCode !== 0) throw new Error(`Cannot run "${script}": ${stderr.trim()}`);
}

const mountAt = (volumeId: string, folder: string): string =>
  `mkdir -p ${folder} && mount "${device(volumeId)}" ${folder}`;

/** By its serial, as the instance's own sysfs shows it. */
const device = (volumeId: string): string =>
  `/dev/$(grep -lx "${volumeId.replace("-", "")}" /sys/block/*/device/serial | cut -d/ -f4)`;

/** Volume ids have hexadecimal digits only. */
function volumeOf(name: string): string {
  const hex = Buffer.from(name).toString("hex");
  return `vol-${hex.slice(-17).padStart(17, "0")}`;
}
