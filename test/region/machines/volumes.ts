// The region's volumes: which slot each has now, and the partition that shows it while its instance
// runs. A slot changes once in a volume's life with each power cut of its instance: the copy taken at
// that instant is the volume from then on, and the old slot is given back when the dead instance's
// last mount has let go of it.

import { setTimeout as sleep } from "node:timers/promises";
import type { ShownDisk } from "./device-view.ts";
import { type Disks, gibibyte } from "./disks.ts";
import type { Partition, Partitions } from "./partitions.ts";
import type { Slot } from "./reflink.ts";

export interface Volumes {
  create(volumeId: string, sizeGib: number, snapshotId: string | null): Promise<void>;
  delete(volumeId: string): Promise<void>;
  /** Returns the size in bytes. */
  grow(volumeId: string, sizeGib: number): Promise<number>;
  snapshot(orders: readonly SnapshotRequest[]): Promise<void>;
  /** Ids of the volumes that belong to the instance, running or not. */
  of(instanceId: string): readonly string[];
  give(volumeId: string, instanceId: string | null): void;
  /** Makes its block device. */
  connect(volumeId: string): Promise<ShownDisk>;
  /** `busy` while something has it open; a volume without a device is removed already. */
  disconnect(volumeId: string): Promise<"removed" | "busy">;
  /** What these hold at this instant is what they are from now on. */
  breakOff(volumeIds: readonly string[]): Promise<void>;
}

export interface SnapshotRequest {
  readonly snapshotId: string;
  readonly volumeId: string;
}

interface Volume {
  slot: Slot;
  instanceId: string | null;
  partition: Partition | null;
}

/** A dead instance's mounts are taken apart by the kernel, which takes as long as it has to write. */
const reapLooksMax = 120;
const reapPauseMs = 500;

export function makeVolumes(disks: Disks, partitions: Partitions): Volumes {
  const volumes = new Map<string, Volume>();
  const get = (volumeId: string): Volume => {
    const volume = volumes.get(volumeId);
    if (volume === undefined) throw new Error(`Cannot use "${volumeId}": no such volume was made`);
    return volume;
  };
  return {
    async create(volumeId, sizeGib, snapshotId) {
      const slot = await disks.create(sizeGib, snapshotId);
      volumes.set(volumeId, { slot, instanceId: null, partition: null });
    },
    async delete(volumeId) {
      const { slot, instanceId } = get(volumeId);
      if (instanceId !== null) throw new Error(`Cannot delete "${volumeId}": it is attached`);
      volumes.delete(volumeId);
      await disks.discard(slot);
    },
    async grow(volumeId, sizeGib) {
      const volume = get(volumeId);
      volume.slot = { ...volume.slot, sizeBytes: sizeGib * gibibyte };
      const { partition, slot } = volume;
      if (partition !== null) await partitions.resize(partition, slot.sizeBytes);
      return slot.sizeBytes;
    },
    snapshot: (orders) =>
      disks.snapshot(orders.map((order) => ({ ...order, slot: get(order.volumeId).slot }))),
    of: (instanceId) =>
      [...volumes].filter(([, volume]) => volume.instanceId === instanceId).map(([id]) => id),
    give(volumeId, instanceId) {
      get(volumeId).instanceId = instanceId;
    },
    async connect(volumeId) {
      const volume = get(volumeId);
      volume.partition = await partitions.add(volume.slot);
      const { major, minor } = volume.partition;
      return { volumeId, sizeBytes: volume.slot.sizeBytes, major, minor };
    },
    async disconnect(volumeId) {
      const volume = get(volumeId);
      if (volume.partition === null) return "removed";
      const outcome = await partitions.remove(volume.partition);
      if (outcome === "removed") volume.partition = null;
      return outcome;
    },
    async breakOff(volumeIds) {
      const broken = volumeIds.map(get);
      const old = broken.map(({ slot, partition }) => ({ slot, partition }));
      const forks = await disks.fork(old.map(({ slot }) => slot));
      for (const [at, volume] of broken.entries()) {
        volume.slot = forks[at] ?? volume.slot;
        volume.partition = null;
      }
      for (const { slot, partition } of old) {
        void removed(partitions, partition).then((gone) => (gone ? disks.discard(slot) : null));
      }
    },
  };
}

/** In the background: what cannot be given back only takes room until the region ends. */
async function removed(partitions: Partitions, partition: Partition | null): Promise<boolean> {
  if (partition === null) return true;
  for (let look = 1; look <= reapLooksMax; look += 1) {
    if ((await partitions.remove(partition)) === "removed") return true;
    await sleep(reapPauseMs, undefined, { ref: false });
  }
  return false;
}
