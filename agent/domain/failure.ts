// What went wrong in the world, in the five kinds that make a difference to what happens next.
// An outcome that the planner expects (somebody else has the address) is a value, not a Failure;
// a mistake of this program is an assertion and ends it.

import type { RefusalCode } from "./decision.ts";

import { legible } from "./legible.ts";

/**
 * - `transient`: the same call may succeed later (throttled, timed out, 5xx, credentials not there yet).
 * - `denied`: the role may not do this, or a limit of the account is reached; only an operator can
 *   change that.
 * - `missing`: the subject was not found; of a thing just made that is no proof.
 * - `conflict`: the subject is in another state than the call needs; look again.
 * - `broken`: an answer, a device or a program that makes no sense; never guessed at.
 */
export type FailureKind = "transient" | "denied" | "missing" | "conflict" | "broken";

export interface FailureDetails {
  readonly kind: FailureKind;
  /** An imperative, as in "attach". */
  readonly action: string;
  /** Ids or paths, as in "vol-1 to i-9". */
  readonly subject: string;
  /** What was found, and where it helps, what was wanted. */
  readonly found: string;
  /** What happens next or what to do. */
  readonly next?: string;
  /** The service's own error code, where there is one. */
  readonly code?: string;
  /** What the operator is told it is, should it not pass. */
  readonly refusal?: RefusalCode;
}

/** A failure of the world. Its message reads "Cannot ACTION SUBJECT: FOUND: NEXT". */
export class Failure extends Error {
  override readonly name = "Failure";
  readonly details: FailureDetails;

  constructor(details: FailureDetails, cause?: unknown) {
    const next = details.next === undefined ? "" : `: ${details.next}`;
    const subject = legible(details.subject);
    super(`Cannot ${details.action} ${subject}: ${legible(details.found)}${next}`, { cause });
    this.details = details;
  }

  get kind(): FailureKind {
    return this.details.kind;
  }
}
