// Block devices by the id of their EBS volume. Names like nvme1n1 change from boot to boot and links
// under /dev/disk may point at another disk (kubernetes-sigs/aws-ebs-csi-driver #1224), so the only
// thing trusted is the serial that the device itself reports, read again right before it matters.

import { constants } from "node:fs";
import { open, readdir, readFile, stat, writeFile } from "node:fs/promises";
import type { Clock } from "../domain/clock.ts";
import { Failure } from "../domain/failure.ts";
import type { VolumeId } from "../domain/ids.ts";
import { within } from "./deadline.ts";
import { majorMinorOf } from "./device-number.ts";

export interface BlockDevice {
  readonly volumeId: VolumeId;
  /** As in "/dev/nvme1n1". */
  readonly path: string;
  /** As in "259:1". */
  readonly majorMinor: string;
  readonly sizeBytes: number;
}

export interface Devices {
  /**
   * The volume's device, or null while there is none. `requestedName` is the attachment's device name
   * ("/dev/sdf"), needed on Xen, whose disks have no serial. Failure `broken` when two devices claim
   * the same volume.
   */
  find(volumeId: VolumeId, requestedName: string | null): Promise<BlockDevice | null>;
  /** Whether the device is still that volume's: ask right before fsck, mkfs and mount. */
  verify(device: BlockDevice): Promise<boolean>;
  /** Whether nothing on the machine has it mounted or open exclusively, in any namespace. */
  isFree(device: BlockDevice): Promise<boolean>;
  /** The device with its size of now. */
  rescanSize(device: BlockDevice): Promise<BlockDevice>;
}

export interface DevicesOptions {
  readonly clock: Clock;
  readonly sysRoot?: string;
  readonly devRoot?: string;
}

/** sysfs answers at once; opening a device whose controller is stuck may not. */
const timeoutMs = 5_000;
/** sysfs counts in sectors of this size whatever the device's own. */
const sectorBytes = 512;

interface Roots {
  readonly sysRoot: string;
  readonly devRoot: string;
}

export function devicesPort(options: DevicesOptions): Devices {
  const { clock, sysRoot = "/sys", devRoot = "/dev" } = options;
  const roots: Roots = { sysRoot, devRoot };
  const bounded = <T>(action: string, subject: string, work: Promise<T>) =>
    within(clock, { timeoutMs, action, subject: `"${subject}"` }, work);
  return {
    find: (volumeId, requestedName) =>
      bounded("find the device of", volumeId, find(roots, volumeId, requestedName)),
    verify: (device) => bounded("verify", device.path, verify(roots, device)),
    isFree: (device) => bounded("open", device.path, isFree(device)),
    rescanSize: (device) => bounded("rescan", device.path, rescanSize(roots, device)),
  };
}

async function find(
  roots: Roots,
  volumeId: VolumeId,
  requestedName: string | null,
): Promise<BlockDevice | null> {
  const names = await readdir(`${roots.sysRoot}/block`);
  const claims = await Promise.all(names.map((name) => claimsVolume(roots, name, volumeId)));
  const found = names.filter((_name, index) => claims[index]);
  if (found.length > 1) throw ambiguous(volumeId, found);
  const name = found[0] ?? (await xenName(roots, names, requestedName));
  return name === undefined ? null : await describe(roots, volumeId, name);
}

async function claimsVolume(roots: Roots, name: string, volumeId: VolumeId): Promise<boolean> {
  // The hidden half of a multipath NVMe device has the serial too, but no node in /dev.
  if ((await attribute(roots, name, "hidden")) === "1") return false;
  return (await attribute(roots, name, "device/serial")) === serialOf(volumeId);
}

/** EBS reports the volume's id without its dash, as in "vol0123456789abcdef0". */
function serialOf(volumeId: VolumeId): string {
  return volumeId.replace("-", "");
}

/**
 * The disk that a Xen attachment asked for: "/dev/sdf" shows as sdf or xvdf. Some old kernels shift
 * the letter by four; that is not followed, since a wrong guess is another volume's disk.
 */
async function xenName(
  roots: Roots,
  names: readonly string[],
  requestedName: string | null,
): Promise<string | undefined> {
  const hypervisor = await contents(`${roots.sysRoot}/hypervisor/type`);
  if (hypervisor !== "xen" || requestedName === null) return undefined;
  const asked = requestedName.replace(/^\/dev\//, "");
  return [asked, asked.replace(/^sd/, "xvd")].find((name) => names.includes(name));
}

async function describe(
  roots: Roots,
  volumeId: VolumeId,
  name: string,
): Promise<BlockDevice | null> {
  const majorMinor = await attribute(roots, name, "dev");
  const sectors = Number(await attribute(roots, name, "size"));
  const path = `${roots.devRoot}/${name}`;
  // udev may not have made the node yet, or a former disk's node may still be there.
  const present = majorMinor !== null && (await nodeNumber(path)) === majorMinor;
  if (!present || !Number.isSafeInteger(sectors) || sectors <= 0) return null;
  return { volumeId, path, majorMinor, sizeBytes: sectors * sectorBytes };
}

async function verify(roots: Roots, device: BlockDevice): Promise<boolean> {
  const name = nameOf(device);
  const serial = await attribute(roots, name, "device/serial");
  const onXen = serial === null && (await contents(`${roots.sysRoot}/hypervisor/type`)) === "xen";
  if (!onXen && serial !== serialOf(device.volumeId)) return false;
  const number = await attribute(roots, name, "dev");
  return number === device.majorMinor && (await nodeNumber(device.path)) === number;
}

/** An exclusive open fails while anything in the kernel has claimed the device. */
async function isFree(device: BlockDevice): Promise<boolean> {
  try {
    const handle = await open(device.path, constants.O_RDONLY | constants.O_EXCL);
    await handle.close();
    return true;
  } catch (error) {
    const code = codeOf(error);
    if (code === "EBUSY") return false;
    const missing = code === "ENOENT" || code === "ENXIO" || code === "ENODEV";
    const kind = missing ? "missing" : "broken";
    throw new Failure({ kind, action: "open", subject: `"${device.path}"`, found: code }, error);
  }
}

async function rescanSize(roots: Roots, device: BlockDevice): Promise<BlockDevice> {
  const controller = `${roots.sysRoot}/block/${nameOf(device)}/device/rescan_controller`;
  // NVMe only, and only a nudge: the kernel hears of a new size by itself.
  await writeFile(controller, "1", { flag: "r+" }).catch(() => undefined);
  const again = await describe(roots, device.volumeId, nameOf(device));
  if (again !== null) return again;
  throw new Failure({
    kind: "missing",
    action: "rescan",
    subject: `"${device.path}"`,
    found: "it is gone",
  });
}

function nameOf(device: BlockDevice): string {
  return device.path.slice(device.path.lastIndexOf("/") + 1);
}

async function nodeNumber(path: string): Promise<string | null> {
  const status = await stat(path).catch(() => null);
  return status?.isBlockDevice() === true ? majorMinorOf(status.rdev) : null;
}

function attribute(roots: Roots, name: string, file: string): Promise<string | null> {
  return contents(`${roots.sysRoot}/block/${name}/${file}`);
}

/** A small file without its padding, or null. */
async function contents(path: string): Promise<string | null> {
  return await readFile(path, "utf8").then(
    (text) => text.trim(),
    () => null,
  );
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : String(error);
}

function ambiguous(volumeId: VolumeId, names: readonly string[]): Failure {
  return new Failure({
    kind: "broken",
    action: "find the device of",
    subject: `"${volumeId}"`,
    found: `${names.join(" and ")} both say that they are it`,
  });
}
