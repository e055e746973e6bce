// The eyes of the test of interruptions: what is left behind must be seen, or that test proves nothing.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { systemClock } from "../../agent/port/clock.ts";
import { remains, sight } from "./traces.ts";

const asRoot = process.getuid?.() === 0;
let directory = "";
let child: ChildProcess | null = null;

beforeEach(() => {
  directory = mkdtempSync("/var/tmp/ec2-ha-traces-");
});

afterEach(() => {
  child?.kill("SIGKILL");
  child = null;
  rmSync(directory, { recursive: true, force: true });
});

async function start(command: string, ...args: readonly string[]): Promise<ChildProcess> {
  const started = spawn(command, args, {
    stdio: ["ignore", "pipe", "inherit"],
    env: { PATH: process.env["PATH"], TMPDIR: directory },
  });
  child = started;
  // Its first output: it has become what it was started as.
  await once(started.stdout, "data");
  return started;
}

describe("traces", () => {
  test("of a process are seen until it has ended", async () => {
    const left = await start("sh", "-c", "echo; sleep 100");
    const sighting = sight(directory);
    expect(remains(directory, sighting)).toContainEqual(expect.stringContaining("sleep 100"));
    left.kill("SIGKILL");
    // The shell's child is left: it is nobody's now, and still the run's.
    await once(left, "exit");
    const [orphan = ""] = remains(directory, sighting);
    expect(orphan).toContain("sleep 100");
    process.kill(Number(orphan.split(" ")[1]), "SIGKILL");
  });

  test("of a process that cleared its environment are seen all the same", async () => {
    await start("sh", "-c", "env -i sh -c 'echo; exec sleep 100' & wait");
    const sighting = sight(directory);
    child?.kill("SIGKILL");
    const left = remains(directory, sighting).filter((line) => line.includes("sleep 100"));
    expect(left).toHaveLength(1);
    for (const line of left) process.kill(Number(line.split(" ")[1]), "SIGKILL");
  });

  test("of files are seen", () => {
    writeFileSync(join(directory, "left"), "");
    expect(remains(directory, sight(directory))).toEqual(["file left"]);
  });

  test.skipIf(!asRoot)("of namespaces are seen in processes that nobody saw before", async () => {
    const script = "echo; sleep 0.3; env -i sleep 100";
    await start("unshare", "--pid", "--fork", "--kill-child", "env", "-i", "sh", "-c", script);
    const { namespaces } = sight(directory);
    await systemClock().sleep(1000);
    const unseen = { processes: new Set<string>(), namespaces };
    expect(remains(directory, unseen).join(" ")).toContain("sleep 100");
  });
});
