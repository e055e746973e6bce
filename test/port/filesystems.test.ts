// File systems made, checked, damaged, grown and owned for real, on loop devices.

import { closeSync, mkdirSync, openSync, statfsSync, statSync, writeSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { volumeId } from "../../agent/domain/ids.ts";
import { systemClock } from "../../agent/port/clock.ts";
import type { BlockDevice } from "../../agent/port/devices.ts";
import { filesystemsPort, filesystemUuid } from "../../agent/port/filesystems.ts";
import { hostPrograms } from "../../agent/port/host-programs.ts";
import { programsPort } from "../../agent/port/programs.ts";
import { type Disk, disksMissing, openWorkshop, run, type Workshop } from "./real-disks.ts";

const programs = programsPort({ clock: systemClock() });
const systemdRun = fileURLToPath(new URL("stubs/systemd-run", import.meta.url));
const filesystems = filesystemsPort({ programs, host: hostPrograms({ programs, systemdRun }) });

const id = volumeId("vol-0123456789abcdef0");
if (id === null) throw new Error("expected a volume id");
const uuid = filesystemUuid(id);

test("a volume's file system has the same UUID every time, and it is one of version 8", () => {
  expect(uuid).toBe(filesystemUuid(id));
  expect(uuid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/);
});

describe.skipIf(disksMissing !== null)("on a real disk", () => {
  let workshop: Workshop;
  let disk: Disk;
  let device: BlockDevice;

  beforeEach(() => {
    workshop = openWorkshop();
    disk = workshop.makeDisk(320);
    device = { ...disk, volumeId: id };
  });
  afterEach(() => workshop.close());

  const probed = (name: string) =>
    run("blkid", "--probe", "--output", "value", "--match-tag", name, disk.path);
  const format = (type: "ext4" | "xfs") =>
    filesystems.mkfs({ device, type, uuid, label: "a-long-volume-1" });

  function mountHere(type: string): string {
    const mountPoint = join(workshop.directory, "data");
    mkdirSync(mountPoint);
    run("mount", "-t", type, disk.path, mountPoint);
    return mountPoint;
  }

  test.each([
    ["ext4", "a-long-volume-1"],
    ["xfs", "a-long-volum"],
  ] as const)(
    "%s is made with the volume's UUID and label, again if it was cut off",
    async (type, label) => {
      await format(type);
      expect([probed("TYPE"), probed("UUID"), probed("LABEL")]).toEqual([type, uuid, label]);
      await format(type);
      expect(await filesystems.fsck({ device, type })).toEqual({ kind: "clean" });
    },
  );

  test.each(["ext4", "xfs"] as const)(
    "%s never goes over a file system that is not ours",
    async (type) => {
      run("mkfs.ext4", "-q", "-U", "6a1c1d2e-0000-8000-8000-000000000001", disk.path);
      const attempt = format(type);
      await expect(attempt).rejects.toThrow(
        'Cannot format "vol-0123456789abcdef0": it holds ext4: wanted a blank disk',
      );
      await expect(attempt).rejects.toMatchObject({ details: { kind: "conflict" } });
      expect(probed("UUID")).toBe("6a1c1d2e-0000-8000-8000-000000000001");
    },
  );

  function spoil(position: number, bytes: number): void {
    const file = openSync(disk.path, "r+");
    writeSync(file, Buffer.alloc(bytes, 0xff), 0, bytes, position);
    closeSync(file);
  }

  test("what a check can mend is repaired", async () => {
    await format("ext4");
    // The count of free blocks in the superblock; preening puts it right.
    run("debugfs", "-w", "-R", "set_super_value free_blocks_count 7", disk.path);
    run("debugfs", "-w", "-R", "set_super_value state 0", disk.path);
    expect(await filesystems.fsck({ device, type: "ext4" })).toMatchObject({ kind: "repaired" });
    expect(await filesystems.fsck({ device, type: "ext4" })).toEqual({ kind: "clean" });
  });

  test("what needs a person is damaged, and so is a lost superblock", async () => {
    await format("ext4");
    run("debugfs", "-w", "-R", "set_inode_field <2> mode 0100644", disk.path);
    run("debugfs", "-w", "-R", "set_super_value state 0", disk.path);
    expect(await filesystems.fsck({ device, type: "ext4" })).toMatchObject({ kind: "damaged" });
    spoil(0, 65_536);
    expect(await filesystems.fsck({ device, type: "ext4" })).toMatchObject({ kind: "damaged" });
  });

  test.each(["ext4", "xfs"] as const)("%s of its device's size is left as it is", async (type) => {
    await format(type);
    const mountPoint = mountHere(type);
    const before = statfsSync(mountPoint).blocks;
    await filesystems.grow({ device, mountPoint, type });
    expect(statfsSync(mountPoint).blocks).toBe(before);
  });

  test("ext4 grows with its device where the kernel lets it, and says so where it does not", () => {
    if (mayGrowExt4()) return growsWithDevice("ext4");
    // A container without CAP_SYS_RESOURCE: the kernel refuses, and the file system is as it was.
    return expect(growsWithDevice("ext4")).rejects.toThrow(/^Cannot grow .*Permission denied/);
  });
  test("XFS grows with its device", () => growsWithDevice("xfs"));

  async function growsWithDevice(type: "ext4" | "xfs"): Promise<void> {
    await format(type);
    const mountPoint = mountHere(type);
    const before = statfsSync(mountPoint).blocks;
    device = { ...workshop.growDisk(disk, 640), volumeId: device.volumeId };
    await filesystems.grow({ device, mountPoint, type });
    expect(statfsSync(mountPoint).blocks).toBeGreaterThan(before * 1.8);
  }

  test("the mount's root gets its owner and mode, and nothing below it", async () => {
    await format("ext4");
    const mountPoint = mountHere("ext4");
    const below = join(mountPoint, "below");
    mkdirSync(below, { mode: 0o755 });
    await filesystems.setOwner(mountPoint, "daemon:adm");
    await filesystems.setMode(mountPoint, "0750");
    const status = statSync(mountPoint);
    expect([status.uid, status.gid, status.mode & 0o7777]).toEqual([1, 4, 0o750]);
    expect(statSync(below).uid).toBe(0);
  });

  test("an owner that there is not is told as chown says it", async () => {
    await format("ext4");
    const mountPoint = mountHere("ext4");
    await expect(filesystems.setOwner(mountPoint, "no-such-user:adm")).rejects.toThrow(
      /^Cannot set the owner of .*: exit 1, chown: invalid user: 'no-such-user:adm': mend owner/,
    );
  });
});

/** Whether this process has CAP_SYS_RESOURCE (bit 24), which a mounted ext4 grows by. */
function mayGrowExt4(): boolean {
  const effective = /^CapEff:\s*([0-9a-f]+)$/m.exec(run("cat", "/proc/self/status"))?.[1] ?? "0";
  return ((BigInt(`0x${effective}`) >> 24n) & 1n) === 1n;
}
