// Bringing the base to this zone: restore or create what is missing, in a way that a restarted agent
// finds again: a derived token on the call, the parent as a tag on the volume. Only under the lease.

import type { Decision, Opening } from "../domain/decision.ts";
import type { SnapshotSet, VolumeFact } from "../domain/facts.ts";
import type { Member } from "../domain/mark.ts";
import type { VolumeSettings } from "../domain/settings.ts";
import type { Step } from "../domain/steps.ts";
import { burnedFor, type VolumeWish, volumeTags, volumeToken } from "./names.ts";
import { validate } from "./recovery.ts";
import { isCompleted, snapshotOf } from "./sets.ts";
import { again, enter } from "./stage.ts";
import { findTip } from "./tip.ts";
import { attachedTo, everything, perform, refuse, some, type View, wait } from "./view.ts";

export function bring(view: View, opening: Opening): Decision | Opening {
  const { base } = opening;
  if (base.kind === "attach") return enter("attach", view, { ...opening, members: base.members });
  if (base.kind === "create") return make(view, opening, (volume) => fromFirst(view, volume));
  const set = view.facts.sets.find((entry) => entry.setId === base.setId);
  if (set === undefined) return again(`the set "${base.setId}" is gone`);
  const blocked = untilRestorable(view, set, opening);
  return blocked ?? make(view, opening, (volume) => fromSnapshot(view, set, volume));
}

type Source =
  | {
      readonly kind: "make";
      readonly step: Omit<
        Extract<Step, { name: "createVolume" }>["with"],
        "token" | "name" | "zone"
      >;
      readonly parent: string;
    }
  | { readonly kind: "refuse"; readonly decision: Decision };

/** One volume of each name, found again or created; the next stage once all are available. */
function make(
  view: View,
  opening: Opening,
  source: (volume: VolumeSettings) => Source,
): Decision | Opening {
  const members: Member[] = [];
  const steps: Step[] = [];
  let waits = false;
  for (const settings of view.settings.volumes) {
    const from = source(settings);
    if (from.kind === "refuse") return from.decision;
    const found = candidate(view, settings.name, from.parent);
    if (found !== null) members.push({ name: settings.name, volumeId: found.volumeId });
    if (found?.state === "creating") waits = true;
    if (found !== null) continue;
    const wish = { name: settings.name, parent: from.parent };
    const token = volumeToken(view, wish);
    const made = view.memory.created.find((entry) => entry.purpose === token);
    const vanished = keepsVanishing(view, wish);
    if (made?.volumeId != null) waits = true;
    else if (vanished !== null) return vanished;
    else {
      steps.push({
        name: "createVolume",
        with: { ...from.step, token, name: settings.name, zone: view.facts.me.zone },
      });
    }
  }
  const needed = some(steps);
  const made = view.memory.created.flatMap((entry) =>
    entry.volumeId === null ? [] : [entry.volumeId],
  );
  const look = {
    kind: "volumes",
    volumeIds: [...members.map((member) => member.volumeId), ...made],
  } as const;
  if (needed !== null) {
    return perform(needed, { why: "bringing the data to this zone", look: everything, opening });
  }
  if (waits) return wait("the volumes are being created", { pace: "volume", look, opening });
  return enter("attach", view, { ...opening, members });
}

// A volume that vanishes once has bad luck; one that does again has a key that it may not use. It is
// made once more after this time, since the operator may have put the key right meanwhile.
const vanishedMax = 3;
const vanishedPauseMs = 300_000;

/** CreateVolume succeeds before EBS has asked KMS: what fails after that is a volume that goes away. */
function keepsVanishing(view: View, wish: VolumeWish): Decision | null {
  const vanished = burnedFor(view, wish).filter((entry) => entry.vanished);
  const last = vanished.at(-1);
  const paused = last !== undefined && view.facts.monotonicMs - last.atMs < vanishedPauseMs;
  if (vanished.length < vanishedMax || !paused) return null;
  const from = wish.parent === "blank" ? "" : ` from "${wish.parent}"`;
  return refuse(
    "EHA-VOLUME-VANISHED",
    `${vanished.length} volumes made for "${wish.name}"${from} failed or vanished after they were made: see that the instance role may use their KMS key`,
  );
}

