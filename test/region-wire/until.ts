// Waiting, by the wall clock, for what a region does by itself: looked at often, and not for ever.

import { setTimeout as sleep } from "node:timers/promises";

const lookEveryMs = 5;
const patienceMs = 10_000;

/** Throws where it has not come about in ten seconds. */
export async function until(what: string, isSo: () => Promise<boolean>): Promise<void> {
  const endMs = Date.now() + patienceMs;
  while (!(await isSo())) {
    if (Date.now() > endMs) throw new Error(`Cannot go on: it did not come about that ${what}`);
    await sleep(lookEveryMs);
  }
}
