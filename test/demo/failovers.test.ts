// The seconds that the demo reports, and their two shares, from lives and spans made by hand.

import { describe, expect, test } from "vitest";
import type { Life } from "./client/ledger.ts";
import { coveredMs, failoversOf, outageMs, type Span } from "./failovers.ts";

const life = (instanceId: string, zone: string, between: readonly [number, number]): Life => ({
  instanceId,
  zone,
  acknowledged: 300,
  firstAtMs: between[0],
  lastAtMs: between[1],
});

const span = (fromMs: number, untilMs: number): Span => ({ what: "a call", fromMs, untilMs });

describe("failovers", () => {
  const lives = [life("i-1", "a", [0, 100]), life("i-2", "b", [400, 900])];

  test("last from the last answer of one life to the first of the next", () => {
    const [failover] = failoversOf(["hook"], lives, [span(150, 350)]);
    expect(failover).toMatchObject({ cause: "hook", fromAz: "a", toAz: "b", awsMs: 200 });
    expect(failover === undefined ? null : outageMs(failover)).toBe(300);
  });

  test("that nobody came back from are not counted", () => {
    expect(failoversOf(["hook", "crash"], lives, [])).toHaveLength(1);
  });
});

describe("AWS's share", () => {
  test.each([
    ["nothing outside the outage", [span(-20, -5), span(90, 200)], 10],
    ["what runs side by side once", [span(10, 40), span(20, 30), span(35, 50)], 40],
    ["nothing between two operations", [span(30, 40), span(10, 20)], 20],
    ["the whole outage at most", [span(-5, 500), span(-50, 600)], 100],
  ])("counts %s", (_what, spans, wanted) => {
    expect(coveredMs(spans, span(0, 100))).toBe(wanted);
  });
});
