// The last words of scripts/test: which tests could not run and why, and one line of numbers. It is
// a vitest reporter, since only a reporter is told the reason a test gives when it skips itself.

import { writeFileSync } from "node:fs";
import type { Reporter, TestCase, TestModule } from "vitest/node";

/** Writes the tally to `path` when the run has ended; a run that never ends writes nothing. */
export function tallyTo(path: string): Reporter {
  return {
    onTestRunEnd(modules, unhandledErrors) {
      writeFileSync(path, tally(modules, unhandledErrors.length));
    },
  };
}

function tally(modules: readonly TestModule[], strayErrors: number): string {
  const tests = modules.flatMap((module) => [...module.children.allTests()]);
  const inState = (state: string): readonly TestCase[] =>
    tests.filter((test) => test.result().state === state);
  // A file that could not be loaded, or whose hooks failed, has an error and perhaps no test.
  const broken = modules.filter((module) => module.errors().length > 0).length;
  const failed = inState("failed").length + broken + strayErrors;
  const skipped = tests.filter((test) => !["passed", "failed"].includes(test.result().state));
  const numbers = `${inState("passed").length} passed, ${failed} failed, ${skipped.length} skipped`;
  return [...skipped.map(reason), numbers, ""].join("\n");
}

function reason(test: TestCase): string {
  const result = test.result();
  const why = result.state === "skipped" ? result.note : undefined;
  return `Not run: ${test.module.relativeModuleId}: ${test.fullName}: ${why ?? "no reason given"}`;
}
