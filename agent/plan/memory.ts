// What this process remembers between looks: kept by pure functions, told from what was seen and what
// steps reported. None of it is ever written down. An agent that loses it starts over at the lease,
// waits out patience anew, and opens under another number.

import type { Decision, Memory } from "../domain/decision.ts";
import type { Facts } from "../domain/facts.ts";
import type { Outcome, Step } from "../domain/steps.ts";
import { livesOf } from "./lives.ts";
import { findTip } from "./tip.ts";
import { addresslessOf, lostOf, unlistedOf } from "./unseen.ts";
import type { View } from "./view.ts";

export const blankMemory: Memory = {
  opening: null,
  lives: [],
  nothing: null,
  lost: [],
  addressless: null,
  unlisted: null,
  hiddenSinceMs: null,
  proven: null,
  releasingSinceMs: null,
  commandsRun: [],
  initialised: [],
  created: [],
  burned: [],
  reattached: [],
  refusedSinceMs: null,
  helped: [],
  stuck: null,
  readiness: null,
};

/** After a look. */
export function remember(view: View): Memory {
  const { facts, memory } = view;
  const seen: Memory = {
    ...memory,
    lives: livesOf(facts, memory),
    nothing: nothingSeen(facts, memory),
    lost: lostOf(facts, memory),
    addressless: addresslessOf(view),
    unlisted: unlistedOf(facts, memory),
    releasingSinceMs: memory.releasingSinceMs ?? (isLeaving(facts) ? facts.monotonicMs : null),
    ...createdOf(facts, memory),
  };
  const puzzled = findTip({ ...view, memory: seen }).kind === "look";
  return { ...seen, hiddenSinceMs: puzzled ? (memory.hiddenSinceMs ?? facts.monotonicMs) : null };
}

/** The seat is to be released for another reason than the group's: a power-off, a spot notice. */
export function beginRelease(memory: Memory, monotonicMs: number): Memory {
  return { ...memory, releasingSinceMs: memory.releasingSinceMs ?? monotonicMs };
}

/** After a refusal: it ends an opening under way, and not one that holds the seat. */
export function refused(view: View): Memory {
  const { memory, facts } = view;
  const opening = memory.opening?.stage === "opened" ? memory.opening : null;
  return { ...memory, opening, refusedSinceMs: memory.refusedSinceMs ?? facts.monotonicMs };
}

/** After a decision, and what its steps reported. */
export function advance(view: View, decision: Decision, outcomes: readonly Reported[]): Memory {
  const { memory, facts } = view;
  const opening = "opening" in decision ? decision.opening : memory.opening;
  const next = outcomes.reduce((sofar, reported) => learn(sofar, reported, facts), {
    ...memory,
    opening,
    refusedSinceMs: isProgress(decision) ? null : memory.refusedSinceMs,
    // How ready the service was says nothing of one that is yet to be started.
    readiness: opening === null || opening.stage === "opened" ? memory.readiness : null,
  });
  const taken = outcomes.find(
    ({ step, outcome }) => step.name === "associate" && outcome.kind === "lease",
  );
  if (taken?.outcome.kind === "lease" && opening?.stage === "lease") {
    // The next look serves as R6's: it begins after the lease was taken.
    const { associationId } = taken.outcome;
    return {
      ...next,
      opening: {
        ...opening,
        stage: "confirm",
        sinceLook: facts.look,
        associationId,
      },
    };
  }
  const anyRefused = outcomes.some(({ outcome }) => outcome.kind === "refused");
  const { proven } = next;
  const asked = opening?.stage === "compare" || opening?.stage === "inspect";
  if (anyRefused) return isSettled(outcomes) ? next : { ...next, opening: null };
  if (!asked || next.opening === null || proven?.look !== facts.look) return next;
  // A proof under another association is a new lease: the comparison sees it, the mount never does.
  const moved = proven.associationId !== next.opening.associationId;
  if (moved && next.opening.stage === "inspect") return { ...next, opening: null };
  return { ...next, opening: { ...next.opening, associationId: proven.associationId } };
}

export interface Reported {
  readonly step: Step;
  readonly outcome: Outcome;
}

