// The real clock's promises: waits end when they should, early when asked, and never by rejecting.

import { expect, test } from "vitest";
import { systemClock } from "../../agent/port/clock.ts";

const clock = systemClock();

test("a sleep lasts as long as it was asked to", async () => {
  const startedMs = clock.monotonicMs();
  await clock.sleep(50);
  expect(clock.monotonicMs() - startedMs).toBeGreaterThanOrEqual(49);
});

test("an abort ends a sleep at once, before or during it", async () => {
  const startedMs = clock.monotonicMs();
  const abort = new AbortController();
  const asleep = clock.sleep(60_000, abort.signal);
  abort.abort();
  await asleep;
  await clock.sleep(60_000, abort.signal);
  expect(clock.monotonicMs() - startedMs).toBeLessThan(1_000);
});

test("a sleep longer than any timer does not end at once", async () => {
  const abort = new AbortController();
  const asleep = clock.sleep(1e12, abort.signal).then(() => "awake");
  expect(await Promise.race([asleep, clock.sleep(30).then(() => "asleep")])).toBe("asleep");
  abort.abort();
  await asleep;
});

test("periodic work runs until it is stopped", async () => {
  let count = 0;
  const stop = clock.every(10, () => {
    count += 1;
  });
  await clock.sleep(80);
  stop();
  const counted = count;
  await clock.sleep(40);
  expect(counted).toBeGreaterThan(1);
  expect(count).toBe(counted);
});
