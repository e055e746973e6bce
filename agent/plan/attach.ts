// Attaching, under the lease only: the first volume in name order is the lock, since an attachment is
// exclusive; the others follow. Attached means that EC2 says so and that the device has shown up.

import type { Decision, Opening, Scope } from "../domain/decision.ts";
import type { Attachment, VolumeFact } from "../domain/facts.ts";
import type { Member } from "../domain/mark.ts";
import type { Step } from "../domain/steps.ts";
import { again, enter, idsOf } from "./stage.ts";
import { attachedTo, perform, silentMs, some, type View, wait } from "./view.ts";

// EBS CSI driver, pkg/cloud: an attachment that takes longer than this never completes; detach, wait for
// that to end, and use a device name that was never used.
const stuckAttachingMs = 90_000;

export function attach(view: View, opening: Opening): Decision | Opening {
  const volumes = opening.members.map((member) => volumeOf(view, member));
  const { instanceId } = view.facts.me;
  if (volumes.some((volume) => volume === null)) {
    return wait("a volume just made is not listed yet", {
      pace: "volume",
      look: watching(opening),
      opening,
    });
  }
  const present = volumes.filter((volume) => volume !== null);
  const lost = present.find((volume) => attachedTo(volume).some((id) => id !== instanceId));
  if (lost !== undefined) return again(`"${lost.volumeId}" is attached to another instance`);
  const detached = present.filter((volume) => volume.attachments.length === 0);
  const lock = detached.filter((volume) => volume.name === opening.members[0]?.name);
  const steps = some(
    (lock.length > 0 ? lock : detached).map(
      (volume): Step => ({ name: "attach", with: { volumeId: volume.volumeId, instanceId } }),
    ),
  );
  if (steps !== null) {
    return perform(steps, { why: "under the lease", look: watching(opening), opening });
  }
  const stuck = present.find(
    (volume) =>
      here(volume)?.state === "attaching" && silentMs(view, volume.volumeId) > stuckAttachingMs,
  );
  if (stuck !== undefined) {
    const step: Step = { name: "detach", with: { volumeId: stuck.volumeId, instanceId } };
    return perform([step], {
      why: `"${stuck.volumeId}" is stuck attaching`,
      look: watching(opening),
      opening,
    });
  }
  if (present.some((volume) => here(volume)?.state !== "attached")) {
    return wait("the volumes are attaching", {
      pace: "attachment",
      look: watching(opening),
      opening,
    });
  }
  const missing = opening.members.filter(
    (member) => view.facts.disks.find((disk) => disk.volumeId === member.volumeId)?.path == null,
  );
  if (missing.length > 0) {
    return wait("the devices have not shown up", {
      pace: "device",
      look: { kind: "local" },
      opening,
    });
  }
  return enter("prove", view, opening);
}

function volumeOf(view: View, member: Member): VolumeFact | null {
  return view.facts.volumes.find((volume) => volume.volumeId === member.volumeId) ?? null;
}

function here(volume: VolumeFact): Attachment | undefined {
  return volume.attachments[0];
}

function watching(opening: Opening): Scope {
  return { kind: "volumes", volumeIds: idsOf(opening) };
}
