// The directory that a volume is mounted on: made where it is missing, and never one that holds or hides
// something. What is wrong with it is an outcome, since only an operator can say what belongs there.

import { readdir, realpath } from "node:fs/promises";
import type { Clock } from "../domain/clock.ts";
import { Failure } from "../domain/failure.ts";
import { within } from "./deadline.ts";
import { describeResult, type Programs } from "./programs.ts";

export type Unfit =
  /** The mount point has something in it: a mount would hide it. Up to five names. */
  | { readonly kind: "notEmpty"; readonly entries: readonly string[] }
  /** The mount point cannot be one: it is a link, or no directory. */
  | { readonly kind: "unfit"; readonly detail: string };

interface World {
  readonly clock: Clock;
  readonly host: Programs;
}

/** For one directory: it does not touch a disk that could hang for longer. */
const readTimeoutMs = 5_000;
const entriesTold = 5;
/** What a path that is no directory gives, and one whose links lead in a circle. */
const unfitCodes = new Set(["ENOTDIR", "ELOOP"]);

/** null once it is an empty directory of its own. Failure `broken` when it cannot be made. */
export async function prepareMountPoint(
  { clock, host }: World,
  mountPoint: string,
  timeoutMs: number,
): Promise<Unfit | null> {
  const names = await entriesOf(clock, mountPoint).catch(orUnfit);
  if ("kind" in names) return names;
  if (names.length > 0) return { kind: "notEmpty", entries: names.slice(0, entriesTold) };
  await makeDirectory(host, mountPoint, timeoutMs);
  const deadline = { timeoutMs: readTimeoutMs, action: "find", subject: `"${mountPoint}"` };
  const real = await within(clock, deadline, realpath(mountPoint));
  // The kernel would list the mount under its real path, where nobody looks for it.
  return real === mountPoint ? null : { kind: "unfit", detail: `it leads to "${real}"` };
}

/** None for a directory that is not there. */
export function entriesOf(clock: Clock, path: string): Promise<readonly string[]> {
  const deadline = { timeoutMs: readTimeoutMs, action: "list", subject: `"${path}"` };
  return within(clock, deadline, list(path));
}

async function list(path: string): Promise<readonly string[]> {
  try {
    return await readdir(path);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : String(error);
    if (code === "ENOENT") return [];
    const subject = `"${path}"`;
    const details = { kind: "broken", action: "list", subject, found: code, code } as const;
    throw new Failure({ ...details, refusal: "EHA-MOUNT-POINT" }, error);
  }
}

function orUnfit(thrown: unknown): Extract<Unfit, { kind: "unfit" }> {
  const code = thrown instanceof Failure ? thrown.details.code : undefined;
  if (code === undefined || !unfitCodes.has(code)) throw thrown;
  return { kind: "unfit", detail: `it is no directory (${code})` };
}

async function makeDirectory(host: Programs, mountPoint: string, timeoutMs: number): Promise<void> {
  const result = await host.run({ file: "mkdir", args: ["-p", "--", mountPoint], timeoutMs });
  if (result.exitCode === 0) return;
  throw new Failure({
    kind: "broken",
    action: "make",
    subject: `"${mountPoint}"`,
    found: describeResult(result),
    next: "make this directory by hand",
    refusal: "EHA-MOUNT-POINT",
  });
}