/** Waiting, or asking once more whether the service is ready, does not end a refusal. */
export function isProgress(decision: Decision): boolean {
  return decision.kind === "perform" && decision.steps.every((step) => step.name !== "checkReady");
}

/** A service that is not ready yet does not undo what holds its data. */
function isSettled(outcomes: readonly Reported[]): boolean {
  const kept = [
    "checkReady",
    "startUnit",
    "stopUnit",
    "unmount",
    "runCommand",
    "completeHook",
    "initialise",
    "snapshotSet",
    "deleteSnapshots",
  ];
  return outcomes.every(
    ({ step, outcome }) => outcome.kind !== "refused" || kept.includes(step.name),
  );
}

function learn(memory: Memory, reported: Reported, facts: Facts): Memory {
  const { step, outcome } = reported;
  const stuck =
    outcome.kind === "refused" && outcome.code !== null
      ? { code: outcome.code, message: outcome.why }
      : memory.stuck;
  const known = { ...memory, stuck };
  if (outcome.kind === "created") {
    return {
      ...known,
      created: [...known.created, { ...outcome.created, sinceMs: facts.monotonicMs }],
    };
  }
  if (step.name === "prove") {
    const associationId = outcome.kind === "lease" ? outcome.associationId : null;
    return { ...known, proven: { associationId, look: facts.look } };
  }
  if (step.name === "checkReady") {
    const sinceMs = known.readiness?.sinceMs ?? facts.monotonicMs;
    const why = outcome.kind === "refused" ? outcome.why : "";
    return {
      ...known,
      readiness: { ready: outcome.kind === "done", sinceMs, checkedMs: facts.monotonicMs, why },
    };
  }
  if (step.name === "completeHook" && step.with.instanceId !== facts.me.instanceId) {
    return { ...known, helped: [...known.helped, step.with.instanceId] };
  }
  if (step.name === "runCommand") {
    return { ...known, commandsRun: [...known.commandsRun, step.with.command] };
  }
  if (step.name === "initialise" && outcome.kind === "done") {
    return { ...known, initialised: [...known.initialised, step.with.volumeId] };
  }
  if (step.name === "createVolume" && outcome.kind === "refused") {
    const burned = { token: step.with.token, atMs: facts.monotonicMs, vanished: false };
    return { ...known, burned: [...known.burned, burned] };
  }
  if (step.name === "detach" && memory.opening?.stage === "attach") {
    const { volumeId } = step.with;
    return {
      ...known,
      reattached: [...known.reattached, { volumeId, atMs: facts.monotonicMs }],
    };
  }
  return known;
}

function nothingSeen(facts: Facts, memory: Memory): Memory["nothing"] {
  const some = facts.sets.length > 0 || facts.volumes.some((volume) => volume.written > 0);
  if (some) return null;
  const { nothing } = memory;
  return nothing ?? { sinceMs: facts.monotonicMs, sinceLook: facts.look };
}

// A volume that EC2 denies this long after it was made has failed behind our back (a KMS key).
const vanishedMs = 30_000;

// By then every list by tags shows it: it need not be remembered any more.
const listedMs = 120_000;

/** A volume that failed or vanished burns its token; one that is listed needs no remembering. */
function createdOf(facts: Facts, memory: Memory): Pick<Memory, "created" | "burned"> {
  const failed = memory.created.filter((entry) => {
    const state = facts.volumes.find((volume) => volume.volumeId === entry.volumeId)?.state;
    const denied = facts.notFound.some((volumeId) => volumeId === entry.volumeId);
    return state === "error" || (denied && facts.monotonicMs - entry.sinceMs > vanishedMs);
  });
  const created = memory.created.filter(
    (entry) => !failed.includes(entry) && facts.monotonicMs - entry.sinceMs < listedMs,
  );
  const burned = failed.map(({ purpose }) => ({
    token: purpose,
    atMs: facts.monotonicMs,
    vanished: true,
  }));
  return { created, burned: [...memory.burned, ...burned] };
}

function isLeaving(facts: Facts): boolean {
  return (
    facts.me.target === "Terminated" ||
    (facts.me.group?.lifecycleState.startsWith("Terminating") ?? false)
  );
}
