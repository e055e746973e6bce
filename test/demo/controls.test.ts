// A few rounds of the controls: what is honest is never caught, and what lies is caught every time.
// Twenty rounds are a command of their own: node test/demo/controls.ts --runs 20

import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";

const asRoot = process.getuid?.() === 0;
const program = fileURLToPath(new URL("controls.ts", import.meta.url));
const runs = 2;
const timeoutMs = 180_000;

async function play(name: string): Promise<unknown> {
  const args = [program, "--runs", String(runs), "--only", name];
  const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: timeoutMs });
  return JSON.parse(stdout.trim().split("\n").at(-1) ?? "");
}

describe.skipIf(!asRoot)("a liar is caught, and only a liar", () => {
  test(
    "who acknowledges a write before it is flushed",
    async () => {
      const writer = { runs, honestCaught: 0, liarCaught: runs };
      expect(await play("writer")).toEqual({ writer });
    },
    timeoutMs,
  );

  test(
    "who copies one volume after the other and calls it a snapshot",
    async () => {
      const snapshots = { runs, honestCaught: 0, liarCaught: runs };
      expect(await play("snapshots")).toEqual({ snapshots });
    },
    timeoutMs,
  );
});
