// Disks that are not as they should be, all of them real: each is one refusal with its code, says what was
// found, and leaves every byte as it was. Where a person has to act, the message says how.

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Disk, disksMissing, openWorkshop, run, type Workshop } from "../port/real-disks.ts";
import { digestOf, expectNotMounted, expectRefused, id, stepsOn } from "./bench.ts";
import { occupants, put, xfsMib } from "./signatures.ts";

let workshop: Workshop;
let disk: Disk;
beforeEach(() => {
  if (disksMissing !== null) return;
  workshop = openWorkshop();
  disk = workshop.makeDisk(32);
});
afterEach(() => {
  if (disksMissing === null) workshop.close();
});

const onDisk = () => ({ volumeId: id, path: disk.path });
const format = { volumeId: id, type: "ext4", label: "orders-data" } as const;
describe.skipIf(disksMissing !== null)("failure mode 10: a disk that should be blank", () => {
  it.each(occupants)("and holds $name is not formatted", async ({ told, sizeMib, put: occupy }) => {
    disk = workshop.makeDisk(sizeMib);
    occupy(disk);
    const before = digestOf(disk);
    expectRefused(
      await stepsOn(disk).format({ ...format, path: disk.path }),
      "EHA-DISK-NOT-BLANK",
      told,
    );
    expect(digestOf(disk)).toBe(before);
  });

  it("and cannot be read to its end is not formatted", async () => {
    const short = { ...disk, sizeBytes: disk.sizeBytes * 2 };
    const before = digestOf(disk);
    expectRefused(
      await stepsOn(short).format({ ...format, path: disk.path }),
      "EHA-DISK-NOT-BLANK",
      "it ends at byte",
    );
    expect(digestOf(disk)).toBe(before);
  });

  it("and is blank is formatted, once or again where that was cut off", async () => {
    expect(await stepsOn(disk).format({ ...format, path: disk.path })).toEqual({ kind: "done" });
    expect(await stepsOn(disk).format({ ...format, path: disk.path })).toEqual({ kind: "done" });
  });
});

describe.skipIf(disksMissing !== null)("a damaged file system", () => {
  it("of ext4 that a check cannot mend is refused before the mount", async () => {
    run("mkfs.ext4", "-q", disk.path);
    run("debugfs", "-w", "-R", "set_inode_field <2> mode 0100644", disk.path);
    run("debugfs", "-w", "-R", "set_super_value state 0", disk.path);
    const steps = stepsOn(disk);
    expectRefused(await steps.check(onDisk()), "EHA-DISK-DAMAGED", "fsck left");
    expectNotMounted(disk);
  });

  it.each(occupants.filter(({ name }) => !name.includes("file system")))(
    "that is no file system but $name is refused, and left as it is",
    async ({ told, sizeMib, put: occupy }) => {
      disk = workshop.makeDisk(sizeMib);
      occupy(disk);
      const before = digestOf(disk);
      expectRefused(await stepsOn(disk).check(onDisk()), "EHA-DISK-DAMAGED", told);
      expect(digestOf(disk)).toBe(before);
    },
  );

  it("of XFS is told apart from a mount that was refused for another reason", async () => {
    disk = workshop.makeDisk(xfsMib);
    run("mkfs.xfs", "-q", disk.path);
    put(disk, 512, Buffer.alloc(512 * 1024, 0xff));
    const steps = stepsOn(disk);
    const mountPoint = join(workshop.directory, "data");
    expect(await steps.check(onDisk())).toEqual({ kind: "done" });
    expectRefused(
      await steps.mount({ ...onDisk(), mountPoint, type: "xfs", options: [] }),
      "EHA-DISK-DAMAGED",
      "is damaged",
    );
    expectNotMounted(disk);
  });

  it("that an earlier check still has open is waited for", async () => {
    run("mkfs.ext4", "-q", disk.path);
    const elsewhere = join(workshop.directory, "elsewhere");
    mkdirSync(elsewhere);
    run("mount", disk.path, elsewhere);
    await expect(stepsOn(disk).check(onDisk())).rejects.toMatchObject({
      message: `Cannot check "${id}": something has it open: waiting for it to end`,
      details: { kind: "transient", refusal: "EHA-DISK-CHECK" },
    });
  });
});
