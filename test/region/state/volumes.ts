// Volumes: made blank or from a completed snapshot, grown, deleted. A volume lives in one zone for
// ever. Its disk is made in the background; the caller sees `creating` until it is there.

import type {
  CreateVolumeRequest,
  DeleteVolumeRequest,
  ModifyVolumeRequest,
  ModifyVolumeResult,
  Volume as VolumeShape,
  VolumeType,
} from "@aws-sdk/client-ec2";
import { ApiError } from "../contract.ts";
import {
  incorrectState,
  invalidCombination,
  invalidValue,
  required,
  volumeInUse,
  zoneUnavailable,
} from "./errors.ts";
import { findSnapshot, findVolume } from "./lookup.ts";
import { pace, type Region, sleep } from "./region.ts";
import type { Snapshot, Tags, Volume, Zone } from "./resources.ts";
import { tagsFor } from "./tags.ts";
import { mismatch, rememberToken, usedBefore } from "./tokens.ts";
import { volumeShape } from "./volume-views.ts";

/** gp3 since 2025; other types end earlier, which no rehearsal reaches. */
const sizeGibMax = 65_536;

/** What gp3 has where the request does not say. */
const gp3Iops = 3_000;
const gp3ThroughputMibps = 125;

export function createVolume(region: Region, input: CreateVolumeRequest): VolumeShape {
  const use = { action: "CreateVolume", token: input.ClientToken, input };
  const before = usedBefore(region, use);
  if (before !== null) return volumeShape(region, stillThere(region, before, input.ClientToken));

  const zone = zoneOf(region, input);
  if (region.outages.isOut(zone.name)) throw zoneUnavailable(zone.name);
  const snapshot = sourceOf(region, input.SnapshotId);
  const volume = makeVolume(region, {
    zone: zone.name,
    sizeGib: sizeOf(input.Size, snapshot),
    type: input.VolumeType ?? "gp2",
    iops: input.Iops ?? null,
    throughputMibps: input.Throughput ?? null,
    encrypted: input.Encrypted === true || snapshot?.encrypted === true,
    snapshotId: snapshot?.id ?? null,
    tags: tagsFor("volume", input.TagSpecifications),
  });
  rememberToken(region, use, [volume.id]);
  return volumeShape(region, volume);
}

export interface VolumeWish {
  readonly zone: string;
  readonly sizeGib: number;
  readonly type: VolumeType;
  readonly iops: number | null;
  readonly throughputMibps: number | null;
  readonly encrypted: boolean;
  readonly snapshotId: string | null;
  readonly tags: Tags;
}

/** Puts the row on and makes the disk behind it in the background. */
export function makeVolume(region: Region, wish: VolumeWish): Volume {
  const volume: Volume = {
    ...wish,
    id: region.ids.next("vol"),
    iops: wish.iops ?? (wish.type === "gp3" ? gp3Iops : null),
    throughputMibps: wish.throughputMibps ?? (wish.type === "gp3" ? gp3ThroughputMibps : null),
    state: "creating",
    createdAtMs: region.clock.nowMs(),
    root: false,
    snapshots: 0,
  };
  region.volumes.put(volume);
  region.spawn(() => bringUp(region, volume));
  return volume;
}

export function deleteVolume(region: Region, input: DeleteVolumeRequest): object {
  const volume = findVolume(region, required(input.VolumeId, "VolumeId"));
  const attachment = region.attachments.get(volume.id);
  if (attachment !== undefined) throw volumeInUse(volume.id, attachment.instanceId);
  if (volume.state === "deleting") return {};
  if (volume.state !== "available" && volume.state !== "error") {
    throw incorrectState(`The volume '${volume.id}' is '${volume.state}'`);
  }
  startDeletion(region, volume.id);
  return {};
}

/** Deletes a volume that nothing is attached to. */
export function startDeletion(region: Region, volumeId: string): void {
  region.volumes.change(volumeId, { state: "deleting" });
  region.spawn(async () => {
    await sleep(region, region.delays.volumeDeleteMs);
    await region.effects.run([volumeId], () => region.machines.deleteVolume(volumeId));
    region.volumes.remove(volumeId);
  });
}

