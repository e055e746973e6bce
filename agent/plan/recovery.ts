// A recovery set: snapshots of free volumes in another zone, taken now by the taker, because no final
// set holds their last state. It serves only once it is complete and its volumes were seen still free
// and unchanged after that; then it is marked valid.

import type { Base, Decision, Opening } from "../domain/decision.ts";
import type { SnapshotSet, VolumeFact } from "../domain/facts.ts";
import type { Step } from "../domain/steps.ts";
import { recoverySetId, setTags } from "./names.ts";
import { isCompleted, recoverySet, snapshotIdsOf } from "./sets.ts";
import { type Choice, everything, lookAgain, perform, silentMs, type View, wait } from "./view.ts";

/** The set that is there, or the snapshots that make it. */
export function recover(view: View, volumes: readonly VolumeFact[], written: number): Choice {
  const ids = volumes.map((volume) => volume.volumeId);
  const set = recoverySet(view, ids, written);
  if (set !== null) {
    const base: Base = { kind: "restore", setId: set.setId, of: written };
    return { kind: "base", base };
  }
  if (volumes.some((volume) => silentMs(view, volume.volumeId) < freeMs)) {
    const why = "the volumes seem free; one answer is no proof";
    return { kind: "next", decision: wait(why, { pace: "volume" }) };
  }
  return { kind: "next", decision: takeSnapshots(view, volumes, written) };
}

// A volume that was just attached may be listed as available for a moment, and a snapshot of it would be
// taken in the middle of another's writes: two looks this far apart must agree.
const freeMs = 3_000;

/** Under the lease: null once the set may be restored from. `tipKey` is the tip's as just looked at. */
export function validate(view: View, set: SnapshotSet, found: Checked): Decision | null {
  const { opening, tipKey } = found;
  if (set.reason !== "recovery" || set.valid || !isCompleted(set)) return null;
  if (view.facts.look <= opening.sinceLook) {
    return lookAgain("the recovery set is complete: are its volumes unchanged?", opening);
  }
  const free = set.members.every((member) => stateOf(view, member.volumeId) === "available");
  if (!free || tipKey !== opening.tipKey) {
    return wait("the volumes of the recovery set have changed", { pace: "now" });
  }
  const step: Step = {
    name: "validateSet",
    with: { setId: set.setId, snapshotIds: snapshotIdsOf(set) },
  };
  return perform([step], {
    why: "its volumes stayed free and unchanged",
    look: everything,
    opening,
  });
}

export interface Checked {
  readonly opening: Opening;
  readonly tipKey: string | null;
}

export function stateOf(view: View, volumeId: string): VolumeFact["state"] | null {
  return view.facts.volumes.find((volume) => volume.volumeId === volumeId)?.state ?? null;
}

/** One call each; the volumes are free, so their sum is still one point in time. */
function takeSnapshots(view: View, volumes: readonly VolumeFact[], written: number): Decision {
  const prefix = `${view.settings.seat}/${written}/recovery/${view.facts.me.instanceId}/`;
  const earlier = view.facts.sets.filter((set) => set.setId.startsWith(prefix));
  const open = earlier.find(
    (set) =>
      set.snapshots.length < set.members.length &&
      set.snapshots.every((snapshot) => snapshot.state !== "error"),
  );
  const setId = open?.setId ?? recoverySetId(view, written, earlier.length);
  const tags = setTags(view, volumes, { setId, of: written, reason: "recovery", clean: false });
  const steps = volumes
    .filter((volume) => !open?.snapshots.some((snapshot) => snapshot.volumeId === volume.volumeId))
    .map(
      (volume): Step => ({
        name: "snapshotVolume",
        with: { volumeId: volume.volumeId, purpose: `${setId} ${volume.name}`, tags },
      }),
    );
  const [first, ...rest] = steps;
  if (first === undefined) return wait("the recovery set is being listed", { pace: "snapshot" });
  return perform([first, ...rest], {
    why: `no final set holds generation ${written}; taking a recovery set`,
  });
}
