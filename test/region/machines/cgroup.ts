// Control groups for the instances that run systemd, which wants one of its own to manage. They are
// the one thing here that the kernel does not take away with its last process: the outer program
// removes a region's when it has ended, and where that was killed too, the next region does. A region
// that lives is told by a process that it keeps in its group.

import { spawn } from "node:child_process";
import { mkdir, readdir, readFile, rmdir } from "node:fs/promises";
import { join } from "node:path";
import { command } from "./command.ts";

export interface ControlGroups {
  /** Makes the group of an instance, empty, and returns its folder. */
  fresh(instanceId: string): Promise<string>;
  remove(instanceId: string): Promise<void>;
}

const prefix = "rehearsal-";
/** Until it is in the group, another region may take the group for a dead region's and remove it. */
const keeper =
  'until mkdir -p "$1" && echo 0 >"$1/cgroup.procs"; do :; done; echo; exec sleep infinity';

/** Sees the whole unified hierarchy through a mount of this region alone. */
export async function makeControlGroups(privateFolder: string): Promise<ControlGroups> {
  const mountPoint = join(privateFolder, "cgroup");
  await mkdir(mountPoint, { recursive: true });
  await command(["mount", "-t", "cgroup2", "cgroup2", mountPoint]);
  await removeStaleGroups(mountPoint);
  const own = join(mountPoint, `${prefix}${crypto.randomUUID()}`);
  await keep(join(own, "keeper"));
  const folderOf = (instanceId: string) => join(own, instanceId);
  return {
    async fresh(instanceId) {
      await removeTree(folderOf(instanceId));
      await mkdir(folderOf(instanceId));
      return folderOf(instanceId);
    },
    remove: (instanceId) => removeTree(folderOf(instanceId)),
  };
}

/** For the outer program, by the host's own mount; where it has none, the next region does it. */
export async function removeStaleGroupsOfHost(): Promise<void> {
  const mounts = (await readFile("/proc/self/mounts", "utf8")).split("\n");
  const mount = mounts.map((line) => line.split(" ")).find(([, , type]) => type === "cgroup2");
  if (mount?.[1] !== undefined) await removeStaleGroups(mount[1]);
}

async function removeStaleGroups(mountPoint: string): Promise<void> {
  for (const name of await readdir(mountPoint)) {
    if (!name.startsWith(prefix)) continue;
    const folder = join(mountPoint, name);
    const events = await readFile(join(folder, "cgroup.events"), "utf8").catch(() => "populated 1");
    if (events.includes("populated 0")) await removeTree(folder);
  }
}

/** A group is a folder that can be removed with its files, once it has no groups below it. */
async function removeTree(folder: string): Promise<void> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  for (const entry of entries) {
    if (entry.isDirectory()) await removeTree(join(folder, entry.name));
  }
  // Already gone, or taken over by a region that has just begun: either way it is not ours to remove.
  await rmdir(folder).catch(() => undefined);
}

/** Resolves once the group cannot be taken for a dead region's. */
function keep(folder: string): Promise<void> {
  const child = spawn("sh", ["-c", keeper, "sh", folder], { stdio: ["ignore", "pipe", "inherit"] });
  child.unref();
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.stdout.once("data", () => {
      child.stdout.destroy();
      resolve();
    });
  });
}
