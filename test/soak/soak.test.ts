// The soak, cut short: that its parts work, and that nothing of size is left behind by each cycle. A
// program is still warming up then, so whether memory is flat is for the whole, `npm run soak`, to say.

import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { trendOf } from "./trend.ts";

const main = fileURLToPath(new URL("main.ts", import.meta.url));

describe("a trend", () => {
  const steady = Array.from({ length: 90 }, (_, at) => 40_000_000 + (at % 7) * 20_000);

  it("is flat where values go up and down around one level", () => {
    expect(trendOf(steady)).toMatchObject({ flat: true });
  });

  it("is flat after a first third that grows: code warms up", () => {
    expect(trendOf(steady.map((value, at) => value + Math.min(at, 29) * 500_000)).flat).toBe(true);
  });

  it("is none where each cycle leaves a little behind", () => {
    const leaking = trendOf(steady.map((value, at) => value + at * 50_000));
    expect(leaking.flat).toBe(false);
    expect(leaking.slopeBytes).toBeGreaterThan(45_000);
  });
});

// Compiled code and caches that fill up have been seen to add 70 kB a cycle in the first minutes.
const isSmall = (bytes: number): boolean => bytes < 250_000;

it("failure mode 39: no cycle leaves much in the agent's memory under flows and faults at full speed", async () => {
  const args = ["--expose-gc", main, "--cycles", "36"];
  const soaking = promisify(execFile)(process.execPath, args, { timeout: 390_000 });
  // It ends with 1 where memory is not flat, which one as short as this may find.
  const { stdout } = await soaking.catch((ended: unknown) => ended as { readonly stdout: string });
  const result: unknown = JSON.parse(stdout.trim().split("\n").at(-1) ?? "");
  expect(result).toMatchObject({ cycles: 36, takeOvers: 3 });
  expect(result).toHaveProperty("heapBytesPerCycle", expect.toSatisfy(isSmall));
}, 400_000);
