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
import { type FilterTable, filtered, present, timeText } from "./filters.ts";
import { chosen } from "./lookup.ts";
import { page, refuseIdsWithPages } from "./pages.ts";
import type { Region } from "./region.ts";
import type { Attachment, Volume } from "./resources.ts";
import { tagList } from "./tags.ts";

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
  const matching = filtered(chosen(region.volumes, "volume", input.VolumeIds), {
    filters: input.Filters,
    table: {
      "availability-zone": (volume) => [volume.zone],
      "volume-status.status": (volume) => [statusOf(region, volume)],
    },
  });
  const { rows, next } = page(matching, input);
  return { VolumeStatuses: rows.map((volume) => statusItem(region, volume)), NextToken: next };
}

export function volumeShape(region: Region, volume: Volume): VolumeShape {
  const attachment = region.attachments.get(volume.id);
  return {
    VolumeId: volume.id,
    AvailabilityZone: volume.zone,
    AvailabilityZoneId: region.zones.find((zone) => zone.name === volume.zone)?.id,
    CreateTime: new Date(volume.createdAtMs),
    Size: volume.sizeGib,
    VolumeType: volume.type,
    Iops: volume.iops ?? undefined,
    Throughput: volume.throughputMibps ?? undefined,
    Encrypted: volume.encrypted,
    SnapshotId: volume.snapshotId ?? "",
    State: volume.state,
    MultiAttachEnabled: false,
    Attachments: attachment === undefined ? [] : [attachmentShape(attachment)],
    Tags: tagList(volume.tags),
  };
}

export function attachmentShape(attachment: Attachment): VolumeAttachment {
  return {
    VolumeId: attachment.id,
    InstanceId: attachment.instanceId,
    Device: attachment.device,
    State: attachment.state,
    AttachTime: new Date(attachment.attachedAtMs),
    DeleteOnTermination: attachment.deleteOnTermination,
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
    "availability-zone-id": (volume) =>
      present(region.zones.find((zone) => zone.name === volume.zone)?.id),
    "create-time": (volume) => [timeText(volume.createdAtMs)],
    encrypted: (volume) => [String(volume.encrypted)],
    "multi-attach-enabled": () => ["false"],
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

function statusItem(region: Region, volume: Volume): VolumeStatusItem {
  const status = statusOf(region, volume);
  return {
    VolumeId: volume.id,
    AvailabilityZone: volume.zone,
    VolumeStatus: {
      Status: status,
      Details: [{ Name: "io-enabled", Status: status === "ok" ? "passed" : "failed" }],
    },
    Actions: [],
    Events: [],
  };
}
