// Volumes and snapshots as pieces of the pool. A volume is a slot of the slab (pool.ts), a snapshot
// a file of its own that shares the blocks. The guarantee: a snapshot set, and the state that a
// power cut leaves, is one instant over all its volumes while writers run. It rests on ioctl
// FICLONERANGE, of which its manual says "clones are atomic with regards to concurrent writes": one
// call covers the slots of all the volumes, since they are ranges of one file. XFS holds that file's
// lock and waits for direct writes under way, and later ones wait for it. Slots are never used
// twice: an instance that is being torn down can at worst write where nobody reads.

import { rm, stat, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Pool } from "./pool.ts";
import { cloneAtOneInstant, cloneInto, punch, type Slot, type SnapshotDisks } from "./reflink.ts";

export interface SnapshotOrder {
  readonly snapshotId: string;
  readonly volumeId: string;
  readonly slot: Slot;
}

export interface Disks {
  /** A slot of zeros, or one that starts as a copy of the snapshot. */
  create(sizeGib: number, snapshotId: string | null): Promise<Slot>;
  /** A new slot for each, in order, all copied at one instant. */
  fork(originals: readonly Slot[]): Promise<readonly Slot[]>;
  snapshot(orders: readonly SnapshotOrder[]): Promise<void>;
  deleteSnapshot(snapshotId: string): Promise<void>;
  /** Gives the blocks back; nobody may use the slot again. */
  discard(slot: Slot): Promise<void>;
}

export const gibibyte = 2 ** 30;
/** Room to grow in place: slots lie this far apart, and a large one's next at four times its size. */
const slotRoomMinBytes = 2 ** 40;

export function makeDisks(pool: Pool, snapshotDisks: SnapshotDisks): Disks {
  let freeByte = 0;
  const allot = (sizeBytes: number): Slot => {
    const startByte = freeByte;
    freeByte += slotRoomBytes(sizeBytes);
    return { startByte, sizeBytes };
  };
  const fileOf = (snapshotId: string) => join(pool.folder, `${snapshotId}.snapshot`);

  return {
    async create(sizeGib, snapshotId) {
      const slot = allot(sizeGib * gibibyte);
      if (snapshotId !== null) await fill(pool.slab, slot, fileOf(snapshotId));
      return slot;
    },
    async fork(originals) {
      const pairs = originals.map((original) => ({ original, fork: allot(original.sizeBytes) }));
      await cloneAtOneInstant(pool.slab, originals, (source, offset) =>
        cloneInto(
          pool.slab,
          pairs.map(({ original, fork }) => ({
            source,
            sourceByte: original.startByte - offset,
            targetByte: fork.startByte,
            sizeBytes: original.sizeBytes,
          })),
        ),
      );
      return pairs.map(({ fork }) => fork);
    },
    async snapshot(orders) {
      const copies = orders.map((order) => ({
        volumeId: order.volumeId,
        slab: pool.slab,
        slot: order.slot,
        targetFile: fileOf(order.snapshotId),
      }));
      for (const { slot, targetFile } of copies) await makeSparse(targetFile, slot.sizeBytes);
      await snapshotDisks(copies);
    },
    deleteSnapshot: (snapshotId) => rm(fileOf(snapshotId)),
    discard: (slot) => punch(pool.slab, slot),
  };
}

/** How far a volume that was made with this size can grow. */
function slotRoomBytes(sizeBytes: number): number {
  return Math.max(slotRoomMinBytes, sizeBytes * 4);
}

async function fill(slab: string, slot: Slot, file: string): Promise<void> {
  const { size } = await stat(file);
  const source = { source: file, sourceByte: 0 };
  await cloneInto(slab, [{ ...source, targetByte: slot.startByte, sizeBytes: size }]);
}

async function makeSparse(file: string, sizeBytes: number): Promise<void> {
  await writeFile(file, "");
  await truncate(file, sizeBytes);
}
