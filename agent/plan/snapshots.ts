// Snapshots of a seat that is held: one set, one point in time over all volumes, under a name derived
// from what it is for. Only the holder takes one, right after a proof of the lease: a set by one that
// was superseded would carry the number of a generation that another is writing.

import type { Decision } from "../domain/decision.ts";
import type { SetReason, VolumeFact } from "../domain/facts.ts";
import type { Step } from "../domain/steps.ts";
import { classify, mountedHere, openedHere } from "./holding.ts";
import { proveStep } from "./lease.ts";
import { setTags } from "./names.ts";
import { effectiveMark, perform, type View } from "./view.ts";

export interface Wish {
  readonly setId: string;
  readonly reason: Extract<SetReason, "scheduled" | "manual">;
}

export function planSnapshot(view: View, wish: Wish): Decision {
  if (view.memory.releasingSinceMs !== null) return { kind: "done", why: "skipped: releasing" };
  const taken = view.facts.sets.some((set) => set.setId === wish.setId);
  if (taken) return { kind: "done", why: `the set "${wish.setId}" is taken` };
  const { proven } = view.memory;
  const { address, look, me } = view.facts;
  if (address === null) return { kind: "done", why: "skipped: the address is not known" };
  // A proof takes a free address: only who holds the seat may ask for one.
  const mounted = mountedHere(view);
  if (mounted.length < view.settings.volumes.length || !openedHere(view, mounted)) {
    return { kind: "done", why: notHolding(wish) };
  }
  if (proven === null || look !== proven.look + 1) {
    return kept(
      view,
      perform([proveStep(view, address)], { why: `before the set "${wish.setId}"` }),
    );
  }
  const holding = classify(view);
  if (holding.kind === "next") return kept(view, holding.decision);
  if (holding.kind !== "mine") return { kind: "done", why: notHolding(wish) };
  const crowded = mounted.find((volume) => pendingOf(view, volume) >= pendingMax);
  if (crowded !== undefined) {
    return {
      kind: "done",
      why: `skipped the set "${wish.setId}": "${crowded.volumeId}" has ${pendingMax} snapshots pending`,
    };
  }
  const of = effectiveMark(view.facts)?.generation ?? 0;
  const tags = setTags(view, mounted, { ...wish, of, clean: false });
  const volumeIds = mounted.map((volume) => volume.volumeId);
  const step: Step = {
    name: "snapshotSet",
    with: { instanceId: me.instanceId, volumeIds, purpose: wish.setId, tags },
  };
  return kept(view, perform([step], { why: `${wish.reason} set of generation ${of}` }));
}

function notHolding(wish: Wish): string {
  return `skipped the set "${wish.setId}": this instance does not hold the seat`;
}

// EBS allows five pending snapshots of one volume; the last is kept for the final set.
const pendingMax = 4;

function pendingOf(view: View, volume: VolumeFact): number {
  const snapshots = view.facts.sets.flatMap((set) => set.snapshots);
  return snapshots.filter(
    (snapshot) => snapshot.volumeId === volume.volumeId && snapshot.state === "pending",
  ).length;
}

/** Taking a snapshot does not end the opening that holds the seat. */
function kept(view: View, decision: Decision): Decision {
  const { opening } = view.memory;
  if (decision.kind === "perform" || decision.kind === "wait") return { ...decision, opening };
  return decision;
}
