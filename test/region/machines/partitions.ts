// Attached slots as block devices: partitions of the slab's loop device. The kernel itself answers
// whether one is in use (a partition that is open or mounted anywhere cannot be removed), so a
// detach needs no look at processes and has no gap between looking and taking away.

import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { command, tryCommand } from "./command.ts";
import type { Slot } from "./reflink.ts";

export interface Partition {
  readonly number: number;
  readonly major: number;
  readonly minor: number;
}

export interface Partitions {
  add(slot: Slot): Promise<Partition>;
  /** `busy` while something has it open or mounted; nothing has changed then. */
  remove(partition: Partition): Promise<"removed" | "busy">;
  resize(partition: Partition, sizeBytes: number): Promise<void>;
}

const sectorBytes = 512;
/** The kernel's limit on the partitions of one disk is 255. */
const partitionsMax = 255;
/** The host's udev may look into a new partition for a moment: not busy in the sense of a detach. */
const removeAttempts = 4;
const removePauseMs = 50;

export function makePartitions(loop: string): Partitions {
  const used = new Set<number>();
  return {
    async add(slot) {
      const number = takeNumber(used);
      const place = [slot.startByte / sectorBytes, slot.sizeBytes / sectorBytes];
      await command(["addpart", loop, ...[number, ...place].map(String)]);
      return { number, ...(await deviceNumbers(loop, number)) };
    },
    async remove({ number }) {
      for (let attempt = 1; attempt <= removeAttempts; attempt += 1) {
        const { exitCode } = await tryCommand(["delpart", loop, String(number)]);
        if (exitCode === 0) {
          used.delete(number);
          return "removed";
        }
        await sleep(removePauseMs);
      }
      return "busy";
    },
    async resize({ number }, sizeBytes) {
      await command(["resizepart", loop, String(number), String(sizeBytes / sectorBytes)]);
    },
  };
}

function takeNumber(used: Set<number>): number {
  for (let number = 1; number <= partitionsMax; number += 1) {
    if (used.has(number)) continue;
    used.add(number);
    return number;
  }
  throw new Error(`Cannot attach a volume: ${String(partitionsMax)} are attached already`);
}

async function deviceNumbers(loop: string, number: number) {
  const name = basename(loop);
  const text = await readFile(`/sys/block/${name}/${name}p${String(number)}/dev`, "utf8");
  const [major = "", minor = ""] = text.trim().split(":");
  return { major: Number(major), minor: Number(minor) };
}
