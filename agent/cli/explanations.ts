// What every code means to an operator: the refusals of the planner, and what may end a command before
// it gets that far. The table is typed by the codes, so that one without its text does not compile.
// The message that came with a code names ids and values; this says what is behind it.

import type { RefusalCode } from "../domain/decision.ts";
import { ofAws } from "./explanations-of-aws.ts";
import { ofMachine } from "./explanations-of-machine.ts";
import { ofSeat } from "./explanations-of-seat.ts";

/** What ends a command without a decision: none of them is about the seat's data. */
export type EndingCode = "EHA-SETTINGS" | "EHA-UNAVAILABLE" | "EHA-USAGE";

export type ErrorCode = RefusalCode | EndingCode;

export interface Explanation {
  readonly meaning: string;
  /** How it comes about: one or several of these. */
  readonly causes: readonly string[];
  readonly remedy: string;
}

export const explanations: Readonly<Record<ErrorCode, Explanation>> = {
  ...ofAws,
  ...ofMachine,
  ...ofSeat,
};
