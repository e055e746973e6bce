// The disks' own disk: an XFS file system with reflinks, made in a file that has no name from the
// moment it exists (O_TMPFILE), and mounted where only this region's namespace sees it. On it lies
// one sparse file, the slab, behind one loop device with direct I/O; every volume is a slot of the
// slab and shows as a partition of the loop device while it is attached. So the kernel takes it all
// away when the region ends, and one clone of the slab is one instant of every volume (disks.ts).

import { constants } from "node:fs";
import { mkdir, open } from "node:fs/promises";
import { join } from "node:path";
import { command } from "./command.ts";
import { type LoopDevice, makeLoopDevice } from "./loop-device.ts";

export interface Pool {
  /** A tmpfs of this namespace alone: mount points, device nodes and what instances are shown. */
  readonly privateFolder: string;
  /** The XFS: root disks of instances, snapshots, the slab. */
  readonly folder: string;
  readonly slab: string;
  /** Over the slab. */
  readonly loop: LoopDevice;
}

/** Linux's flag for a file without a name; Node has no constant for it. */
const temporaryFileFlag = 0o20000000;
/** Sparse: only what instances write takes room. */
const poolBytes = 200 * 2 ** 30;
/** Sparse too; as far as Node's numbers are exact, which is room for thousands of volumes. */
const slabBytes = 2 ** 53 - 2 ** 20;
/** A folder that every Linux has, whose contents no program of a region needs. */
const coveredFolder = "/dev/shm";

/** `imageFolder` must be on a disk or tmpfs with room for what the instances write. */
export async function makePool(imageFolder: string): Promise<Pool> {
  await command(["mount", "-t", "tmpfs", "-o", "mode=755", "rehearsal", coveredFolder]);
  const privateFolder = join(coveredFolder, "rehearsal");
  const folder = join(privateFolder, "pool");
  await mkdir(folder, { recursive: true });
  await mountPool(imageFolder, folder);
  const slab = join(folder, "slab");
  return { privateFolder, folder, slab, loop: await openSlab(slab) };
}

async function mountPool(imageFolder: string, folder: string): Promise<void> {
  const image = await open(
    imageFolder,
    temporaryFileFlag | constants.O_DIRECTORY | constants.O_RDWR,
  );
  await image.truncate(poolBytes);
  const { path, held } = await makeLoopDevice(image, []);
  await command(["mkfs.xfs", "-q", "-K", "-m", "reflink=1", path]);
  await command(["mount", "-o", "discard,noatime", path, folder]);
  // From here on it lasts as long as it is mounted.
  await held.close();
  await image.close();
}

async function openSlab(slab: string): Promise<LoopDevice> {
  const file = await open(slab, constants.O_RDWR | constants.O_CREAT);
  await file.truncate(slabBytes);
  const device = await makeLoopDevice(file, ["partitions", "directIo"]);
  await file.close();
  return device;
}
