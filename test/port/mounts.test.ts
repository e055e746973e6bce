// Mounting for real, on loop devices: what is refused before it, what is proven after it, and who is
// named when an unmount is busy. The stub in place of systemd-run runs the command in this namespace.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdirSync, openSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { systemClock } from "../../agent/port/clock.ts";
import { hostPrograms } from "../../agent/port/host-programs.ts";
import { type MountRequest, mountsPort } from "../../agent/port/mounts.ts";
import { programsPort } from "../../agent/port/programs.ts";
import { type Disk, disksMissing, openWorkshop, run, type Workshop } from "./real-disks.ts";

const clock = systemClock();
const systemdRun = fileURLToPath(new URL("stubs/systemd-run", import.meta.url));
const host = hostPrograms({ programs: programsPort({ clock }), systemdRun });
const mounts = mountsPort({ clock, host });

describe.skipIf(disksMissing !== null)("on a real disk", () => {
  let workshop: Workshop;
  let mountPoint: string;
  let disk: Disk;

  beforeEach(() => {
    workshop = openWorkshop();
    mountPoint = join(workshop.directory, "data");
    disk = workshop.makeDisk(16);
    run("mkfs.ext4", "-q", disk.path);
  });
  afterEach(() => workshop.close());

  const request = (changes: Partial<MountRequest> = {}): MountRequest => ({
    device: disk,
    mountPoint,
    type: "ext4",
    options: [],
    timeoutMs: 10_000,
    ...changes,
  });

  test("failure mode 36: a mount makes its directory and is seen by PID 1", async () => {
    const outcome = await mounts.mount(request({ options: ["noatime"] }));
    expect(outcome).toMatchObject({
      kind: "mounted",
      mount: { majorMinor: disk.majorMinor, mountPoint, type: "ext4", root: "/" },
    });
    expect(await mounts.find({ majorMinor: disk.majorMinor })).toHaveLength(1);
  });

  test("a mount that is there already is the same outcome, and is made once", async () => {
    await mounts.mount(request());
    expect(await mounts.mount(request())).toMatchObject({ kind: "mounted" });
    expect(await mounts.find({ mountPoint })).toHaveLength(1);
  });

  test("a mount point with a space is found in its escaped form", async () => {
    const spaced = join(workshop.directory, "my data");
    expect(await mounts.mount(request({ mountPoint: spaced }))).toMatchObject({ kind: "mounted" });
    expect(await mounts.unmount({ mountPoint: spaced, timeoutMs: 10_000 })).toEqual({
      kind: "unmounted",
    });
  });

  test("a mount point with something in it is refused", async () => {
    mkdirSync(mountPoint);
    writeFileSync(join(mountPoint, "PG_VERSION"), "16");
    expect(await mounts.isEmptyDirectory(mountPoint)).toBe(false);
    expect(await mounts.mount(request())).toEqual({ kind: "notEmpty", entries: ["PG_VERSION"] });
    expect(await mounts.find({ majorMinor: disk.majorMinor })).toEqual([]);
  });

  test("a mount point that is a link is refused", async () => {
    const real = join(workshop.directory, "real");
    mkdirSync(real);
    symlinkSync(real, mountPoint);
    expect(await mounts.mount(request())).toEqual({
      kind: "unfit",
      detail: `it leads to "${real}"`,
    });
  });

  test("a mount point of another device is refused", async () => {
    const other = workshop.makeDisk(16);
    run("mkfs.ext4", "-q", other.path);
    await mounts.mount(request({ device: other }));
    expect(await mounts.mount(request())).toMatchObject({
      kind: "occupied",
      by: { majorMinor: other.majorMinor },
    });
  });

  test("a device that is mounted elsewhere is refused", async () => {
    await mounts.mount(request());
    const second = join(workshop.directory, "second");
    expect(await mounts.mount(request({ mountPoint: second }))).toMatchObject({
      kind: "elsewhere",
      at: { mountPoint },
    });
  });

  test("what mount(8) refuses is an outcome with its words", async () => {
    const blank = workshop.makeDisk(16);
    const outcome = await mounts.mount(request({ device: blank }));
    expect(outcome).toMatchObject({ kind: "refused", detail: expect.stringContaining("exit 32") });
  });

  test("failure mode 11: two XFS file systems with one UUID are mounted side by side", async () => {
    const [first, second] = [workshop.makeDisk(320), workshop.makeDisk(320)];
    run("mkfs.xfs", "-q", first.path);
    run("cp", "--sparse=always", first.image, second.image);
    const places = ["one", "two"].map((name) => join(workshop.directory, name));
    for (const [index, device] of [first, second].entries()) {
      const place = places[index] ?? "";
      const outcome = await mounts.mount(request({ device, mountPoint: place, type: "xfs" }));
      expect(outcome).toMatchObject({ kind: "mounted" });
    }
  });

  test("an unmount of what is not mounted is done", async () => {
    const outcome = await mounts.unmount({ mountPoint, timeoutMs: 10_000 });
    expect(outcome).toEqual({ kind: "unmounted" });
  });

  test("a mount that lies twice on one point is unmounted twice", async () => {
    await mounts.mount(request());
    run("mount", "--bind", mountPoint, mountPoint);
    expect(await mounts.find({ mountPoint })).toHaveLength(2);
    await mounts.unmount({ mountPoint, timeoutMs: 10_000 });
    expect(await mounts.find({ mountPoint })).toEqual([]);
  });

  test("a busy unmount names the processes and how they hold it", async () => {
    await mounts.mount(request());
    const log = openSync(join(mountPoint, "log"), "w");
    const writer = spawn("sleep", ["60"], { stdio: ["ignore", log, "ignore"] });
    const visitor = spawn("sleep", ["60"], { cwd: mountPoint, stdio: "ignore" });
    try {
      const outcome = await mounts.unmount({ mountPoint, timeoutMs: 10_000 });
      if (outcome.kind !== "busy") throw new Error("expected it to be busy");
      expect(outcome.holders).toContainEqual({
        pid: writer.pid,
        command: "sleep",
        unit: null,
        how: "file",
      });
      expect(outcome.holders).toContainEqual(
        expect.objectContaining({ pid: visitor.pid, how: "directory" }),
      );
      // This process opened the file for its child and holds it as well.
      expect(outcome.holders.map((holder) => holder.pid)).toContain(process.pid);
    } finally {
      closeSync(log);
      await Promise.all([writer, visitor].map(stop));
    }
  });

  test("a mount below makes an unmount busy and is named", async () => {
    await mounts.mount(request());
    const inner = join(mountPoint, "inner");
    mkdirSync(inner);
    run("mount", "-t", "tmpfs", "none", inner);
    const outcome = await mounts.unmount({ mountPoint, timeoutMs: 10_000 });
    expect(outcome).toMatchObject({ kind: "busy", below: [inner] });
  });

  test("a copy of the mount in another namespace is a holder", async () => {
    await mounts.mount(request());
    const jailed = spawn("unshare", ["--mount", "--propagation", "private", "sleep", "60"], {
      stdio: "ignore",
    });
    try {
      await expect
        .poll(() => mounts.holders(mountPoint))
        .toContainEqual(expect.objectContaining({ pid: jailed.pid, how: "namespace" }));
    } finally {
      await stop(jailed);
    }
  });
});

test("a directory that is not there is empty, one that is no directory is a failure", async () => {
  expect(await mounts.isEmptyDirectory("/nowhere/at/all")).toBe(true);
  await expect(mounts.isEmptyDirectory("/etc/hostname")).rejects.toThrow(
    'Cannot list "/etc/hostname": ENOTDIR',
  );
});

/** Resolves once the child has ended and holds nothing any more. */
async function stop(child: ChildProcess): Promise<void> {
  const ended = once(child, "exit");
  child.kill("SIGKILL");
  await ended;
}
