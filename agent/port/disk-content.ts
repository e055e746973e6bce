// What is on a disk. Blank is the one answer that lets it be formatted, so it is given only when the
// low-level probe finds nothing and every place where a signature or its copy may lie was read and is
// zeros: blkid's exit code 2 says "nothing found" and "cannot read" alike (kubernetes #142243 formatted
// a full disk by it). An error is never blank.

import { type FileHandle, open } from "node:fs/promises";
import type { Clock } from "../domain/clock.ts";
import { within } from "./deadline.ts";
import type { BlockDevice } from "./devices.ts";
import { describeResult, type Programs } from "./programs.ts";

export type Content =
  | { readonly kind: "blank" }
  | { readonly kind: "filesystem"; readonly type: string; readonly uuid: string | null }
  /** As in "a GPT partition table". */
  | { readonly kind: "foreign"; readonly what: string }
  | { readonly kind: "unreadable"; readonly why: string };

export interface DiskContents {
  /** Never throws for what a disk holds: what cannot be read is unreadable. */
  inspect(device: BlockDevice): Promise<Content>;
}

export interface DiskContentsOptions {
  readonly clock: Clock;
  readonly programs: Programs;
}

/** A volume restored from a snapshot answers its first reads slowly. */
const probeMs = 30_000;
const readMs = 30_000;
/** blkid(8): nothing found, or nothing readable. */
const nothingFound = 2;
/** blkid(8): several signatures that contradict each other. */
const ambivalent = 8;

/** Partition tables, superblocks and the copies at the end lie in the first and the last megabyte. */
const endBytes = 1024 * 1024;
/** One block at each of these places, at the copies of ext4's superblock, and evenly all over. */
const blockBytes = 4096;
const samples = 64;
/** Blocks 8193 (of 1 KiB) and 32768, 98304, 163840 (of 4 KiB): mke2fs(8), sparse_super. */
const superblockCopies = [8193 * 1024, 32768 * 4096, 98304 * 4096, 163840 * 4096];

export function diskContentsPort({ clock, programs }: DiskContentsOptions): DiskContents {
  return {
    async inspect(device) {
      const args = ["--probe", "--output", "export", device.path];
      const probe = await programs.run({ file: "blkid", args, timeoutMs: probeMs });
      if (probe.exitCode === 0) return contentOf(probe.stdout);
      if (probe.exitCode === ambivalent) return { kind: "foreign", what: "several signatures" };
      if (probe.exitCode !== nothingFound) {
        return { kind: "unreadable", why: describeResult(probe) };
      }
      const deadline = { timeoutMs: readMs, action: "read", subject: `"${device.path}"` };
      return await within(clock, deadline, readPlaces(device)).catch((error: unknown) => ({
        kind: "unreadable",
        why: error instanceof Error ? error.message : String(error),
      }));
    },
  };
}

/** What blkid calls it, in words. */
const names: Readonly<Record<string, string>> = {
  LVM2_member: "an LVM physical volume",
  linux_raid_member: "a member of a Linux md array",
  crypto_LUKS: "a LUKS volume",
  zfs_member: "a member of a ZFS pool",
  bcache: "a bcache device",
  swap: "swap space",
  jbd: "an ext4 journal",
  gpt: "a GPT partition table",
  dos: "an MBR partition table",
};
/** blkid counts a member of a ZFS pool as a file system; it cannot be mounted as one. */
const notMountable = new Set(["zfs_member"]);

function contentOf(exported: string): Content {
  const value = (name: string) => new RegExp(`^${name}=(.*)$`, "m").exec(exported)?.[1] ?? null;
  const [type, table] = [value("TYPE"), value("PTTYPE")];
  if (type === null) {
    const what = table === null ? "a signature without a name" : named(table, "partition table");
    return { kind: "foreign", what };
  }
  if (value("USAGE") !== "filesystem" || notMountable.has(type)) {
    return { kind: "foreign", what: named(type, "signature") };
  }
  return { kind: "filesystem", type, uuid: value("UUID") };
}

function named(type: string, sort: string): string {
  return names[type] ?? `a ${type} ${sort}`;
}

async function readPlaces(device: BlockDevice): Promise<Content> {
  const file = await open(device.path, "r");
  try {
    for (const { position, bytes } of placesOf(device.sizeBytes)) {
      if (await isZero(file, position, bytes)) continue;
      return { kind: "foreign", what: "data of an unknown kind" };
    }
    return { kind: "blank" };
  } finally {
    await file.close();
  }
}

interface Place {
  readonly position: number;
  readonly bytes: number;
}

function placesOf(sizeBytes: number): readonly Place[] {
  const ends = [0, Math.max(0, sizeBytes - endBytes)].map((position) => ({
    position,
    bytes: Math.min(endBytes, sizeBytes),
  }));
  const spread = Array.from({ length: samples }, (_, index) => {
    const position = (sizeBytes / samples) * index;
    return Math.floor(position / blockBytes) * blockBytes;
  });
  const blocks = [...superblockCopies, ...spread].filter((at) => at + blockBytes <= sizeBytes);
  return [...ends, ...blocks.map((position) => ({ position, bytes: blockBytes }))];
}

/** Throws for what ends early: a place that was not read in full is not known to be zeros. */
async function isZero(file: FileHandle, position: number, bytes: number): Promise<boolean> {
  const buffer = Buffer.alloc(bytes);
  for (let done = 0; done < bytes; ) {
    const { bytesRead } = await file.read(buffer, done, bytes - done, position + done);
    if (bytesRead === 0) throw new Error(`it ends at byte ${position + done}`);
    done += bytesRead;
  }
  return buffer.every((byte) => byte === 0);
}
