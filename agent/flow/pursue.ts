// The loop that every flow is: look, plan, perform, look again. It keeps nothing that it cannot lose.
// It alone decides what to try again: a transient failure is, after a pause that grows; a denial or
// nonsense is said, and looked at again slowly, since only an operator can change it.

import type { Decision, Memory, Refusal, Scope } from "../domain/decision.ts";
import type { Facts } from "../domain/facts.ts";
import { Failure } from "../domain/failure.ts";
import type { Outcome, Step, StepArguments, StepName } from "../domain/steps.ts";
import { advance, isProgress, type Reported, refused, remember } from "../plan/memory.ts";
import type { View } from "../plan/view.ts";
import { type Executors, executorsOf } from "./executors.ts";
import { observe } from "./observe.ts";
import { type Pauses, pacer } from "./pacer.ts";
import type { Observer } from "./ports.ts";
import { failed, passed, type Troubles, type Work, wasTold } from "./troubles.ts";

/** What outlives one pursuit within this process: lost with it, and harmlessly so. */
export interface Mind {
  memory: Memory;
  facts: Facts | null;
  /** What is going on now, in words. */
  phase: string;
  /** When the last whole look was, by the monotonic clock. */
  wholeMs: number;
  /** Since when whole looks have been begun and not been answered; null when the last one was. */
  unansweredMs: number | null;
  /** The refusal that was said last, so that it is said once. */
  refused: string;
  /** What has been failing, and since when. */
  troubles: Troubles;
  /** What the operator's commands were told last of whether the seat is held. */
  told: string;
}

export interface Pursuit {
  readonly observer: Observer;
  readonly mind: Mind;
  readonly plan: (view: View) => Decision;
  /** Ends the pursuit between two steps. */
  readonly signal: AbortSignal;
  readonly executors?: Executors;
  /** Told of every refusal that is new. */
  readonly onRefusal?: (refusal: Refusal) => void;
}

export type Ending = { readonly kind: "done"; readonly why: string } | { readonly kind: "aborted" };

/** Goes on until the plan says done, or the signal ends it. Never rejects with a Failure. */
export async function pursue(pursuit: Pursuit): Promise<Ending> {
  const { observer, signal } = pursuit;
  // A call that hangs must not hold up whoever ends this: its answer would not be used any more.
  const abandon = () => observer.ports.abandonCalls();
  signal.addEventListener("abort", abandon, { once: true });
  try {
    return await goOn(pursuit);
  } finally {
    signal.removeEventListener("abort", abandon);
  }
}

async function goOn(pursuit: Pursuit): Promise<Ending> {
  const { observer, mind, signal } = pursuit;
  const executors = pursuit.executors ?? executorsOf(observer.ports);
  const pauses = pacer(observer, signal);
  let scope: Scope = { kind: "all" };
  const ended = () => signal.aborted;
  while (!ended()) {
    const view = await look(pursuit, scope);
    // A look may take as long as the API likes: whoever ended this meanwhile wants no step any more.
    if (ended()) break;
    if (view === null) {
      await pauses.afterFailure();
      continue;
    }
    const decision = pursuit.plan(view);
    pauses.looked();
    if (decision.kind !== "refuse") mind.phase = decision.why;
    switch (decision.kind) {
      case "done":
        observer.ports.journal.info(decision.why, {});
        return { kind: "done", why: decision.why };
      case "refuse":
        report(pursuit, decision.refusal);
        mind.memory = refused(view);
        scope = { kind: "all" };
        await pauses.before(decision);
        break;
      case "wait":
        mind.memory = advance(view, decision, []);
        scope = decision.look;
        await pauses.before(decision);
        break;
      case "perform":
        await pauses.before(decision);
        if (!ended()) scope = await act({ pursuit, executors, pauses }, view, decision);
        break;
    }
  }
  return { kind: "aborted" };
}

interface Acting {
  readonly pursuit: Pursuit;
  readonly executors: Executors;
  readonly pauses: Pauses;
}

/** Performs what was decided, learns from it, and says what to look at next. */
async function act(
  { pursuit, executors, pauses }: Acting,
  view: View,
  decision: Extract<Decision, { kind: "perform" }>,
): Promise<Scope> {
  const { mind } = pursuit;
  const reported = await performAll(pursuit, executors, decision.steps);
  if (reported === null) {
    // Nobody knows what happened: the opening stays where it was, and a whole look tells.
    mind.memory = view.memory;
    await pauses.afterFailure();
    return { kind: "all" };
  }
  // A deed that was done makes an earlier refusal new; one that was merely planned does not.
  mind.refused = isProgress(decision) ? "" : mind.refused;
  mind.memory = advance(view, decision, reported);
  const anyRefused = reported.some(({ outcome }) => outcome.kind === "refused");
  if (isProgress(decision)) await pauses.afterDeed(anyRefused);
  return anyRefused ? { kind: "all" } : decision.look;
}

