// What an operator types: command lines, cron expressions, codes. Each is understood as one thing or is
// one mistake, in one sentence on one line.

import * as fc from "fast-check";
import { expect, it } from "vitest";
import { parseCommandLine } from "../../agent/cli/arguments.ts";
import { explain } from "../../agent/cli/explain.ts";
import { cronLongestGapMs, cronMistake } from "../../agent/port/schedule.ts";
import { anyText } from "./mutations.ts";
import { always } from "./runs.ts";

const word = fc.oneof(
  fc.constantFrom(
    "run",
    "plan",
    "explain",
    "--config",
    "-c",
    "--set",
    "--json",
    "--",
    "-",
    "-h",
    "--no-json",
    "--json=1",
    "--__proto__",
    "--set=a=b",
  ),
  anyText("--config=/etc/x.yaml", "EHA-DENIED"),
);

it("any command line is one command or one mistake", () =>
  always(fc.array(word, { maxLength: 6 }), (argv) => {
    const parsed = parseCommandLine(argv);
    expect(parseCommandLine(argv)).toEqual(parsed);
    if (parsed.ok) return;
    expect(parsed.message).toMatch(/^Cannot run: \S.*: see ec2-ha-agent --help$/);
    expect(parsed.message.length).toBeLessThan(700);
  }));

it("any code is explained or refused", () =>
  always(anyText("EHA-DENIED", "tip-fork"), (asked) => {
    const explained = explain(asked);
    if (explained.ok) return;
    expect(explained.message).toMatch(
      /^Cannot explain ".*: it is no code, wanted one such as EHA-/,
    );
  }));

it("any schedule is one that can be followed, or a mistake", () =>
  always(anyText("*/5 * * * *", "0 3 1,15 1-6 *", "59 23 29 2 *", "0 0 * * sun"), (expression) => {
    const mistake = cronMistake(expression);
    if (mistake !== null) return;
    const gapMs = cronLongestGapMs(expression);
    if (gapMs !== null) expect(gapMs).toBeGreaterThanOrEqual(60_000);
  }));
