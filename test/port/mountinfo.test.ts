// The kernel's mount list and cgroup files as text, with the odd forms that real machines show.

import { expect, test } from "vitest";
import { majorMinorOf } from "../../agent/port/device-number.ts";
import { unitOf } from "../../agent/port/holders.ts";
import { parseMountinfo } from "../../agent/port/mountinfo.ts";

test("optional fields and escapes are read", () => {
  const text =
    "36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 shared:2 - ext3 /dev/root rw,errors=continue\n" +
    "37 35 259:1 / /srv/my\\040data\\134x rw - xfs /dev/nvme1n1 rw\n";
  expect(parseMountinfo(text)).toEqual([
    {
      majorMinor: "98:0",
      root: "/mnt1",
      mountPoint: "/mnt2",
      options: ["rw", "noatime"],
      type: "ext3",
      source: "/dev/root",
    },
    {
      majorMinor: "259:1",
      root: "/",
      mountPoint: "/srv/my data\\x",
      options: ["rw"],
      type: "xfs",
      source: "/dev/nvme1n1",
    },
  ]);
});

test("names that are not ASCII survive their escapes", () => {
  const [mount] = parseMountinfo("1 2 0:1 / /srv/\\303\\251t\\303\\251 rw - tmpfs none rw");
  expect(mount?.mountPoint).toBe("/srv/été");
});

test("a line that is no mount is refused and shown", () => {
  expect(() => parseMountinfo("36 35 98:0 /mnt1\n")).toThrow(
    'Cannot read mountinfo: "36 35 98:0 /mnt1": wanted a line of proc(5)',
  );
});

test("a process's unit is read from both versions of cgroups", () => {
  expect(unitOf("0::/system.slice/postgresql@16-main.service\n")).toBe(
    "postgresql@16-main.service",
  );
  expect(unitOf("0::/system.slice/docker.service/payload/1\n")).toBe("docker.service");
  expect(unitOf("5:cpu:/x.service\n1:name=systemd:/user.slice/session-3.scope\n0::/\n")).toBe(
    "session-3.scope",
  );
  expect(unitOf("0::/\n")).toBeNull();
  expect(unitOf("")).toBeNull();
});

test("device numbers are split as the kernel splits them", () => {
  expect(majorMinorOf(0x10301)).toBe("259:1");
  expect(majorMinorOf(0x700)).toBe("7:0");
  expect(majorMinorOf(0x110300)).toBe("259:256");
});
