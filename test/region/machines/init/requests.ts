// The small init's inbox: each client (client.sh) leaves a folder with its arguments, writes the
// folder's name into a FIFO and waits for an exit code in another. A client that has gone away is not
// waited for, and what it asked for goes on, as with systemd.

import { execFileSync } from "node:child_process";
import {
  closeSync,
  constants,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { Socket } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";

export interface Request {
  /** "systemctl", "systemd-run", "systemd-notify", "poweroff", "reboot" or "halt". */
  readonly program: string;
  readonly args: readonly string[];
  readonly folder: string;
  /** The unit that the client itself belongs to, where it is known. */
  readonly unit: string;
}

export interface Answer {
  readonly status: number;
  readonly out?: string;
  readonly err?: string;
}

const inboxFolder = "/run/init";
/** A client opens its end within milliseconds, unless it was killed. */
const openAttempts = 200;
const openPauseMs = 5;

export function receiveRequests(answer: (request: Request) => Promise<Answer>): void {
  mkdirSync(join(inboxFolder, "requests"), { recursive: true, mode: 0o777 });
  const inbox = join(inboxFolder, "inbox");
  execFileSync("mkfifo", ["-m", "622", inbox]);
  // For both directions, so that it does not end with the first client.
  const descriptor = openSync(inbox, constants.O_RDWR | constants.O_NONBLOCK);
  const stream = new Socket({ fd: descriptor, readable: true, writable: false });
  createInterface({ input: stream }).on("line", (folder) => void serve(folder, answer));
}

async function serve(folder: string, answer: (request: Request) => Promise<Answer>): Promise<void> {
  if (!existsSync(join(folder, "argv"))) return;
  const read = (name: string) => readFileSync(join(folder, name), "utf8");
  const [program = "", ...args] = read("argv").split("\0").slice(0, -1);
  const request = { program, args, folder: read("folder").trim(), unit: read("unit") };
  const { status, out, err } = await answer(request).catch((error: unknown) => ({
    status: 1,
    out: "",
    err: `${String(error)}\n`,
  }));
  if (!existsSync(folder)) return;
  if (out !== undefined && out !== "") writeFileSync(join(folder, "out"), out);
  if (err !== undefined && err !== "") writeFileSync(join(folder, "err"), err);
  const heard = await reply(join(folder, "done"), status);
  if (!heard) rmSync(folder, { recursive: true, force: true });
}

/** False where nobody is there to read it. */
async function reply(path: string, status: number): Promise<boolean> {
  for (let attempt = 1; attempt <= openAttempts; attempt += 1) {
    try {
      const descriptor = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK);
      writeSync(descriptor, `${String(status)}\n`);
      closeSync(descriptor);
      return true;
    } catch {
      // Opening for writing fails as long as the client does not read.
      await sleep(openPauseMs);
    }
  }
  return false;
}
