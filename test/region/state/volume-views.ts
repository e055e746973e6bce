// Volumes as callers see them: the shapes of DescribeVolumes and DescribeVolumeStatus.

import type {
  DescribeVolumeStatusRequest,
  DescribeVolumeStatusResult,
  DescribeVolumesRequest,
  DescribeVolumesResult,
  VolumeAttachment,
  Volume as VolumeShape,
  VolumeStatusItem,
} from "@aws-sdk/client-ec2";
import { type FilterTable, filtered, present, timeText, wholeSeconds, without } from "./filters.ts";
import { chosen } from "./lookup.ts";
import { page, refuseIdsWithPages } from "./pages.ts";
import type { Region } from "./region.ts";
import type { Attachment, Volume } from "./resources.ts";
import { shownTags, tagList } from "./tags.ts";

export function describeVolumes(
  region: Region,
  input: DescribeVolumesRequest,
): DescribeVolumesResult {
  refuseIdsWithPages(input.VolumeIds, input, "volumeSet");
  const matching = filtered(chosen(region.volumes, "volume", input.VolumeIds), {
    filters: input.Filters,
    table: volumeFilters(region),
    tagsOf: (volume) => volume.tags,
  });
  const { rows, next } = page(matching, input);
  return { Volumes: rows.map((volume) => volumeShape(region, volume)), NextToken: next };
}

export function describeVolumeStatus(
  region: Region,
  input: DescribeVolumeStatusRequest,
): DescribeVolumeStatusResult {
  refuseIdsWithPages(input.VolumeIds, input, "volumeSet");
  const matching = filtered(chosen(region.volumes, "volume", input.VolumeIds), {
    filters: input.Filters,
    table: {
      ...without(
        "action.code",
        "action.description",
        "action.event-id",
        "attachment-status.instance-id",
        "attachment-status.io-performance",
        "event.description",
        "event.event-id",
        "event.event-type",
        "event.not-after",
        "event.not-before",
      ),
      "availability-zone": (volume) => [volume.zone],
      "availability-zone-id": (volume) => present(zoneId(region, volume.zone)),
      "volume-status.details-name": () => ["io-enabled", "io-performance"],
      "volume-status.details-status": (volume) => [ioEnabled(region, volume)],
      "volume-status.status": (volume) => [statusOf(region, volume)],
    },
  });
  const { rows, next } = page(matching, input);
  return { VolumeStatuses: rows.map((volume) => statusItem(region, volume)), NextToken: next };
}

function volumeShape(region: Region, volume: Volume): VolumeShape {
  const attachment = region.attachments.get(volume.id);
  return {
    VolumeId: volume.id,
    AvailabilityZone: volume.zone,
    AvailabilityZoneId: zoneId(region, volume.zone),
    CreateTime: new Date(volume.createdAtMs),
    Size: volume.sizeGib,
    VolumeType: volume.type,
    Iops: volume.iops ?? undefined,
    Throughput: volume.throughputMibps ?? undefined,
    Encrypted: volume.encrypted,
    KmsKeyId: volume.kmsKeyId ?? undefined,
    SnapshotId: volume.snapshotId ?? "",
    State: volume.state,
    MultiAttachEnabled: false,
    Attachments: attachment === undefined ? [] : [attachmentShape(attachment)],
    Tags: shownTags(volume.tags),
  };
}

/**
 * CreateVolume's answer has an empty list where DescribeVolumes leaves the tags out, and whole seconds
 * (the references' examples of both: `.000Z` and `.593Z`).
 */
export function createdShape(region: Region, volume: Volume): VolumeShape {
  const { Attachments: _none, ...shape } = volumeShape(region, volume);
  return {
    ...shape,
    CreateTime: wholeSeconds(volume.createdAtMs),
    Tags: tagList(volume.tags),
  };
}

function attachmentShape(attachment: Attachment): VolumeAttachment {
  return {
    ...handledShape(attachment),
    // Whole seconds here, unlike in the answers of AttachVolume and DetachVolume.
    AttachTime: wholeSeconds(attachment.attachedAtMs),
    DeleteOnTermination: attachment.deleteOnTermination,
  };
}

/** What AttachVolume and DetachVolume answer. */
export function handledShape(attachment: Attachment): VolumeAttachment {
  return {
    VolumeId: attachment.id,
    InstanceId: attachment.instanceId,
    Device: attachment.device,
    State: attachment.state,
    AttachTime: new Date(attachment.attachedAtMs),
  };
}

function volumeFilters(region: Region): FilterTable<Volume> {
  const attached =
    (read: (attachment: Attachment) => string) =>
    (volume: Volume): readonly string[] => {
      const attachment = region.attachments.get(volume.id);
      return attachment === undefined ? [] : [read(attachment)];
    };
  return {
    "attachment.attach-time": attached((attachment) => timeText(attachment.attachedAtMs)),
    "attachment.delete-on-termination": attached(({ deleteOnTermination }) =>
      String(deleteOnTermination),
    ),
    "attachment.device": attached((attachment) => attachment.device),
    "attachment.instance-id": attached((attachment) => attachment.instanceId),
    "attachment.status": attached((attachment) => attachment.state),
    "availability-zone": (volume) => [volume.zone],
    "availability-zone-id": (volume) => present(zoneId(region, volume.zone)),
    "create-time": (volume) => [timeText(volume.createdAtMs)],
    encrypted: (volume) => [String(volume.encrypted)],
    "fast-restored": () => ["false"],
    "multi-attach-enabled": () => ["false"],
    "operator.managed": () => ["false"],
    "operator.principal": () => [],
    size: (volume) => [String(volume.sizeGib)],
    "snapshot-id": (volume) => present(volume.snapshotId),
    status: (volume) => present(volume.state),
    "volume-id": (volume) => [volume.id],
    "volume-type": (volume) => present(volume.type),
  };
}

function statusOf(region: Region, volume: Volume): "ok" | "impaired" {
  return region.outages.isOut(volume.zone) ? "impaired" : "ok";
}

function ioEnabled(region: Region, volume: Volume): "passed" | "failed" {
  return statusOf(region, volume) === "ok" ? "passed" : "failed";
}

function zoneId(region: Region, zone: string): string | undefined {
  return region.zones.find((each) => each.name === zone)?.id;
}

function statusItem(region: Region, volume: Volume): VolumeStatusItem {
  return {
    VolumeId: volume.id,
    AvailabilityZone: volume.zone,
    AvailabilityZoneId: zoneId(region, volume.zone),
    VolumeStatus: {
      Status: statusOf(region, volume),
      Details: [
        { Name: "io-enabled", Status: ioEnabled(region, volume) },
        // Only volumes with provisioned IOPS are measured.
        { Name: "io-performance", Status: "not-applicable" },
      ],
    },
    Actions: [],
    Events: [],
  };
}
