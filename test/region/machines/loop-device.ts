// Loop devices that go away with the process that made them. They are set up in one call of the
// kernel that says so already (LOOP_CONFIGURE with the autoclear flag, on a device that this process
// holds open), because losetup needs two, and a region killed between them would leave a device
// behind for good. Node makes no ioctls, so the call itself is one line of perl or python3.

import { constants } from "node:fs";
import { type FileHandle, open, writeFile } from "node:fs/promises";
import { basename } from "node:path";
import { command, tryCommand } from "./command.ts";

export interface LoopDevice {
  /** As in "/dev/loop1". */
  readonly path: string;
  /** The device lasts as long as this is open, or a mount or another program has it. */
  readonly held: FileHandle;
}

/** From <linux/loop.h>. */
const loopConfigure = 0x4c0a;
const flags = { autoclear: 4, partitions: 8, directIo: 16 } as const;
/** struct loop_config, and where its `fd` and `info.lo_flags` are. */
const configBytes = 304;
const flagsOffset = 60;

/** The device is descriptor 3, the file 4. */
const fileDescriptor = 4;
const callers: readonly (readonly string[])[] = [
  [
    ...["perl", "-e"],
    'open(L, "+<&=3") or die; ioctl(L, $ARGV[0], pack("H*", $ARGV[1])) or die "$!\\n"',
  ],
  [
    ...["python3", "-c"],
    "import fcntl, sys; fcntl.ioctl(3, int(sys.argv[1]), bytes.fromhex(sys.argv[2]))",
  ],
];

/** Somebody else may take the free device first. */
const attempts = 10;

export async function makeLoopDevice(
  file: FileHandle,
  options: readonly ("partitions" | "directIo")[],
): Promise<LoopDevice> {
  const config = Buffer.alloc(configBytes);
  config.writeUInt32LE(fileDescriptor, 0);
  const wanted = options.reduce((sum, name) => sum | flags[name], flags.autoclear as number);
  config.writeUInt32LE(wanted, flagsOffset);
  let said = "";
  for (let attempt = 1; attempt <= attempts; attempt += 1) {
    const path = (await command(["losetup", "--find"])).trim();
    const held = await open(path, constants.O_RDWR);
    said = await configure(held, file, config);
    if (said === "") {
      await dropFlushes(path);
      return { path, held };
    }
    await held.close();
  }
  throw new Error(`Cannot set up a loop device: ${said}`);
}

/** Returns what the caller complained of, or nothing. */
async function configure(held: FileHandle, file: FileHandle, config: Buffer): Promise<string> {
  const args = [String(loopConfigure), config.toString("hex")];
  for (const caller of callers) {
    const result = await tryCommand([...caller, ...args], {
      descriptors: [held.fd, file.fd],
    }).catch(() => null);
    if (result !== null) return result.exitCode === 0 ? "" : result.stderr.trim();
  }
  return "neither perl nor python3 is installed";
}

/**
 * Nothing of a region has to survive a power cut of the host, so its disk is not made to flush: an
 * fsync inside an instance ends when the write has reached the slab, as on EBS, which has no volatile
 * write cache either.
 */
async function dropFlushes(path: string): Promise<void> {
  await writeFile(`/sys/block/${basename(path)}/queue/write_cache`, "write through");
}
