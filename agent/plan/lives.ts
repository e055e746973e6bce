// How others are watched: what each instance in the way shows of itself, and since when it has not
// changed. Both are as seen from here, by this machine's own monotonic clock: another's clock may lie.

import type { Life, Memory } from "../domain/decision.ts";
import type { Facts, InstanceFact, VolumeFact } from "../domain/facts.ts";
import { formatMark } from "../domain/mark.ts";
import { effectiveMark } from "./view.ts";

/** Who is watched, with what would show that it lives: its own words, its volumes, its states. */
export function livesOf(facts: Facts, memory: Memory): readonly Life[] {
  const others = facts.instances.filter((instance) => instance.instanceId !== facts.me.instanceId);
  const subjects = [
    ...others.map((instance) => ({
      subject: instance.instanceId as string,
      fingerprint: lifeOf(facts, instance),
    })),
    ...facts.volumes.flatMap((volume) => stillOf(facts, volume)),
  ];
  return subjects.map(({ subject, fingerprint }) => {
    const known = memory.lives.find((life) => life.subject === subject);
    if (known?.fingerprint === fingerprint) return known;
    return { subject, fingerprint, sinceMs: facts.monotonicMs };
  });
}

function lifeOf(facts: Facts, instance: InstanceFact): string {
  const mark = effectiveMark(facts);
  const volumes = facts.volumes
    .filter((volume) =>
      volume.attachments.some((entry) => entry.instanceId === instance.instanceId),
    )
    .map((volume) =>
      [
        volume.volumeId,
        volume.generation,
        volume.written,
        JSON.stringify(volume.releasing),
        volume.attachments[0]?.state,
      ].join(" "),
    );
  const own = mark?.opener === instance.instanceId ? formatMark(mark) : "";
  return [
    instance.state,
    instance.group?.lifecycleState ?? "",
    instance.taking ?? "",
    own,
    ...volumes,
  ].join(" | ");
}

/**
 * A volume that should not stay as it is (attaching, or attached here without a device), or that must
 * (free, before a snapshot).
 */
function stillOf(
  facts: Facts,
  volume: VolumeFact,
): readonly { subject: string; fingerprint: string }[] {
  const [attachment] = volume.attachments;
  if (volume.state === "available") {
    const fingerprint = `free ${volume.generation} ${volume.written}`;
    return [{ subject: volume.volumeId, fingerprint }];
  }
  if (attachment === undefined) return [];
  const { instanceId, device, state } = attachment;
  const attaching = state === "attaching";
  const here = instanceId === facts.me.instanceId && state === "attached";
  const shown = facts.disks.some((disk) => disk.volumeId === volume.volumeId && disk.path !== null);
  if (!attaching && (!here || shown)) return [];
  const fingerprint = `${instanceId} ${device}${attaching ? "" : " without a device"}`;
  return [{ subject: volume.volumeId, fingerprint }];
}
