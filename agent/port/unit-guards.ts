// The drop-in that keeps a unit from starting while a mount of the seat is missing: all that the agent
// ever writes to the root disk. It is written whole or not at all. A root that is read-only is no
// obstacle, since what is below its mount points cannot be written either; a full one is said.

import { constants } from "node:fs";
import { access, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Failure } from "../domain/failure.ts";

/**
 * The path that was written, in the first of the places that is not read-only; null when it was there
 * already. Failure `broken` when none can be written.
 */
export async function guard(
  roots: readonly string[],
  unit: string,
  mountPoints: readonly string[],
): Promise<string | null> {
  const text = textOf(mountPoints);
  let refused: unknown = null;
  for (const root of roots) {
    const path = join(root, `${unit}.d`, "50-ec2-ha.conf");
    try {
      return (await write(path, text)) ? path : null;
    } catch (error) {
      refused = error;
      if (!(await isReadOnly(root))) break;
    }
  }
  throw new Failure(
    {
      kind: "broken",
      action: "guard",
      subject: `"${unit}"`,
      found: codeOf(refused),
      next: `see that ${roots[0]} can be written`,
      refusal: "EHA-UNIT-GUARD",
    },
    refused,
  );
}

/** Asked for by itself: a recursive mkdir of Node's says ENOENT on a read-only file system. */
function isReadOnly(root: string): Promise<boolean> {
  return access(root, constants.W_OK).then(
    () => false,
    (error: unknown) => codeOf(error) === "EROFS",
  );
}

function textOf(mountPoints: readonly string[]): string {
  const guards = mountPoints.flatMap((mountPoint) => [
    // Ordered after the mount, and so stopped before it is unmounted at a shutdown.
    `RequiresMountsFor=${mountPoint}`,
    `AssertPathIsMountPoint=${mountPoint}`,
  ]);
  return ["# Written by ec2-ha-agent: never on the root disk.", "[Unit]", ...guards, ""].join("\n");
}

/** Written beside and renamed, so that systemd never reads half of it. False when it was there. */
async function write(path: string, text: string): Promise<boolean> {
  const present = await readFile(path, "utf8").catch(() => null);
  if (present === text) return false;
  const beside = `${path}.new`;
  await mkdir(dirname(path), { recursive: true });
  try {
    await writeFile(beside, text);
    await rename(beside, path);
  } catch (error) {
    await rm(beside, { force: true }).catch(() => undefined);
    throw error;
  }
  return true;
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : String(error);
}
