// R7: how volumes become one's own for writing, stage by stage, in an order of which every step has a
// reason. Evidence is never older than the deed it allows: the lease is proven by a write, the tip is
// found again after it, the claim and the mark stand before anything is written, and lease and mark
// are proven once more between `written` and the mount, when nothing can be taken back unseen.
// Whoever fails at any stage lets go and looks again; the next opening has another number.

import type { Decision, Opening, StageName } from "../domain/decision.ts";
import type { VolumeFact } from "../domain/facts.ts";
import { instant, type Mark, type Opened } from "../domain/mark.ts";
import type { Step } from "../domain/steps.ts";
import { attach } from "./attach.ts";
import { bring } from "./bring.ts";
import { check, format, initialise, inspect, mount, settle } from "./disks.ts";
import { proveStep, takeLease } from "./lease.ts";
import { stateOf } from "./recovery.ts";
import { finalSet } from "./sets.ts";
import { again, enter, idsOf, type Stage, unlessOld } from "./stage.ts";
import { findTip, lookOrRefuse } from "./tip.ts";
import { mayBeOld } from "./unseen.ts";
import {
  effectiveMark,
  everything,
  lookAgain,
  nextGeneration,
  perform,
  refuse,
  type View,
  wait,
} from "./view.ts";

const stages: Readonly<Record<Exclude<StageName, "opened">, Stage>> = {
  /** R5: nothing is attached, created or claimed without the lease. */
  lease: (view, opening) => {
    const { address } = view.facts;
    if (address === null) {
      return refuse("EHA-ADDRESS-MISSING", "volumes without an address are not supported yet");
    }
    const lease = takeLease(view, address, { lossless: isLossless(view, opening), opening });
    if (lease.kind === "next") return lease.decision;
    const { associationId } = lease;
    const leasedMs = view.facts.monotonicMs;
    return enter("confirm", view, { ...opening, associationId, leasedMs });
  },
  /** R6: under the lease the tip is found again, since another may have opened meanwhile. */
  confirm: (view, opening) =>
    sameTip(view, { ...opening, leasedMs: opening.leasedMs ?? view.facts.monotonicMs }, "bring"),
  bring,
  attach,
  prove: (view, opening) =>
    proof(view, { ...opening, stage: "compare", sinceLook: view.facts.look }),
  /** R6 once more, after a proof and with the volumes attached: nobody else can open them now. */
  compare: (view, opening) => untilSettled(view, opening) ?? sameTip(view, opening, "claim"),
  claim: (view, opening) => {
    const generation = nextGeneration(view.facts);
    const opened = openedBy(view, opening);
    if (opened === null) return again("the association is not known");
    const step: Step = { name: "claim", with: { volumeIds: idsOf(opening), generation, opened } };
    const why = `the tip is still generation ${opening.from}; opening generation ${generation}`;
    return perform([step], {
      why,
      look: { kind: "local" },
      opening: { ...opening, stage: "mark", generation },
    });
  },
  mark: (view, opening) => {
    const { address, me } = view.facts;
    const opened = openedBy(view, opening);
    if (address === null || opened === null) return again("the association is not known");
    const mark: Mark = {
      ...opened,
      generation: opening.generation,
      members: opening.members,
      fallback: false,
    };
    const step: Step = {
      name: "mark",
      with: { allocationId: address.allocationId, group: me.group?.name ?? null, mark },
    };
    return perform([step], {
      why: `claimed as generation ${opening.generation}`,
      look: everything,
      opening: { ...opening, stage: "rival", sinceLook: view.facts.look },
    });
  },
  /** An alarm that should never ring: another opening that started where this one did. */
  rival: (view, opening) => {
    if (view.facts.look <= opening.sinceLook) return lookAgain("is there a rival?", opening);
    const rival = view.facts.volumes.find((volume) => isRival(view, volume, opening));
    if (rival === undefined) return enter("format", view, opening);
    return again(
      `"${rival.volumeId}" was claimed by another opening that started from generation ${opening.from}`,
    );
  },
  format,
  /** Put on last before the mount: from here on these volumes may hold what no other copy does. */
  write: (view, opening) => {
    const step: Step = {
      name: "write",
      with: { volumeIds: idsOf(opening), generation: opening.generation },
    };
    return perform([step], {
      why: "about to mount",
      look: { kind: "local" },
      opening: { ...opening, stage: "check", wroteMs: view.facts.monotonicMs },
    });
  },
  /** Before the last proof, since a check of a large disk takes its time. */
  check,
  "prove-again": (view, opening) =>
    proof(view, { ...opening, stage: "inspect", sinceLook: view.facts.look }),
  /** The address must name this opening's association, and the mark must still be this opening's. */
  inspect: (view, opening) => {
    if (view.facts.look <= opening.sinceLook) return lookAgain("is the mark still mine?", opening);
    const { address, me } = view.facts;
    const mark = effectiveMark(view.facts);
    if ((mark?.generation ?? 0) < opening.generation) {
      return unlessOld(view, opening, "the mark is not this opening's");
    }
    const mine =
      mark?.generation === opening.generation &&
      mark.opener === me.instanceId &&
      mark.associationId === opening.associationId;
    if (!mine) return again("the mark has moved on");
    if (address?.instanceId !== me.instanceId || address.associationId !== opening.associationId) {
      return again("the address is not mine under the association in the mark");
    }
    return inspect(view, opening);
  },
  mount,
  settle,
  initialise,
};

