// Faults from the command line: names, files, and what is refused instead of being rehearsed by halves.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { faultNames } from "../region/faults/defaults.ts";
import { readPlan } from "../region/faults/plan.ts";

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "fault-plan-"));
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

function readText(text: string): ReturnType<typeof readPlan> {
  const path = join(folder, "plan.yaml");
  writeFileSync(path, text);
  return readPlan(path);
}

test("no name is no fault, names are faults with their defaults", () => {
  expect(readPlan("")).toEqual({ kind: "read", plan: {} });
  expect(readPlan("timeouts,staleReads")).toEqual({
    kind: "read",
    plan: { timeouts: {}, staleReads: {} },
  });
  expect(readPlan(faultNames.join(","))).toMatchObject({ kind: "read" });
});

test("a file is a plan, with a seed, callers and settings", () => {
  const text = `
seed: 7
callers: instances
staleReads: { lagMs: 30000, lookups: [by tag], tables: [volumes], chance: 0.5 }
lateCalls: { delayMs: .inf, callers: [i-1] }
`;
  expect(readText(text)).toEqual({
    kind: "read",
    plan: {
      seed: 7,
      callers: "instances",
      staleReads: { lagMs: 30_000, lookups: ["by tag"], tables: ["volumes"], chance: 0.5 },
      lateCalls: { delayMs: Infinity, callers: ["i-1"] },
    },
  });
});

describe("refused, and why", () => {
  test.each([
    { text: "timeout: {}", why: /^"timeout" is no fault; the faults are throttling, / },
    { text: "timeouts: 3", why: /^the setting of "timeouts" is no mapping/ },
    { text: "timeouts: { chanse: 1 }", why: /^"chanse" is no member of "timeouts", which has / },
    { text: "timeouts: { chance: 2 }", why: /^"2" cannot be "chance" of "timeouts"/ },
    { text: "timeouts: { count: many }", why: /^"many" cannot be "count" of "timeouts"/ },
    { text: "timeouts: { actions: StopInstances }", why: /cannot be "actions"/ },
    { text: "timeouts: { callers: nobody }", why: /cannot be "callers"/ },
    { text: "staleReads: { tables: [disks] }", why: /cannot be "tables"/ },
    { text: "lostReplies: { how: loudly }", why: /cannot be "how"/ },
    { text: "seed: one", why: /^"one" is no seed/ },
    { text: "callers: all", why: /is no callers/ },
    { text: "- timeouts", why: /no mapping of names/ },
    { text: "a: [", why: /is no YAML$/ },
  ])("$text", ({ text, why }) => {
    expect(readText(text)).toEqual({ kind: "unreadable", why: expect.stringMatching(why) });
  });

  test("a file that is not there", () => {
    expect(readPlan("./none.yaml")).toEqual({
      kind: "unreadable",
      why: '"./none.yaml" cannot be read (ENOENT)',
    });
  });
});
