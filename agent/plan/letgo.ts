// Letting go without saving: what an instance does that finds itself outranked, or that attached
// volumes and then did not get the lease. Units stop before the mount goes, and the first volume in
// name order, the lock, is detached last.

import type { Decision } from "../domain/decision.ts";
import type { VolumeFact } from "../domain/facts.ts";
import type { Settings } from "../domain/settings.ts";
import type { Step } from "../domain/steps.ts";
import { byName } from "./copies.ts";
import { isAttachedTo, perform, some, type View } from "./view.ts";

/** null once nothing of the seat is mounted or attached here, but for the volumes to keep. */
export function letGo(view: View, why: string, keep: readonly string[] = []): Decision | null {
  return quiet(view, why, keep) ?? detachHere(view, why, keep);
}

/** Stops the units and unmounts; null once nothing but what is kept is mounted. */
export function quiet(view: View, why: string, keep: readonly string[] = []): Decision | null {
  const { settings, facts } = view;
  const mounted = facts.disks.filter(
    (disk) => disk.mountedAt.length > 0 && !keep.includes(disk.volumeId),
  );
  if (mounted.length === 0) return null;
  const stop = stopUnits(view, why);
  if (stop !== null) return stop;
  const points = mounted
    .flatMap((disk) => disk.mountedAt)
    .toSorted()
    .toReversed();
  const steps = some(
    points.map(
      (mountPoint): Step => ({ name: "unmount", with: { mountPoint, units: settings.units } }),
    ),
  );
  return steps === null ? null : perform(steps, { why, look: { kind: "local" } });
}

/** The last unit in the list that is not down yet, one at a time; null when all are down. */
export function stopUnits(view: View, why: string): Decision | null {
  const running = view.facts.units.findLast((unit) =>
    ["active", "activating", "deactivating"].includes(unit.state),
  );
  if (running === undefined) return null;
  const timeoutMs = unitStopMs(view.settings);
  return perform([{ name: "stopUnit", with: { unit: running.name, timeoutMs } }], {
    why,
    look: { kind: "local" },
  });
}

// A third of a release at most, so that snapshot and detach keep their time; never more than systemd's
// own default for stopping a unit.
const unitStopMaxMs = 90_000;

export function unitStopMs({ releaseWithinMs }: Settings): number {
  return Math.min(unitStopMaxMs, Math.ceil(releaseWithinMs / 3));
}

export function attachedHere(view: View): readonly VolumeFact[] {
  return view.facts.volumes
    .filter((volume) => isAttachedTo(volume, view.facts.me.instanceId))
    .toSorted(byName);
}

/** The others side by side, then the lock; null when nothing is attached. */
export function detachHere(view: View, why: string, keep: readonly string[] = []): Decision | null {
  const { instanceId } = view.facts.me;
  const attached = attachedHere(view).filter((volume) => !keep.includes(volume.volumeId));
  const going = attached.filter((volume) =>
    volume.attachments.every((entry) => entry.state !== "detaching"),
  );
  const [lock, ...others] = going;
  if (attached.length === 0) return null;
  const look = { kind: "volumes", volumeIds: attached.map((volume) => volume.volumeId) } as const;
  if (lock === undefined) {
    return {
      kind: "wait",
      why: "the volumes are detaching",
      pace: "attachment",
      look,
      opening: null,
    };
  }
  const last = attached.length === 1 ? [lock] : [];
  const first = others.length > 0 ? others : last;
  const steps = some(
    first.map(
      (volume): Step => ({ name: "detach", with: { volumeId: volume.volumeId, instanceId } }),
    ),
  );
  if (steps === null) {
    return {
      kind: "wait",
      why: "the other volumes are detaching",
      pace: "attachment",
      look,
      opening: null,
    };
  }
  return perform(steps, { why, look });
}
