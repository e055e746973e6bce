// Mount points that are taken, missing, full or in use, on real disks: nothing is hidden, forced or half
// made, and the message names the path and whoever is in the way.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Failure } from "../../agent/domain/failure.ts";
import { type Disk, disksMissing, openWorkshop, run, type Workshop } from "../port/real-disks.ts";
import { expectNotMounted, expectRefused, id, stepsOn } from "./bench.ts";

let workshop: Workshop;
let disk: Disk;
let mountPoint: string;
beforeEach(() => {
  if (disksMissing !== null) return;
  workshop = openWorkshop();
  disk = workshop.makeDisk(32);
  mountPoint = join(workshop.directory, "data");
});
afterEach(() => {
  if (disksMissing === null) workshop.close();
});

const onDisk = () => ({ volumeId: id, path: disk.path });
const mountAs = (type: "ext4" | "xfs", options: readonly string[] = []) => ({
  ...onDisk(),
  mountPoint,
  type,
  options,
});

describe.skipIf(disksMissing !== null)("a mount", () => {
  beforeEach(() => run("mkfs.ext4", "-q", disk.path));

  it("with an option that there is not is refused, and the disk is not blamed", async () => {
    const outcome = await stepsOn(disk).mount(mountAs("ext4", ["noatmie"]));
    expectRefused(outcome, "EHA-MOUNT-REFUSED", "with the options noatmie");
  });

  it("of another file system than the settings say is refused", async () => {
    expectRefused(
      await stepsOn(disk).mount(mountAs("xfs")),
      "EHA-MOUNT-REFUSED",
      "holds a file system (ext4)",
    );
    expectNotMounted(disk);
  });

  it("that PID 1 cannot run is tried again, and says nothing of the disk", async () => {
    const failing = join(workshop.directory, "systemd-run");
    writeFileSync(
      failing,
      "#!/bin/sh\necho 'Failed to start transient service unit' >&2\nexit 1\n",
      {
        mode: 0o755,
      },
    );
    mkdirSync(mountPoint);
    // Only mount(8) itself fails: the directory is there.
    const sometimes = join(workshop.directory, "sometimes");
    writeFileSync(
      sometimes,
      `#!/bin/sh\nfor word in "$@"; do if [ "$word" = mount ]; then exec ${failing}; fi; done\nexit 0\n`,
      { mode: 0o755 },
    );
    await expect(stepsOn(disk, sometimes).mount(mountAs("ext4"))).rejects.toMatchObject({
      details: { kind: "transient", action: "mount", refusal: "EHA-MOUNT-REFUSED" },
      message: expect.stringContaining("Failed to start transient service unit: trying again"),
    });
    expectNotMounted(disk);
  });

  it("over a directory with files hides nothing", async () => {
    mkdirSync(mountPoint);
    writeFileSync(join(mountPoint, "PG_VERSION"), "16");
    expectRefused(await stepsOn(disk).mount(mountAs("ext4")), "EHA-MOUNT-POINT", "PG_VERSION");
    expect(readdirSync(mountPoint)).toEqual(["PG_VERSION"]);
  });

  it("over a file, and below one, is refused", async () => {
    writeFileSync(mountPoint, "a file");
    expectRefused(await stepsOn(disk).mount(mountAs("ext4")), "EHA-MOUNT-POINT", "ENOTDIR");
    mountPoint = join(mountPoint, "below");
    expectRefused(await stepsOn(disk).mount(mountAs("ext4")), "EHA-MOUNT-POINT", "ENOTDIR");
  });

  it("through a symbolic link, or a circle of them, is refused", async () => {
    const real = join(workshop.directory, "real");
    mkdirSync(real);
    symlinkSync(real, mountPoint);
    expectRefused(await stepsOn(disk).mount(mountAs("ext4")), "EHA-MOUNT-POINT", real);
    mountPoint = join(workshop.directory, "circle");
    symlinkSync(mountPoint, mountPoint);
    expectRefused(await stepsOn(disk).mount(mountAs("ext4")), "EHA-MOUNT-POINT", "ELOOP");
  });

  it("where another is mounted, or of what is mounted elsewhere, is refused", async () => {
    mkdirSync(mountPoint);
    run("mount", "-t", "tmpfs", "none", mountPoint);
    expectRefused(await stepsOn(disk).mount(mountAs("ext4")), "EHA-MOUNT-POINT", mountPoint);
    run("umount", mountPoint);
    const elsewhere = join(workshop.directory, "elsewhere");
    mkdirSync(elsewhere);
    run("mount", disk.path, elsewhere);
    expectRefused(await stepsOn(disk).mount(mountAs("ext4")), "EHA-MOUNT-POINT", elsewhere);
  });

  it("on a root that is read-only says that the directory has to be there", async () => {
    const root = join(workshop.directory, "root");
    mkdirSync(root);
    run("mount", "-t", "tmpfs", "-o", "ro", "none", root);
    mountPoint = join(root, "data");
    await expect(stepsOn(disk).mount(mountAs("ext4"))).rejects.toMatchObject({
      details: { kind: "broken", refusal: "EHA-MOUNT-POINT", next: "make this directory by hand" },
      message: expect.stringContaining("Read-only file system"),
    });
  });

  it("on a root that is read-only, and has the directory, needs nothing else of it", async () => {
    const root = join(workshop.directory, "root");
    mkdirSync(root);
    run("mount", "-t", "tmpfs", "none", root);
    mountPoint = join(root, "data");
    mkdirSync(mountPoint);
    run("mount", "-o", "remount,ro", root);
    expect(await stepsOn(disk).mount(mountAs("ext4"))).toEqual({ kind: "done" });
  });

  it("on a root that is full says so, and leaves nothing half made", async () => {
    const root = join(workshop.directory, "root");
    mkdirSync(root);
    run("mount", "-t", "tmpfs", "-o", "nr_inodes=1", "none", root);
    mountPoint = join(root, "deep", "data");
    await expect(stepsOn(disk).mount(mountAs("ext4"))).rejects.toThrow(/No space left on device/);
    expect(existsSync(join(root, "deep"))).toBe(false);
  });

  it("whose owner there is not is said by name, and stays mounted", async () => {
    await stepsOn(disk).mount(mountAs("ext4"));
    const settle = {
      ...onDisk(),
      mountPoint,
      type: "ext4",
      owner: "no-such:adm",
      mode: null,
    } as const;
    await expect(stepsOn(disk).settle(settle)).rejects.toMatchObject({
      details: { kind: "broken", refusal: "EHA-MOUNT-OWNER" },
      message: expect.stringContaining("no-such"),
    });
    expect(readFileSync("/proc/self/mountinfo", "utf8")).toContain(mountPoint);
  });
});

