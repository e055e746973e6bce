// Loop devices for tests that need real disks. They need root; without it those tests are skipped and
// say so. Every device is detached and every file removed when its test has ended.

import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { majorMinorOf } from "../../agent/port/device-number.ts";

export interface Disk {
  readonly path: string;
  readonly majorMinor: string;
  readonly sizeBytes: number;
  /** The file behind the device, for writing below its file system. */
  readonly image: string;
}

/** Null where loop devices can be made; otherwise why not. */
export const disksMissing: string | null =
  process.getuid?.() === 0 ? null : "needs root for loop devices";

if (disksMissing !== null) console.warn(`Skipping tests on real disks: ${disksMissing}`);

export interface Workshop {
  /** A directory of the test's own. */
  readonly directory: string;
  makeDisk(sizeMib: number): Disk;
  growDisk(disk: Disk, sizeMib: number): Disk;
  /** Unmounts what lies below the directory, detaches the disks and removes everything. */
  close(): void;
}

export function openWorkshop(): Workshop {
  const directory = mkdtempSync(join(tmpdir(), "ec2-ha-agent-"));
  const disks: Disk[] = [];
  return {
    directory,
    makeDisk: (sizeMib) => {
      const image = join(directory, `disk-${disks.length}.img`);
      writeFileSync(image, "");
      truncateSync(image, sizeMib * 2 ** 20);
      const disk = describe(run("losetup", "--find", "--show", image), image, sizeMib);
      disks.push(disk);
      return disk;
    },
    growDisk: (disk, sizeMib) => {
      truncateSync(disk.image, sizeMib * 2 ** 20);
      run("losetup", "--set-capacity", disk.path);
      return describe(disk.path, disk.image, sizeMib);
    },
    close: () => {
      unmountBelow(directory);
      for (const disk of disks) run("losetup", "--detach", disk.path);
      rmSync(directory, { recursive: true });
    },
  };
}

/** Runs a program of the test's own and returns what it printed. */
export function run(file: string, ...args: readonly string[]): string {
  return execFileSync(file, args, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] }).trim();
}

function describe(path: string, image: string, sizeMib: number): Disk {
  return {
    path,
    image,
    majorMinor: majorMinorOf(statSync(path).rdev),
    sizeBytes: sizeMib * 2 ** 20,
  };
}

function unmountBelow(directory: string): void {
  const mounted = run("findmnt", "--noheadings", "--list", "--output", "TARGET").split("\n");
  for (const target of mounted.toReversed()) {
    if (target.startsWith(`${directory}/`)) run("umount", target);
  }
}
