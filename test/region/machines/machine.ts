// One running instance: its namespaces, from the first process to the end of the last. A power cut is
// exact about what was on its disks: the cable first, then every process, and only then the disks'
// instant (`whileUnmounting`), with the mounts held until it is taken, since unmounting would write
// what a real cut loses. So nothing that an instance told anybody can be missing unless it was told
// before it was on the disk.

import { type ChildProcess, spawn } from "node:child_process";
import { mkdir, open } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { MachineLaunch } from "../contract.ts";
import { type CommandResult, tryCommand } from "./command.ts";
import { exitCodeReboot } from "./init/exit-codes.ts";
import { signalAll } from "./init/processes.ts";
import type { InitKind } from "./init-kind.ts";
import { metadataIp, prefixBits, routerIp } from "./network-plan.ts";

export interface MachinePlan {
  readonly launch: MachineLaunch;
  /** What the region keeps of the instance on its private tmpfs. */
  readonly home: string;
  /** Its root disk: kept over power off. */
  readonly rootDisk: string;
  readonly imageFolder: string;
  readonly init: InitKind;
  /** For an init that wants a control group. */
  readonly controlGroup: string | null;
  readonly hostname: string;
  readonly visiblePaths: readonly string[];
  /** Plugs the network cable into the namespaces of this process. */
  readonly plug: (processId: number) => Promise<void>;
  readonly onLine: (unit: string, line: string) => void;
  /** The end of the region: kills it whatever it does, while it boots too. */
  readonly signal: AbortSignal;
}

export type MachineEnd = "off" | "reboot";

export interface Machine {
  /** The instance's first process, as the region sees it. */
  readonly processId: number;
  /** Every process is gone. Never rejects. */
  readonly ended: Promise<MachineEnd>;
  /** Kills it; what `whileUnmounting` does happens after the last process, before the first unmount. */
  cut(whileUnmounting: () => Promise<void>): Promise<void>;
  exec(argv: readonly string[], timeoutMs: number): Promise<CommandResult>;
}

const bootProgram = fileURLToPath(new URL("boot.sh", import.meta.url));
/** Between the end of a program's own time and that of the tool that entered the namespaces for it. */
const execGraceMs = 5_000;
/** journald tells its readers at most four times a second. */
const lastWordsMs = 1_000;

/** Resolves when its init takes orders. */
export async function bootMachine(plan: MachinePlan): Promise<Machine> {
  for (const folder of ["upper", "work"]) {
    await mkdir(join(plan.rootDisk, folder), { recursive: true });
  }
  const child = spawnBoot(plan);
  const ended = new Promise<MachineEnd>((resolve) => {
    child.on("exit", (code, signal) =>
      // SIGHUP is how the kernel tells the parent that a PID namespace's init called for a reboot.
      resolve(code === exitCodeReboot || signal === "SIGHUP" ? "reboot" : "off"),
    );
    child.on("error", () => resolve("off"));
  });
  const processId = await followBoot(child, plan);
  await plan.init.ready(processId);
  const stopFollowing = plan.init.follow(processId, plan.onLine);
  // What it said last is read late; nobody waits for that.
  void ended.then(() => sleep(lastWordsMs, undefined, { ref: false })).then(stopFollowing);
  return {
    processId,
    ended,
    async cut(whileUnmounting) {
      const mounts = await holdMounts(processId);
      try {
        signalAll([processId], "SIGKILL");
        await ended;
        await whileUnmounting();
      } finally {
        await mounts?.close();
      }
    },
    exec: (argv, timeoutMs) => enter(processId, argv, timeoutMs),
  };
}

