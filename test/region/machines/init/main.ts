// The small init: what an instance runs where systemd is not there to be its first program. It starts
// the enabled units, answers systemctl and systemd-run, restarts what is to be restarted, and at the
// end stops everything in order, unmounts and leaves with the exit code that tells the region whether
// to power off or to boot again. It is a child of the instance's PID 1, a shell that reaps orphans.

import { execFileSync, spawnSync } from "node:child_process";
import { appendFileSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { exitCodeReboot } from "./exit-codes.ts";
import { enabledUnits, makeRegistry } from "./registry.ts";
import { type Answer, type Request, receiveRequests } from "./requests.ts";
import { type Control, type Shutdown, systemctl } from "./systemctl.ts";
import { systemdRun } from "./systemd-run.ts";

const logFolder = "/var/log/units";
/** For the program that asked for the end to hear that it was heard. */
const lastAnswerMs = 50;

/** To a file for the instance itself, and to the region, which reads "UNIT<tab>LINE". */
function log(unit: string, line: string): void {
  process.stdout.write(`${unit}\t${line}\n`);
  appendFileSync(join(logFolder, `${unit.replace(/\.service$/, "")}.log`), `${line}\n`);
}

async function main(): Promise<void> {
  mkdirSync(logFolder, { recursive: true });
  const control = makeControl();
  receiveRequests((request) => answer(control, request));
  process.on("SIGTERM", () => control.shutdown("poweroff"));
  process.stdout.write("@ready\n");
  await Promise.all(enabledUnits().map((name) => control.registry.start(name)));
  control.booted();
}

interface BootedControl extends Control {
  booted(): void;
}

function makeControl(): BootedControl {
  const registry = makeRegistry(log);
  let shutdown: Shutdown | null = null;
  let running = false;
  return {
    registry,
    state() {
      if (shutdown !== null) return "stopping";
      return running ? "running" : "starting";
    },
    shuttingDown: () => shutdown,
    booted: () => {
      running = true;
    },
    shutdown(how) {
      if (shutdown !== null) return;
      shutdown = how;
      void registry
        .stopEverything()
        .then(() => sleep(lastAnswerMs))
        .then(() => leave(how));
    },
  };
}

function answer(control: Control, request: Request): Promise<Answer> {
  switch (request.program) {
    case "systemctl":
      return systemctl(control, request.args);
    case "systemd-run":
      return systemdRun(control.registry, request, log);
    case "systemd-notify":
      if (request.args.includes("--ready")) control.registry.find(request.unit)?.readyNotified();
      return Promise.resolve({ status: 0 });
    default:
      return systemctl(control, [request.program]);
  }
}

/** Nothing of the instance may write once its disks are taken away: the kernel unmounts in order. */
function leave(how: Shutdown): void {
  for (const pid of strayProcesses()) spawnSync("kill", ["-KILL", pid]);
  const mounts = readFileSync("/proc/self/mountinfo", "utf8").trim().split("\n");
  const disks = mounts
    .map((line) => line.split(" "))
    .filter((fields) => fields.some((field) => field.startsWith("/dev/nvme")));
  for (const fields of disks.toReversed()) spawnSync("umount", [fields[4] ?? ""]);
  execFileSync("sync");
  process.exit(how === "reboot" ? exitCodeReboot : 0);
}

/** Those that no unit has, a shell that a test left among them. */
function strayProcesses(): readonly string[] {
  const { stdout } = spawnSync("ps", ["-eo", "pid="], { encoding: "utf8" });
  const own = ["1", String(process.pid)];
  return stdout
    .split("\n")
    .map((pid) => pid.trim())
    .filter((pid) => pid !== "" && !own.includes(pid));
}

await main();
