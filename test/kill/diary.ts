// Which steps the agents died at: what the killer says of calls, and, for programs, the marks that the
// shims leave in an instance. An instance takes its marks with it, so they are read while it lives.

import type { StepName } from "../../agent/domain/steps.ts";
import { signs } from "./signs.ts";

export interface Diary {
  killedAt(step: StepName): void;
  /** Paths of marks, as `ls` lists them. */
  read(listing: string): void;
  killed(): readonly StepName[];
}

export const markPrefix = "/var/killed-";

export function createDiary(): Diary {
  const killed = new Set<StepName>();
  const names = Object.keys(signs) as StepName[];
  return {
    killedAt: (step) => void killed.add(step),
    read(listing) {
      const marked = new Set(listing.split("\n").map((path) => path.slice(markPrefix.length)));
      for (const name of names) if (marked.has(name)) killed.add(name);
    },
    killed: () => [...killed].toSorted(),
  };
}
