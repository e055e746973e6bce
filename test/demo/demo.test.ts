// The whole demo as a user starts it: what it writes as JSON, its exit code, and what it refuses.

import { execFile, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, describe, expect, test } from "vitest";

const asRoot = process.getuid?.() === 0;
const script = fileURLToPath(new URL("../../scripts/demo", import.meta.url));
const directory = mkdtempSync("/var/tmp/ec2-ha-demo-");
// What a user is promised.
const timeoutMs = 120_000;

afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** Rejects unless the demo ends well and in time. */
async function show(pattern: string, ...before: readonly string[]): Promise<unknown> {
  const file = join(directory, `${pattern}-${before.length}.json`);
  const [command, ...words] = [...before, script, "--pattern", pattern, "--json", file];
  await promisify(execFile)(command, words, { timeout: timeoutMs });
  return JSON.parse(readFileSync(file, "utf8"));
}

const failover = (cause: string) => ({
  cause,
  fromAz: expect.stringMatching(/^eu-west-1[ab]$/),
  toAz: expect.stringMatching(/^eu-west-1[ab]$/),
  seconds: expect.any(Number),
});
const failovers = ["hook", "crash", "hook"].map(failover);

// As root maps to nobody in a user namespace of its own, it is nobody to the demo.
const asNobody = ["unshare", "--user"];

describe.skipIf(!asRoot)("a demo", () => {
  test(
    "of the stateful pattern loses none of its writes in three failovers",
    async () => {
      const numbers = await show("stateful");
      expect(numbers).toEqual({
        pattern: "stateful",
        backend: "loop",
        acknowledged: expect.any(Number),
        lost: 0,
        failovers,
      });
      // Four lives of at least three hundred each.
      expect(numbers).toSatisfy((it: { acknowledged: number }) => it.acknowledged >= 1200);
    },
    timeoutMs,
  );

  test(
    "of the address pattern answers again after three failovers",
    async () => {
      expect(await show("address")).toMatchObject({ backend: "loop", lost: 0, failovers });
    },
    timeoutMs,
  );

  test(
    "of the address pattern needs no root",
    async () => {
      const numbers = await show("address", ...asNobody);
      expect(numbers).toMatchObject({ backend: "none", lost: 0, failovers });
    },
    timeoutMs,
  );

  test("of the stateful pattern without root is refused, and the command is named", () => {
    const [command, ...words] = [...asNobody, script];
    const { status, stderr } = spawnSync(command, words, { encoding: "utf8" });
    expect(status).toBe(1);
    expect(stderr).toContain("not root, and its disks are loop devices: run `sudo scripts/demo`");
  });
});
