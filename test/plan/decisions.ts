// What a decision comes down to, for tests to compare.

import type { Decision, Memory } from "../../agent/domain/decision.ts";
import type { Outcome, Step, StepName, StepOf } from "../../agent/domain/steps.ts";
import { advance } from "../../agent/plan/memory.ts";
import type { View } from "../../agent/plan/view.ts";

export function stepsOf(decision: Decision | null): readonly Step[] {
  return decision?.kind === "perform" ? decision.steps : [];
}

function namesOf(decision: Decision | null): readonly StepName[] {
  return stepsOf(decision).map((step) => step.name);
}

export function stepOf<Name extends StepName>(decision: Decision | null, name: Name): StepOf<Name> {
  const found = stepsOf(decision).find((step): step is StepOf<Name> => step.name === name);
  if (found === undefined) throw new Error(`no ${name} in ${JSON.stringify(decision)}`);
  return found;
}

/** `wait`, `done`, the refusal's code, or the steps: what a decision comes down to. */
export function gist(decision: Decision | null): string {
  if (decision === null) return "null";
  if (decision.kind === "perform") return namesOf(decision).join(" + ");
  return decision.kind === "refuse" ? decision.refusal.code : decision.kind;
}

/** The memory after this decision's steps, all of which ended so. */
export function after(from: View, decision: Decision, outcome: Outcome): Memory {
  return advance(
    from,
    decision,
    stepsOf(decision).map((step) => ({ step, outcome })),
  );
}
