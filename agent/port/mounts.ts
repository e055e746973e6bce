// Mounting and unmounting, by one path: through PID 1, and proven in PID 1's own list of mounts. A
// mount is never made over a directory with something in it or over another device, and an unmount is
// never lazy: a file system that looks gone while a process still writes to it is how data is lost.

import { readFile } from "node:fs/promises";
import type { Clock } from "../domain/clock.ts";
import { Failure } from "../domain/failure.ts";
import { within } from "./deadline.ts";
import { findHolders, type Holder } from "./holders.ts";
import { entriesOf, prepareMountPoint, type Unfit } from "./mount-points.ts";
import { type Mount, parseMountinfo } from "./mountinfo.ts";
import { describeResult, type ProgramResult, type Programs } from "./programs.ts";

export type { Holder } from "./holders.ts";
export type { Mount } from "./mountinfo.ts";

export interface MountRequest {
  readonly device: { readonly path: string; readonly majorMinor: string };
  readonly mountPoint: string;
  readonly type: "ext4" | "xfs";
  readonly options: readonly string[];
  readonly timeoutMs: number;
}

export type MountOutcome =
  /** It is mounted here and seen by PID 1, now or already before. */
  | { readonly kind: "mounted"; readonly mount: Mount }
  /** Something else is mounted here. */
  | { readonly kind: "occupied"; readonly by: Mount }
  /** The device is mounted at another place. */
  | { readonly kind: "elsewhere"; readonly at: Mount }
  | Unfit
  /** The kernel refused: the options, or what is on the device. */
  | { readonly kind: "refused"; readonly detail: string };

export type UnmountOutcome =
  /** Nothing is mounted here, whoever did it. */
  | { readonly kind: "unmounted" }
  | {
      readonly kind: "busy";
      readonly holders: readonly Holder[];
      /** Mount points below this one. */
      readonly below: readonly string[];
      readonly detail: string;
    };

export type MountFilter =
  | { readonly mountPoint: string }
  /** A mount point and all that lie below it. */
  | { readonly below: string }
  | { readonly majorMinor: string };

export interface Mounts {
  /** PID 1's mounts, in the kernel's order. */
  find(filter: MountFilter): Promise<readonly Mount[]>;
  /**
   * Makes the mount point where it is missing. XFS is mounted with `nouuid`: a restored volume has its
   * parent's UUID. Failure `transient` when mount(8) could not be run, which says nothing of the disk.
   */
  mount(request: MountRequest): Promise<MountOutcome>;
  unmount(target: {
    readonly mountPoint: string;
    readonly timeoutMs: number;
  }): Promise<UnmountOutcome>;
  /** Processes that keep the mount busy, at most 32 of them; none when nothing is mounted there. */
  holders(mountPoint: string): Promise<readonly Holder[]>;
  /** False for a directory with anything in it; true for an empty one or none at all. */
  isEmptyDirectory(path: string): Promise<boolean>;
}

export interface MountsOptions {
  readonly clock: Clock;
  /** Children of PID 1: mounts of the agent's own would be invisible to others. */
  readonly host: Programs;
  readonly procRoot?: string;
}

/** For reading /proc and one directory: neither touches a disk that could hang for longer. */
const readTimeoutMs = 5_000;
/** Looking through every process on a busy machine takes about a second. */
const holdersTimeoutMs = 10_000;
/** mount(8): the mount failed. Every other code is of mount(8) itself, or of PID 1 that should run it. */
const mountFailed = 32;
/** Mounts that may lie on top of each other at one point before something is clearly wrong. */
const stackMax = 4;

interface World {
  readonly clock: Clock;
  readonly host: Programs;
  readonly procRoot: string;
}

export function mountsPort({ clock, host, procRoot = "/proc" }: MountsOptions): Mounts {
  const world: World = { clock, host, procRoot };
  return {
    find: (filter) => find(world, filter),
    mount: (request) => mount(world, request),
    unmount: ({ mountPoint, timeoutMs }) => unmount(world, mountPoint, timeoutMs),
    holders: (mountPoint) => holdersOf(world, mountPoint),
    isEmptyDirectory: async (path) => (await entriesOf(clock, path)).length === 0,
  };
}

async function find(world: World, filter: MountFilter): Promise<readonly Mount[]> {
  const work = readMounts(world.procRoot);
  const deadline = { timeoutMs: readTimeoutMs, action: "read", subject: "mountinfo" };
  const all = await within(world.clock, deadline, work);
  return all.filter((found) => matches(found, filter));
}

