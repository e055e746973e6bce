// Runs the system's own programs (ip, losetup, xfs_io, mount) for the process backend. Each run has
// a deadline, no shell of its own, and either its output or an error that quotes what it said;
// an exit code that means something is looked at by the caller, through `tryCommand`.

import { type ChildProcess, spawn } from "node:child_process";
import type { Readable } from "node:stream";

export interface CommandOptions {
  /** Written to standard input, which is closed after it. */
  readonly input?: string;
  readonly timeoutMs?: number;
  /** Open files that the program finds as descriptors 3 and on. */
  readonly descriptors?: readonly number[];
}

export interface CommandResult {
  /** Null where a signal ended it, the deadline's among them. */
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The longest of these is `mkfs.xfs` on a slow disk. */
const timeoutDefaultMs = 30_000;

/** Resolves to the output; rejects where the program fails or is out of time. */
export async function command(argv: readonly string[], options: CommandOptions = {}) {
  const result = await tryCommand(argv, options);
  if (result.exitCode === 0) return result.stdout;
  const found = `exit code ${String(result.exitCode)}, ${result.stderr.trim()}`;
  throw new Error(`Cannot run "${argv.join(" ")}": ${found}`);
}

/** Resolves whatever the exit code is; rejects only where the program cannot be started. */
export function tryCommand(
  argv: readonly string[],
  options: CommandOptions = {},
): Promise<CommandResult> {
  const [program = "", ...args] = argv;
  const child = spawn(program, args, {
    stdio: ["pipe", "pipe", "pipe", ...(options.descriptors ?? [])],
    timeout: options.timeoutMs ?? timeoutDefaultMs,
    killSignal: "SIGKILL",
  });
  return outcome(child, options.input ?? "");
}

function outcome(child: ChildProcess, input: string): Promise<CommandResult> {
  const stdout = collect(child.stdout);
  const stderr = collect(child.stderr);
  // What it started may live on, stand still, and keep its output open: out of time is out of time.
  child.on("exit", () => {
    if (!child.killed) return;
    child.stdout?.destroy();
    child.stderr?.destroy();
  });
  // A program that ends without reading its input is judged by its exit code.
  child.stdin?.on("error", () => undefined).end(input);
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (exitCode) => resolve({ exitCode, stdout: stdout(), stderr: stderr() }));
  });
}

function collect(stream: Readable | null): () => string {
  const chunks: Buffer[] = [];
  stream?.on("data", (chunk: Buffer) => chunks.push(chunk));
  return () => Buffer.concat(chunks).toString();
}
