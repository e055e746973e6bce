// Snapshots. The point in time is the call: the copy is made before the reply, over all volumes of
// one CreateSnapshots call at once. What takes time afterwards is only the way to `completed`, and
// until then nothing can be restored from it.

import type {
  CreateSnapshotRequest,
  CreateSnapshotsRequest,
  CreateSnapshotsResult,
  DeleteSnapshotRequest,
  Snapshot as SnapshotShape,
} from "@aws-sdk/client-ec2";
import { ApiError } from "../contract.ts";
import { incorrectState, invalidValue, required, zoneUnavailable } from "./errors.ts";
import { findInstance, findSnapshot, findVolume } from "./lookup.ts";
import { pace, type Region } from "./region.ts";
import type { Snapshot, Tags, Volume } from "./resources.ts";
import { createdShape } from "./snapshot-views.ts";
import { tagsFor } from "./tags.ts";

/** AWS: 5 pending snapshots of one volume, and 1 for st1 and sc1; not adjustable. */
const pendingMax = 5;
const pendingMaxOfColdTypes = 1;

export async function createSnapshot(
  region: Region,
  input: CreateSnapshotRequest,
): Promise<SnapshotShape> {
  const volume = findVolume(region, required(input.VolumeId, "VolumeId"));
  const tags = tagsFor("snapshot", input.TagSpecifications);
  const rows = await take(region, [volume], { tags, description: input.Description ?? "" });
  return createdShape(region, rows[0] ?? neverEmpty());
}

export async function createSnapshots(
  region: Region,
  input: CreateSnapshotsRequest,
): Promise<CreateSnapshotsResult> {
  const specification = required(input.InstanceSpecification, "InstanceSpecification");
  const instanceId = required(specification.InstanceId, "InstanceSpecification.InstanceId");
  const instance = findInstance(region, instanceId);
  const volumes = included(region, instance.id, {
    rootVolumeId: instance.rootVolumeId,
    excludeRoot: specification.ExcludeBootVolume === true,
    excluded: specification.ExcludeDataVolumeIds ?? [],
  });
  const given = tagsFor("snapshot", input.TagSpecifications);
  const rows = await take(region, volumes, {
    tags: given,
    description: input.Description ?? "",
    copyTags: input.CopyTagsFromSource === "volume",
  });
  return { Snapshots: rows.map((snapshot) => createdShape(region, snapshot)) };
}

export function deleteSnapshot(region: Region, input: DeleteSnapshotRequest): object {
  const snapshot = findSnapshot(region, required(input.SnapshotId, "SnapshotId"));
  const image = region.images.all().find((each) => each.rootSnapshotId === snapshot.id);
  if (image !== undefined) {
    throw new ApiError(
      "InvalidSnapshot.InUse",
      `The snapshot ${snapshot.id} is currently in use by ${image.id}`,
    );
  }
  if (snapshot.state === "pending") region.snapshots.change(snapshot.id, { deleteAsked: true });
  else remove(region, snapshot.id);
  return {};
}

interface Taking {
  readonly tags: Tags;
  readonly description: string;
  readonly copyTags?: boolean;
}

async function take(
  region: Region,
  volumes: readonly Volume[],
  taking: Taking,
): Promise<readonly Snapshot[]> {
  for (const volume of volumes) refuseUnfitVolume(region, volume);
  const rows = volumes.map((volume) => newSnapshot(region, volume, taking));
  for (const row of rows) region.snapshots.put(row);
  for (const volume of volumes) {
    region.volumes.change(volume.id, { snapshots: volume.snapshots + 1 });
  }
  const disks = rows.filter((_row, index) => volumes[index]?.root === false);
  const parts = disks.map(({ id: snapshotId, volumeId }) => ({ snapshotId, volumeId }));
  const keys = parts.flatMap((part) => [part.snapshotId, part.volumeId]);
  if (parts.length > 0) {
    await region.effects.run(keys, () => region.machines.createSnapshots(parts));
  }
  for (const row of rows) region.spawn(() => complete(region, row, rows));
  return rows;
}

