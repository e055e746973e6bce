// Whatever ends a region, nothing of it stays on the host: no process, mount, loop device, network
// namespace, interface or file.

import { execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmdirSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { asRoot, diskOf, launchOf, type Rig, rigProgram, rigSettings, startRig } from "./rig.ts";

const machine = launchOf(11);
const volumeId = "vol-0000000000000000f";

function run(...argv: readonly string[]): string {
  const [program = "", ...args] = argv;
  return execFileSync(program, args, { encoding: "utf8" });
}

/** What a region could leave behind, apart from processes and loop devices. */
function host() {
  return {
    mounts: readFileSync("/proc/self/mountinfo", "utf8"),
    files: ["/tmp", "/var/tmp", "/dev/shm", "/run"].flatMap((folder) =>
      readdirSync(folder).filter((name) => name.includes("rehearsal") || name.includes("netns")),
    ),
    links: run("ip", "-o", "link").split("\n").length,
    spaces: run("ip", "netns", "list"),
  };
}

/** A process that is a zombie holds nothing. */
function alive(pid: number): boolean {
  const stat = readOrEmpty(`/proc/${String(pid)}/stat`);
  return stat !== "" && stat.charAt(stat.lastIndexOf(")") + 2) !== "Z";
}

/** None of one that has ended. */
function children(pid: number): readonly number[] {
  const path = `/proc/${String(pid)}/task/${String(pid)}/children`;
  const text = readOrEmpty(path);
  return text.trim().split(" ").filter(Boolean).map(Number);
}

function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

/** Every process of the rig below its outer program, as the host sees them. */
function descendants(pid: number): readonly number[] {
  return children(pid).flatMap((child) => [child, ...descendants(child)]);
}

/** Those that were started with the rig's own environment, wherever they hang in the tree. */
function processesOf(token: string): readonly number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => readOrEmpty(`/proc/${String(pid)}/environ`).includes(token) && alive(pid));
}

/** Loop devices over pools in this folder; a slab's device cannot outlast its pool's. */
function loopsIn(folder: string): readonly string[] {
  const files = run("losetup", "--list", "--noheadings", "--output", "BACK-FILE").split("\n");
  return files.filter((file) => file.trim().startsWith(folder));
}

async function busyRig(poolFolder: string): Promise<Rig> {
  const rig = await startRig({ poolFolder });
  await rig.machines.launch(machine);
  await rig.machines.createVolume({ volumeId, sizeGib: 1, snapshotId: null });
  await rig.machines.attach(volumeId, machine.instanceId);
  await rig.shell(
    machine.instanceId,
    `mkfs.ext4 -q ${diskOf(volumeId)} && mkdir /m && mount ${diskOf(volumeId)} /m && ` +
      "systemd-run --unit=writer sh -c 'while :; do date >>/m/log; done'",
  );
  return rig;
}

/** The region's group, as an instance's mount of it tells. */
async function groupOf(rig: Rig): Promise<string> {
  await rig.machines.launch(machine);
  const script = "grep ' /sys/fs/cgroup ' /proc/self/mountinfo | cut -d/ -f2";
  return rig.shell(machine.instanceId, script);
}

/** Where this host shows the unified hierarchy. */
const groupFolder =
  readFileSync("/proc/self/mounts", "utf8")
    .split("\n")
    .map((line) => line.split(" "))
    .find(([, , type]) => type === "cgroup2")?.[1] ?? "";

describe.skipIf(!asRoot)("the enclosure", { timeout: 60_000 }, () => {
  let folder = "";
  beforeAll(() => {
    folder = mkdtempSync("/var/tmp/enclosure-");
  });
  afterAll(() => rmdirSync(folder));

  const ends: Readonly<Record<string, (rig: Rig) => void>> = {
    "SIGKILL of the outer program": ({ outer }) => process.kill(outer.pid ?? 0, "SIGKILL"),
    "SIGTERM of the outer program": ({ outer }) => process.kill(outer.pid ?? 0, "SIGTERM"),
    "SIGINT of the outer program": ({ outer }) => process.kill(outer.pid ?? 0, "SIGINT"),
    "SIGKILL of what makes the namespaces": ({ outer }) =>
      process.kill(children(outer.pid ?? 0)[0] ?? 0, "SIGKILL"),
    "SIGKILL of the inner program": ({ outer }) => {
      const [unshare = 0] = children(outer.pid ?? 0);
      const [first = 0] = children(unshare);
      process.kill(children(first)[0] ?? 0, "SIGKILL");
    },
    "the end of its input": ({ outer }) => outer.stdin?.end(),
  };

  test.each(Object.entries(ends))("leaves nothing after %s", async (_, end) => {
    const before = host();
    const rig = await busyRig(folder);
    const all = descendants(rig.outer.pid ?? 0);
    expect(all.length).toBeGreaterThan(6);
    expect(loopsIn(folder).length).toBe(1);
    end(rig);
    await expect.poll(() => all.filter(alive), { timeout: 5_000 }).toEqual([]);
    await expect.poll(() => host(), { timeout: 5_000 }).toEqual(before);
    await expect.poll(() => loopsIn(folder), { timeout: 5_000 }).toEqual([]);
  });

  test("leaves nothing after Ctrl-C or SIGKILL at any moment of its start", async () => {
    const before = host();
    for (let round = 0; round < 24; round += 1) {
      const token = `${String(process.pid)}-${String(round)}`;
      const outer = spawn(process.execPath, [rigProgram], {
        stdio: ["pipe", "ignore", "ignore"],
        detached: true,
        env: {
          ...process.env,
          RIG_SETTINGS: rigSettings({ poolFolder: folder }),
          RIG_TOKEN: token,
        },
      });
      const gone = once(outer, "exit");
      await sleep(round * 15);
      // The whole group, as a terminal does it.
      process.kill(-(outer.pid ?? 0), round % 2 === 0 ? "SIGINT" : "SIGKILL");
      await gone;
      await expect.poll(() => processesOf(token), { timeout: 5_000 }).toEqual([]);
      await expect.poll(() => loopsIn(folder), { timeout: 5_000 }).toEqual([]);
    }
    await expect.poll(() => host(), { timeout: 5_000 }).toEqual(before);
  });

  test.skipIf(!existsSync("/usr/lib/systemd/systemd"))(
    "control groups of systemd go with the region, or with the next one if it was killed",
    async () => {
      const groups = () => readdirSync(groupFolder);
      const killed = await startRig({ init: "systemd" });
      const own = await groupOf(killed);
      expect(groups()).toContain(own);
      const gone = once(killed.outer, "exit");
      killed.outer.kill("SIGKILL");
      await gone;
      const next = await startRig({ init: "systemd" });
      const other = await groupOf(next);
      await expect.poll(groups, { timeout: 5_000 }).not.toContain(own);
      expect(groups()).toContain(other);
      await next.stop();
      expect(groups()).not.toContain(other);
    },
  );

  test("refuses without root, with the command to use", () => {
    // Nobody in a user namespace of its own, who can still read a clone in root's home.
    const words = ["--user", process.execPath, rigProgram];
    const { status, stderr } = spawnSync("unshare", words, { encoding: "utf8" });
    expect(status).not.toBe(0);
    expect(stderr).toContain(
      "Cannot make instances of namespaces and loop devices: not root: run `sudo scripts/demo`",
    );
  });

  test("hands on exit codes and the inner program's output", async () => {
    const rig = await startRig();
    const code = once(rig.outer, "exit");
    await rig.stop();
    expect(await code).toEqual([0, null]);
  });
});