export function modifyVolume(region: Region, input: ModifyVolumeRequest): ModifyVolumeResult {
  const volume = findVolume(region, required(input.VolumeId, "VolumeId"));
  if (volume.state !== "available" && volume.state !== "in-use") {
    throw incorrectState(`The volume '${volume.id}' is '${volume.state}'`);
  }
  const sizeGib = input.Size ?? volume.sizeGib;
  if (sizeGib < volume.sizeGib) {
    throw invalidValue(`New size cannot be smaller than existing size (${volume.sizeGib})`);
  }
  const type = input.VolumeType ?? volume.type;
  const iops = input.Iops ?? volume.iops;
  const throughputMibps = input.Throughput ?? volume.throughputMibps;
  region.spawn(async () => {
    await sleep(region, region.delays.volumeModifyMs);
    if (region.volumes.get(volume.id) === undefined) return;
    region.volumes.change(volume.id, { sizeGib, type, iops, throughputMibps });
    await region.effects.run([volume.id], () => region.machines.growVolume(volume.id, sizeGib));
  });
  return {
    VolumeModification: {
      VolumeId: volume.id,
      ModificationState: "modifying",
      OriginalSize: volume.sizeGib,
      TargetSize: sizeGib,
      OriginalVolumeType: volume.type,
      TargetVolumeType: type,
      Progress: 0,
      StartTime: new Date(region.clock.nowMs()),
    },
  };
}

async function bringUp(region: Region, volume: Volume): Promise<void> {
  const { id: volumeId, sizeGib, snapshotId } = volume;
  const keys = snapshotId === null ? [volumeId] : [volumeId, snapshotId];
  await Promise.all([
    pace(region, { kind: "volume", id: volumeId }, region.delays.volumeCreateMs),
    region.effects.run(keys, () => region.machines.createVolume({ volumeId, sizeGib, snapshotId })),
  ]);
  await region.outages.working(volume.zone);
  if (region.volumes.get(volumeId)?.state !== "creating") return;
  region.volumes.change(volumeId, { state: "available" });
}

function stillThere(region: Region, ids: readonly string[], token: string | undefined): Volume {
  const volume = region.volumes.get(ids[0] ?? "");
  if (volume === undefined || volume.state === "error") throw mismatch(token);
  return volume;
}

function zoneOf(region: Region, input: CreateVolumeRequest): Zone {
  const { AvailabilityZone: name, AvailabilityZoneId: id } = input;
  if (name !== undefined && id !== undefined) {
    throw invalidCombination("Specify either AvailabilityZone or AvailabilityZoneId, not both");
  }
  const given = required(name ?? id, "AvailabilityZone");
  const zone = region.zones.find((each) => (name === undefined ? each.id : each.name) === given);
  if (zone === undefined) {
    throw new ApiError("InvalidZone.NotFound", `The zone '${given}' does not exist.`);
  }
  return zone;
}

function sourceOf(region: Region, snapshotId: string | undefined): Snapshot | null {
  if (snapshotId === undefined) return null;
  const snapshot = findSnapshot(region, snapshotId);
  if (snapshot.state === "completed") return snapshot;
  throw incorrectState(`Snapshot is in invalid state - ${snapshot.state}`);
}

function sizeOf(sizeGib: number | undefined, snapshot: Snapshot | null): number {
  const wanted = required(sizeGib ?? snapshot?.sizeGib, "Size");
  if (!Number.isInteger(wanted) || wanted < 1 || wanted > sizeGibMax) {
    throw invalidValue(`Volume of ${wanted}GiB is invalid: must be between 1 and ${sizeGibMax}`);
  }
  if (snapshot !== null && wanted < snapshot.sizeGib) {
    throw invalidValue(
      `Volume of ${wanted}GiB is smaller than snapshot '${snapshot.id}', expect size >= ${snapshot.sizeGib}GiB`,
    );
  }
  return wanted;
}
