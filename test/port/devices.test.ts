// Devices found in a tree that looks as sysfs does on a Nitro or a Xen instance, with real device
// nodes beside it, and the odd trees that were seen to hand out the wrong disk.

import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type VolumeId, volumeId } from "../../agent/domain/ids.ts";
import { systemClock } from "../../agent/port/clock.ts";
import { type Devices, devicesPort } from "../../agent/port/devices.ts";
import { disksMissing, openWorkshop, run } from "./real-disks.ts";

const clock = systemClock();
const data = idOf("vol-0123456789abcdef0");
const wal = idOf("vol-0fedcba9876543210");

function idOf(text: string): VolumeId {
  const id = volumeId(text);
  if (id === null) throw new Error(`${text} is no volume id`);
  return id;
}

interface Disk {
  readonly name: string;
  readonly serial?: string;
  readonly minor: number;
  readonly sectors?: number;
  readonly hidden?: boolean;
  /** The minor number of the node in /dev, where it differs; null for no node. */
  readonly node?: number | null;
}

describe.skipIf(disksMissing !== null)("in a tree with device nodes", () => {
  let root: string;
  let devices: Devices;

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "ec2-ha-agent-"));
    for (const name of ["sys/block", "sys/devices", "sys/hypervisor", "dev"]) {
      mkdirSync(join(root, name), { recursive: true });
    }
    devices = devicesPort({ clock, sysRoot: join(root, "sys"), devRoot: join(root, "dev") });
  });
  afterEach(() => rmSync(root, { recursive: true }));

  /** As on Nitro: the block device's `device` is a link to its controller, which has the serial. */
  function plug({ name, serial, minor, sectors = 2048, hidden = false, node = minor }: Disk): void {
    const block = join(root, "sys/block", name);
    const controller = join(root, "sys/devices", name);
    mkdirSync(block);
    mkdirSync(controller);
    symlinkSync(controller, join(block, "device"));
    if (serial !== undefined) writeFileSync(join(controller, "serial"), `${serial.padEnd(20)}\n`);
    writeFileSync(join(block, "dev"), `259:${minor}\n`);
    writeFileSync(join(block, "size"), `${sectors}\n`);
    writeFileSync(join(block, "hidden"), hidden ? "1\n" : "0\n");
    if (node !== null) run("mknod", join(root, "dev", name), "b", "259", String(node));
  }

  const unplug = (name: string) => rmSync(join(root, "sys/block", name), { recursive: true });

  test("failure mode 1: a volume is found by its serial, whatever the device's name", async () => {
    plug({ name: "nvme0n1", serial: "vol0aaaaaaaaaaaaaaaa", minor: 0 });
    plug({ name: "nvme2n1", serial: "vol0123456789abcdef0", minor: 2, sectors: 4096 });
    plug({ name: "nvme1n1", serial: "vol0fedcba9876543210", minor: 1 });
    plug({ name: "loop0", minor: 9 });
    expect(await devices.find(data, "/dev/sdf")).toEqual({
      volumeId: data,
      path: join(root, "dev/nvme2n1"),
      majorMinor: "259:2",
      sizeBytes: 2 ** 21,
    });
    expect(await devices.find(wal, null)).toMatchObject({ majorMinor: "259:1" });
  });

  test("a volume that is not attached has no device", async () => {
    plug({ name: "nvme0n1", serial: "vol0aaaaaaaaaaaaaaaa", minor: 0 });
    expect(await devices.find(data, "/dev/sdf")).toBeNull();
  });

  test("a serial of which the id is only a part is another volume's", async () => {
    plug({ name: "nvme1n1", serial: "vol0123456789abcdef01", minor: 1 });
    plug({ name: "nvme2n1", serial: "vol0123456789abcdef", minor: 2 });
    expect(await devices.find(data, null)).toBeNull();
  });

  test("a device whose node is not there yet, or is another's, is not there yet", async () => {
    plug({ name: "nvme1n1", serial: "vol0123456789abcdef0", minor: 1, node: null });
    expect(await devices.find(data, null)).toBeNull();
    unplug("nvme1n1");
    rmSync(join(root, "sys/devices/nvme1n1"), { recursive: true });
    plug({ name: "nvme1n1", serial: "vol0123456789abcdef0", minor: 1, node: 7 });
    expect(await devices.find(data, null)).toBeNull();
  });

  test("two devices that claim one volume are refused", async () => {
    plug({ name: "nvme1n1", serial: "vol0123456789abcdef0", minor: 1 });
    plug({ name: "nvme2n1", serial: "vol0123456789abcdef0", minor: 2 });
    await expect(devices.find(data, null)).rejects.toThrow(
      'Cannot find the device of "vol-0123456789abcdef0": nvme1n1 and nvme2n1 both say that they are it',
    );
  });

  test("the hidden half of a multipath device does not count", async () => {
    plug({ name: "nvme1c1n1", serial: "vol0123456789abcdef0", minor: 1, hidden: true });
    plug({ name: "nvme1n1", serial: "vol0123456789abcdef0", minor: 2 });
    expect(await devices.find(data, null)).toMatchObject({ majorMinor: "259:2" });
  });

  test("on Xen the requested name is followed, as sd or xvd, and never anywhere else", async () => {
    plug({ name: "xvdf", minor: 5 });
    expect(await devices.find(data, "/dev/sdf")).toBeNull();
    writeFileSync(join(root, "sys/hypervisor/type"), "xen\n");
    const found = await devices.find(data, "/dev/sdf");
    expect(found).toMatchObject({ majorMinor: "259:5" });
    expect(await devices.find(data, "xvdf")).toMatchObject({ majorMinor: "259:5" });
    expect(await devices.find(data, "/dev/sdb")).toBeNull();
    expect(await devices.find(data, null)).toBeNull();
    expect(found === null ? null : await devices.verify(found)).toBe(true);
  });

  test("failure mode 1: a device is verified until its name has become another's", async () => {
    plug({ name: "nvme1n1", serial: "vol0123456789abcdef0", minor: 1 });
    const found = await devices.find(data, null);
    if (found === null) throw new Error("expected a device");
    expect(await devices.verify(found)).toBe(true);
    writeFileSync(join(root, "sys/devices/nvme1n1/serial"), "vol0fedcba9876543210\n");
    expect(await devices.verify(found)).toBe(false);
    unplug("nvme1n1");
    expect(await devices.verify(found)).toBe(false);
  });

  test("a rescan asks the controller and tells the size of now", async () => {
    plug({ name: "nvme1n1", serial: "vol0123456789abcdef0", minor: 1 });
    const found = await devices.find(data, null);
    if (found === null) throw new Error("expected a device");
    writeFileSync(join(root, "sys/block/nvme1n1/size"), "8192\n");
    expect(await devices.rescanSize(found)).toEqual({ ...found, sizeBytes: 2 ** 22 });
    unplug("nvme1n1");
    await expect(devices.rescanSize(found)).rejects.toMatchObject({ details: { kind: "missing" } });
  });
});

describe.skipIf(disksMissing !== null)("on a real disk", () => {
  test("a device is free until something has mounted it, in whatever namespace", async () => {
    const workshop = openWorkshop();
    try {
      const disk = workshop.makeDisk(16);
      const device = { volumeId: data, ...disk };
      const devices = devicesPort({ clock });
      run("mkfs.ext4", "-q", disk.path);
      expect(await devices.isFree(device)).toBe(true);
      mkdirSync(join(workshop.directory, "data"));
      run("mount", disk.path, join(workshop.directory, "data"));
      expect(await devices.isFree(device)).toBe(false);
      run("umount", join(workshop.directory, "data"));
      expect(await devices.isFree(device)).toBe(true);
    } finally {
      workshop.close();
    }
  });

  test("a device that is gone is missing and not free", async () => {
    const devices = devicesPort({ clock });
    const gone = { volumeId: data, path: "/dev/nvme99n1", majorMinor: "259:99", sizeBytes: 1 };
    await expect(devices.isFree(gone)).rejects.toThrow('Cannot open "/dev/nvme99n1": ENOENT');
    await expect(devices.isFree(gone)).rejects.toMatchObject({ details: { kind: "missing" } });
  });
});
