// How the fuzz tests run: how often, from which seed, and what one clear error is. The seed is printed
// with every file, so that what was found can be found again: FUZZ_SEED repeats a run, FUZZ_RUNS makes
// it longer.

import * as fc from "fast-check";
import { expect } from "vitest";
import { Failure } from "../../agent/domain/failure.ts";

const given = Number(process.env["FUZZ_SEED"] ?? "");
const seed = Number.isInteger(given) && given !== 0 ? given : Math.trunc(Math.random() * 2 ** 31);
/** All files together stay well below a minute. */
const runs = Number(process.env["FUZZ_RUNS"] ?? 300);

console.info(`fuzz: FUZZ_SEED=${seed} FUZZ_RUNS=${runs}`);

/** `share` of the runs: what opens a socket does fewer of them. */
export async function always<T>(
  arbitrary: fc.Arbitrary<T>,
  holds: (value: T) => void | Promise<void>,
  share = 1,
): Promise<void> {
  const numRuns = Math.max(10, Math.round(runs * share));
  await fc.assert(
    fc.asyncProperty(arbitrary, async (value) => holds(value)),
    { seed, numRuns },
  );
}

/** The value, or the Failure that was thrown; anything else that is thrown is a crash. */
export async function outcomeOf<T>(
  work: () => T | Promise<T>,
): Promise<{ readonly value: T } | { readonly failure: Failure }> {
  const polluted = Object.keys(Object.prototype).length;
  try {
    return { value: await work() };
  } catch (thrown) {
    if (!(thrown instanceof Failure)) throw thrown;
    expectClear(thrown);
    return { failure: thrown };
  } finally {
    expect(Object.keys(Object.prototype)).toHaveLength(polluted);
  }
}

/** More than this nobody reads in a journal. */
const messageCharactersMax = 700;
const control = /[\p{Cc}\p{Zl}\p{Zp}]/u;

/** One line, of a length that can be read, that says what was found and, where it helps, what is next. */
function expectClear(failure: Failure): void {
  const { action, subject, found, next } = failure.details;
  for (const part of [action, subject, found]) expect(part.trim()).not.toBe("");
  if (next !== undefined) expect(next.trim()).not.toBe("");
  expect(failure.message.length).toBeLessThan(messageCharactersMax);
  expect(failure.message).not.toMatch(control);
}
