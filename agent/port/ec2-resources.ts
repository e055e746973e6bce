// From the SDK's structures to the agent's resources, strictly. What EC2 always gives must be there and
// be what it should be; what is there and not understood is never taken for what is not there.

import type {
  Address as SdkAddress,
  Instance as SdkInstance,
  Snapshot as SdkSnapshot,
  Volume as SdkVolume,
} from "@aws-sdk/client-ec2";
import type { Attachment } from "../domain/facts.ts";
import { allocationId, associationId, instanceId, snapshotId, volumeId } from "../domain/ids.ts";
import type { Address, Instance, Snapshot, Volume } from "../domain/resources.ts";
import { count, flag, listed, must, tagsOf, text, timeMs } from "./ec2-answers.ts";

export function addressOf(found: SdkAddress): Address {
  return {
    allocationId: must(allocationId(found.AllocationId), "AllocationId"),
    publicIp: text(found.PublicIp, "PublicIp"),
    associationId: ifThere(found.AssociationId, associationId, "AssociationId"),
    instanceId: ifThere(found.InstanceId, instanceId, "InstanceId"),
    tags: tagsOf(found.Tags),
  };
}

/** What is there and not understood is never taken for what is not there. */
function ifThere<T>(value: unknown, parse: (found: unknown) => T | null, what: string): T | null {
  // EC2 writes an empty element where there is none.
  return value === undefined || value === "" ? null : must(parse(value), what);
}

export function volumeOf(found: SdkVolume): Volume {
  const list = listed(found.Attachments ?? [], "list of attachments");
  const attachments = list.flatMap((entry): Attachment[] => {
    const state = text(entry.State, "attachment's State");
    if (state === "detached") return [];
    return [
      {
        instanceId: must(instanceId(entry.InstanceId), "attachment's InstanceId"),
        state,
        device: entry.Device === undefined ? "" : text(entry.Device, "attachment's Device"),
      },
    ];
  });
  return {
    volumeId: must(volumeId(found.VolumeId), "VolumeId"),
    zone: text(found.AvailabilityZone, "AvailabilityZone"),
    state: text(found.State, "State"),
    sizeGib: count(found.Size, "Size"),
    attachments,
    multiAttach: flag(found.MultiAttachEnabled ?? false, "MultiAttachEnabled"),
    createdMs: timeMs(found.CreateTime, "CreateTime"),
    tags: tagsOf(found.Tags),
  };
}

export function snapshotOf(found: SdkSnapshot): Snapshot {
  return {
    snapshotId: must(snapshotId(found.SnapshotId), "SnapshotId"),
    volumeId: must(volumeId(found.VolumeId), "VolumeId"),
    state: text(found.State, "State"),
    archived: found.StorageTier === "archive",
    // For words alone, and not there before the first block is copied.
    progressPercent:
      typeof found.Progress === "string" ? Number.parseInt(found.Progress, 10) || 0 : 0,
    sizeGib: count(found.VolumeSize, "VolumeSize"),
    startedMs: timeMs(found.StartTime, "StartTime"),
    tags: tagsOf(found.Tags),
  };
}

/** One that is none of these might be taken for an end. */
const instanceStates = [
  "pending",
  "running",
  "shutting-down",
  "terminated",
  "stopping",
  "stopped",
] as const;

export function instanceOf(found: SdkInstance): Instance {
  return {
    instanceId: must(instanceId(found.InstanceId), "InstanceId"),
    state: must(
      instanceStates.find((state) => state === found.State?.Name),
      "State that is known",
    ),
    tags: tagsOf(found.Tags),
  };
}
