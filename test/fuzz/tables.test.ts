// What the kernel and the system's programs print: mounts, processes, devices, signatures, units. All
// of it is read strictly: a table with a line that makes no sense is a Failure, never a shorter table,
// since what is overlooked could be mounted twice, or formatted.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { volumeId } from "../../agent/domain/ids.ts";
import { systemClock } from "../../agent/port/clock.ts";
import { devicesPort } from "../../agent/port/devices.ts";
import { diskContentsPort } from "../../agent/port/disk-content.ts";
import { filesystemsPort } from "../../agent/port/filesystems.ts";
import { unitOf } from "../../agent/port/holders.ts";
import { parseMountinfo } from "../../agent/port/mountinfo.ts";
import type { ProgramResult, Programs } from "../../agent/port/programs.ts";
import { unitsPort } from "../../agent/port/units.ts";
import { anyText } from "./mutations.ts";
import { always, outcomeOf } from "./runs.ts";

const clock = systemClock();

const mountinfo = `22 28 0:21 / /sys rw,nosuid shared:7 - sysfs sysfs rw
28 1 259:1 / / rw,relatime shared:1 - ext4 /dev/nvme0n1p1 rw,discard
97 28 259:5 / /srv/my\\040data rw,noatime shared:52 master:1 - xfs /dev/nvme1n1 rw,nouuid
98 28 0:45 /sub /mnt/a - tmpfs tmpfs rw
`;

describe("a table of mounts", () => {
  it("with any line is read whole, or not at all", () =>
    always(anyText(mountinfo), async (text) => {
      const outcome = await outcomeOf(() => parseMountinfo(text));
      if ("failure" in outcome) return;
      const lines = text.split("\n").filter((line) => line !== "");
      expect(outcome.value).toHaveLength(lines.length);
      for (const mount of outcome.value) {
        expect(mount.majorMinor).toMatch(/^\d+:\d+$/);
        expect(mount.type).not.toBe("");
        expect(mount.mountPoint).not.toBe("");
      }
    }));

  const path = fc
    .string({ unit: "grapheme", maxLength: 20 })
    .map((text) => `/${text.replaceAll("\0", "")}`);
  it("with any mount point is read as it was", () =>
    always(path, (mountPoint) => {
      const line = `97 28 259:5 / ${escape(mountPoint)} rw - ext4 ${escape(mountPoint)} rw\n`;
      expect(parseMountinfo(line)).toMatchObject([{ mountPoint, source: mountPoint }]);
    }));
});