describe.skipIf(disksMissing !== null)("failure modes 5 and 36: an unmount", () => {
  let holder: ChildProcess;
  beforeEach(async () => {
    run("mkfs.ext4", "-q", disk.path);
    await stepsOn(disk).mount(mountAs("ext4"));
    writeFileSync(join(mountPoint, "row"), "kept");
  });
  afterEach(async () => {
    const ended = once(holder, "exit");
    holder.kill("SIGKILL");
    await ended;
  });

  const unmount = () => stepsOn(disk).unmount({ mountPoint, units: ["postgresql.service"] });

  it.each([
    [
      "a shell that stands in it",
      () => spawn("sleep", ["60"], { cwd: mountPoint, stdio: "ignore" }),
    ],
    [
      "a process that writes to it",
      () => spawn("tail", ["-f", join(mountPoint, "row")], { stdio: "ignore" }),
    ],
  ])("with %s forces nothing and names it", async (_name, hold) => {
    holder = hold();
    await once(holder, "spawn");
    const failure = await unmount().then(
      () => null,
      (thrown: unknown) => thrown,
    );
    if (!(failure instanceof Failure)) throw new Error("expected it to be busy");
    expect(failure.details).toMatchObject({ kind: "transient", refusal: "EHA-MOUNT-BUSY" });
    expect(failure.message).toContain(`(${holder.pid})`);
    expect(readFileSync(join(mountPoint, "row"), "utf8")).toBe("kept");
    expect(holder.exitCode).toBeNull();
  });

  it("that a container has a copy of does not free the device", async () => {
    const isolate = ["--mount", "--propagation", "private", "sh", "-c", "echo in && sleep 60"];
    holder = spawn("unshare", isolate, { stdio: ["ignore", "pipe", "ignore"] });
    if (holder.stdout !== null) await once(holder.stdout, "data");
    expect(await unmount()).toEqual({ kind: "done" });
    // It is gone here, and not there: what proves that nothing writes any more is the device itself.
    await expect(stepsOn(disk).check(onDisk())).rejects.toMatchObject({
      details: { kind: "transient" },
    });
  });
});
