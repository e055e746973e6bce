// Disks that hold a list of lines instead of bytes: what a test writes on one, its snapshots have and
// its restored copies show. It stands between the region and the machines that do not exist, so
// that data takes the way that the region's calls take it.

import { createNoMachines, type NoMachines } from "../region/state/no-machines.ts";

export interface PaperDisk {
  /** null is blank. */
  filesystem: { readonly type: "ext4" | "xfs"; readonly uuid: string } | null;
  lines: readonly string[];
}

export interface PaperDisks {
  readonly machines: NoMachines;
  disk(volumeId: string): PaperDisk;
  /** The most lines that any disk or snapshot has. */
  longest(): number;
}

export function createPaperDisks(): PaperDisks {
  const disks = new Map<string, PaperDisk>();
  const snapshots = new Map<string, PaperDisk>();
  const below = createNoMachines();
  const machines: NoMachines = {
    ...below,
    async createVolume(volume) {
      await below.createVolume(volume);
      const source = volume.snapshotId === null ? undefined : snapshots.get(volume.snapshotId);
      disks.set(volume.volumeId, { ...(source ?? { filesystem: null, lines: [] }) });
    },
    async deleteVolume(volumeId) {
      await below.deleteVolume(volumeId);
      disks.delete(volumeId);
    },
    async deleteSnapshot(snapshotId) {
      await below.deleteSnapshot(snapshotId);
      snapshots.delete(snapshotId);
    },
    async createSnapshots(parts) {
      await below.createSnapshots(parts);
      for (const { snapshotId, volumeId } of parts) {
        snapshots.set(snapshotId, { ...known(disks, volumeId) });
      }
    },
  };
  const longest = (): number =>
    [...disks.values(), ...snapshots.values()].reduce(
      (most, { lines }) => Math.max(most, lines.length),
      0,
    );
  return { machines, disk: (volumeId) => known(disks, volumeId), longest };
}

function known(disks: ReadonlyMap<string, PaperDisk>, volumeId: string): PaperDisk {
  const disk = disks.get(volumeId);
  if (disk === undefined) throw new Error(`Cannot read "${volumeId}": no such disk`);
  return disk;
}