/** As the kernel does (seq_path and mangle): space, tab, line feed, backslash and "#". */
function escape(path: string): string {
  return path.replace(
    /[ \t\n\\#]/g,
    (found) => `\\${found.charCodeAt(0).toString(8).padStart(3, "0")}`,
  );
}

it("the unit of any process is a unit's name or none", () =>
  always(
    anyText(
      "0::/system.slice/postgresql.service\n",
      "1:name=systemd:/system.slice/a.service/b\n0::/\n",
    ),
    (cgroup) => {
      const unit = unitOf(cgroup);
      if (unit !== null) expect(unit).toMatch(/^[^/]*\.(?:service|scope)$/);
    },
  ));

/** Programs that all end with this, whatever they are. */
function ending(result: Partial<ProgramResult>): Programs {
  return { run: async () => ({ exitCode: 0, signal: null, stdout: "", stderr: "", ...result }) };
}

const results = (...outputs: readonly string[]) =>
  fc.record({
    exitCode: fc.option(fc.integer({ min: 0, max: 255 })),
    signal: fc.option(fc.constantFrom("SIGKILL", "SIGSEGV")),
    stdout: anyText(...outputs),
    stderr: anyText("blkid: error: /dev/nvme1n1: Input/output error\n"),
  });

describe("a disk", () => {
  let directory: string;
  const device = { path: "", majorMinor: "259:5", sizeBytes: 4096 };
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), "ec2-ha-fuzz-"));
  });
  afterAll(() => rmSync(directory, { recursive: true }));
  const blkid = results(
    "DEVNAME=/dev/nvme1n1\nUUID=6a1c1d2e-0000-8000-8000-000000000001\nVERSION=1.0\nTYPE=ext4\nUSAGE=filesystem\n",
    "DEVNAME=/dev/nvme1n1\nPTUUID=0a\nPTTYPE=gpt\n",
  );
  const id = volumeId("vol-0123456789abcdef0");

  it("that cannot be read is never blank, whatever blkid says", () =>
    always(blkid, async (result) => {
      if (id === null) throw new Error("expected an id");
      const contents = diskContentsPort({ clock, programs: ending(result) });
      const missing = { ...device, volumeId: id, path: join(directory, "none") };
      const outcome = await outcomeOf(() => contents.inspect(missing));
      expect(outcome).toHaveProperty("value");
      if ("value" in outcome) expect(outcome.value.kind).not.toBe("blank");
    }));

  it("is formatted only where blkid found nothing, or our own", async () => {
    let formatted = 0;
    await always(blkid, async (result) => {
      if (id === null) throw new Error("expected an id");
      const asked: string[] = [];
      const programs: Programs = {
        run: async ({ file }) => {
          asked.push(file);
          return file === "blkid"
            ? { ...result }
            : { exitCode: 0, signal: null, stdout: "", stderr: "" };
        },
      };
      const port = filesystemsPort({ programs, host: programs });
      const format = {
        device: { ...device, volumeId: id },
        type: "ext4",
        uuid: "u",
        label: "l",
      } as const;
      await outcomeOf(() => port.mkfs(format));
      if (!asked.includes("mkfs.ext4")) return;
      formatted += 1;
      const ours = result.exitCode === 0 && result.stdout.split("\n").includes("UUID=u");
      expect(result.exitCode === 2 || ours).toBe(true);
    });
    expect(formatted).toBeGreaterThanOrEqual(0);
  });
});

describe("a table of devices", () => {
  const wanted = volumeId("vol-0123456789abcdef0");
  const attributes = fc.record({
    serial: anyText("vol0123456789abcdef0", "vol0fedcba9876543210"),
    dev: anyText("7:1", "259:5"),
    size: anyText("8388608", "-1", "0x10"),
    hidden: anyText("0", "1"),
  });

  it("with any attributes gives the volume's one device, none, or one failure", () =>
    always(
      fc.array(attributes, { maxLength: 3 }),
      async (table) => {
        if (wanted === null) throw new Error("expected an id");
        const root = mkdtempSync(join(tmpdir(), "ec2-ha-sys-"));
        for (const [index, { serial, dev, size, hidden }] of table.entries()) {
          const block = join(root, "block", `nvme${index}n1`);
          mkdirSync(join(block, "device"), { recursive: true });
          writeFileSync(join(block, "device", "serial"), serial);
          writeFileSync(join(block, "dev"), dev);
          writeFileSync(join(block, "size"), size);
          writeFileSync(join(block, "hidden"), hidden);
        }
        mkdirSync(join(root, "block"), { recursive: true });
        const devices = devicesPort({ clock, sysRoot: root, devRoot: root });
        const outcome = await outcomeOf(() => devices.find(wanted, "/dev/sdf"));
        rmSync(root, { recursive: true });
        // Nothing below this root is a block device.
        if ("value" in outcome) expect(outcome.value).toBeNull();
      },
      0.3,
    ));
});

it("any answer of systemd is a state that the planner knows, or one failure", () =>
  always(
    results(
      "LoadState=loaded\nActiveState=active\n",
      "LoadState=not-found\nActiveState=inactive\n",
    ),
    async (result) => {
      const programs = ending(result);
      const units = unitsPort({ clock, programs, host: programs });
      const outcome = await outcomeOf(() => units.state("a.service"));
      if ("value" in outcome) {
        expect(["active", "activating", "deactivating", "inactive", "failed", "missing"]).toContain(
          outcome.value,
        );
      }
      const off = await outcomeOf(() => units.systemPoweringOff());
      if ("value" in off) expect(["poweroff", "reboot", "no"]).toContain(off.value);
    },
  ));