function newSnapshot(region: Region, volume: Volume, taking: Taking): Snapshot {
  const nowMs = region.clock.nowMs();
  const isFirst = volume.snapshots === 0 && volume.snapshotId === null;
  const copyMs = isFirst ? volume.sizeGib * region.delays.snapshotPerGibMs : 0;
  return {
    id: region.ids.next("snap"),
    volumeId: volume.id,
    zone: volume.zone,
    sizeGib: volume.sizeGib,
    encrypted: volume.encrypted,
    kmsKeyId: volume.kmsKeyId,
    state: "pending",
    startAtMs: nowMs,
    dueAtMs: nowMs + region.delays.snapshotBaseMs + copyMs,
    completedAtMs: null,
    description: taking.description,
    deleteAsked: false,
    tags: taking.copyTags === true ? { ...volume.tags, ...taking.tags } : taking.tags,
  };
}

/** A snapshot of a zone that is out stays pending until the zone is back. */
async function complete(
  region: Region,
  { id, volumeId, zone, dueAtMs }: Snapshot,
  set: readonly Snapshot[],
): Promise<void> {
  await pace(region, { kind: "snapshot", id }, dueAtMs - region.clock.nowMs());
  await region.outages.working(zone);
  const row = region.snapshots.get(id);
  if (row === undefined) return;
  const fault = region.faults.strike("snapshotErrors", { ids: [id, volumeId] });
  if (fault !== null) fail(region, set, fault.becomes);
  else if (row.state === "pending") {
    region.snapshots.change(id, { state: "completed", completedAtMs: region.clock.nowMs() });
  }
  if (row.deleteAsked && region.snapshots.get(id) !== undefined) remove(region, id);
}

/** One failure is that of the whole set: "Create multi-volume Amazon EBS snapshots", EBS user guide. */
function fail(region: Region, set: readonly Snapshot[], becomes: "gone" | "error"): void {
  for (const { id } of set) {
    if (region.snapshots.get(id) === undefined) continue;
    if (becomes === "gone") remove(region, id);
    else region.snapshots.change(id, { state: "error", completedAtMs: null });
  }
}

function remove(region: Region, snapshotId: string): void {
  region.snapshots.remove(snapshotId);
  region.spawn(() =>
    region.effects.run([snapshotId], () => region.machines.deleteSnapshot(snapshotId)),
  );
}

interface Choice {
  readonly rootVolumeId: string;
  readonly excludeRoot: boolean;
  readonly excluded: readonly string[];
}

function included(region: Region, instanceId: string, choice: Choice): readonly Volume[] {
  const ids = region.attachments
    .all()
    .filter((each) => each.instanceId === instanceId && each.state !== "attaching")
    .map((each) => each.id);
  for (const volumeId of choice.excluded) {
    if (volumeId === choice.rootVolumeId || !ids.includes(volumeId)) {
      throw invalidValue(`Volume '${volumeId}' is not a data volume of instance '${instanceId}'`);
    }
  }
  const wanted = ids.filter(
    (id) => !choice.excluded.includes(id) && !(choice.excludeRoot && id === choice.rootVolumeId),
  );
  if (wanted.length === 0) {
    throw invalidValue(`No volumes of instance '${instanceId}' are left to snapshot`);
  }
  return wanted.map((id) => findVolume(region, id));
}

function refuseUnfitVolume(region: Region, volume: Volume): void {
  if (volume.state !== "available" && volume.state !== "in-use") {
    throw incorrectState(`The volume '${volume.id}' is '${volume.state}'`);
  }
  if (region.outages.isOut(volume.zone)) throw zoneUnavailable(volume.zone);
  const pending = region.snapshots
    .all()
    .filter((each) => each.volumeId === volume.id && each.state === "pending");
  const isCold = volume.type === "st1" || volume.type === "sc1";
  if (pending.length < (isCold ? pendingMaxOfColdTypes : pendingMax)) return;
  throw new ApiError(
    "ConcurrentSnapshotLimitExceeded",
    `Maximum allowed in-progress snapshots for volume '${volume.id}' exceeded.`,
  );
}

function neverEmpty(): never {
  throw new Error("Cannot take a snapshot: no row was made for the volume");
}
