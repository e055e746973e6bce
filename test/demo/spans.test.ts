// AWS's operations as spans, from events as the region tells them.

import { describe, expect, test } from "vitest";
import type { RegionEvent } from "../region/state/events.ts";
import { spansOf } from "./spans.ts";

type Sketch = readonly [atMs: number, kind: RegionEvent["kind"], id: string, change: string];

/** Events from lines such as `[5, "volume", "vol-1", "creating -> available"]`. */
function events(...sketches: readonly Sketch[]): readonly RegionEvent[] {
  return sketches.map(([atMs, kind, id, change]) => {
    const [from = "", to = ""] = change.split(" -> ");
    return { atMs, kind, id, from: orNull(from), to: orNull(to), detail: {} };
  });
}

const orNull = (state: string): string | null => (state === "nothing" ? null : state);

describe("spans", () => {
  test("reach from a call's first state to the one that is waited for", () => {
    const told = events(
      [10, "snapshot", "snap-1", "nothing -> pending"],
      [12, "volume", "vol-1", "nothing -> creating"],
      [15, "volume", "vol-1", "creating -> available"],
      [18, "snapshot", "snap-1", "pending -> completed"],
    );
    expect(spansOf(told)).toEqual([
      { what: "snapshot snap-1", fromMs: 10, untilMs: 18 },
      { what: "create volume vol-1", fromMs: 12, untilMs: 15 },
    ]);
  });

  test("of a crash include what the group takes to see it", () => {
    const told = events(
      [10, "instance", "i-1", "running -> terminated"],
      [40, "member", "i-1", "InService -> Terminating"],
      [41, "instance", "i-2", "nothing -> pending"],
    );
    expect(spansOf(told)).toEqual([{ what: "replacement of i-1", fromMs: 10, untilMs: 41 }]);
  });

  test("of a replacement end with the launch, whatever the old instance goes on to do", () => {
    const told = events(
      [10, "member", "i-1", "InService -> Terminating"],
      [11, "instance", "i-2", "nothing -> pending"],
      [20, "instance", "i-1", "running -> shutting-down"],
      [90, "instance", "i-3", "nothing -> pending"],
    );
    expect(spansOf(told)).toEqual([{ what: "replacement of i-1", fromMs: 10, untilMs: 11 }]);
  });

  test("of an address end when its traffic has moved", () => {
    const told = events(
      [10, "address", "eipalloc-1", "i-1 -> nothing"],
      [11, "address", "eipalloc-1", "nothing -> i-2"],
      [15, "route", "198.51.100.1", "nothing -> 10.0.0.2"],
    );
    expect(spansOf(told)).toEqual([{ what: "move of the address", fromMs: 11, untilMs: 15 }]);
  });
});
