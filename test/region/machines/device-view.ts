// What an instance sees of its disks: the folders that become its /dev, /sys/block, /sys/class/block,
// /sys/dev/block, the PCI part of /sys/devices and /proc/partitions. They lie on the region's private
// tmpfs and are bound into the instance, so a volume shows up and goes away there at once. Everything
// is named as on a Nitro instance; the NVMe number is neither stable nor in attach order, as there.

import { createHash, randomInt } from "node:crypto";
import { mkdir, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { command } from "./command.ts";

export interface ShownDisk {
  readonly volumeId: string;
  readonly sizeBytes: number;
  readonly major: number;
  readonly minor: number;
}

export interface DeviceView {
  /** Returns the name, as in "nvme3n1". */
  show(disk: ShownDisk): Promise<string>;
  hide(volumeId: string): Promise<void>;
  resize(volumeId: string, sizeBytes: number): Promise<void>;
}

interface Placed extends ShownDisk {
  readonly name: string;
}

/** EC2 attaches at most 28 devices to most Nitro instances. */
const controllersMax = 28;
const sectorBytes = 512;
const pciFolder = "pci0000:00";

/** Folders of an instance, below its own folder; boot.sh binds them by these names. */
const folders = ["dev/disk/by-id", "sys-block", "sys-class-block", "sys-dev-block"] as const;

/** Shows `rootDisk` as nvme0n1 from the start. */
export async function makeDeviceView(home: string, rootDisk: ShownDisk): Promise<DeviceView> {
  // What is left of the instance's time before a power off.
  await rm(home, { recursive: true, force: true });
  for (const folder of folders) await mkdir(join(home, folder), { recursive: true });
  for (const folder of ["system", "virtual", pciFolder]) {
    await mkdir(join(home, "sys-devices", folder), { recursive: true });
  }
  const placed = new Map<string, Placed>();
  const place = async (disk: ShownDisk, controller: number) => {
    const entry = { ...disk, name: `nvme${String(controller)}n1` };
    placed.set(disk.volumeId, entry);
    await writeDisk(home, entry, controller);
    await writePartitions(home, placed);
    return entry.name;
  };
  await place(rootDisk, 0);

  return {
    show: (disk) => place(disk, freeController(placed)),
    async hide(volumeId) {
      const entry = placed.get(volumeId);
      if (entry === undefined) return;
      placed.delete(volumeId);
      await eraseDisk(home, entry);
      await writePartitions(home, placed);
    },
    async resize(volumeId, sizeBytes) {
      const entry = placed.get(volumeId);
      if (entry === undefined) return;
      placed.set(volumeId, { ...entry, sizeBytes });
      await writeFile(join(home, devicePath(entry.name), "size"), sectors(sizeBytes));
      await writePartitions(home, placed);
    },
  };
}

/** The serial of an instance's root disk, which no volume of the region has. */
export function rootVolumeId(instanceId: string): string {
  return `vol-0${createHash("sha256").update(instanceId).digest("hex").slice(0, 16)}`;
}

function freeController(placed: ReadonlyMap<string, Placed>): number {
  const names = new Set([...placed.values()].map(({ name }) => name));
  const free = Array.from({ length: controllersMax }, (_, index) => index).filter(
    (index) => !names.has(`nvme${String(index)}n1`),
  );
  const chosen = free[free.length < 2 ? 0 : randomInt(free.length)];
  if (chosen !== undefined) return chosen;
  throw new Error(`Cannot attach a volume: the instance has ${String(controllersMax)} already`);
}

/** Below the instance's folder; in the instance, below /sys/devices. */
function devicePath(name: string): string {
  return join("sys-devices", deviceBelow(name));
}

function deviceBelow(name: string): string {
  const controller = name.slice(0, -"n1".length);
  return join(pciFolder, "0000:00:1f.0/nvme", controller, name);
}

async function writeDisk(home: string, disk: Placed, controller: number): Promise<void> {
  const folder = join(home, devicePath(disk.name));
  const number = `${String(disk.major)}:${String(disk.minor)}`;
  await mkdir(join(folder, "queue"), { recursive: true });
  for (const [name, text] of attributes(disk, controller)) {
    await writeFile(join(folder, name), `${text}\n`);
  }
  await symlink(`../../${disk.name.slice(0, -"n1".length)}`, join(folder, "device"));
  const node = join(home, "dev", disk.name);
  await command(["mknod", "-m", "660", node, "b", String(disk.major), String(disk.minor)]);
  for (const [link, up] of sysfsLinks(disk.name, number)) {
    await symlink(`${up}devices/${deviceBelow(disk.name)}`, join(home, link));
  }
  await symlink(`../../${disk.name}`, join(home, byIdLink(disk)));
}

async function eraseDisk(home: string, disk: Placed): Promise<void> {
  const number = `${String(disk.major)}:${String(disk.minor)}`;
  const links = sysfsLinks(disk.name, number).map(([link]) => link);
  const controllerFolder = join(home, devicePath(disk.name), "..");
  for (const path of [byIdLink(disk), `dev/${disk.name}`, ...links]) await rm(join(home, path));
  await rm(controllerFolder, { recursive: true });
}

function sysfsLinks(name: string, number: string): readonly (readonly [string, string])[] {
  return [
    [`sys-dev-block/${number}`, "../../"],
    [`sys-class-block/${name}`, "../../"],
    [`sys-block/${name}`, "../"],
  ];
}

function byIdLink(disk: Placed): string {
  return `dev/disk/by-id/nvme-Amazon_Elastic_Block_Store_${serial(disk.volumeId)}`;
}

/** The volume id without its dash, which is how NVMe knows an EBS volume. */
function serial(volumeId: string): string {
  return volumeId.replace("-", "");
}

/** NVMe pads its fields with spaces, and sysfs shows them so. */
function attributes(disk: Placed, controller: number): readonly (readonly [string, string])[] {
  const number = `${String(disk.major)}:${String(disk.minor)}`;
  return [
    ["../serial", serial(disk.volumeId).padEnd(20)],
    ["../model", "Amazon Elastic Block Store".padEnd(40)],
    ["../firmware_rev", "1.0".padEnd(8)],
    ["../state", "live"],
    ["../transport", "pcie"],
    ["../cntlid", "0"],
    ["../dev", `241:${String(controller)}`],
    ["dev", number],
    ["size", sectors(disk.sizeBytes).trim()],
    ["ro", "0"],
    ["removable", "0"],
    ["hidden", "0"],
    ["nsid", "1"],
    ["range", "0"],
    ["ext_range", "256"],
    ["capability", "0"],
    ["alignment_offset", "0"],
    ["discard_alignment", "0"],
    ["stat", "0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0"],
    [
      "uevent",
      `MAJOR=${String(disk.major)}\nMINOR=${String(disk.minor)}\nDEVNAME=${disk.name}\nDEVTYPE=disk`,
    ],
    ["queue/logical_block_size", String(sectorBytes)],
    ["queue/physical_block_size", "4096"],
    ["queue/hw_sector_size", String(sectorBytes)],
    ["queue/minimum_io_size", "4096"],
    ["queue/optimal_io_size", "4096"],
    ["queue/rotational", "0"],
    ["queue/nr_requests", "127"],
    ["queue/read_ahead_kb", "128"],
    ["queue/scheduler", "[none] mq-deadline"],
    ["queue/write_cache", "write through"],
    ["queue/zoned", "none"],
    ["queue/dax", "0"],
  ];
}

function sectors(sizeBytes: number): string {
  return `${String(sizeBytes / sectorBytes)}\n`;
}

/** Written in place: the file is bound into the instance by its inode. */
async function writePartitions(home: string, placed: ReadonlyMap<string, Placed>): Promise<void> {
  const lines = [...placed.values()].map((disk) => {
    const [major, minor] = [disk.major, disk.minor].map((part) => String(part).padStart(4));
    return `${major} ${minor?.padStart(8) ?? ""} ${String(disk.sizeBytes / 1024).padStart(10)} ${disk.name}`;
  });
  const text = ["major minor  #blocks  name", "", ...lines, ""].join("\n");
  await writeFile(join(home, "proc-partitions"), text, { flag: "w" });
}
