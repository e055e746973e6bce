// Faults in the lives of volumes and attachments, which no caller is told of: the volume that is gone when
// one looks again, and the detach that nothing holds up and that does not end.

import { type Region, sleep } from "../state/region.ts";
import type { Attachment, Volume } from "../state/resources.ts";

/**
 * Whether a volume whose creation was answered comes to nothing, in which case it has. "The action can
 * appear to complete, but eventually fails" where the key cannot be used (EC2 API, CreateVolume, KmsKeyId).
 */
export function vanishes(region: Region, { id, snapshotId }: Volume): boolean {
  const ids = snapshotId === null ? [id] : [id, snapshotId];
  const fault = region.faults.strike("vanishingVolumes", { ids });
  if (fault === null) return false;
  if (fault.becomes === "error") {
    region.volumes.change(id, { state: "error" });
    return true;
  }
  region.volumes.remove(id);
  region.spawn(() => region.effects.run([id], () => region.machines.deleteVolume(id)));
  return true;
}

/** Holds a detach up for as long as the fault is on and the machine runs. */
export async function waitBusy(region: Region, attachment: Attachment): Promise<void> {
  const { id, instanceId, attachedAtMs } = attachment;
  const fault = region.faults.strike("busyDetaches", { ids: [id, instanceId] });
  if (fault === null) return;
  const endMs = region.clock.nowMs() + fault.busyMs;
  const isHeld = (): boolean =>
    region.clock.nowMs() < endMs &&
    region.faults.isSet("busyDetaches") &&
    region.attachments.get(id)?.attachedAtMs === attachedAtMs &&
    region.instances.get(instanceId)?.machine === "on";
  while (isHeld()) {
    if (region.attachments.get(id)?.state !== "busy") {
      region.attachments.change(id, { state: "busy" });
    }
    await sleep(region, Math.min(endMs - region.clock.nowMs(), region.delays.detachRetryMs));
  }
}