/**
 * A volume made for this before: of the same parent, in this zone, never written, and claimed by
 * nobody else. Of blank ones even another's claim does not matter: there is nothing on them.
 */
function candidate(view: View, name: string, parent: string): VolumeFact | null {
  const { me, volumes } = view.facts;
  const fits = volumes.filter(
    (volume) =>
      volume.name === name &&
      volume.zone === me.zone &&
      volume.parent === parent &&
      volume.written === 0 &&
      ["creating", "available", "in-use"].includes(volume.state) &&
      (volume.parent === "blank" ||
        volume.opened === null ||
        volume.opened.opener === me.instanceId) &&
      attachedTo(volume).every((id) => id === me.instanceId),
  );
  return fits.find((volume) => attachedTo(volume).length > 0) ?? fits[0] ?? null;
}

function fromFirst(view: View, volume: VolumeSettings): Source {
  const { first } = volume;
  if (first === null) {
    return {
      kind: "refuse",
      decision: refuse(
        "EHA-FIRST-UNSET",
        `there is no data for "${volume.name}": say under "first" how large it should be`,
      ),
    };
  }
  const plain = { iops: null, throughputMibps: null, initializationMibps: null, type: first.type };
  if (first.kind === "snapshot") {
    const parent = first.snapshotId;
    const tags = volumeTags(view, { name: volume.name, parent, initPending: false });
    return {
      kind: "make",
      parent,
      step: {
        ...plain,
        source: { snapshotId: first.snapshotId, sizeGib: null },
        encryption: { encrypted: false, kmsKeyId: null },
        tags,
      },
    };
  }
  const tags = volumeTags(view, {
    name: volume.name,
    parent: "blank",
    initPending: first.init !== null,
  });
  const { encrypted, kmsKeyId, iops, throughputMibps, sizeGib } = first;
  return {
    kind: "make",
    parent: "blank",
    step: {
      ...plain,
      iops,
      throughputMibps,
      source: { snapshotId: null, sizeGib },
      encryption: { encrypted, kmsKeyId },
      tags,
    },
  };
}

function fromSnapshot(view: View, set: SnapshotSet, volume: VolumeSettings): Source {
  const snapshot = snapshotOf(set, volume.name);
  if (snapshot === null) {
    return { kind: "refuse", decision: again(`the set "${set.setId}" lacks "${volume.name}"`) };
  }
  const { type, iops, throughputMibps, initializationMibps } = volume.restore;
  const parent = snapshot.snapshotId;
  const tags = volumeTags(view, {
    name: volume.name,
    parent,
    initPending: set.initPending.includes(volume.name),
  });
  return {
    kind: "make",
    parent,
    step: {
      type,
      iops,
      throughputMibps,
      initializationMibps,
      source: { snapshotId: snapshot.snapshotId, sizeGib: null },
      encryption: { encrypted: false, kmsKeyId: null },
      tags,
    },
  };
}

/** Nothing is restored from a set before it is complete, and valid where it must be. */
function untilRestorable(view: View, set: SnapshotSet, opening: Opening): Decision | null {
  if (!isCompleted(set)) {
    const done = set.snapshots.map((snapshot) => `${snapshot.progressPercent} %`).join(", ");
    const look = {
      kind: "snapshots",
      snapshotIds: set.snapshots.map((snapshot) => snapshot.snapshotId),
    } as const;
    const failed = set.snapshots.some((snapshot) => snapshot.state === "error");
    if (failed) return again(`a snapshot of "${set.setId}" failed`);
    return wait(`waiting for the set "${set.setId}" (${done})`, {
      pace: "snapshot",
      look,
      opening,
    });
  }
  const tip = findTip(view);
  return validate(view, set, { opening, tipKey: "key" in tip ? tip.key : null });
}
