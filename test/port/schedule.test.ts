// Cron expressions judged and followed: the gaps between their runs, runs that come, runs that a
// sleeping machine or a stuck timer missed, and none after the end.

import { expect, test } from "vitest";
import type { Clock } from "../../agent/domain/clock.ts";
import { systemClock } from "../../agent/port/clock.ts";
import { cronLongestGapMs, cronMistake, schedulePort } from "../../agent/port/schedule.ts";

const clock = systemClock();
const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

test.each([
  ["* * * * *", minuteMs],
  ["*/5 * * * *", 5 * minuteMs],
  ["0,10 * * * *", 50 * minuteMs],
  ["30 3 * * *", dayMs],
  ["0 9-17 * * 1-5", 2 * dayMs + 16 * hourMs],
  ["0 0 1 * *", 31 * dayMs],
  ["0 0 31 * *", 61 * dayMs],
])("%s leaves at most %i ms between two runs", (expression, expectedMs) => {
  expect(cronMistake(expression)).toBeNull();
  expect(cronLongestGapMs(expression)).toBe(expectedMs);
});

test("a schedule for 29 February alone is none", () => {
  expect(cronMistake("0 0 29 2 *")).toBeNull();
  expect(cronLongestGapMs("0 0 29 2 *")).toBeNull();
});

test.each([
  ["*/5 * * *", "4 fields"],
  ["0 */5 * * * *", "6 fields"],
  ["@daily", "1 fields"],
  ["61 * * * *", "minute 61"],
  ["0 0 30 2 *", "dayOfMonth 30"],
  ["0 3 1 * 1", "a day of month and a day of week"],
])("%s is refused for %s", (expression, expected) => {
  expect(cronMistake(expression)).toBe(expected);
});

/** The real clock, its wall time moved by hand; periodic work runs when the test says so. */
function movedClock(): { readonly clock: Clock; move(byMs: number): void; beat(): void } {
  let movedMs = 0;
  const works = new Set<() => void>();
  const every = (_periodMs: number, work: () => void) => {
    works.add(work);
    return () => works.delete(work);
  };
  return {
    clock: { ...clock, nowMs: () => clock.nowMs() + movedMs, every },
    move: (byMs) => {
      movedMs += byMs;
    },
    beat: () => {
      for (const work of works) work();
    },
  };
}

test("a run is said with the minute that it was due at, once", async () => {
  const said: number[] = [];
  // Six fields are the library's own; settings refuse them.
  const running = schedulePort({ clock }).start("* * * * * *", (dueAtMs) => said.push(dueAtMs));
  await expect.poll(() => said.length, { timeout: 5_000 }).toBeGreaterThan(0);
  await clock.sleep(2_100);
  running.stop();
  const count = said.length;
  // A test that runs over a minute's turn hears of two minutes.
  expect(count).toBeLessThanOrEqual(2);
  for (const dueAtMs of said) expect(dueAtMs % minuteMs).toBe(0);
  await clock.sleep(1_200);
  expect(said).toHaveLength(count);
});

test("failure mode 38: the next run is in the future", () => {
  const running = schedulePort({ clock }).start("*/5 * * * *", () => undefined);
  const nextMs = running.nextDueMs() ?? 0;
  running.stop();
  expect(nextMs % (5 * minuteMs)).toBe(0);
  expect(nextMs - clock.nowMs()).toBeGreaterThan(0);
  expect(nextMs - clock.nowMs()).toBeLessThanOrEqual(5 * minuteMs);
});

test("failure mode 38: a run that the library missed is said by the watch, once", () => {
  const moved = movedClock();
  const said: number[] = [];
  const running = schedulePort({ clock: moved.clock }).start("0 3 * * *", (dueAtMs) =>
    said.push(dueAtMs),
  );
  const dueMs = running.nextDueMs();
  moved.beat();
  expect(said).toEqual([]);
  moved.move(dayMs + 2 * minuteMs);
  expect(running.nextDueMs()).toBeNull();
  moved.beat();
  moved.beat();
  running.stop();
  expect(said).toEqual([dueMs]);
});

test("nothing is said after the end", () => {
  const moved = movedClock();
  const said: number[] = [];
  const running = schedulePort({ clock: moved.clock }).start("0 3 * * *", (dueAtMs) =>
    said.push(dueAtMs),
  );
  running.stop();
  moved.move(2 * dayMs);
  moved.beat();
  expect(said).toEqual([]);
});
