// What a run may leave on a machine, looked for in the kernel's own lists: processes, namespaces, loop
// devices, mounts, network interfaces, files. Other programs may come and go meanwhile, so a run is
// recognised by its own temporary directory, whose path stands in its environment and in the backing
// files of its loop devices, and by the processes and namespaces that it was seen to have.

import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";

/** What belongs to a run right now. Process ids are paired with start times: they are used again. */
export interface Sighting {
  readonly processes: ReadonlySet<string>;
  readonly namespaces: ReadonlySet<string>;
}

/** What any program can see of the machine, to be the same before and after. */
export interface Surroundings {
  readonly mounts: readonly string[];
  readonly interfaces: readonly string[];
  readonly namedNamespaces: readonly string[];
}

// Tests of the ports mount real disks on this host, and may run at the same time.
const othersMounts = "/ec2-ha-agent-";

const namespaceKinds = ["pid", "net", "mnt"] as const;

/** The run's processes, and the namespaces that they have and this program does not. */
export function sight(directory: string): Sighting {
  const processes = familyOf(directory);
  const own = new Set(namespacesOf("self"));
  const namespaces = new Set(processes.flatMap(namespacesOf).filter((name) => !own.has(name)));
  return { processes: new Set(processes.map(identityOf)), namespaces };
}

/** What is left of a run, in words; empty where nothing is. */
export function remains(directory: string, sighting: Sighting): readonly string[] {
  const pids = namesIn("/proc").filter((name) => /^\d+$/.test(name));
  const left = pids.filter(
    (pid) =>
      mentions(pid, directory) ||
      sighting.processes.has(identityOf(pid)) ||
      namespacesOf(pid).some((name) => sighting.namespaces.has(name)),
  );
  const loops = namesIn("/sys/block").filter((name) => backingFile(name).includes(directory));
  return [
    ...left.filter(isRunning).map((pid) => `process ${pid} ${commandOf(pid)}`),
    ...loops.map((name) => `loop device ${name} ${backingFile(name)}`),
    ...namesIn(directory).map((name) => `file ${name}`),
  ];
}

export function surroundings(): Surroundings {
  return {
    mounts: read("/proc/self/mountinfo")
      .split("\n")
      .filter((line) => !line.includes(othersMounts)),
    interfaces: namesIn("/sys/class/net").toSorted(),
    namedNamespaces: namesIn("/run/netns").toSorted(),
  };
}

/** Processes with the directory in their environment, and all that descend from them. */
function familyOf(directory: string): readonly string[] {
  const pids = namesIn("/proc").filter((name) => /^\d+$/.test(name));
  const family = new Set(pids.filter((pid) => mentions(pid, directory)));
  for (let before = -1; before !== family.size; ) {
    before = family.size;
    for (const pid of pids) if (family.has(statOf(pid)[1] ?? "")) family.add(pid);
  }
  return [...family];
}

const mentions = (pid: string, directory: string): boolean =>
  Number(pid) !== process.pid && read(join("/proc", pid, "environ")).includes(directory);

const identityOf = (pid: string): string => `${pid} ${statOf(pid)[startTimeField] ?? ""}`;

// Of /proc/PID/stat, counted from the state, which follows the name in parentheses.
const startTimeField = 19;

function statOf(pid: string): readonly string[] {
  const stat = read(join("/proc", pid, "stat"));
  return stat.slice(stat.lastIndexOf(")") + 2).split(" ");
}

/** Not gone since it was listed, and not one whose parent has yet to hear of its end. */
const isRunning = (pid: string): boolean => !["", "Z", "X"].includes(statOf(pid)[0] ?? "");

const commandOf = (pid: string): string =>
  read(join("/proc", pid, "cmdline"))
    .replaceAll("\0", " ")
    .trim();

const backingFile = (name: string): string => read(`/sys/block/${name}/loop/backing_file`);

function namespacesOf(pid: string): readonly string[] {
  return namespaceKinds.flatMap((kind) => {
    try {
      return [readlinkSync(join("/proc", pid, "ns", kind))];
    } catch {
      return [];
    }
  });
}

/** Processes and devices come and go while they are read: what is gone is empty. */
function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

function namesIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}
