// How soon the next look comes: never at once for ever, never slower than its bound.

import { describe, expect, it } from "vitest";
import type { Pace } from "../../agent/domain/decision.ts";
import { backOffMs, pauseMs } from "../../agent/plan/pace.ts";
import { settings } from "./seat.ts";

const paces: readonly Pace[] = [
  "now",
  "ready",
  "volume",
  "attachment",
  "snapshot",
  "device",
  "hook",
  "slow",
];
const first = { count: 0, chance: 0 };

describe("a pause", () => {
  it("begins as the measured curves do", () => {
    const firsts = (["volume", "attachment", "now"] as const).map((pace) =>
      pauseMs(pace, settings(), first),
    );
    expect(firsts).toEqual([1_250, 1_000, 0]);
  });

  it("grows, by a tenth of chance at most, and never above 17 s", () => {
    for (const pace of paces) {
      const pauses = [0, 1, 2, 5, 50].map((count) =>
        pauseMs(pace, settings(), { count, chance: 0 }),
      );
      expect(pauses).toEqual(pauses.toSorted((a, b) => a - b));
      expect(pauseMs(pace, settings(), { count: 1_000, chance: 1 })).toBeLessThan(17_000);
    }
  });

  it("is short where the operator's patience is", () => {
    const hasty = settings({ patienceMs: 4_000 });
    expect(pauseMs("slow", hasty, first)).toBe(1_000);
  });
});

describe("the same steps", () => {
  it("are repeated ever more slowly, up to half a minute", () => {
    expect([0, 1, 2, 3, 30].map(backOffMs)).toEqual([0, 500, 1_000, 2_000, 30_000]);
  });
});
