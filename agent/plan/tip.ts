// Finds the tip: the newest copy of the seat's data, wherever it is (R1, R2, R3). The highest
// `written` wins, and the mark guards it: a mark ahead of every `written` seen means that a read was
// stale, that volumes are lost, or that an opening ended before it wrote. Nothing here concludes
// from one empty answer, and nothing older than the tip is ever returned.

import type { Decision, Opening, Refusal } from "../domain/decision.ts";
import type { Facts, SnapshotSet, VolumeFact } from "../domain/facts.ts";
import type { Mark } from "../domain/mark.ts";
import { type Copy, findCopies, isLiving, keyOf, listOf } from "./copies.ts";
import { type First, isFirstBorn, neverWritten } from "./first.ts";
import { finalSet, namesOf } from "./sets.ts";
import { effectiveMark, type View, wait } from "./view.ts";

export type Tip =
  /** Volumes that are there. `from` is the generation that they hold. */
  | {
      readonly kind: "volumes";
      readonly volumes: readonly VolumeFact[];
      readonly from: number;
      readonly key: string;
    }
  /** The volumes are lost, and a set that R2 lets stand in for them without loss. */
  | { readonly kind: "set"; readonly set: SnapshotSet; readonly from: number; readonly key: string }
  | First
  /** What is seen cannot be all: look again for `patience`, then refuse. */
  | { readonly kind: "look"; readonly why: string; readonly otherwise: Refusal }
  | { readonly kind: "refuse"; readonly refusal: Refusal };

/** The tip as the facts show it now. Two tips are the same exactly when their keys are. */
export function findTip(view: View): Tip {
  const { facts } = view;
  const mark = effectiveMark(facts);
  const copies = findCopies(facts, mark, namesOf(view));
  const top = Math.max(0, ...copies.filter((copy) => copy.complete).map((copy) => copy.written));
  const objection = unreadable(facts) ?? foreignNames(view, mark);
  if (objection !== null) return { kind: "refuse", refusal: objection };

  // R1: the mark is ahead, so what it names is the tip, if it can be seen.
  if (mark !== null && mark.generation >= top) {
    const marked = copies.find((copy) => copy.marked);
    const hidden = mark.members.filter((member) => !isVisible(facts, member.volumeId));
    const unwrittenFallback = mark.fallback && (marked?.written ?? 0) < mark.generation;
    if (hidden.length > 0 && !unwrittenFallback) return outOfSight(view, mark, hidden);
    const ahead = mark.generation > top && !unwrittenFallback;
    if (marked !== undefined && ahead) {
      return marked.highest === 0 && isFirstBorn(view)
        ? neverWritten(view, mark)
        : whole(marked, mark, view);
    }
  }
  const partial = copies.find((copy) => !copy.complete && copy.highest > top);
  if (partial !== undefined) return incomplete(partial);
  if (top === 0) return neverWritten(view, mark);

  // R1: otherwise the highest `written` of all copies.
  const best = copies.filter((copy) => copy.complete && copy.written === top);
  const current = best.filter((copy) => isOpenedUnder(copy, facts.address?.associationId ?? null));
  const candidates = best.length === 1 ? best : current;
  const chosen = candidates.length === 1 ? candidates[0] : undefined;
  // The same number on what the mark names and on something else was used twice.
  const twice = mark?.generation === top && !mark.fallback && chosen?.marked === false;
  if (twice) return fork(copies.filter((copy) => copy.marked || copy.written === top));
  return chosen === undefined ? fork(best) : whole(chosen, mark, view);
}

/** A puzzle is looked at again for `patience`; what it is after that only an operator can say. */
export function lookOrRefuse(
  view: View,
  tip: Extract<Tip, { kind: "look" }>,
  opening: Opening | null,
): Decision {
  const since = view.memory.hiddenSinceMs;
  const over = since !== null && view.facts.monotonicMs - since > view.settings.patienceMs;
  if (over) return { kind: "refuse", refusal: tip.otherwise };
  return wait(tip.why, { pace: "volume", opening });
}

