// What a running process costs, as the kernel counts it: memory that is resident, memory that it
// wrote (and that nobody can take back, unlike the pages of the program file), and processor time.

import { readFile } from "node:fs/promises";

export interface Cost {
  readonly residentKb: number;
  readonly writtenKb: number;
  readonly cpuMsPerMinute: number;
}

// Linux counts processor time in hundredths of a second wherever Node runs.
const tickMs = 10;

/** Looks before and after the pause; memory is read after it. Rejects if the process is gone. */
export async function costOf(pid: number, pause: Promise<void>): Promise<Cost> {
  const cpuBeforeMs = await cpuMs(pid);
  const begin = performance.now();
  await pause;
  const spentMs = (await cpuMs(pid)) - cpuBeforeMs;
  const smaps = await readFile(`/proc/${pid}/smaps_rollup`, "utf8");
  return {
    residentKb: sum(smaps, /^Rss:\s+(\d+)/gm),
    writtenKb: sum(smaps, /^Private_Dirty:\s+(\d+)/gm),
    cpuMsPerMinute: (spentMs * 60_000) / (performance.now() - begin),
  };
}

async function cpuMs(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8");
  // The name in parentheses may hold spaces; user and system time are the 12th and 13th after it.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) * tickMs;
}

function sum(text: string, pattern: RegExp): number {
  return [...text.matchAll(pattern)].reduce((total, [, digits]) => total + Number(digits), 0);
}