async function look(pursuit: Pursuit, scope: Scope): Promise<View | null> {
  const { observer, mind } = pursuit;
  const wide = wideEnough(mind, observer, scope);
  if (wide.kind === "all") mind.unansweredMs ??= observer.ports.clock.monotonicMs();
  try {
    const facts = await observe(observer, mind.memory, { facts: mind.facts, scope: wide });
    if (facts.look !== mind.facts?.look) {
      mind.wholeMs = facts.monotonicMs;
      mind.unansweredMs = null;
    }
    const memory = remember({ settings: observer.settings, facts, memory: mind.memory });
    mind.facts = facts;
    mind.memory = memory;
    recovered(pursuit, "look");
    return { settings: observer.settings, facts, memory };
  } catch (thrown) {
    complain(pursuit, "look", thrown);
    return null;
  }
}

// What narrow looks leave out (who has the address, who is in the group) is looked at again after this.
const wholeLookMs = 15_000;

function wideEnough(mind: Mind, observer: Observer, scope: Scope): Scope {
  const age = observer.ports.clock.monotonicMs() - mind.wholeMs;
  return age > wholeLookMs ? { kind: "all" } : scope;
}

/** null when any of them failed; those that succeeded are found by the next look. */
async function performAll(
  pursuit: Pursuit,
  executors: Executors,
  steps: readonly Step[],
): Promise<readonly Reported[] | null> {
  const reported = await Promise.all(steps.map((step) => performOne(pursuit, executors, step)));
  const known = reported.filter((entry) => entry !== null);
  return known.length === reported.length ? known : null;
}

async function performOne(
  pursuit: Pursuit,
  executors: Executors,
  step: Step,
): Promise<Reported | null> {
  const { clock, journal } = pursuit.observer.ports;
  const startMs = clock.monotonicMs();
  journal.started(step.name, { ...step.with });
  try {
    const outcome = await dispatch(executors, step);
    journal.done(step.name, Math.round(clock.monotonicMs() - startMs), describe(step, outcome));
    recovered(pursuit, step.name);
    return { step, outcome };
  } catch (thrown) {
    if (!(thrown instanceof Failure)) throw thrown;
    journal.failed(step.name, Math.round(clock.monotonicMs() - startMs), thrown);
    complain(pursuit, step.name, thrown);
    return null;
  }
}

function dispatch<Name extends StepName>(
  executors: Executors,
  step: { readonly name: Name; readonly with: StepArguments[Name] },
): Promise<Outcome> {
  return executors[step.name](step.with);
}

function describe(step: Step, outcome: Outcome): Readonly<Record<string, unknown>> {
  switch (outcome.kind) {
    case "done":
      return { ...step.with };
    case "lease":
      return { associationId: outcome.associationId };
    case "created":
      return { ...outcome.created };
    case "refused":
      return { refused: outcome.why };
  }
}

/** What is over is news when it comes again. */
function recovered({ observer, mind }: Pursuit, work: Work): void {
  const nowMs = observer.ports.clock.monotonicMs();
  if (wasTold(mind.troubles, { work, nowMs })) mind.refused = "";
  mind.troubles = passed(mind.troubles, [work]);
}

/** What passes is this program's daily bread; the rest is the operator's to know. */
function complain(pursuit: Pursuit, work: Work, thrown: unknown): void {
  if (!(thrown instanceof Failure)) throw thrown;
  // Whoever ended the pursuit ended its calls as well.
  if (pursuit.signal.aborted) return;
  const { observer, mind } = pursuit;
  observer.ports.journal.trouble(thrown);
  const nowMs = observer.ports.clock.monotonicMs();
  const { troubles, refusal } = failed(mind.troubles, { work, failure: thrown, nowMs });
  mind.troubles = troubles;
  if (refusal !== null) report(pursuit, refusal);
}

function report(pursuit: Pursuit, refusal: Refusal): void {
  const { observer, mind } = pursuit;
  const said = `${refusal.code} ${refusal.message}`;
  mind.phase = said;
  if (mind.refused === said) return;
  mind.refused = said;
  observer.ports.journal.refused(refusal.code, refusal.message);
  pursuit.onRefusal?.(refusal);
}
