// File systems on the seat's disks: made, checked, grown, and owned. The contract: a check answers by
// exit code, as fsck(8) defines it; growing does nothing where there is nothing to grow; whoever calls
// has verified the device's serial a moment ago.

import { createHash } from "node:crypto";
import { Failure, type FailureDetails } from "../domain/failure.ts";
import type { VolumeId } from "../domain/ids.ts";
import type { FilesystemType } from "../domain/settings.ts";
import type { BlockDevice } from "./devices.ts";
import { describeResult, type ProgramResult, type Programs } from "./programs.ts";

export interface Format {
  readonly device: BlockDevice;
  readonly type: FilesystemType;
  readonly uuid: string;
  readonly label: string;
}

export type CheckFinding =
  | { readonly kind: "clean" }
  | { readonly kind: "repaired"; readonly detail: string }
  | { readonly kind: "damaged"; readonly detail: string }
  /** The check did not end in time, and was ended. */
  | { readonly kind: "unended"; readonly detail: string };

export interface Filesystems {
  /**
   * Failure `conflict`, and nothing written, when there is a signature of any kind on the disk but that
   * of a format of ours that was cut off, which has the same UUID.
   */
  mkfs(format: Format): Promise<void>;
  /**
   * Repairs what is safe to repair. Failure `broken` when the check itself could not be done. XFS replays its journal at the mount, and xfs_repair refuses before that: it is not checked here.
   */
  fsck(found: { readonly device: BlockDevice; readonly type: string }): Promise<CheckFinding>;
  /**
   * Whether a file system that the kernel refused to mount is known to be damaged; nothing is written.
   * false where that cannot be told.
   */
  isDamaged(refused: { readonly device: BlockDevice; readonly type: string }): Promise<boolean>;
  /** Mounted file systems only. */
  grow(mounted: {
    readonly device: BlockDevice;
    readonly mountPoint: string;
    readonly type: FilesystemType;
  }): Promise<void>;
  /** `user:group`, of the mount's root directory alone. */
  setOwner(mountPoint: string, owner: string): Promise<void>;
  /** Four octal digits, likewise. */
  setMode(mountPoint: string, mode: string): Promise<void>;
}

export interface FilesystemsOptions {
  readonly programs: Programs;
  /** Children of PID 1: they see the mounts. */
  readonly host: Programs;
}

// Both mkfs write a few megabytes whatever the size; a full check of a large damaged disk takes hours,
// but that one is an operator's.
const mkfsMs = 10 * 60_000;
const fsckMs = 30 * 60_000;
// xfs_repair looks for a lost superblock all over the disk; a minute shows every other damage.
const examineMs = 60_000;
const growMs = 10 * 60_000;
const ownMs = 30_000;