/** Walks on from the opening's stage to the first that needs the world; null when the seat is open. */
export function walk(view: View, opening: Opening): Decision | null {
  let current = opening;
  // One turn for each stage at most: every stage that passes on enters a later one.
  for (let turn = 0; turn <= Object.keys(stages).length; turn += 1) {
    if (current.stage === "opened") return null;
    const answer = stages[current.stage](view, current);
    if ("kind" in answer) return answer;
    current = answer;
  }
  return again("the opening makes no progress");
}

function proof(view: View, opening: Opening): Decision {
  const { address } = view.facts;
  if (address === null) return again("the address is not known");
  return perform([proveStep(view, address)], {
    why: "the lease is proven by a write",
    look: everything,
    opening,
  });
}

// What was written before the lease was taken shows in reads by then; a restore takes longer anyway.
const settledMs = 3_000;

/**
 * A restored copy is not guarded by the exclusive attachment of the tip's own volumes: that nobody
 * opened those in the last moment shows only in reads that are younger than the lease.
 */
function untilSettled(view: View, opening: Opening): Decision | null {
  if (opening.base.kind !== "restore") return null;
  const { leasedMs } = opening;
  if (leasedMs !== null && view.facts.monotonicMs - leasedMs >= settledMs) return null;
  return wait("what was written before the lease was taken is still settling", {
    pace: "volume",
    opening,
  });
}

/** R6: goes on only if everything that the base was chosen by is as it was. */
function sameTip(view: View, opening: Opening, next: StageName): Decision | Opening {
  if (view.facts.look <= opening.sinceLook) return lookAgain("is the tip still the tip?", opening);
  const { address, me } = view.facts;
  if (address?.instanceId !== me.instanceId || address.associationId !== opening.associationId) {
    return mayBeBefore(view, opening, next)
      ? wait("the address is not seen to be mine yet", { pace: "volume", opening })
      : again("the address is not mine");
  }
  const tip = findTip(view);
  if (tip.kind === "refuse") return { kind: "refuse", refusal: tip.refusal };
  if (tip.kind === "look") return lookOrRefuse(view, tip, opening);
  if (tip.key !== opening.tipKey) return again("the tip has changed");
  if (opening.base.kind === "restore" && !stillStandsIn(view, opening)) {
    return again("the set no longer holds everything");
  }
  return enter(next, view, opening);
}

/** Right after the lease was taken, the address may still be seen as it was: free, or its last holder's. */
function mayBeBefore({ facts }: View, opening: Opening, next: StageName): boolean {
  const before = [null, effectiveMark(facts)?.associationId ?? null];
  const old = before.includes(facts.address?.associationId ?? null);
  return next === "bring" && old && mayBeOld(facts, opening.leasedMs);
}

/** R2 at R7's comparison: what made the set lossless must still hold. */
function stillStandsIn(view: View, opening: Opening): boolean {
  const { base } = opening;
  if (base.kind !== "restore") return true;
  const mark = effectiveMark(view.facts);
  if (finalSet(view, base.of, mark)?.setId === base.setId) return true;
  const set = view.facts.sets.find((entry) => entry.setId === base.setId);
  if (set === undefined || set.reason !== "recovery") return false;
  return set.members.every((member) => stateOf(view, member.volumeId) === "available");
}

function isLossless(view: View, opening: Opening): boolean {
  const { base } = opening;
  if (base.kind !== "restore") return false;
  return finalSet(view, base.of, effectiveMark(view.facts))?.setId === base.setId;
}

function isRival(view: View, volume: VolumeFact, opening: Opening): boolean {
  if (opening.members.some((member) => member.volumeId === volume.volumeId)) return false;
  if (volume.generation <= opening.from) return false;
  const elsewhere = volume.attachments.some(
    (entry) => entry.instanceId !== view.facts.me.instanceId,
  );
  return elsewhere || volume.written > opening.from;
}

function openedBy(view: View, opening: Opening): Opened | null {
  if (opening.associationId === null) return null;
  return {
    opener: view.facts.me.instanceId,
    at: instant(view.facts.nowMs),
    associationId: opening.associationId,
  };
}
