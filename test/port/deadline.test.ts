// A bound on work that cannot be called off: the work's own result or failure in time, a transient
// failure after it, and nothing unhandled when the work ends later than anybody waited.

import { readdir } from "node:fs/promises";
import { expect, test } from "vitest";
import { systemClock } from "../../agent/port/clock.ts";
import { within } from "../../agent/port/deadline.ts";

const clock = systemClock();
const deadline = { timeoutMs: 50, action: "read", subject: '"/dev/sdf"' };

test("work in time keeps its result and its failure", async () => {
  expect(await within(clock, deadline, Promise.resolve(7))).toBe(7);
  await expect(within(clock, deadline, Promise.reject(new Error("own")))).rejects.toThrow("own");
});

test("work out of time is a transient failure, whatever becomes of it", async () => {
  const late = clock.sleep(100).then(() => {
    throw new Error("nobody hears this");
  });
  const attempt = within(clock, deadline, late);
  await expect(attempt).rejects.toThrow('Cannot read "/dev/sdf": no answer within 50 ms');
  await expect(attempt).rejects.toMatchObject({ details: { kind: "transient" } });
  await clock.sleep(100);
});

test("what the operating system says no to is a failure that names the deed", async () => {
  await expect(within(clock, deadline, readdir("/no/such"))).rejects.toMatchObject({
    message: 'Cannot read "/dev/sdf": ENOENT',
    details: { kind: "broken", code: "ENOENT" },
  });
});

test("a mistake of this program stays one", async () => {
  const work = Promise.reject(new TypeError("no such property"));
  await expect(within(clock, deadline, work)).rejects.toThrow(TypeError);
});
