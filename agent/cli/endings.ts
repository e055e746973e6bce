// How a command ends that could not do its work: a code that `explain` knows, one sentence, and an exit
// code that a script can go by. Whatever ends a program of this kind without one of these is a mistake
// of the program.

import type { Failure, FailureKind } from "../domain/failure.ts";
import type { ErrorCode } from "./explanations.ts";

export const exit = { done: 0, failed: 1, usage: 2, temporary: 75 } as const;

export interface Ending {
  readonly code: ErrorCode;
  readonly message: string;
  readonly exitCode: number;
}

const codes: Readonly<Record<FailureKind, ErrorCode>> = {
  transient: "EHA-UNAVAILABLE",
  denied: "EHA-DENIED",
  missing: "EHA-BROKEN",
  conflict: "EHA-BROKEN",
  broken: "EHA-BROKEN",
};

/** `code` where the place says more than the failure does. */
export function endingOf(failure: Failure, code?: ErrorCode): Ending {
  const told = code ?? failure.details.refusal ?? codes[failure.kind];
  const exitCode = failure.kind === "transient" ? exit.temporary : exit.failed;
  return { code: told, message: failure.message, exitCode };
}

/** Nothing was done: what was given has to change first. */
export function misuse(code: "EHA-SETTINGS" | "EHA-USAGE", message: string): Ending {
  return { code, message, exitCode: exit.usage };
}

export function complain({ code, message, exitCode }: Ending): number {
  process.stderr.write(`ec2-ha-agent: ${code}: ${message}\n`);
  return exitCode;
}
