// What may be thrown away, and above all what may not: never the newest complete set, never what is
// not known to be worthless, never anything that a restore under way is made from. Sets go by age
// buckets; volumes go only when an opening has superseded them, a complete set holds their last state,
// and the operator's time for second thoughts is over.

import type { Decision, Opening } from "../domain/decision.ts";
import type { SnapshotSet, VolumeFact } from "../domain/facts.ts";
import type { Mark } from "../domain/mark.ts";
import type { Step } from "../domain/steps.ts";
import { isLiving } from "./copies.ts";
import { mountedHere, openedHere } from "./holding.ts";
import { proveStep } from "./lease.ts";
import { isCompleted, isWhole, namesOf, snapshotIdsOf } from "./sets.ts";
import { effectiveMark, perform, some, type View } from "./view.ts";

/** After a proof of the lease and a whole look: only the holder throws anything away. */
export function planRetention(view: View): Decision {
  if (view.memory.releasingSinceMs !== null) return { kind: "done", why: "skipped: releasing" };
  const mark = effectiveMark(view.facts);
  const mounted = mountedHere(view);
  if (mark === null || mounted.length === 0 || !openedHere(view, mounted)) {
    return { kind: "done", why: "nothing is thrown away by who does not hold the seat" };
  }
  const { opening } = view.memory;
  const sets = surplusSets(view, mark).map(
    (set): Step => ({ name: "deleteSnapshots", with: { snapshotIds: snapshotIdsOf(set) } }),
  );
  const volumes = surplusVolumes(view, mark).map(
    (volume): Step => ({ name: "deleteVolume", with: { volumeId: volume.volumeId } }),
  );
  // A few at a time: a throttle must never stand between this agent and a failover.
  const steps = some([...sets, ...volumes].slice(0, atOnceMax));
  if (steps === null) return { kind: "done", why: "nothing to throw away" };
  return unproven(view, opening) ?? perform(steps, { why: "retention", opening });
}

/** null once the lease was proven right before this look; `done` when the proof failed. */
function unproven(view: View, opening: Opening | null): Decision | null {
  const { address, look } = view.facts;
  const { proven } = view.memory;
  const fresh = proven !== null && look === proven.look + 1;
  if (address === null || (fresh && proven.associationId === null)) {
    return { kind: "done", why: "nothing is thrown away without the lease" };
  }
  if (fresh && proven.associationId === address.associationId) return null;
  return perform([proveStep(view, address)], { why: "before anything is thrown away", opening });
}

const atOnceMax = 5;
const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** Sets that no bucket keeps, oldest first. */
export function surplusSets(view: View, mark: Mark): readonly SnapshotSet[] {
  const { facts, settings } = view;
  const names = namesOf(view);
  const newestFirst = facts.sets.toSorted((a, b) => b.startedMs - a.startedMs);
  const complete = newestFirst.filter((set) => isWhole(set, names) && isCompleted(set));
  const keep = new Set<string>();
  for (const set of complete.slice(0, Math.max(1, settings.snapshots.keep.latest))) {
    keep.add(set.setId);
  }
  keepBuckets(keep, complete, { count: settings.snapshots.keep.hourly, sizeMs: hourMs });
  keepBuckets(keep, complete, { count: settings.snapshots.keep.daily, sizeMs: dayMs });
  // The newest of the generation being written, and of the one before it, whatever their age.
  // Openings that never wrote use numbers up, so the one before is looked for.
  const before = complete.map((set) => set.of).filter((of) => of < mark.generation);
  for (const generation of [mark.generation, Math.max(0, ...before)]) {
    const newest = complete.find((set) => set.of === generation);
    if (newest !== undefined) keep.add(newest.setId);
  }
  const [newest] = complete;
  if (newest === undefined) return [];
  // What is newer than the newest complete set may be the next one: it is still being made.
  return newestFirst
    .filter(
      (set) => !keep.has(set.setId) && set.startedMs < newest.startedMs && isDisposable(view, set),
    )
    .toReversed();
}

/** The newest of each of the last `count` buckets. */
function keepBuckets(
  keep: Set<string>,
  newestFirst: readonly SnapshotSet[],
  bucket: { count: number; sizeMs: number },
): void {
  const seen = new Set<number>();
  for (const set of newestFirst) {
    const index = Math.floor(set.startedMs / bucket.sizeMs);
    if (seen.has(index) || seen.size >= bucket.count) continue;
    seen.add(index);
    keep.add(set.setId);
  }
}

/** Not pending, and nothing is being restored from it. */
function isDisposable(view: View, set: SnapshotSet): boolean {
  const pending = set.snapshots.some((snapshot) => snapshot.state === "pending");
  const parents = new Set(
    view.facts.volumes.filter((volume) => volume.written === 0).map((volume) => volume.parent),
  );
  return !pending && !set.snapshots.some((snapshot) => parents.has(snapshot.snapshotId));
}

/** Superseded for longer than the operator asked, and their last state is in a complete set. */
export function surplusVolumes(view: View, mark: Mark): readonly VolumeFact[] {
  const { facts, settings } = view;
  if (facts.nowMs - Date.parse(mark.at) < settings.keepOldVolumesMs) return [];
  const named = new Set<string>(mark.members.map((member) => member.volumeId));
  return facts.volumes.filter(
    (volume) =>
      isLiving(volume) &&
      volume.state === "available" &&
      !named.has(volume.volumeId) &&
      volume.written < mark.generation &&
      volume.generation < mark.generation &&
      facts.nowMs - volume.createdMs >= settings.keepOldVolumesMs &&
      isSaved(view, volume),
  );
}

/** What was never written equals its parent; all else needs a complete set of its very last state. */
function isSaved(view: View, volume: VolumeFact): boolean {
  if (volume.written === 0) return volume.parent !== null;
  return view.facts.sets.some(
    (set) =>
      set.of === volume.written &&
      ((set.reason === "final" && set.clean) || (set.reason === "recovery" && set.valid)) &&
      isWhole(set, namesOf(view)) &&
      isCompleted(set) &&
      set.members.some((member) => member.volumeId === volume.volumeId),
  );
}
