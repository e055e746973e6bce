// What may lie on a disk that should be blank: the smallest bytes by which the kernel and its tools know
// each kind. The programs that make them need not be installed.

import { closeSync, openSync, writeSync } from "node:fs";
import { crc32 } from "node:zlib";
import { type Disk, run } from "../port/real-disks.ts";

/** The smallest that mkfs.xfs takes and that ZFS is looked for on, and a size that is quickly read for the others. */
export const xfsMib = 320;
const smallMib = 32;
const sectorBytes = 512;

export interface Occupant {
  readonly name: string;
  readonly sizeMib: number;
  /** What a refusal says of it. */
  readonly told: string;
  put(disk: Disk): void;
}

export const occupants: readonly Occupant[] = [
  {
    name: "an ext4 file system",
    sizeMib: smallMib,
    told: "a file system (ext4)",
    put: (disk) => run("mkfs.ext4", "-q", disk.path),
  },
  {
    name: "an XFS file system",
    sizeMib: xfsMib,
    told: "a file system (xfs)",
    put: (disk) => run("mkfs.xfs", "-q", disk.path),
  },
  {
    name: "swap space",
    sizeMib: smallMib,
    told: "swap space",
    put: (disk) => run("mkswap", disk.path),
  },
  {
    name: "an MBR",
    sizeMib: smallMib,
    told: "an MBR partition table",
    put: (disk) => put(disk, 0, mbr(disk, 0x83)),
  },
  { name: "a GPT", sizeMib: smallMib, told: "a GPT partition table", put: gpt },
  { name: "LVM", sizeMib: smallMib, told: "an LVM physical volume", put: lvm },
  { name: "LUKS", sizeMib: smallMib, told: "a LUKS volume", put: luks },
  { name: "an md array", sizeMib: smallMib, told: "a member of a Linux md array", put: md },
  { name: "ZFS", sizeMib: xfsMib, told: "a member of a ZFS pool", put: zfs },
  {
    name: "bytes of a database that needs none",
    sizeMib: smallMib,
    told: "data of an unknown kind",
    put: raw,
  },
  {
    name: "one byte at its very end",
    sizeMib: smallMib,
    told: "data of an unknown kind",
    put: last,
  },
];

/** Writes below whatever the disk holds. */
export function put(disk: Disk, position: number, bytes: Buffer): void {
  const file = openSync(disk.path, "r+");
  writeSync(file, bytes, 0, bytes.length, position);
  closeSync(file);
}

/** One partition over the whole disk. */
function mbr(disk: Disk, type: number): Buffer {
  const sector = Buffer.alloc(sectorBytes);
  sector.writeUInt8(type, 446 + 4);
  sector.writeUInt32LE(1, 446 + 8);
  sector.writeUInt32LE(disk.sizeBytes / sectorBytes - 1, 446 + 12);
  sector.writeUInt16LE(0xaa55, 510);
  return sector;
}

/** UEFI specification, 5.3: a protective MBR, the header, 128 empty entries. */
function gpt(disk: Disk): void {
  const sectors = BigInt(disk.sizeBytes / sectorBytes);
  const entries = Buffer.alloc(128 * 128);
  const header = Buffer.alloc(sectorBytes);
  header.write("EFI PART", 0, "latin1");
  header.writeUInt32LE(0x0001_0000, 8);
  header.writeUInt32LE(92, 12);
  header.writeBigUInt64LE(1n, 24);
  header.writeBigUInt64LE(sectors - 1n, 32);
  header.writeBigUInt64LE(34n, 40);
  header.writeBigUInt64LE(sectors - 34n, 48);
  header.write("0123456789abcdef", 56, "latin1");
  header.writeBigUInt64LE(2n, 72);
  header.writeUInt32LE(128, 80);
  header.writeUInt32LE(128, 84);
  header.writeUInt32LE(crc32(entries), 88);
  header.writeUInt32LE(crc32(header.subarray(0, 92)), 16);
  put(disk, 0, mbr(disk, 0xee));
  put(disk, sectorBytes, header);
}

/** LVM2's label in the second sector, with its checksum. */
function lvm(disk: Disk): void {
  const label = Buffer.alloc(sectorBytes);
  label.write("LABELONE", 0);
  label.writeBigUInt64LE(1n, 8);
  label.writeUInt32LE(32, 20);
  label.write("LVM2 001", 24);
  label.write("0123456789abcdef0123456789abcdef", 32);
  // A CRC-32 from a start value of LVM's own, without the final inversion.
  const inverted = crc32(label.subarray(20), ~0xf597_a6cf >>> 0);
  label.writeUInt32LE(~inverted >>> 0, 16);
  put(disk, sectorBytes, label);
}

function luks(disk: Disk): void {
  const header = Buffer.alloc(1024);
  header.write("LUKS\xba\xbe\x00\x01", 0, "latin1");
  header.write("6a1c1d2e-0000-8000-8000-000000000001", 168);
  put(disk, 0, header);
}

/** A superblock of version 1.2, at 4 KiB (md(4)). */
function md(disk: Disk): void {
  const superblock = Buffer.alloc(1024);
  superblock.writeUInt32LE(0xa92b_4efc, 0);
  superblock.writeUInt32LE(1, 4);
  superblock.write("0123456789abcdef", 16, "latin1");
  superblock.writeBigUInt64LE(8n, 144);
  put(disk, 4096, superblock);
}

/** Uberblocks in the first label. */
function zfs(disk: Disk): void {
  const uberblock = Buffer.alloc(1024);
  uberblock.writeBigUInt64LE(0x00ba_b10cn, 0);
  uberblock.writeBigUInt64LE(5000n, 8);
  for (let index = 0; index < 64; index += 1) put(disk, 128 * 1024 + index * 1024, uberblock);
}

function raw(disk: Disk): void {
  put(disk, 0, Buffer.from("PAGE0001 of a database that writes to the device itself"));
}

function last(disk: Disk): void {
  put(disk, disk.sizeBytes - 1, Buffer.from([7]));
}
