// Where the demo's lines go: one plain line at a time, each with the seconds since the start, the
// same on a terminal and in a file.

import type { Clock } from "../../agent/domain/clock.ts";

export interface Terminal {
  /** A line of progress, with the time in front. */
  tell(line: string): void;
  /** A block of lines as they are. */
  show(lines: readonly string[]): void;
}

const timeWidth = 8;

export function openTerminal(write: (text: string) => void, clock: Clock): Terminal {
  const startMs = clock.monotonicMs();
  return {
    tell: (line) => {
      const seconds = ((clock.monotonicMs() - startMs) / 1000).toFixed(1);
      write(`${seconds.padStart(timeWidth)} s  ${line}\n`);
    },
    show: (lines) => write(`\n${lines.join("\n")}\n\n`),
  };
}
