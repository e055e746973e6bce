// The mount and PID namespace in which a whole region run lives, so that nothing has to be cleaned
// up: when its first process ends, by whatever, the kernel kills the rest, and the mounts, network
// namespaces and loop devices that only they held are gone. The host's network namespace is kept.
// Three ties make that hold for any death at any moment: `unshare --kill-child` (this end to the
// namespace's first process), a parent-death signal on unshare itself (SIGKILL of the outer
// program), and a life line, a socket whose end tells the inner program the same where a signal was
// set too late. Signals travel over the life line too: the inner program is in a session of its own,
// so Ctrl-C reaches it exactly once, and one that comes before it listens is kept for it.

import { type ChildProcess, spawn } from "node:child_process";
import { Socket } from "node:net";
import { constants } from "node:os";
import { removeStaleGroupsOfHost } from "./cgroup.ts";

/** Set for the inner program; the outer program's value never reaches it, as it is overwritten. */
const marker = "REHEARSAL_ENCLOSURE";
const lifeLineDescriptor = 3;
const forwarded = ["SIGINT", "SIGTERM", "SIGHUP", "SIGWINCH"] as const;
/** Ctrl-C so many times means that the inner program does not listen: it is killed. */
const interruptsMax = 3;

/**
 * The namespace's first process: a shell that reaps orphans, which Node does not. Standard input is
 * handed on by number, since a shell gives its background children none; its own error output is
 * closed, since it would comment on how they ended.
 */
const firstProcess = 'exec 4<&0; "$@" <&4 4<&- & exec 4<&- 3<&- 2>/dev/null; wait $!';

export interface InnerProgram {
  /** A TypeScript file; this program's own entry by default. */
  readonly entry?: string;
  readonly args?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

export function insideOwnNamespaces(): boolean {
  return process.env[marker] === "inside" && process.ppid === 1;
}

/**
 * Runs `main` in namespaces of its own: the entry of a region program calls this first, and it
 * starts itself again unless it is inside already.
 */
export async function runInOwnNamespaces(main: () => Promise<void>): Promise<void> {
  if (!insideOwnNamespaces()) return reexecInOwnNamespaces();
  followLifeLine();
  await main();
}

/** Runs the program again in its own namespaces and ends with its exit code. Needs root. */
function reexecInOwnNamespaces(inner: InnerProgram = {}): Promise<never> {
  refuseWithoutRoot();
  const child = spawnEnclosed(inner);
  let interrupts = 0;
  for (const signal of forwarded) {
    process.on(signal, () => {
      if (signal === "SIGINT") interrupts += 1;
      if (interrupts >= interruptsMax) child.kill("SIGKILL");
      lifeLineOf(child).write(`${signal}\n`);
    });
  }
  return new Promise((_, reject) => {
    child.on("error", reject);
    child.on("exit", (code, signal) => {
      const status = code ?? 128 + (signal === null ? 1 : constants.signals[signal]);
      void removeStaleGroupsOfHost().finally(() => process.exit(status));
    });
  });
}

/** Throws what an operator reads who has started a region without being root. */
export function refuseWithoutRoot(): void {
  if (process.getuid?.() === 0) return;
  throw new Error(
    "Cannot make instances of namespaces and loop devices: not root: run `sudo scripts/demo`",
  );
}

function spawnEnclosed(inner: InnerProgram): ChildProcess {
  const [, ownEntry = "", ...ownArgs] = process.argv;
  const program = [process.execPath, ...process.execArgv, inner.entry ?? ownEntry];
  const child = spawn(
    "setpriv",
    [
      ...["--pdeathsig", "KILL", "unshare", "--mount", "--pid", "--fork", "--kill-child=SIGKILL"],
      ...["--mount-proc", "--propagation", "private", "/bin/sh", "-c", firstProcess, "sh"],
      ...[...program, ...(inner.args ?? ownArgs)],
    ],
    {
      stdio: ["inherit", "inherit", "inherit", "pipe"],
      detached: true,
      env: { ...process.env, ...inner.environment, [marker]: "inside" },
    },
  );
  // The end of the inner program is told by its exit code, not by the line.
  lifeLineOf(child).on("error", () => undefined);
  return child;
}

function lifeLineOf(child: ChildProcess): Socket {
  const line = child.stdio[lifeLineDescriptor];
  if (line instanceof Socket) return line;
  throw new Error("Cannot hold the life line: the inner program was started without one");
}

function followLifeLine(): void {
  const line = new Socket({ fd: lifeLineDescriptor, readable: true, writable: false });
  line.setEncoding("utf8").on("data", (text: string) => {
    for (const name of text.split("\n")) {
      const signal = forwarded.find((known) => known === name);
      // To itself, so that a listener hears it and the default applies where there is none.
      if (signal !== undefined) process.kill(process.pid, signal);
    }
  });
  line.on("error", endWithOuterProgram).on("close", endWithOuterProgram).unref();
}

function endWithOuterProgram(): void {
  process.kill(process.pid, "SIGKILL");
}
