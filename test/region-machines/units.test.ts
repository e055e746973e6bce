// An instance's init as programs inside know it: through systemctl and systemd-run. Every test runs
// with real systemd too, where it is installed, which keeps the small init honest.

import { existsSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { asRoot, launchOf, type Rig, startRig } from "./rig.ts";

const withSystemd = existsSync("/usr/lib/systemd/systemd");
const kinds = withSystemd ? (["small", "systemd"] as const) : (["small"] as const);

/** What takes milliseconds takes longer where other tests run beside. */
const patient = { timeout: 10_000 };
const machine = launchOf(11);
const id = machine.instanceId;

function service(name: string, lines: readonly string[]) {
  return {
    path: `/etc/systemd/system/${name}.service`,
    text: ["[Service]", ...lines, ""].join("\n"),
  };
}

const files = [
  service("steady", ["ExecStart=sleep infinity", "Restart=always", "RestartSec=20ms"]),
  service("spoken", [
    "Type=notify",
    "NotifyAccess=all",
    "ExecStart=sh -c 'sleep 0.2; systemd-notify --ready; sleep 60'",
  ]),
  service("once", [
    "Type=oneshot",
    "RemainAfterExit=yes",
    "ExecStart=sh -c 'echo $NAME in ${PLACE}'",
  ]),
  {
    path: "/etc/systemd/system/once.service.d/10-names.conf",
    text: '[Service]\nEnvironment=NAME=once "PLACE=the image"\n',
  },
  service("broken", ["ExecStart=/bin/false", "Restart=on-failure", "RestartSec=10ms"]),
  service("stubborn", [
    "ExecStart=sh -c 'trap : TERM; while :; do sleep 1; done'",
    "TimeoutStopSec=300ms",
  ]),
  service("parent", ["ExecStart=sh -c 'setsid sleep 77 & exec sleep 78'"]),
  service("nobody", ["ExecStart=sh -c 'id -un; pwd'", "User=nobody", "WorkingDirectory=/usr"]),
  {
    path: "/etc/systemd/system/guarded.service",
    text: "[Unit]\nAssertPathIsMountPoint=/nothing\n[Service]\nExecStart=sleep infinity\n",
  },
  {
    path: "/etc/systemd/system/needs.service",
    text: "[Unit]\nRequires=broken-oneshot.service\nAfter=broken-oneshot.service\n[Service]\nExecStart=sleep infinity\n",
  },
  service("broken-oneshot", ["Type=oneshot", "ExecStart=/bin/false"]),
];

describe.skipIf(!asRoot).each(kinds)("the %s init", (init) => {
  let rig: Rig;
  const run = (script: string) => rig.shell(id, script);
  const pid = (unit: string) => run(`systemctl show -p MainPID --value ${unit}`);

  beforeAll(async () => {
    rig = await startRig({ init, image: { files, units: ["steady.service", "once.service"] } });
    await rig.machines.launch(machine);
  });

  afterAll(() => rig.stop());

  test("what the image enables is started at boot, with its drop-ins", async () => {
    await rig.event(({ unit, line }) => unit === "once.service" && line === "once in the image");
    expect(await run("systemctl is-active steady once")).toBe("active\nactive");
    expect(await run("systemctl show -p SubState --value once")).toBe("exited");
    expect(await run("systemctl is-system-running")).toBe("running");
    expect(await run("systemctl is-enabled steady")).toBe("enabled");
  });

  test("a unit that is killed is restarted under a new process id", async () => {
    const before = await pid("steady");
    await rig.machines.kill(id, "steady");
    await expect.poll(() => run("systemctl is-active steady || true"), patient).toBe("active");
    expect(await pid("steady")).not.toBe(before);
    expect(await run("systemctl show -p NRestarts steady")).toMatch(/^NRestarts=[1-9]/);
  });

  test("a unit that is stopped stays stopped", async () => {
    await run("systemctl stop steady");
    expect(await run("systemctl is-active steady || echo $?")).toBe("inactive\n3");
    expect(await run("pgrep -fx 'sleep infinity' || echo none")).toBe("none");
    await run("systemctl start steady");
  });

  test("a unit of type notify is started once it says that it is ready", async () => {
    const took = await run("date +%s%N; systemctl start spoken; date +%s%N");
    const [from = 0, to = 0] = took.split("\n").map(Number);
    expect((to - from) / 1e6).toBeGreaterThan(190);
    expect((to - from) / 1e6).toBeLessThan(1_500);
  });

  test("one that keeps failing hits the start limit", async () => {
    await run("systemctl start broken || true");
    await expect
      .poll(() => run("systemctl show -p Result --value broken"), patient)
      .toBe("exit-code");
    await expect.poll(() => run("systemctl is-failed broken || true"), patient).toBe("failed");
    await rig.event(
      ({ unit, line }) => unit === "broken.service" && /too quickly/.test(line ?? ""),
    );
  });

  test("one that ignores SIGTERM is killed after its time", async () => {
    await run("systemctl start stubborn && systemctl stop stubborn");
    expect(await run("systemctl show -p Result --value stubborn")).toBe("timeout");
  });

  test("what a unit leaves behind in a session of its own is stopped with it", async () => {
    await run("systemctl start parent && systemctl stop parent");
    expect(await run("pgrep -fx 'sleep 7[78]' || echo none")).toBe("none");
  });

  test("User and WorkingDirectory are obeyed", async () => {
    await run("systemctl start nobody");
    await rig.event(({ unit, line }) => unit === "nobody.service" && line === "nobody");
    await rig.event(({ unit, line }) => unit === "nobody.service" && line === "/usr");
  });

  test("an assertion that does not hold and a requirement that failed keep a unit from starting", async () => {
    expect(await run("systemctl start guarded 2>&1 || echo $?")).toMatch(/failed.*\n1$/);
    expect(await run("systemctl start needs 2>&1 || echo $?")).toMatch(/failed[^]*\n1$/);
    expect(await run("systemctl start unheard-of 2>&1 || echo $?")).toMatch(/not found.\n5$/);
  });

  test("systemd-run waits for the command, hands on its output and its exit code", async () => {
    const script = `systemd-run --wait --pipe --collect -p Environment=A=1 -E "B=2 3" -- sh -c 'echo "$A $B" "$1"; exit 7' sh 'it'"'"'s 100% "$HOME"' || echo $?`;
    expect(await run(script)).toBe('1 2 3 it\'s 100% "$HOME"\n7');
  });

  test("systemd-run without waiting leaves a unit that can be stopped by name", async () => {
    await run("systemd-run --unit=mine sleep 1000");
    expect(await run("systemctl is-active mine")).toBe("active");
    expect(await run("systemd-run --unit=mine sleep 1 2>&1 || echo $?")).toMatch(
      /already loaded.*\n1$/,
    );
    await run("systemctl stop mine");
    expect(await run("pgrep -fx 'sleep 1000' || echo none")).toBe("none");
  });

  test("orphans are reaped", async () => {
    await run("sh -c '(sleep 0.05 &) ; :'");
    await expect.poll(() => run("ps -eo stat= | grep -c ^Z || true"), patient).toBe("0");
  });
});

describe.skipIf(!asRoot).each(kinds)("power with the %s init", (init) => {
  let rig: Rig;

  beforeAll(async () => {
    rig = await startRig({ init, image: { files, units: ["steady.service"] } });
    await rig.machines.launch(machine);
  });

  afterAll(() => rig.stop());

  test("a power off from inside is told, and the root disk is there after power on", async () => {
    await rig.shell(id, "echo kept >/root/file; systemctl poweroff");
    await rig.event(({ event }) => event === "powerOff");
    await rig.machines.powerOn(id);
    expect(await rig.shell(id, "cat /root/file")).toBe("kept");
  });

  test("a reboot from inside comes back with its volumes, and is no power off", async () => {
    const volumeId = "vol-0000000000000000d";
    const told = rig.events.filter(({ event }) => event === "powerOff").length;
    await rig.machines.createVolume({ volumeId, sizeGib: 1, snapshotId: null });
    await rig.machines.attach(volumeId, id);
    await rig.shell(id, "touch /run/before; reboot");
    await expect
      .poll(() => rig.shell(id, "ls /run/before 2>&1 || true").catch(() => ""), patient)
      .toContain("cannot access");
    expect(await rig.shell(id, "ls /dev/disk/by-id")).toContain("vol0000000000000000d");
    expect(rig.events.filter(({ event }) => event === "powerOff").length).toBe(told);
  });

  test("the region's own power off stops units in order and unmounts first", async () => {
    const volumeId = "vol-0000000000000000d";
    const disk = `$(ls /dev/disk/by-id/*${volumeId.slice(4)})`;
    await rig.shell(
      id,
      `mkfs.ext4 -q ${disk} && mkdir -p /m && mount ${disk} /m && echo unsynced >/m/file`,
    );
    await rig.machines.powerOff(id, "os");
    await rig.machines.powerOn(id);
    expect(await rig.shell(id, `mount ${disk} /m && cat /m/file`)).toBe("unsynced");
  });

  test("a paused instance does nothing, and goes on where it was", async () => {
    await rig.shell(id, "systemd-run --unit=ticks sh -c 'while :; do echo tick; sleep 0.02; done'");
    const ticks = () => rig.events.filter(({ line }) => line === "tick").length;
    await expect.poll(ticks, patient).toBeGreaterThan(3);
    await rig.machines.pause(id);
    await new Promise((resolve) => setTimeout(resolve, 100));
    const paused = ticks();
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(ticks()).toBe(paused);
    await rig.machines.resume(id);
    await expect.poll(ticks, patient).toBeGreaterThan(paused);
  });
});