/** The UUID that our own mkfs gives: derived, so that a format that was cut off is known as ours. */
export function filesystemUuid(volumeId: VolumeId): string {
  const hex = createHash("sha256").update(`ec2-ha ${volumeId}`).digest("hex");
  // RFC 9562: version 8, for uses of one's own.
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    `8${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join("-");
}

export function filesystemsPort({ programs, host }: FilesystemsOptions): Filesystems {
  return {
    async mkfs({ device, type, uuid, label }) {
      await refuseForeign(programs, device, uuid);
      const [file, args] = mkfsCommand(type, uuid, label);
      const result = await programs.run({ file, args: [...args, device.path], timeoutMs: mkfsMs });
      expect(result, { action: "format", subject: `"${device.volumeId}"` });
    },
    async fsck({ device, type }) {
      if (type !== "ext4") return { kind: "clean" };
      const args = ["-p", device.path];
      const result = await ended(programs.run({ file: "e2fsck", args, timeoutMs: fsckMs }));
      if (result === null) return { kind: "unended", detail: `${fsckMs / 60_000} minutes` };
      return findingOf(device, result);
    },
    async isDamaged({ device, type }) {
      // ext4 was checked before the mount.
      if (type !== "xfs") return false;
      const args = ["-n", device.path];
      const run = programs.run({ file: "xfs_repair", args, timeoutMs: examineMs });
      return (await ended(run))?.exitCode === xfsCorrupt;
    },
    async grow({ device, mountPoint, type }) {
      const [file, args] =
        type === "xfs"
          ? (["xfs_growfs", [mountPoint]] as const)
          : (["resize2fs", [device.path]] as const);
      const result = await host.run({ file, args, timeoutMs: growMs });
      expect(result, { action: "grow", subject: `the file system of "${device.volumeId}"` });
    },
    async setOwner(mountPoint, owner) {
      const result = await host.run({
        file: "chown",
        args: ["--", owner, mountPoint],
        timeoutMs: ownMs,
      });
      expect(result, { action: "set the owner of", subject: mountPoint, ...ownership });
    },
    async setMode(mountPoint, mode) {
      const result = await host.run({
        file: "chmod",
        args: ["--", mode, mountPoint],
        timeoutMs: ownMs,
      });
      expect(result, { action: "set the mode of", subject: mountPoint, ...ownership });
    },
  };
}

/** Said of a user that there is not, and of a file system that is read-only. */
const ownership = {
  next: "mend owner and mode in the settings, or make the user",
  refusal: "EHA-MOUNT-OWNER",
} as const;

/** xfs_repair(8): "-n ... exits with a status of 1 if filesystem corruption was detected". */
const xfsCorrupt = 1;

/** null for a program that was out of time. */
async function ended(run: Promise<ProgramResult>): Promise<ProgramResult | null> {
  try {
    return await run;
  } catch (thrown) {
    if (thrown instanceof Failure && thrown.kind === "transient") return null;
    throw thrown;
  }
}

/** blkid(8): nothing found. */
const nothingFound = 2;

/** The last guard: mke2fs overwrites without a word when nobody is at a terminal. */
async function refuseForeign(programs: Programs, device: BlockDevice, uuid: string): Promise<void> {
  const args = ["--probe", "--output", "export", device.path];
  const probe = await programs.run({ file: "blkid", args, timeoutMs: ownMs });
  if (probe.exitCode === nothingFound) return;
  if (probe.exitCode === 0 && probe.stdout.split("\n").includes(`UUID=${uuid}`)) return;
  const signature = /^(?:PT)?TYPE=(.*)$/m.exec(probe.stdout)?.[1];
  throw new Failure({
    kind: "conflict",
    action: "format",
    subject: `"${device.volumeId}"`,
    found: signature === undefined ? describeResult(probe) : `it holds ${signature}`,
    next: "wanted a blank disk",
    refusal: "EHA-DISK-NOT-BLANK",
  });
}

/** Forced, since a format that was cut off looks like a file system. No discard: the disk is new. */
function mkfsCommand(
  type: FilesystemType,
  uuid: string,
  label: string,
): readonly [string, readonly string[]] {
  // ext4's label has 16 bytes, XFS's 12.
  if (type === "xfs") {
    return ["mkfs.xfs", ["-f", "-q", "-K", "-m", `uuid=${uuid}`, "-L", label.slice(0, 12)]];
  }
  const extended = "lazy_itable_init=1,lazy_journal_init=1,nodiscard";
  return ["mkfs.ext4", ["-F", "-q", "-E", extended, "-U", uuid, "-L", label.slice(0, 16)]];
}

/** fsck(8): 1 is "errors corrected", 2 "corrected, reboot", which concerns a mounted root alone. */
const correctedMax = 3;
/** Errors left, and the superblock not found (8, an operational error, is what e2fsck makes of it). */
const damagedMax = 15;

function findingOf(device: BlockDevice, result: ProgramResult): CheckFinding {
  const { exitCode } = result;
  const detail = describeResult(result);
  if (exitCode === 0) return { kind: "clean" };
  if (exitCode !== null && exitCode <= correctedMax) return { kind: "repaired", detail };
  if (exitCode !== null && exitCode <= damagedMax) return { kind: "damaged", detail };
  const subject = `"${device.volumeId}"`;
  throw new Failure({ kind: "broken", action: "check", subject, found: detail });
}

type Deed = Pick<FailureDetails, "action" | "subject" | "next" | "refusal">;

function expect(result: ProgramResult, deed: Deed): void {
  if (result.exitCode === 0) return;
  throw new Failure({ kind: "broken", ...deed, found: describeResult(result) });
}
