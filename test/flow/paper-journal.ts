// A journal that keeps what it is told as short lines, for tests to read: one for each step done, each
// refusal and each trouble, in order.

import type { Journal } from "../../agent/port/journal.ts";

export interface PaperJournal extends Journal {
  /** As in "done mount", "failed attach", "refused EHA-DENIED", "trouble transient", "info aborted". */
  readonly lines: readonly string[];
  /** What was said beside the codes, in order. */
  readonly messages: readonly string[];
  /** The steps that were done, in order. */
  steps(): readonly string[];
}

export function createPaperJournal(): PaperJournal {
  const lines: string[] = [];
  const messages: string[] = [];
  const say = (line: string, message: string): void => {
    lines.push(line);
    messages.push(message);
  };
  return {
    lines,
    messages,
    steps: () => lines.flatMap((line) => (line.startsWith("done ") ? [line.slice(5)] : [])),
    started: () => undefined,
    done: (step) => say(`done ${step}`, ""),
    failed: (step, _milliseconds, failure) => say(`failed ${step}`, failure.message),
    info: (message) => say(`info ${message}`, message),
    refused: (code, message) => say(`refused ${code}`, message),
    trouble: (failure) => say(`trouble ${failure.kind}`, failure.message),
  };
}
