// What the reports say: each decision in words, the sets that can be gone back to, and a status that
// names the newest set that is whole.

import { describe, expect, it } from "vitest";
import { reportPlan, reportSets, reportStatus } from "../../agent/cli/report.ts";
import type { Decision } from "../../agent/domain/decision.ts";
import { settings } from "../plan/seat.ts";
import { facts, opened, setOf } from "../plan/world.ts";

describe("a plan in words", () => {
  const look = { kind: "all" } as const;
  it.each<[string, Decision]>([
    [
      'perform, because it is time:\n  runCommand {"command":"sync","timeoutMs":1000}',
      {
        kind: "perform",
        steps: [{ name: "runCommand", with: { command: "sync", timeoutMs: 1_000 } }],
        why: "it is time",
        look,
        opening: null,
      },
    ],
    [
      "wait: a volume is being made",
      { kind: "wait", why: "a volume is being made", pace: "volume", look, opening: null },
    ],
    ["done: the seat is held", { kind: "done", why: "the seat is held" }],
    [
      "refuse EHA-TIP-FORK: two copies",
      { kind: "refuse", refusal: { code: "EHA-TIP-FORK", message: "two copies" } },
    ],
  ])("%s", (text, decision) => {
    expect(reportPlan(decision)).toEqual({ data: decision, text });
  });
});

describe("sets", () => {
  it("are listed newest first, whole or not", () => {
    const older = setOf(1, [opened(1, 1)], { startedMs: Date.UTC(2026, 0, 1) });
    const newer = setOf(2, [opened(1, 2)], { startedMs: Date.UTC(2026, 0, 2), snapshots: [] });
    const { text } = reportSets(settings(), [older, newer]);
    const lines = text.split("\n");
    expect(lines).toHaveLength(2);
    expect(lines[0]).toMatch(/^2026-01-02T00:00:00.000Z .* incomplete {2}orders\/2$/);
    expect(lines[1]).toMatch(/^2026-01-01T00:00:00.000Z .* complete {2}orders\/1$/);
  });

  it("that are not there are said to be none", () => {
    expect(reportSets(settings(), [])).toEqual({ data: [], text: "no snapshot sets" });
  });
});

describe("a status", () => {
  it("names the newest set that is whole, with its age", () => {
    const found = facts();
    const startedMs = found.nowMs - 90_000;
    const whole = setOf(1, [opened(1, 1)], { startedMs });
    const torn = setOf(2, [opened(1, 2)], { startedMs: startedMs + 1_000, snapshots: [] });
    const { data } = reportStatus(settings(), { ...found, sets: [torn, whole] });
    expect(data).toMatchObject({ newestSet: { setId: "orders/1", ageSeconds: 90 } });
  });

  it("prints a line for each thing", () => {
    const { text } = reportStatus(settings(), facts());
    expect(text.split("\n").map((line) => line.split(":")[0])).toEqual([
      "seat",
      "instance",
      "zone",
      "lifecycleState",
      "address",
      "holder",
      "generation",
      "openedBy",
      "mark",
      "volumes",
      "units",
      "newestSet",
      "hooks",
    ]);
  });
});
