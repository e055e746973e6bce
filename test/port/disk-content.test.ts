// What is on real disks, made by the real programs where they are there and by their signatures where
// they are not. Whatever is not all zeros must never be called blank.

import { closeSync, openSync, truncateSync, writeSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { volumeId } from "../../agent/domain/ids.ts";
import { systemClock } from "../../agent/port/clock.ts";
import type { BlockDevice } from "../../agent/port/devices.ts";
import { diskContentsPort } from "../../agent/port/disk-content.ts";
import { programsPort } from "../../agent/port/programs.ts";
import { type Disk, disksMissing, openWorkshop, run, type Workshop } from "./real-disks.ts";

const clock = systemClock();
const contents = diskContentsPort({ clock, programs: programsPort({ clock }) });
const mib = 2 ** 20;

function deviceOf(disk: Disk): BlockDevice {
  const id = volumeId("vol-0123456789abcdef0");
  if (id === null) throw new Error("expected a volume id");
  return { ...disk, volumeId: id };
}

function put(disk: Disk, position: number, bytes: Buffer): void {
  const file = openSync(disk.path, "r+");
  writeSync(file, bytes, 0, bytes.length, position);
  closeSync(file);
}

describe.skipIf(disksMissing !== null)("on a real disk", () => {
  let workshop: Workshop;
  let disk: Disk;
  const inspect = () => contents.inspect(deviceOf(disk));

  beforeEach(() => {
    workshop = openWorkshop();
    disk = workshop.makeDisk(320);
  });
  afterEach(() => workshop.close());

  test("zeros are blank", async () => {
    expect(await inspect()).toEqual({ kind: "blank" });
  });

  test("a disk smaller than what is read of it is read whole", async () => {
    disk = workshop.makeDisk(1);
    expect(await inspect()).toEqual({ kind: "blank" });
  });

  const uuid = "6a1c1d2e-0000-8000-8000-000000000001";
  test("an ext4 file system is told with its UUID", async () => {
    run("mkfs.ext4", "-q", "-U", uuid, disk.path);
    expect(await inspect()).toEqual({ kind: "filesystem", type: "ext4", uuid });
  });

  test("an XFS file system is told with its UUID", async () => {
    run("mkfs.xfs", "-q", "-m", `uuid=${uuid}`, disk.path);
    expect(await inspect()).toEqual({ kind: "filesystem", type: "xfs", uuid });
  });

  test("swap space is foreign", async () => {
    run("mkswap", disk.path);
    expect(await inspect()).toEqual({ kind: "foreign", what: "swap space" });
  });

  /** An MBR of one partition over the whole disk, of the type given. */
  function partition(type: number): void {
    const sector = Buffer.alloc(512);
    sector.writeUInt8(type, 446 + 4);
    sector.writeUInt32LE(1, 446 + 8);
    sector.writeUInt32LE(disk.sizeBytes / 512 - 1, 446 + 12);
    sector.writeUInt16LE(0xaa55, 510);
    put(disk, 0, sector);
  }

  test("an MBR partition table is foreign", async () => {
    partition(0x83);
    expect(await inspect()).toEqual({ kind: "foreign", what: "an MBR partition table" });
  });

  test("the protective MBR of a damaged GPT is foreign", async () => {
    partition(0xee);
    expect(await inspect()).toMatchObject({ kind: "foreign" });
  });

  test("an LVM physical volume is foreign", async () => {
    const label = Buffer.alloc(512);
    label.write("LABELONE", 0);
    label.writeBigUInt64LE(1n, 8);
    label.writeUInt32LE(32, 20);
    label.write("LVM2 001", 24);
    label.write("0123456789abcdef0123456789abcdef", 32);
    label.writeUInt32LE(crcOfLabel(label.subarray(20)), 16);
    put(disk, 512, label);
    expect(await inspect()).toEqual({ kind: "foreign", what: "an LVM physical volume" });
  });

  test("a LUKS volume is foreign", async () => {
    const header = Buffer.alloc(1024);
    header.write("LUKS\xba\xbe\x00\x01", 0, "latin1");
    header.write(uuid, 168);
    put(disk, 0, header);
    expect(await inspect()).toEqual({ kind: "foreign", what: "a LUKS volume" });
  });

  test.each([
    ["the first byte", 0],
    ["a byte in the first mebibyte", 700_001],
    ["the last byte", 320 * mib - 1],
    ["a copy of ext4's superblock", 32768 * 4096 + 1024],
    ["the middle", 160 * mib],
  ])("%s alone is data of an unknown kind", async (_name, position) => {
    put(disk, position, Buffer.from([7]));
    expect(await inspect()).toEqual({ kind: "foreign", what: "data of an unknown kind" });
  });

  test("an ext4 file system whose superblock was lost is not blank", async () => {
    run("mkfs.ext4", "-q", disk.path);
    put(disk, 0, Buffer.alloc(mib));
    expect(await inspect()).toMatchObject({ kind: "foreign" });
  });

  test("a disk that cannot be read to its end is unreadable", async () => {
    truncateSync(disk.image, 8 * mib);
    run("losetup", "--set-capacity", disk.path);
    expect(await inspect()).toMatchObject({ kind: "unreadable" });
  });

  test("a device that is not there is unreadable", async () => {
    disk = { ...disk, path: "/dev/nvme99n1" };
    expect(await inspect()).toMatchObject({ kind: "unreadable" });
  });
});

/** LVM's label checksum: CRC-32 without the final inversion, from LVM's own start value. */
function crcOfLabel(bytes: Buffer): number {
  let crc = 0xf597a6cf;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return crc >>> 0;
}