async function mount(world: World, request: MountRequest): Promise<MountOutcome> {
  const { device, mountPoint, timeoutMs } = request;
  const before = await look(world, request);
  if (before !== null) return before;
  const unfit = await prepareMountPoint(world, mountPoint, timeoutMs);
  if (unfit !== null) return unfit;
  const result = await world.host.run({ file: "mount", args: mountArgs(request), timeoutMs });
  const after = await look(world, request);
  if (after !== null) return after;
  if (result.exitCode === mountFailed) return { kind: "refused", detail: describeResult(result) };
  if (result.exitCode !== 0) throw unrun(request, result);
  throw new Failure({
    kind: "broken",
    action: "mount",
    subject: `"${device.path}" on "${mountPoint}"`,
    found: "mount(8) succeeded, yet PID 1 does not see it",
    next: "the agent's unit must not have a mount namespace of its own",
  });
}

/** Nobody asked the kernel, or nobody heard its answer: the disk is not to blame. */
function unrun({ device, mountPoint }: MountRequest, result: ProgramResult): Failure {
  return new Failure({
    kind: "transient",
    action: "mount",
    subject: `"${device.path}" on "${mountPoint}"`,
    found: describeResult(result),
    next: "trying again",
    refusal: "EHA-MOUNT-REFUSED",
  });
}

async function unmount(
  world: World,
  mountPoint: string,
  timeoutMs: number,
): Promise<UnmountOutcome> {
  for (let count = 0; count < stackMax; count += 1) {
    if ((await find(world, { mountPoint })).length === 0) return { kind: "unmounted" };
    const result = await world.host.run({ file: "umount", args: ["--", mountPoint], timeoutMs });
    if (result.exitCode !== 0) return await busy(world, mountPoint, describeResult(result));
  }
  return await busy(world, mountPoint, `more than ${stackMax} mounts lie on top of each other`);
}

/** Why an unmount failed; looked at again, since somebody else may have unmounted it just now. */
async function busy(world: World, mountPoint: string, detail: string): Promise<UnmountOutcome> {
  const all = await find(world, { below: mountPoint });
  if (!all.some((found) => found.mountPoint === mountPoint)) return { kind: "unmounted" };
  const below = all.map((found) => found.mountPoint).filter((path) => path !== mountPoint);
  return { kind: "busy", holders: await holdersOf(world, mountPoint), below, detail };
}

async function holdersOf(world: World, mountPoint: string): Promise<readonly Holder[]> {
  const top = (await find(world, { mountPoint })).at(-1);
  if (top === undefined) return [];
  const subject = `processes that use "${mountPoint}"`;
  const deadline = { timeoutMs: holdersTimeoutMs, action: "find", subject };
  return await within(world.clock, deadline, findHolders(world.procRoot, top.majorMinor));
}

function matches(mount: Mount, filter: MountFilter): boolean {
  if ("mountPoint" in filter) return mount.mountPoint === filter.mountPoint;
  if ("below" in filter) return `${mount.mountPoint}/`.startsWith(`${filter.below}/`);
  return mount.majorMinor === filter.majorMinor;
}

/** What is mounted already, as an outcome; null when both the place and the device are free. */
async function look(world: World, request: MountRequest): Promise<MountOutcome | null> {
  const { device, mountPoint } = request;
  const here = (await find(world, { mountPoint })).at(-1);
  if (here !== undefined) {
    const ours = here.majorMinor === device.majorMinor && here.root === "/";
    return ours ? { kind: "mounted", mount: here } : { kind: "occupied", by: here };
  }
  const at = (await find(world, { majorMinor: device.majorMinor }))[0];
  return at === undefined ? null : { kind: "elsewhere", at };
}

function mountArgs({ device, mountPoint, type, options }: MountRequest): readonly string[] {
  const all = type === "xfs" ? [...options, "nouuid"] : options;
  const chosen = all.length === 0 ? [] : ["-o", all.join(",")];
  return ["-t", type, ...chosen, "--", device.path, mountPoint];
}

/** PID 1's mounts; the agent's own where /proc/1 is hidden from it. */
async function readMounts(procRoot: string): Promise<readonly Mount[]> {
  const text = await readFile(`${procRoot}/1/mountinfo`, "utf8").catch(() =>
    readFile(`${procRoot}/self/mountinfo`, "utf8"),
  );
  return parseMountinfo(text);
}
