// Which processes belong to a unit, without cgroups: those that carry its invocation id in their
// environment (which forks inherit), and what descends from them. Like a cgroup, and unlike process
// groups, it holds a daemon that made a session of its own; a program that clears its environment
// *and* leaves its parents escapes, which those that instances run do not.

import { readdirSync, readFileSync } from "node:fs";

/** Process ids, the main one's first. */
export function processesOf(invocationId: string, mainPid: number | null): readonly number[] {
  const all = listProcesses();
  const members = new Set(
    all.filter((process) => process.invocationId === invocationId).map(pidOf),
  );
  if (mainPid !== null) members.add(mainPid);
  for (let before = -1; before !== members.size; ) {
    before = members.size;
    for (const { pid, parent } of all) if (members.has(parent)) members.add(pid);
  }
  const alive = new Set(all.map(pidOf));
  return [...members]
    .filter((pid) => alive.has(pid))
    .toSorted((left) => (left === mainPid ? -1 : 1));
}

/** Those that have ended already are passed over. */
export function signalAll(pids: readonly number[], signal: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      process.kill(pid, signal);
    } catch {
      // It ended between being listed and being told.
    }
  }
}

interface Seen {
  readonly pid: number;
  readonly parent: number;
  readonly invocationId: string | null;
}

function pidOf({ pid }: Seen): number {
  return pid;
}

/** Without the first process and the init itself, and without zombies. */
function listProcesses(): readonly Seen[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => pid !== 1 && pid !== process.pid)
    .flatMap((pid) => look(pid));
}

function look(pid: number): readonly Seen[] {
  try {
    const stat = readFileSync(`/proc/${String(pid)}/stat`, "utf8");
    const [state, parent] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    if (state === "Z" || state === "X") return [];
    const environment = readFileSync(`/proc/${String(pid)}/environ`, "utf8");
    const [, invocationId = null] = /(?:^|\0)INVOCATION_ID=(\w+)/.exec(environment) ?? [];
    return [{ pid, parent: Number(parent), invocationId }];
  } catch {
    return [];
  }
}