function whole(copy: Copy, mark: Mark | null, view: View): Tip {
  const added = namesOf(view).filter((name) =>
    mark?.members.every((member) => member.name !== name),
  );
  if (mark !== null && added.length > 0) {
    return refused(
      "EHA-VOLUME-ADDED",
      `the seat was opened without "${added.join('", "')}": adding a volume to a seat that has data is not supported yet`,
    );
  }
  if (!copy.complete) return incomplete(copy);
  const zones = new Set(copy.volumes.map((volume) => volume.zone));
  if (zones.size > 1) {
    return refused(
      "EHA-TIP-SPLIT",
      `${listOf(copy.volumes)} lie in ${[...zones].join(" and ")}, wanted one zone: move them into one`,
    );
  }
  const failed = copy.volumes.find((volume) => volume.state === "error");
  if (failed !== undefined) {
    return refused(
      "EHA-VOLUME-ERROR",
      `"${failed.volumeId}" is in state "error", wanted "available": see its KMS key and its events in the EC2 console`,
    );
  }
  return {
    kind: "volumes",
    volumes: copy.volumes,
    // Marked and not yet written, it equals its base: as good as written under the mark. A set of the
    // lower number may be older, should a late call have put `written` back.
    from: copy.marked ? Math.max(copy.written, mark?.generation ?? 0) : copy.written,
    key: keyOf(mark, copy.volumes),
  };
}

/** R1: a volume out of sight is a stale read until EC2 has said by id, again and again, that it is gone. */
function outOfSight(view: View, mark: Mark, hidden: Mark["members"]): Tip {
  const ids = hidden.map((member) => member.volumeId);
  const lost = ids.every((id) => isLost(view, id));
  const why = `the mark of generation ${mark.generation} names "${ids.join('", "')}", which cannot be seen`;
  if (!lost) {
    const message = `${why}, and EC2 does not say that it is gone: see whether it was deleted, then look again`;
    return { kind: "look", why, otherwise: { code: "EHA-TIP-INCOMPLETE", message } };
  }
  const set = finalSet(view, mark.generation, mark);
  if (set !== null) {
    return { kind: "set", set, from: mark.generation, key: `${keyOf(mark, [])} ${set.setId}` };
  }
  const found = `${why}, and no clean final set of that generation is there`;
  return view.settings.maxDataLossMs === null
    ? refused("EHA-TIP-LOST", `${found}: nothing may be lost, so an operator must decide`)
    : refused("EHA-FALLBACK-UNSUPPORTED", `${found}: falling back is not supported yet`);
}

// A volume is lost once EC2 has denied its id in this many looks, over all of `patience`.
const notFoundLooks = 3;

function isLost(view: View, volumeId: string): boolean {
  const lost = view.memory.lost.find((entry) => entry.volumeId === volumeId);
  if (lost === undefined) return false;
  const forMs = view.facts.monotonicMs - lost.sinceMs;
  return lost.looks >= notFoundLooks && forMs >= view.settings.patienceMs;
}

function isVisible(facts: Facts, volumeId: string): boolean {
  return facts.volumes.some((volume) => volume.volumeId === volumeId && isLiving(volume));
}

function isOpenedUnder(copy: Copy, associationId: string | null): boolean {
  return (
    associationId !== null &&
    copy.volumes.every((volume) => volume.opened?.associationId === associationId)
  );
}

function incomplete(copy: Copy): Tip {
  const why = `${listOf(copy.volumes)} were written under generation ${copy.highest}, but not all volumes of that copy can be seen`;
  return {
    kind: "look",
    why,
    otherwise: {
      code: "EHA-TIP-INCOMPLETE",
      message: `${why}: see whether one was deleted or lost its tags`,
    },
  };
}

function fork(copies: readonly Copy[]): Tip {
  const found = copies.map((copy) => listOf(copy.volumes)).join(" and ");
  return refused(
    "EHA-TIP-FORK",
    `${found} were both written under generation ${copies[0]?.written}, wanted one: remove the tag "ec2-ha:seat" from the wrong one`,
  );
}

function unreadable(facts: Facts): Refusal | null {
  const bad = facts.malformed.find((entry) => entry.candidate);
  if (bad === undefined) return null;
  return {
    code: "EHA-TAG-MALFORMED",
    message: `"${bad.subject}" has ${bad.tag}="${bad.found}", wanted ${bad.wanted}: put the tag right`,
  };
}

/** R3: a mark that names a volume the settings lack is never a reason to go on without it. */
function foreignNames(view: View, mark: Mark | null): Refusal | null {
  const names = namesOf(view);
  const gone = mark?.members.filter((member) => !names.includes(member.name)) ?? [];
  if (gone.length === 0) return null;
  const message = `the seat was opened with "${gone.map((member) => member.name).join('", "')}", which the settings lack: put it back`;
  return { code: "EHA-VOLUME-REMOVED", message };
}

function refused(code: Refusal["code"], message: string): Tip {
  return { kind: "refuse", refusal: { code, message } };
}
