// Units by a stand-in for systemctl that keeps their states in files, and operator commands run for
// real: what systemd is asked, what its answers become, and what a shell sees of a command.

import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { systemClock } from "../../agent/port/clock.ts";
import { hostPrograms } from "../../agent/port/host-programs.ts";
import { type Programs, programsPort } from "../../agent/port/programs.ts";
import { type Units, unitsPort } from "../../agent/port/units.ts";

const clock = systemClock();
const stub = (name: string) => fileURLToPath(new URL(`stubs/${name}`, import.meta.url));
const unit = "postgresql.service";

let directory: string;
let units: Units;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "ec2-ha-agent-"));
  const environment = { EC2_HA_STUB: directory, EC2_HA_STUB_LOG: join(directory, "run-log") };
  const real = programsPort({ clock });
  const programs: Programs = {
    run: (command) =>
      real.run({
        ...command,
        file: command.file === "systemctl" ? stub("systemctl") : command.file,
        environment: { ...command.environment, ...environment },
      }),
  };
  const host = hostPrograms({ programs, systemdRun: stub("systemd-run") });
  units = unitsPort({ clock, programs, host, dropInRoot: join(directory, "system") });
});
afterEach(() => rmSync(directory, { recursive: true }));

const put = (name: string, text: string) => writeFileSync(join(directory, name), text);
const logged = () => readFileSync(join(directory, "log"), "utf8").trim().split("\n");
const states = (load: string, active: string) => `LoadState=${load}\nActiveState=${active}\n`;

test.each([
  ["active", "active"],
  ["reloading", "active"],
  ["activating", "activating"],
  ["deactivating", "deactivating"],
  ["maintenance", "deactivating"],
  ["inactive", "inactive"],
  ["failed", "failed"],
])("a unit that systemd calls %s is %s", async (active, expected) => {
  put(unit, states("loaded", active));
  expect(await units.state(unit)).toBe(expected);
});

test("a unit that systemd does not know is missing", async () => {
  expect(await units.state(unit)).toBe("missing");
});

test("a unit whose state is not told is a failure and never inactive", async () => {
  put(unit, "LoadState=loaded\n");
  await expect(units.state(unit)).rejects.toThrow(
    'Cannot ask for "postgresql.service": its state is not told: trying again; see its journal',
  );
});

test("a start clears an earlier failure first", async () => {
  await units.start(unit, 5_000);
  expect(logged()).toEqual([`reset-failed ${unit}`, `start ${unit}`]);
  expect(await units.state(unit)).toBe("active");
});

test("a start that fails says what systemd said", async () => {
  put(`${unit}.behaviour`, "fails");
  const attempt = units.start(unit, 5_000);
  await expect(attempt).rejects.toThrow(
    'Cannot start "postgresql.service": exit 1, Job for postgresql.service failed.: trying again; see its journal',
  );
  await expect(attempt).rejects.toMatchObject({ details: { kind: "transient" } });
});

test("a unit that there is not counts as stopped", async () => {
  await units.stop(unit, 5_000);
  expect(logged().at(-1)).toBe(`show --property=LoadState,ActiveState ${unit}`);
});

test("a drop-in that systemd did not read is written again", async () => {
  put("no-reload", "");
  await expect(units.installDropIn(unit, ["/srv/data"])).rejects.toThrow(
    'Cannot guard "postgresql.service": exit 1: trying again; see its journal',
  );
  rmSync(join(directory, "no-reload"));
  await units.installDropIn(unit, ["/srv/data"]);
  expect(logged()).toEqual(["daemon-reload", "daemon-reload"]);
});

test("a stop that takes too long becomes a kill", async () => {
  put(unit, states("loaded", "active"));
  put(`${unit}.behaviour`, "hangs");
  await units.stop(unit, 200);
  expect(logged()).toEqual([`stop ${unit}`, `kill --signal=SIGKILL ${unit}`, `stop ${unit}`]);
  expect(await units.state(unit)).toBe("inactive");
});

test("a drop-in keeps a unit from starting without its mounts, and is written once", async () => {
  const path = join(directory, "system/postgresql.service.d/50-ec2-ha.conf");
  await units.installDropIn(unit, ["/srv/data", "/srv/wal"]);
  await units.installDropIn(unit, ["/srv/data", "/srv/wal"]);
  expect(logged()).toEqual(["daemon-reload"]);
  expect(readFileSync(path, "utf8")).toBe(`# Written by ec2-ha-agent: never on the root disk.
[Unit]
RequiresMountsFor=/srv/data
AssertPathIsMountPoint=/srv/data
RequiresMountsFor=/srv/wal
AssertPathIsMountPoint=/srv/wal
`);
  expect(existsSync(`${path}.new`)).toBe(false);
  await units.installDropIn(unit, ["/srv/data"]);
  expect(logged()).toHaveLength(2);
});

test("a command's dollars and quotes are the shell's, and its output's end is kept", async () => {
  const command = `/bin/echo "\${EC2_HA_MOUNT}" $((1 + 1)) '$HOME'; /bin/echo err >&2; exit 4`;
  const result = await units.runCommand({
    command,
    timeoutMs: 5_000,
    environment: { EC2_HA_MOUNT: "/srv/my data" },
    name: "init",
  });
  expect(result).toEqual({ exitCode: 4, output: "/srv/my data 2 $HOME\nerr" });
  const asked = readFileSync(join(directory, "run-log"), "utf8");
  expect(asked).toContain("--wait --collect --pipe --quiet --property=RuntimeMaxSec=5");
  expect(asked).toContain('-- /bin/sh -c eval "$EC2_HA_COMMAND"');
});

test("a command that wants to be alone waits for an earlier run of it", async () => {
  const command = {
    command: "/bin/true",
    timeoutMs: 5_000,
    environment: {},
    name: "init",
    alone: "ec2-ha-init-data.service",
  };
  expect(await units.runCommand(command)).toEqual({ exitCode: 0, output: "" });
  expect(readFileSync(join(directory, "run-log"), "utf8")).toContain(
    "--unit=ec2-ha-init-data.service",
  );
  put(command.alone, states("loaded", "active"));
  const attempt = units.runCommand(command);
  await expect(attempt).rejects.toThrow(
    'Cannot run "ec2-ha-init-data.service": it is active: waiting for it to end',
  );
  await expect(attempt).rejects.toMatchObject({ details: { kind: "conflict" } });
});

test.each([
  ["running", "", "no"],
  ["degraded", "", "no"],
  ["stopping", "12 poweroff.target start waiting\n13 a.service stop running\n", "poweroff"],
  ["stopping", "12 halt.target start waiting\n", "poweroff"],
  ["stopping", "12 reboot.target start waiting\n", "reboot"],
  ["stopping", "12 kexec.target start waiting\n", "reboot"],
  ["stopping", "12 soft-reboot.target start waiting\n", "reboot"],
  ["stopping", "", "no"],
])("a system that is %s with the jobs %j is powering off: %s", async (running, jobs, expected) => {
  put("running", `${running}\n`);
  put("jobs", jobs);
  expect(await units.systemPoweringOff()).toBe(expected);
});
