// Copies of file ranges that share their blocks, by XFS's own tool. `cloneAtOneInstant` carries the
// whole guarantee of snapshot sets and of power cuts (disks.ts): it must stay one call of the kernel.

import { rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { tryCommand } from "./command.ts";

/** A range of the slab. */
export interface Slot {
  readonly startByte: number;
  readonly sizeBytes: number;
}

/** Where a volume's bytes are, and the sparse file of its size that is to hold a copy of them. */
export interface DiskCopy {
  readonly volumeId: string;
  readonly slab: string;
  readonly slot: Slot;
  readonly targetFile: string;
}

/** Copies all of them; a control puts one in that is not atomic, to see that its tests notice. */
export type SnapshotDisks = (copies: readonly DiskCopy[]) => Promise<void>;

interface Clone {
  readonly source: string;
  readonly sourceByte: number;
  readonly targetByte: number;
  readonly sizeBytes: number;
}

let instants = 0;

/** The default: one instant of all the slots. */
export const snapshotAtOneInstant: SnapshotDisks = async (copies) => {
  const [first] = copies;
  if (first === undefined) return;
  const slots = copies.map(({ slot }) => slot);
  await cloneAtOneInstant(first.slab, slots, async (file, offset) => {
    for (const { slot, targetFile } of copies) {
      const { startByte, sizeBytes } = slot;
      const source = { source: file, sourceByte: startByte - offset };
      await cloneInto(targetFile, [{ ...source, targetByte: 0, sizeBytes }]);
    }
  });
};

/**
 * Freezes an instant of the slots in a file for as long as `take` needs it: a byte of the slab lies
 * there at its own place less `offset`.
 */
export async function cloneAtOneInstant(
  slab: string,
  slots: readonly Slot[],
  take: (file: string, offset: number) => Promise<void>,
): Promise<void> {
  if (slots.length === 0) return;
  const startByte = Math.min(...slots.map((slot) => slot.startByte));
  const endByte = Math.max(...slots.map((slot) => slot.startByte + slot.sizeBytes));
  const file = join(dirname(slab), `instant-${String(instants++)}`);
  try {
    const sizeBytes = endByte - startByte;
    await cloneInto(file, [{ source: slab, sourceByte: startByte, targetByte: 0, sizeBytes }]);
    await take(file, startByte);
  } finally {
    await rm(file, { force: true });
  }
}

/** Makes the file if it is not there. */
export function cloneInto(file: string, clones: readonly Clone[]): Promise<void> {
  return xfsIo(
    file,
    clones.map(
      ({ source, sourceByte, targetByte, sizeBytes }) =>
        `reflink ${source} ${String(sourceByte)} ${String(targetByte)} ${String(sizeBytes)}`,
    ),
  );
}

/** Gives a slot's blocks back. */
export function punch(slab: string, slot: Slot): Promise<void> {
  return xfsIo(slab, [`fpunch ${String(slot.startByte)} ${String(slot.sizeBytes)}`]);
}

/** Some failures of xfs_io's commands show only in what it prints. */
async function xfsIo(file: string, orders: readonly string[]): Promise<void> {
  const argv = ["xfs_io", "-f", ...orders.flatMap((order) => ["-c", order]), file];
  const { exitCode, stderr } = await tryCommand(argv);
  if (exitCode === 0 && stderr === "") return;
  throw new Error(
    `Cannot run "${argv.join(" ")}": exit code ${String(exitCode)}, ${stderr.trim()}`,
  );
}
