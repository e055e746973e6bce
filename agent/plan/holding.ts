// Whether this instance holds the seat: its volumes are mounted here, this instance opened them last,
// and the lease was proven to be the one they were opened under. What was opened here but outranked
// since is lost: it is let go of, never written on.

import type { Decision, Opening } from "../domain/decision.ts";
import type { VolumeFact } from "../domain/facts.ts";
import type { AssociationId } from "../domain/ids.ts";
import { instant, type Mark } from "../domain/mark.ts";
import type { Step } from "../domain/steps.ts";
import { byName, membersOf } from "./copies.ts";
import { proveStep } from "./lease.ts";
import { mayBeOld } from "./unseen.ts";
import { effectiveMark, isAttachedTo, lookAgain, perform, type View } from "./view.ts";

export type Holding =
  /** Not all of the seat is mounted here where it belongs. */
  | { readonly kind: "nothing" }
  | { readonly kind: "mine"; readonly opening: Opening }
  /** To be found out, or put right, first. */
  | { readonly kind: "next"; readonly decision: Decision }
  | { readonly kind: "lost"; readonly why: string };

export function classify(view: View): Holding {
  const volumes = mountedHere(view);
  // Some of them, or elsewhere, is no seat to serve: what is mounted goes, and is opened anew (R4).
  if (!isInPlace(view)) return { kind: "nothing" };
  if (isBehind(view, volumes)) return next(lookAgain("the volumes are seen as they were"));
  const mark = effectiveMark(view.facts);
  const outranked = outrankedBy(view, volumes, mark);
  if (outranked !== null) return { kind: "lost", why: outranked };
  const { address } = view.facts;
  // Who cannot see the address cannot tell whether it has moved: that is no reason to stop serving.
  if (address === null) return next(lookAgain("the address is not seen"));
  const { proven } = view.memory;
  if (proven === null) {
    return next(perform([proveStep(view, address)], { why: "is the lease still mine?" }));
  }
  if (view.facts.look <= proven.look) {
    return next(lookAgain("the lease was proven; what does the mark say?"));
  }
  if (proven.associationId === null) return { kind: "lost", why: "another has the address" };
  // A proof is as old as the first look that contradicts it.
  if (address.associationId !== proven.associationId) {
    return next(perform([proveStep(view, address)], { why: "the address seems to have moved" }));
  }
  return settleMark(view, { volumes, mark, associationId: proven.associationId });
}

/** Seen as they were before this process opened them: a list that lags takes nothing from anybody. */
function isBehind({ facts, memory }: View, volumes: readonly VolumeFact[]): boolean {
  const { opening } = memory;
  if (opening?.stage !== "opened" || !mayBeOld(facts, opening.wroteMs)) return false;
  return volumes.some(({ generation, written, attachments }) => {
    return Math.min(generation, written) < opening.generation || attachments.length === 0;
  });
}

/** The seat's volumes that are attached and mounted here, in name order. */
export function mountedHere(view: View): readonly VolumeFact[] {
  const { facts } = view;
  const mounted = facts.volumes.filter((volume) => {
    const disk = facts.disks.find((entry) => entry.volumeId === volume.volumeId);
    return (disk?.mountedAt.length ?? 0) > 0;
  });
  return mounted.toSorted(byName);
}

/** Every volume of the settings is mounted at its own mount point. */
function isInPlace(view: View): boolean {
  const mounted = mountedHere(view);
  const inPlace = view.settings.volumes.every((settings) =>
    mounted.some(
      (volume) =>
        volume.name === settings.name &&
        view.facts.disks.some(
          (disk) => disk.volumeId === volume.volumeId && disk.mountedAt.includes(settings.mount),
        ),
    ),
  );
  return inPlace && mounted.length === view.settings.volumes.length;
}

/** The mark names this instance, and the volumes were written under it. */
export function openedHere(view: View, volumes: readonly VolumeFact[]): boolean {
  return outrankedBy(view, volumes, effectiveMark(view.facts)) === null;
}

function outrankedBy(view: View, volumes: readonly VolumeFact[], mark: Mark | null): string | null {
  const { instanceId } = view.facts.me;
  const generation = volumes[0]?.generation ?? 0;
  const own = volumes.every(
    (volume) =>
      volume.generation === generation &&
      volume.written === generation &&
      volume.opened?.opener === instanceId &&
      isAttachedTo(volume, instanceId),
  );
  if (!own || generation === 0) {
    return "the volumes mounted here were not opened by this instance last";
  }
  if (mark !== null && mark.generation > generation) {
    return `the mark is at generation ${mark.generation}, these volumes at ${generation}`;
  }
  if (mark?.generation === generation && mark.opener !== instanceId) {
    return `"${mark.opener}" opened generation ${generation} too`;
  }
  return null;
}

export interface Held {
  readonly volumes: readonly VolumeFact[];
  readonly mark: Mark | null;
  readonly associationId: AssociationId;
}

/** A mark that is missing, behind, or of an association since taken back is rewritten, after a proof. */
function settleMark(view: View, held: Held): Holding {
  const { facts } = view;
  const generation = held.volumes[0]?.generation ?? 0;
  const current = (mark: Mark | null) =>
    mark?.generation === generation && mark.associationId === held.associationId;
  const onGroup = facts.me.group === null || current(facts.groupMark);
  if (current(facts.address?.mark ?? null) && onGroup) {
    return { kind: "mine", opening: continued(view, held, generation) };
  }
  return next(rewriteMark(view, held));
}

/** The mark again, under the association that was just proven. */
export function rewriteMark(view: View, held: Held): Decision {
  const { facts } = view;
  const generation = held.volumes[0]?.generation ?? 0;
  if (facts.address === null) return lookAgain("the address is not known");
  const mark: Mark = {
    generation,
    opener: facts.me.instanceId,
    at: instant(facts.nowMs),
    associationId: held.associationId,
    members: membersOf(held.volumes),
    fallback: held.mark?.generation === generation && held.mark.fallback,
  };
  const group = facts.me.group?.name ?? null;
  const step: Step = {
    name: "mark",
    with: { allocationId: facts.address.allocationId, group, mark },
  };
  return perform([step], { why: "the mark was missing, behind, or of an earlier association" });
}

/** After a restart of the agent this opening continues, from the first stage that may be repeated. */
function continued(view: View, held: Held, generation: number): Opening {
  return {
    base: { kind: "attach", members: membersOf(held.volumes) },
    tipKey: "",
    from: generation,
    stage: "settle",
    sinceLook: view.facts.look,
    associationId: held.associationId,
    leasedMs: view.facts.monotonicMs,
    wroteMs: null,
    generation,
    members: membersOf(held.volumes),
  };
}

function next(decision: Decision): Holding {
  return { kind: "next", decision };
}