function spawnBoot(plan: MachinePlan): ChildProcess {
  const namespaces = ["--mount", "--uts", "--ipc", "--net", "--pid", "--fork"];
  return spawn(
    "unshare",
    [...namespaces, "--kill-child=SIGKILL", "--propagation", "private", "sh", bootProgram],
    {
      stdio: ["pipe", "pipe", "pipe"],
      signal: plan.signal,
      killSignal: "SIGKILL",
      env: {
        PATH: process.env["PATH"],
        HOME_FOLDER: plan.home,
        IMAGE_FOLDER: plan.imageFolder,
        UPPER_FOLDER: join(plan.rootDisk, "upper"),
        WORK_FOLDER: join(plan.rootDisk, "work"),
        VISIBLE_PATHS: plan.visiblePaths.join("\n"),
        MACHINE_NAME: plan.hostname,
        PRIVATE_IP: plan.launch.privateIp,
        PREFIX_BITS: String(prefixBits),
        ROUTER_IP: routerIp,
        METADATA_IP: metadataIp,
        NODE: process.execPath,
        INIT_KIND: plan.init.name,
        INIT_PROGRAM: plan.init.program,
        CGROUP_FOLDER: plan.controlGroup ?? "",
      },
    },
  );
}

/** Reads the boot's own lines ("@pid 12", "@ready"), then the units' for good. */
function followBoot(child: ChildProcess, plan: MachinePlan): Promise<number> {
  const { stdin, stdout, stderr } = child;
  if (stdin === null || stdout === null || stderr === null) {
    throw new Error("Cannot boot: no pipes");
  }
  stdin.on("error", () => undefined);
  const errors: string[] = [];
  createInterface({ input: stderr }).on("line", (line) => {
    // util-linux 2.38 says so whenever the program that it waited for was killed.
    if (line.startsWith("unshare: sigprocmask")) return;
    errors.push(line);
    plan.onLine("boot", line);
  });
  return new Promise((resolve, reject) => {
    const fail = (why: string) =>
      reject(new Error(`Cannot boot "${plan.launch.instanceId}": ${why}: ${errors.join(", ")}`));
    let processId = 0;
    child.on("error", (error) => fail(error.message));
    child.on("exit", (code) => fail(`exit code ${String(code)}`));
    createInterface({ input: stdout }).on("line", (line) => {
      const [unit, text] = split(line);
      if (text !== null) return plan.onLine(unit, text);
      if (line === "@booted" && plan.init.name === "systemd") return resolve(processId);
      if (line === "@ready") return resolve(processId);
      if (!line.startsWith("@pid ")) return;
      processId = Number(line.slice("@pid ".length));
      plan.plug(processId).then(
        () => stdin.end("go\n"),
        (error: unknown) => fail(String(error)),
      );
    });
  });
}

function split(line: string): readonly [string, string | null] {
  const tab = line.indexOf("\t");
  return tab < 0 ? [line, null] : [line.slice(0, tab), line.slice(tab + 1)];
}

/** Null where the instance has ended. */
function holdMounts(processId: number) {
  return open(`/proc/${String(processId)}/ns/mnt`, "r").catch(() => null);
}

/**
 * The program becomes a child of the instance's first process, as one that was started inside: systemd
 * would wait for any other in vain before it powers off, and nsenter would stop with its child when
 * the instance is paused. Its exit code comes back as the last line of its output.
 */
async function enter(
  processId: number,
  argv: readonly string[],
  timeoutMs: number,
): Promise<CommandResult> {
  const spaces = ["--mount", "--uts", "--ipc", "--net", "--pid", "--no-fork"];
  const orphan = `{ { "$@"; printf '\\n${exitMark}%d' "$?"; } & } & wait $!`;
  const limit = ["timeout", "--signal=KILL", String(timeoutMs / 1_000)];
  const { stdout, stderr } = await tryCommand(
    [
      ...["nsenter", "--target", String(processId), ...spaces, "env", "-i", ...environment],
      ...["sh", "-c", orphan, "sh", ...limit, ...argv],
    ],
    { timeoutMs: timeoutMs + execGraceMs },
  );
  const at = stdout.lastIndexOf(`\n${exitMark}`);
  // The instance ended with the program in it.
  if (at < 0) return { exitCode: exitCodeKilled, stdout, stderr };
  const exitCode = Number(stdout.slice(at + 1 + exitMark.length));
  return { exitCode, stdout: stdout.slice(0, at), stderr };
}

const exitMark = "@exit ";
/** As a shell says it of SIGKILL. */
const exitCodeKilled = 137;
const environment = [
  "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
  "HOME=/root",
  "LANG=C.UTF-8",
];
