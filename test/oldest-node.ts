// The oldest Node that package.json promises, fetched once into .cache, so that the promise is tried
// and not believed. It comes from the package registry, whose client checks what it downloads.

import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);

export const oldestVersion = "22.12.0";

// 50 MB from a registry that may be far away.
const fetchTimeoutMs = 180_000;

/** The program's path, or null where it cannot be fetched. */
export async function oldestNode(): Promise<string | null> {
  const cache = fileURLToPath(new URL("../.cache", import.meta.url));
  const program = join(cache, `node-${oldestVersion}`);
  if (await isOldest(program)) return program;
  await mkdir(cache, { recursive: true });
  const draft = await mkdtemp(join(cache, "fetch-"));
  try {
    const name = `node-${process.platform}-${process.arch}@${oldestVersion}`;
    const packed = await run("npm", ["pack", "--silent", name], {
      cwd: draft,
      timeout: fetchTimeoutMs,
    });
    await run("tar", ["-xzf", packed.stdout.trim(), "package/bin/node"], { cwd: draft });
    await rename(join(draft, "package/bin/node"), program);
  } catch {
    // Offline, or a platform that the registry has no Node for: the test says that it did not run.
    return null;
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
  return (await isOldest(program)) ? program : null;
}

async function isOldest(program: string): Promise<boolean> {
  try {
    return (await run(program, ["--version"])).stdout.trim() === `v${oldestVersion}`;
  } catch {
    return false;
  }
}
