// The executors' type, derived from the step map, and the two answers that nearly all of them give. It
// stands apart so that each file of executors can be read without the others.

import { Failure } from "../domain/failure.ts";
import type { Outcome, StepArguments, StepName } from "../domain/steps.ts";

export type Executors = {
  readonly [Name in StepName]: (args: StepArguments[Name]) => Promise<Outcome>;
};

export const done: Outcome = { kind: "done" };

/** What EC2 refuses because of a state is an outcome: the world is not as it was planned for. */
export async function refusable(deed: () => Promise<Outcome>): Promise<Outcome> {
  try {
    return await deed();
  } catch (thrown) {
    if (!(thrown instanceof Failure)) throw thrown;
    if (thrown.kind !== "conflict" && thrown.kind !== "missing") throw thrown;
    return { kind: "refused", why: thrown.message, code: null };
  }
}
