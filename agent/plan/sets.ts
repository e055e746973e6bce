// Which snapshot sets may stand in for the tip without loss (R2). A set that is not whole, or has a
// snapshot in error or in the archive, never serves; one still pending may be waited for.

import type { SnapshotFact, SnapshotSet } from "../domain/facts.ts";
import type { SnapshotId } from "../domain/ids.ts";
import type { Mark } from "../domain/mark.ts";
import type { View } from "./view.ts";

/** Every name of the seat has a snapshot that is completed or on its way. */
export function isWhole(set: SnapshotSet, names: readonly string[]): boolean {
  if (set.members.length !== names.length) return false;
  return names.every((name) => {
    const snapshot = snapshotOf(set, name);
    return snapshot !== null && !isFailed(snapshot);
  });
}

export function isCompleted(set: SnapshotSet): boolean {
  return set.members.every((member) => snapshotOf(set, member.name)?.state === "completed");
}

/** The set's snapshot of one volume; the first, should a lost reply have doubled it. */
export function snapshotOf(set: SnapshotSet, name: string): SnapshotFact | null {
  const member = set.members.find((entry) => entry.name === name);
  if (member === undefined) return null;
  const found = set.snapshots.filter((snapshot) => snapshot.volumeId === member.volumeId);
  return found.find((snapshot) => !isFailed(snapshot)) ?? found[0] ?? null;
}

export function snapshotIdsOf(set: SnapshotSet): readonly SnapshotId[] {
  return set.snapshots.map((snapshot) => snapshot.snapshotId);
}

/**
 * The clean final set of exactly this generation, while the mark's generation is that one too: a
 * later opening may have written what the set does not hold.
 */
export function finalSet(view: View, written: number, mark: Mark | null): SnapshotSet | null {
  if (mark === null || mark.generation !== written) return null;
  const names = namesOf(view);
  return (
    view.facts.sets.find(
      (set) => set.reason === "final" && set.clean && set.of === written && isWhole(set, names),
    ) ?? null
  );
}

/**
 * A recovery set of exactly these volumes: a valid one of any taker's, or this instance's own, which
 * it still has to check. Another taker's unchecked set says nothing about when its volumes changed.
 */
export function recoverySet(
  view: View,
  ids: readonly string[],
  written: number,
): SnapshotSet | null {
  const names = namesOf(view);
  const candidates = view.facts.sets.filter(
    (set) =>
      set.reason === "recovery" &&
      set.of === written &&
      isWhole(set, names) &&
      set.members.every((member) => ids.includes(member.volumeId)),
  );
  const own = candidates.filter((set) => set.setId.includes(`/${view.facts.me.instanceId}/`));
  return candidates.find((set) => set.valid) ?? own.at(-1) ?? null;
}

export function namesOf(view: View): readonly string[] {
  return view.settings.volumes.map((volume) => volume.name);
}

function isFailed(snapshot: SnapshotFact): boolean {
  return snapshot.archived || !["completed", "pending"].includes(snapshot.state);
}
