// Snapshots as callers see them: the shapes of CreateSnapshot, CreateSnapshots, DescribeSnapshots.
// All snapshots here are the account's own; a real DescribeSnapshots without OwnerIds lists
// everybody's public ones too.

import type {
  DescribeSnapshotsRequest,
  DescribeSnapshotsResult,
  SnapshotInfo,
  Snapshot as SnapshotShape,
} from "@aws-sdk/client-ec2";
import { ApiError } from "../contract.ts";
import { type FilterTable, filtered, present, timeText } from "./filters.ts";
import { chosen } from "./lookup.ts";
import { page, refuseIdsWithPages } from "./pages.ts";
import type { Region } from "./region.ts";
import type { Snapshot } from "./resources.ts";
import { shownTags, tagList } from "./tags.ts";

export function describeSnapshots(
  region: Region,
  input: DescribeSnapshotsRequest,
): DescribeSnapshotsResult {
  refuseIdsWithPages(input.SnapshotIds, input, "snapshotIdSet");
  const owners = input.OwnerIds ?? [];
  for (const owner of owners) refuseOwner(owner);
  const isMine =
    owners.length === 0 || owners.some((owner) => owner === "self" || owner === region.accountId);
  const rows = chosen(region.snapshots, "snapshot", input.SnapshotIds);
  const matching = filtered(isMine ? rows : [], {
    filters: input.Filters,
    table: snapshotFilters(region),
    tagsOf: (snapshot) => snapshot.tags,
  });
  const { rows: shown, next } = page(matching, input);
  return { Snapshots: shown.map((row) => snapshotShape(region, row)), NextToken: next };
}

/** Of others' snapshots, there are none here. */
function refuseOwner(owner: string): void {
  if (/^(?:self|amazon|aws-marketplace|\d{12})$/.test(owner)) return;
  throw new ApiError("InvalidUserID.Malformed", `Invalid user id: "${owner}"`);
}

function snapshotShape(region: Region, snapshot: Snapshot): SnapshotShape {
  const completedAtMs = snapshot.completedAtMs;
  return {
    ...snapshotInfo(region, snapshot),
    StorageTier: "standard",
    TransferType: "standard",
    CompletionTime: completedAtMs === null ? undefined : new Date(completedAtMs),
  };
}

/** What CreateSnapshot and CreateSnapshots answer: no progress yet, and tags even if there are none. */
export function createdShape(region: Region, snapshot: Snapshot): SnapshotInfo {
  const { KmsKeyId: _key, ...info } = snapshotInfo(region, snapshot);
  return { ...info, Progress: "", Tags: tagList(snapshot.tags) };
}

function snapshotInfo(region: Region, snapshot: Snapshot): SnapshotShape {
  return {
    SnapshotId: snapshot.id,
    VolumeId: snapshot.volumeId,
    VolumeSize: snapshot.sizeGib,
    State: snapshot.state,
    StartTime: new Date(snapshot.startAtMs),
    Progress: progressOf(region, snapshot),
    OwnerId: region.accountId,
    Description: snapshot.description,
    Encrypted: snapshot.encrypted,
    KmsKeyId: snapshot.kmsKeyId ?? undefined,
    Tags: shownTags(snapshot.tags),
  };
}

function snapshotFilters(region: Region): FilterTable<Snapshot> {
  return {
    description: (row) => [row.description],
    encrypted: (row) => [String(row.encrypted)],
    "owner-alias": () => [],
    "owner-id": () => [region.accountId],
    progress: (row) => [progressOf(region, row)],
    "snapshot-id": (row) => [row.id],
    "start-time": (row) => [timeText(row.startAtMs)],
    status: (row) => present(row.state),
    "storage-tier": () => ["standard"],
    "transfer-type": () => ["standard"],
    "volume-id": (row) => [row.volumeId],
    "volume-size": (row) => [String(row.sizeGib)],
  };
}

/** 99 % at most until it is complete, as with EC2, where the last per cent may take longest. */
function progressOf(region: Region, snapshot: Snapshot): string {
  if (snapshot.state === "completed") return "100%";
  const doneMs = region.clock.nowMs() - snapshot.startAtMs;
  const share = doneMs / Math.max(1, snapshot.dueAtMs - snapshot.startAtMs);
  return `${Math.max(0, Math.min(99, Math.floor(share * 100)))}%`;
}
