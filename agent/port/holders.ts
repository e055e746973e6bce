// Who keeps a file system busy. Files are compared by device number and not by path, since a process
// in a container sees other paths; and a mount namespace that still has a copy of the mount counts as
// a holder too. What cannot be looked at (a process that just ended) is left out.

import { readdir, readFile, readlink, stat } from "node:fs/promises";
import { majorMinorOf } from "./device-number.ts";
import { parseMountinfo } from "./mountinfo.ts";

export interface Holder {
  readonly pid: number;
  /** The process's short name. */
  readonly command: string;
  /** The systemd unit that it belongs to, as in "postgresql.service". */
  readonly unit: string | null;
  /** A copy of the mount in another mount namespace holds the device although no file is open. */
  readonly how: "directory" | "file" | "mapping" | "namespace";
}

/** Enough names for a person to act on. */
const holdersMax = 32;

/** The processes that use the file system on the device "major:minor", in the order of their ids. */
export async function findHolders(
  procRoot: string,
  majorMinor: string,
): Promise<readonly Holder[]> {
  const pids = (await readdir(procRoot)).filter((name) => /^\d+$/.test(name)).map(Number);
  // The mounts that are looked at are PID 1's, or the agent's own where PID 1 is hidden from it.
  const hostNamespace =
    (await namespaceOf(`${procRoot}/1`)) ?? (await namespaceOf(`${procRoot}/self`));
  const found: Holder[] = [];
  for (const pid of pids.toSorted((left, right) => left - right)) {
    if (found.length === holdersMax) break;
    const how = await holds({ path: `${procRoot}/${pid}`, majorMinor, hostNamespace });
    if (how !== null) found.push(await describe(`${procRoot}/${pid}`, pid, how));
  }
  return found;
}

interface Process {
  readonly path: string;
  readonly majorMinor: string;
  readonly hostNamespace: string | null;
}

async function holds(process: Process): Promise<Holder["how"] | null> {
  const { path, majorMinor, hostNamespace } = process;
  for (const link of ["cwd", "root"]) {
    if ((await deviceOf(`${path}/${link}`)) === majorMinor) return "directory";
  }
  for (const descriptor of await readdir(`${path}/fd`).catch(() => [])) {
    if ((await deviceOf(`${path}/fd/${descriptor}`)) === majorMinor) return "file";
  }
  if (mapsDevice(await contents(`${path}/maps`), majorMinor)) return "mapping";
  const namespace = await namespaceOf(path);
  if (namespace === null || namespace === hostNamespace) return null;
  const mounts = parseMountinfo(await contents(`${path}/mountinfo`));
  return mounts.some((mount) => mount.majorMinor === majorMinor) ? "namespace" : null;
}

/** A line of maps has the device in hexadecimal, as in "7f00-7f01 r-xp 00000000 103:01 12 /file". */
function mapsDevice(maps: string, majorMinor: string): boolean {
  const hex = majorMinor
    .split(":")
    .map((part) => Number(part).toString(16).padStart(2, "0"))
    .join(":");
  return maps.split("\n").some((line) => line.split(" ", 4)[3] === hex);
}

async function describe(path: string, pid: number, how: Holder["how"]): Promise<Holder> {
  const command = (await contents(`${path}/comm`)).trim();
  return { pid, command, unit: unitOf(await contents(`${path}/cgroup`)), how };
}

/**
 * The unit in a process's cgroup file: version 2's only line ("0::/system.slice/x.service"), or
 * version 1's line of the hierarchy that systemd names.
 */
export function unitOf(cgroup: string): string | null {
  const lines = cgroup.split("\n");
  const line =
    lines.find((text) => text.includes(":name=systemd:")) ??
    lines.find((text) => text.startsWith("0::"));
  const segments = line?.split("/") ?? [];
  return segments.findLast((segment) => /\.(?:service|scope)$/.test(segment)) ?? null;
}

async function deviceOf(path: string): Promise<string | null> {
  return await stat(path).then(
    (status) => majorMinorOf(status.dev),
    () => null,
  );
}

async function namespaceOf(path: string): Promise<string | null> {
  return await readlink(`${path}/ns/mnt`).catch(() => null);
}

async function contents(path: string): Promise<string> {
  return await readFile(path, "utf8").catch(() => "");
}
