// The soak, cut short: that its parts work and that a hundred cycles' worth of faults leaves the agent's
// memory flat. The whole is `npm run soak`.

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

it("failure mode 39: the agent's memory is flat under flows and faults at full speed", async () => {
  const args = ["--expose-gc", main, "--cycles", "36"];
  const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 390_000 });
  const result: unknown = JSON.parse(stdout.trim().split("\n").at(-1) ?? "");
  expect(result).toMatchObject({ cycles: 36, takeOvers: 3, flat: true });
}, 400_000);
