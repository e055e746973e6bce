// Mounting and unmounting, by one path: through PID 1, and proven in PID 1's own list of mounts. A
// mount is never made over a directory with something in it or over another device, and an unmount is
// never lazy: a file system that looks gone while a process still writes to it is how data is lost.

import { readdir, readFile, realpath } from "node:fs/promises";
import type { Clock } from "../domain/clock.ts";
import { Failure } from "../domain/failure.ts";
import { within } from "./deadline.ts";
import { findHolders, type Holder } from "./holders.ts";
import { type Mount, parseMountinfo } from "./mountinfo.ts";
import { describeResult, type Programs } from "./programs.ts";

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
  /** The mount point has something in it: a mount would hide it. Up to five names. */
  | { readonly kind: "notEmpty"; readonly entries: readonly string[] }
  /** mount(8) refused, or the mount point is a link; `detail` says which. */
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
  /** Makes the mount point where it is missing. XFS is mounted with `nouuid`: a restored volume has its parent's UUID. */
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
    isEmptyDirectory: async (path) => (await entriesOf(world, path)).length === 0,
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
  const names = await entriesOf(world, mountPoint);
  if (names.length > 0) return { kind: "notEmpty", entries: names.slice(0, 5) };
  await makeDirectory(world.host, request);
  const real = await realPathOf(world, mountPoint);
  if (real !== mountPoint) {
    // The kernel would list the mount under its real path, where nobody looks for it.
    return { kind: "refused", detail: `the mount point is a link to "${real}"` };
  }

  const result = await world.host.run({ file: "mount", args: mountArgs(request), timeoutMs });
  if (result.exitCode !== 0) return { kind: "refused", detail: describeResult(result) };
  const after = await look(world, request);
  if (after !== null) return after;
  throw new Failure({
    kind: "broken",
    action: "mount",
    subject: `"${device.path}" on "${mountPoint}"`,
    found: "mount(8) succeeded, yet PID 1 does not see it",
    next: "the agent's unit must not have a mount namespace of its own",
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

function entriesOf(world: World, path: string): Promise<readonly string[]> {
  const deadline = { timeoutMs: readTimeoutMs, action: "list", subject: `"${path}"` };
  return within(world.clock, deadline, list(path));
}

function realPathOf(world: World, path: string): Promise<string> {
  const deadline = { timeoutMs: readTimeoutMs, action: "find", subject: `"${path}"` };
  return within(world.clock, deadline, realpath(path));
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

async function makeDirectory(
  host: Programs,
  { mountPoint, timeoutMs }: MountRequest,
): Promise<void> {
  const result = await host.run({ file: "mkdir", args: ["-p", "--", mountPoint], timeoutMs });
  if (result.exitCode === 0) return;
  const found = describeResult(result);
  throw new Failure({ kind: "broken", action: "make", subject: `"${mountPoint}"`, found });
}

/** PID 1's mounts; the agent's own where /proc/1 is hidden from it. */
async function readMounts(procRoot: string): Promise<readonly Mount[]> {
  const text = await readFile(`${procRoot}/1/mountinfo`, "utf8").catch(() =>
    readFile(`${procRoot}/self/mountinfo`, "utf8"),
  );
  return parseMountinfo(text);
}

async function list(path: string): Promise<readonly string[]> {
  try {
    return await readdir(path);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : String(error);
    if (code === "ENOENT") return [];
    const subject = `"${path}"`;
    throw new Failure({ kind: "broken", action: "list", subject, found: code }, error);
  }
}
