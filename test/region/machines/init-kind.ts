// The two kinds of init that an instance can have. systemd is the real thing, with control groups and
// a journal; the small init (init/) needs nothing but Node. This file says what each wants of the
// image and of the boot, and how its orders and its log are reached; nothing else asks which it is.

import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, readdir, rm, symlink } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { type ImageFile, initClients } from "./image.ts";

export type InitChoice = "systemd" | "small" | "auto";

export type StopFollowing = () => void;

export interface InitKind {
  readonly name: "systemd" | "small";
  readonly program: string;
  /** Changes the image's files, mounted at `root`. */
  prepare(root: string): Promise<void>;
  files(): Promise<readonly ImageFile[]>;
  /** Resolves when it takes orders; `processId` is the instance's first process. */
  ready(processId: number): Promise<void>;
  /** Hands on its log until stopped; the small init writes its own to the console. */
  follow(processId: number, onLine: (unit: string, line: string) => void): StopFollowing;
}

export function chooseInit(choice: InitChoice): InitKind {
  if (choice === "small") return smallInit;
  const program = existsSync(busUnit)
    ? systemdPrograms.find((path) => existsSync(path))
    : undefined;
  if (program !== undefined) return systemdInit(program);
  if (choice === "auto") return smallInit;
  throw new Error(
    'Cannot boot instances with systemd: it or D-Bus is not installed: use init "small"',
  );
}

const smallInit: InitKind = {
  name: "small",
  program: fileURLToPath(new URL("init/main.ts", import.meta.url)),
  prepare: () => Promise.resolve(),
  files: initClients,
  // It says so itself, on the console that the boot is read from.
  ready: () => Promise.resolve(),
  follow: () => () => undefined,
};

const systemdPrograms = ["/usr/lib/systemd/systemd", "/lib/systemd/systemd"];
const systemdFolder = "usr/lib/systemd/system";
/** All that is started of the host's units: what makes a log, and the folders that units expect. */
const kept: Readonly<Record<string, readonly string[]>> = {
  "sysinit.target.wants": ["systemd-journald.service", "systemd-tmpfiles-setup.service"],
  "sockets.target.wants": [
    "systemd-journald.socket",
    "systemd-journald-dev-log.socket",
    "dbus.socket",
  ],
};
/** Below /run: those of systemctl and of systemd-run --wait. */
const sockets = ["systemd/private", "dbus/system_bus_socket"];
/** Without the message bus, systemd-run cannot wait. */
const busUnit = "/usr/lib/systemd/system/dbus.socket";
/** systemd opens its sockets within half a second; longer on a machine that is busy. */
const readyLooksMax = 1_500;
const readyPauseMs = 20;

function systemdInit(program: string): InitKind {
  return {
    name: "systemd",
    program,
    async prepare(root) {
      const folder = join(root, systemdFolder);
      for (const name of await readdir(folder)) {
        if (!name.endsWith(".wants")) continue;
        await rm(join(folder, name), { recursive: true });
      }
      for (const [name, units] of Object.entries(kept)) {
        await mkdir(join(folder, name));
        for (const unit of units) await symlink(`../${unit}`, join(folder, name, unit));
      }
    },
    files: () =>
      Promise.resolve([
        {
          path: "/etc/systemd/journald.conf",
          text: "[Journal]\nStorage=volatile\nAudit=no\nRateLimitBurst=0\n",
        },
        { path: "/etc/systemd/system.conf", text: "[Manager]\nDefaultTimeoutStopSec=20s\n" },
      ]),
    async ready(processId) {
      const folder = `/proc/${String(processId)}/root/run`;
      for (let look = 1; look <= readyLooksMax; look += 1) {
        if (sockets.every((socket) => existsSync(join(folder, socket)))) return;
        if (!existsSync(`/proc/${String(processId)}`)) break;
        await sleep(readyPauseMs);
      }
      throw new Error(`Cannot boot with systemd: it does not open all of ${sockets.join(", ")}`);
    },
    follow: followJournal,
  };
}

interface JournalEntry {
  readonly MESSAGE?: unknown;
  readonly UNIT?: string;
  readonly _SYSTEMD_UNIT?: string;
}

/** Reads the journal's files from outside: a program inside would be in the way of a power off. */
function followJournal(
  processId: number,
  onLine: (unit: string, line: string) => void,
): StopFollowing {
  const folder = `--directory=/proc/${String(processId)}/root/run/log/journal`;
  const child = spawn(
    "journalctl",
    ["--follow", "--lines=all", "--quiet", "--output=json", fields, folder],
    { stdio: ["ignore", "pipe", "ignore"] },
  );
  child.unref();
  createInterface({ input: child.stdout }).on("line", (text) => {
    const entry = JSON.parse(text) as JournalEntry;
    const unit = entry.UNIT ?? entry._SYSTEMD_UNIT ?? "";
    // Targets and slices only say that they were reached; what is not text, no test reads.
    if (!unit.endsWith(".service") || typeof entry.MESSAGE !== "string") return;
    onLine(unit, entry.MESSAGE);
  });
  return () => void child.kill();
}

const fields = "--output-fields=MESSAGE,UNIT,_SYSTEMD_UNIT";
