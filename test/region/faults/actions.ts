// Faults of single actions, which depend on what is asked and on what the region holds: limits of the
// account, tokens that are used up, device names that are taken, heartbeats that nobody hears. They are
// decided in place of the action, before it looks at anything.

import type { ApiCall } from "../contract.ts";
import { invalidValue } from "../state/errors.ts";
import type { Region } from "../state/region.ts";
import { mismatch } from "../state/tokens.ts";
import { matchesAny } from "./aim.ts";
import { targetOf } from "./calls.ts";
import { limitExceeded, snapshotRateExceeded } from "./refusals.ts";
import type { FaultTable } from "./settings.ts";

/** The action's answer where it has no effect; null where it is to be performed. Throws what refuses it. */
export function instead(region: Region, call: ApiCall): Record<string, unknown> | null {
  // A dry run uses nothing up, and so nothing that is limited.
  if (call.input["DryRun"] === true) return null;
  switch (call.action) {
    case "CreateVolume":
      refuseLimit(region, call);
      refuseToken(region, call);
      return null;
    case "RunInstances":
      refuseToken(region, call);
      return null;
    case "CreateSnapshot":
    case "CreateSnapshots":
      refuseSnapshot(region, call);
      return null;
    case "AttachVolume":
      refuseDevice(region, call);
      return null;
    case "RecordLifecycleActionHeartbeat":
      return region.faults.strike("lostHeartbeats", targetOf(call)) === null ? null : {};
    default:
      return null;
  }
}

/** In kubernetes-sigs/aws-ebs-csi-driver, pkg/cloud: over a limit, EC2 does not look at the token. */
function refuseLimit(region: Region, call: ApiCall): void {
  const limit = region.faults.aimed("volumeLimit", targetOf(call));
  if (limit === null || region.volumes.all().length < limit.volumesMax) return;
  if (region.faults.strike("volumeLimit", targetOf(call)) === null) return;
  throw limitExceeded("VolumeLimitExceeded", limit.volumesMax);
}

function refuseToken(region: Region, call: ApiCall): void {
  const { ClientToken: token } = call.input;
  if (typeof token !== "string") return;
  const burned = region.faults.memory("burnedTokens");
  if (burned.has(token)) region.faults.note("burnedTokens");
  else if (region.faults.strike("burnedTokens", targetOf(call)) !== null) burned.add(token);
  else return;
  throw mismatch();
}

function refuseDevice(region: Region, call: ApiCall): void {
  const { Device: device } = call.input;
  const fault = region.faults.aimed("refusedDevices", targetOf(call));
  if (typeof device !== "string" || fault === null || !matchesAny(fault.devices, [device])) return;
  if (region.faults.strike("refusedDevices", targetOf(call)) === null) return;
  throw invalidValue(
    `Invalid value '${device}' for unixDevice. Attachment point ${device} is already in use`,
  );
}

/** "Error codes for the Amazon EC2 API" has the codes and the 15 seconds. */
function refuseSnapshot(region: Region, call: ApiCall): void {
  const limits = region.faults.aimed("snapshotLimits", targetOf(call));
  const refusal = limits === null ? null : snapshotRefusal(region, call, limits);
  if (refusal === null || region.faults.strike("snapshotLimits", targetOf(call)) === null) return;
  throw refusal;
}

function snapshotRefusal(region: Region, call: ApiCall, limits: FaultTable["snapshotLimits"]) {
  const all = region.snapshots.all();
  if (all.length >= limits.snapshotsMax) {
    return limitExceeded("SnapshotLimitExceeded", limits.snapshotsMax);
  }
  if (all.filter((each) => each.state === "pending").length >= limits.pendingMax) {
    return limitExceeded("PendingSnapshotLimitExceeded", limits.pendingMax);
  }
  const volumeIds = volumesIn(region, call);
  const sinceMs = region.clock.nowMs() - limits.intervalMs;
  const isEarly = all.some((each) => volumeIds.includes(each.volumeId) && each.startAtMs > sinceMs);
  return isEarly ? snapshotRateExceeded() : null;
}

function volumesIn(region: Region, { input }: ApiCall): readonly unknown[] {
  const { VolumeId: volumeId, InstanceSpecification: specification } = input;
  if (volumeId !== undefined) return [volumeId];
  if (typeof specification !== "object" || specification === null) return [];
  const instanceId = "InstanceId" in specification ? specification.InstanceId : undefined;
  return region.attachments
    .all()
    .filter((each) => each.instanceId === instanceId)
    .map((each) => each.id);
}
