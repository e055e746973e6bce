// Attaching, under the lease only: the first volume in name order is the lock, since an attachment is
// exclusive; the others follow. Attached means that EC2 says so and that the device has shown up.

import type { Decision, Opening, Scope } from "../domain/decision.ts";
import type { Attachment, VolumeFact } from "../domain/facts.ts";
import type { Member } from "../domain/mark.ts";
import type { Step } from "../domain/steps.ts";
import { again, enter, idsOf } from "./stage.ts";
import { attachedTo, perform, refuse, silentMs, some, type View, wait } from "./view.ts";

// EBS CSI driver, pkg/cloud: an attachment that takes longer than this never completes; detach, wait for
// that to end, and use a device name that was never used. A device that has not shown up by then is
// the same to us.
const stuckMs = 90_000;
// What failed under this many names is not a matter of names; after a while it is tried once more.
const attempts = { max: 3, forgottenMs: 900_000 } as const;

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
    (volume) => !isUsable(view, volume) && silentMs(view, volume.volumeId) > stuckMs,
  );
  if (stuck !== undefined) return startOver(view, opening, stuck);
  if (present.some((volume) => here(volume)?.state !== "attached")) {
    return wait("the volumes are attaching", {
      pace: "attachment",
      look: watching(opening),
      opening,
    });
  }
  if (!present.every((volume) => isUsable(view, volume))) {
    return wait("the devices have not shown up", {
      pace: "device",
      look: { kind: "local" },
      opening,
    });
  }
  return enter("prove", view, opening);
}

/** Under another device name, since the executor uses none twice; a few times, then somebody is told. */
function startOver(view: View, opening: Opening, stuck: VolumeFact): Decision {
  const { volumeId } = stuck;
  const { me, monotonicMs } = view.facts;
  const found =
    here(stuck)?.state === "attaching" ? "stuck attaching" : "attached, and has no device here";
  const tried = view.memory.reattached.filter(
    (entry) => entry.volumeId === volumeId && monotonicMs - entry.atMs < attempts.forgottenMs,
  );
  if (tried.length >= attempts.max) {
    return refuse(
      "EHA-ATTACH-STUCK",
      `"${volumeId}" is ${found}, after ${tried.length} attempts under other device names: see its state in the EC2 console; a reboot of "${me.instanceId}", or another instance, may help`,
    );
  }
  const step: Step = { name: "detach", with: { volumeId, instanceId: me.instanceId } };
  return perform([step], { why: `"${volumeId}" is ${found}`, look: watching(opening), opening });
}

/** EC2 says that it is attached, and its device is here. */
function isUsable(view: View, volume: VolumeFact): boolean {
  const { disks } = view.facts;
  const shown = disks.some((disk) => disk.volumeId === volume.volumeId && disk.path !== null);
  return here(volume)?.state === "attached" && shown;
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
