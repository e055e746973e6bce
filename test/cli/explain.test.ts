// `explain`: every code that the program can print is explained, in whatever way it is typed, and a
// code that does not exist is answered by those like it. It runs on any machine.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { parseCommandLine } from "../../agent/cli/arguments.ts";
import { explain } from "../../agent/cli/explain.ts";
import { explanations } from "../../agent/cli/explanations.ts";

const agent = fileURLToPath(new URL("../../agent", import.meta.url));
const sources = readdirSync(agent, { recursive: true, encoding: "utf8" })
  .filter((path) => path.endsWith(".ts") && !path.includes("explanations"))
  .map((path) => readFileSync(join(agent, path), "utf8"));

const textOf = (asked: string | null): string => {
  const explained = explain(asked);
  return explained.ok ? explained.report.text : explained.message;
};

describe("every code", () => {
  const named = new Set(
    sources.flatMap((text) => text.match(/\bEHA-[A-Z]+(?:-[A-Z]+)*\b(?!-)/g) ?? []),
  );

  it("in the sources is explained, and no other is", () => {
    expect(Object.keys(explanations).toSorted()).toEqual([...named].toSorted());
  });

  it.each(Object.entries(explanations))("%s has sentences", (_code, found) => {
    for (const text of [found.meaning, found.remedy]) expect(text).toMatch(/^[A-Z].*\.$/s);
    expect(found.causes.length).toBeGreaterThan(0);
    for (const cause of found.causes) expect(cause).toMatch(/^[^.].*[^.]$/);
  });
});

it("one code is told with its meaning, its causes and what to do", () => {
  const text = textOf("EHA-INIT-FAILED");
  expect(text).toMatch(/^EHA-INIT-FAILED: The command that fills a new volume/);
  expect(text).toContain("\nIt comes about when:\n  - the command ended with an error");
  expect(text).toMatch(/ec2-ha:init=done\.$/);
});

it.each(["eha-init-failed", "INIT-FAILED", " init-failed "])("%j is the same code", (asked) => {
  expect(textOf(asked)).toBe(textOf("EHA-INIT-FAILED"));
});

it("without a code all are listed, one a line", () => {
  const lines = textOf(null).split("\n");
  expect(lines).toHaveLength(Object.keys(explanations).length);
  expect(lines.every((line) => /^EHA-[A-Z-]+ +[A-Z].*\.$/.test(line))).toBe(true);
});

it.each([
  ["EHA-TIP-FROK", "EHA-TIP-FORK"],
  ["mount-pont", "EHA-MOUNT-POINT"],
  ["EHA_DENIED", "EHA-DENIED"],
])("%s is no code, and %s is named", (asked, near) => {
  const explained = explain(asked);
  expect(explained).toMatchObject({ ok: false, message: expect.stringContaining(near) });
  expect(textOf(asked)).toMatch(/^Cannot explain ".*": it is no code, wanted one such as /);
});

it.each(["constructor", "__proto__", "", "x".repeat(100_000)])(
  "what is no code at all is refused shortly (%.20j)",
  (asked) => {
    expect(explain(asked).ok).toBe(false);
    expect(textOf(asked).length).toBeLessThan(300);
  },
);

it("is asked for with one code or none, as no other command is", () => {
  expect(parseCommandLine(["explain"]).ok).toBe(true);
  expect(parseCommandLine(["explain", "denied"]).ok).toBe(true);
  expect(parseCommandLine(["plan", "EHA-DENIED"]).ok).toBe(false);
});
