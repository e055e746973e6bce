// Volumes: made blank or from a completed snapshot, and deleted. A volume lives in one zone for
// ever. Its disk is made in the background; the caller sees `creating` until it is there.

import type {
  CreateVolumeRequest,
  DeleteVolumeRequest,
  Volume as VolumeShape,
  VolumeType,
} from "@aws-sdk/client-ec2";
import { ApiError } from "../contract.ts";
import { vanishes } from "../faults/disks.ts";
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
import { performanceOf, volumeTypeOf } from "./volume-types.ts";
import { createdShape } from "./volume-views.ts";

/** The key that an account has for its volumes from the start, `aws/ebs`. */
export const ownKeyId = "1234abcd-12ab-34cd-56ef-1234567890ab";

export function createVolume(region: Region, input: CreateVolumeRequest): VolumeShape {
  const use = { action: "CreateVolume", token: input.ClientToken, input };
  const before = usedBefore(region, use);
  if (before !== null) return createdShape(region, stillThere(region, before));

  const zone = zoneOf(region, input);
  if (region.outages.isOut(zone.name)) throw zoneUnavailable(zone.name);
  const snapshot = sourceOf(region, input.SnapshotId);
  refuseMultiAttach(input);
  const type = volumeTypeOf(input.VolumeType);
  const sizeGib = sizeOf(input.Size, snapshot);
  const { Iops: iops, Throughput: throughputMibps } = input;
  const volume = makeVolume(region, {
    zone: zone.name,
    sizeGib,
    type,
    ...performanceOf({ type, sizeGib, iops, throughputMibps }),
    ...encryptionOf(region, input, snapshot),
    snapshotId: snapshot?.id ?? null,
    tags: tagsFor("volume", input.TagSpecifications),
  });
  rememberToken(region, use, [volume.id]);
  return createdShape(region, volume);
}

export interface VolumeWish {
  readonly zone: string;
  readonly sizeGib: number;
  readonly type: VolumeType;
  readonly iops: number | null;
  readonly throughputMibps: number | null;
  readonly encrypted: boolean;
  readonly kmsKeyId: string | null;
  readonly snapshotId: string | null;
  readonly tags: Tags;
}

/** Puts the row on and makes the disk behind it in the background. */
export function makeVolume(region: Region, wish: VolumeWish): Volume {
  const volume: Volume = {
    ...wish,
    id: region.ids.next("vol"),
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

async function bringUp(region: Region, volume: Volume): Promise<void> {
  const { id: volumeId, sizeGib, snapshotId } = volume;
  const keys = snapshotId === null ? [volumeId] : [volumeId, snapshotId];
  await Promise.all([
    pace(region, { kind: "volume", id: volumeId }, region.delays.volumeCreateMs),
    region.effects.run(keys, () => region.machines.createVolume({ volumeId, sizeGib, snapshotId })),
  ]);
  await region.outages.working(volume.zone);
  if (region.volumes.get(volumeId)?.state !== "creating" || vanishes(region, volume)) return;
  region.volumes.change(volumeId, { state: "available" });
}

function stillThere(region: Region, ids: readonly string[]): Volume {
  const volume = region.volumes.get(ids[0] ?? "");
  if (volume === undefined || volume.state === "error") throw mismatch();
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
  const wanted = required(sizeGib ?? snapshot?.sizeGib, "size/snapshot");
  if (snapshot !== null && wanted < snapshot.sizeGib) {
    throw invalidValue(
      `Volume of ${wanted}GiB is smaller than snapshot '${snapshot.id}', expect size >= ${snapshot.sizeGib}GiB`,
    );
  }
  return wanted;
}

/** No volume here can be attached twice. */
function refuseMultiAttach({ MultiAttachEnabled: isWanted }: CreateVolumeRequest): void {
  if (isWanted !== true) return;
  throw new ApiError("UnsupportedOperation", "Multi-Attach is not supported for this volume.");
}

type Encryption = Pick<VolumeWish, "encrypted" | "kmsKeyId">;

interface EncryptionWish {
  readonly Encrypted?: boolean | undefined;
  readonly KmsKeyId?: string | undefined;
}

/** A volume of an encrypted snapshot is encrypted too, with the snapshot's key unless told another. */
export function encryptionOf(
  region: Region,
  wish: EncryptionWish,
  snapshot: Snapshot | null,
): Encryption {
  const encrypted = wish.Encrypted === true || snapshot?.encrypted === true;
  const { KmsKeyId: given } = wish;
  if (!encrypted && given !== undefined) {
    throw new ApiError(
      "InvalidParameterDependency",
      "The parameter KmsKeyId requires the parameter Encrypted to be set.",
    );
  }
  if (!encrypted) return { encrypted, kmsKeyId: null };
  const keys = `arn:aws:kms:${region.name}:${region.accountId}:key/`;
  if (given === undefined) return { encrypted, kmsKeyId: snapshot?.kmsKeyId ?? keys + ownKeyId };
  return { encrypted, kmsKeyId: given.startsWith("arn:") ? given : keys + given };
}
