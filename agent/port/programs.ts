// Runs other programs: bounded in time, bounded in output, and never through a shell of its own.
// What a program says with its exit code is a value; that it is not there, or does not end, is a
// Failure. A program that is out of time is killed with its whole process group, and the wait for it
// ends even if it cannot be killed (a process stuck on a dead disk ignores every signal).

import { type ChildProcess, spawn } from "node:child_process";
import type { Readable } from "node:stream";
import type { Clock } from "../domain/clock.ts";
import { Failure } from "../domain/failure.ts";

export interface Command {
  /** A program's name, looked for in PATH and the system directories, or its absolute path. */
  readonly file: string;
  readonly args: readonly string[];
  readonly timeoutMs: number;
  /** Added to the agent's own environment. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Written to the program's standard input, which is closed after it. */
  readonly input?: string;
}

export interface ProgramResult {
  /** Null when a signal ended it. */
  readonly exitCode: number | null;
  readonly signal: string | null;
  /** The last 64 KiB of each. */
  readonly stdout: string;
  readonly stderr: string;
}

export interface Programs {
  /**
   * Resolves once the program has ended, whatever its exit code. Failure `transient` when it has not
   * ended after `timeoutMs` (its process group is killed), `broken` when it cannot be started.
   */
  run(command: Command): Promise<ProgramResult>;
}

/** Enough for every listing that is parsed; of a longer output the end says what went wrong. */
const outputBytesMax = 64 * 1024;
/** Time between asking a program to end and killing it. */
const graceMs = 1_000;
/** How long output may arrive after the program has ended: a child of it may hold the pipe open. */
const drainMs = 500;
/** Where the system's programs are; a unit's or a crontab's PATH may leave some of these out. */
const systemPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** The package that carries a program, by its Debian, Amazon Linux and Fedora name. */
const packages: Readonly<Record<string, string>> = {
  blkid: "util-linux",
  dumpe2fs: "e2fsprogs",
  e2fsck: "e2fsprogs",
  fsfreeze: "util-linux",
  mount: "util-linux",
  "mkfs.ext4": "e2fsprogs",
  "mkfs.xfs": "xfsprogs",
  resize2fs: "e2fsprogs",
  systemctl: "systemd",
  "systemd-run": "systemd",
  umount: "util-linux",
  xfs_growfs: "xfsprogs",
  xfs_info: "xfsprogs",
  xfs_repair: "xfsprogs",
};

export function programsPort({ clock }: { readonly clock: Clock }): Programs {
  return { run: (command) => run(clock, command) };
}

/** What an operator does about a program that is not there. */
export function programMissing(file: string): Failure {
  const name = file.slice(file.lastIndexOf("/") + 1);
  const carrier = packages[name];
  return new Failure({
    kind: "broken",
    action: "run",
    subject: `"${file}"`,
    found: "it is not installed",
    next: carrier === undefined ? "install it" : `install the package ${carrier}`,
    refusal: "EHA-PROGRAM-MISSING",
  });
}

/** How a program ended and the end of what it said, for a message. */
export function describeResult(result: ProgramResult): string {
  const ending = result.exitCode === null ? `signal ${result.signal}` : `exit ${result.exitCode}`;
  const output = result.stderr.trim() === "" ? result.stdout : result.stderr;
  const said = output.trim().split("\n").slice(-3).join("; ");
  return said === "" ? ending : `${ending}, ${said}`;
}

async function run(clock: Clock, command: Command): Promise<ProgramResult> {
  const child = start(command);
  const stdout = collectTail(child.stdout);
  const stderr = collectTail(child.stderr);
  const ended = new AbortController();
  const ending = endingOf(child).finally(() => ended.abort());
  feed(child, command.input ?? "");

  const late = async (): Promise<Ending | "late"> => {
    await clock.sleep(command.timeoutMs, ended.signal);
    return ended.signal.aborted ? await ending : "late";
  };
  const result = await Promise.race([ending, late()]);
  if (result === "late") {
    await end(clock, child, ending);
    throw tooLate(command);
  }
  await Promise.race([drained(child), clock.sleep(drainMs)]);
  return { ...result, stdout: stdout(), stderr: stderr() };
}

function start(command: Command): ChildProcess {
  const path = process.env["PATH"];
  const environment = {
    ...process.env,
    PATH: path === undefined ? systemPath : `${path}:${systemPath}`,
    // Every program answers in the language that the parsers read.
    LC_ALL: "C",
    ...command.environment,
  };
  // A group of its own, so that a timeout reaches its children; "/" so that no mount is held busy.
  return spawn(command.file, [...command.args], {
    cwd: "/",
    detached: true,
    env: environment,
    stdio: ["pipe", "pipe", "pipe"],
  });
}

type Ending = Pick<ProgramResult, "exitCode" | "signal">;

function endingOf(child: ChildProcess): Promise<Ending> {
  return new Promise((resolve, reject) => {
    child.once("error", (error: NodeJS.ErrnoException) => reject(startFailure(child, error)));
    child.once("exit", (exitCode, signal) => resolve({ exitCode, signal }));
  });
}

function startFailure(child: ChildProcess, error: NodeJS.ErrnoException): Failure {
  if (error.code === "ENOENT") return programMissing(child.spawnfile);
  const found = error.code ?? error.message;
  const subject = `"${child.spawnfile}"`;
  return new Failure({ kind: "broken", action: "run", subject, found }, error);
}

/** Asks the program's group to end, then kills it. Gives up on one that even so does not end. */
async function end(clock: Clock, child: ChildProcess, ending: Promise<Ending>): Promise<void> {
  killGroup(child, "SIGTERM");
  const stillHere = clock.sleep(graceMs).then(() => "here" as const);
  const found = await Promise.race([ending, stillHere]);
  // The group is killed even when its leader has ended: its children may have ignored the signal.
  killGroup(child, "SIGKILL");
  if (found === "here") await Promise.race([ending, clock.sleep(graceMs)]);
  child.stdout?.destroy();
  child.stderr?.destroy();
  child.unref();
}

function killGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    // The group is gone: that is what was wanted.
  }
}

function tooLate(command: Command): Failure {
  const subject = `"${[command.file, ...command.args].join(" ")}"`;
  const found = `it had not ended after ${command.timeoutMs} ms`;
  return new Failure({ kind: "transient", action: "run", subject, found, next: "it was killed" });
}

function collectTail(stream: Readable | null): () => string {
  let kept = Buffer.alloc(0);
  stream?.on("data", (chunk: Buffer) => {
    kept = Buffer.concat([kept, chunk]).subarray(-outputBytesMax);
  });
  return () => kept.toString("utf8");
}

function feed(child: ChildProcess, input: string): void {
  // A program may end without having read its input; that is its affair.
  child.stdin?.on("error", () => undefined);
  child.stdin?.end(input);
}

function drained(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    const open = [child.stdout, child.stderr].filter((stream) => stream?.closed === false);
    let left = open.length;
    if (left === 0) return resolve();
    for (const stream of open) {
      stream?.once("close", () => {
        left -= 1;
        if (left === 0) resolve();
      });
    }
  });
}
