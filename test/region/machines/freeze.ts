// Stops an instance in its tracks and lets it go on: a paused hypervisor, as an instance sees it.
// By signals rather than a control group, which would outlive a region that was killed.

import { readdir, readFile, readlink } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { signalAll } from "./init/processes.ts";

/**
 * Processes that appear while the others are being stopped are found at the next look, and one that
 * waits for a disk or for a processor stops only after that.
 */
const looksMax = 2_000;
const lookPauseMs = 2;

/** Resolves when no process of the instance runs. */
export async function pauseAll(firstProcessId: number): Promise<void> {
  for (let look = 1; look <= looksMax; look += 1) {
    const running = await notStopped(firstProcessId);
    if (running.length === 0) return;
    signalAll(running, "SIGSTOP");
    await sleep(lookPauseMs);
  }
  throw new Error("Cannot pause the instance: processes of it go on running");
}

export async function resumeAll(firstProcessId: number): Promise<void> {
  signalAll(await processesIn(firstProcessId), "SIGCONT");
}

async function notStopped(firstProcessId: number): Promise<readonly number[]> {
  const all = await processesIn(firstProcessId);
  const states = await Promise.all(all.map(stateOf));
  return all.filter((_, at) => !["T", "t", "Z", "X", ""].includes(states[at] ?? ""));
}

/** Of its PID namespace and those nested in it: descendants of the first process. */
async function processesIn(firstProcessId: number): Promise<readonly number[]> {
  const space = await readlink(`/proc/${String(firstProcessId)}/ns/pid`);
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name)).map(Number);
  const spaces = await Promise.all(
    pids.map((pid) => readlink(`/proc/${String(pid)}/ns/pid`).catch(() => "")),
  );
  return pids.filter((_, at) => spaces[at] === space);
}

async function stateOf(pid: number): Promise<string> {
  const stat = await readFile(`/proc/${String(pid)}/stat`, "utf8").catch(() => "");
  return stat.slice(stat.lastIndexOf(")") + 2).charAt(0);
}
