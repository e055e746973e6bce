// Attaching and detaching: the mutual exclusion that the agent's data safety rests on. A volume is
// attached to one instance at most; it stays in use until the detach has really happened, and a
// detach waits, `busy`, for as long as the instance has the device open. A forced detach does not
// wait: the disk goes from under the instance, whose unwritten data is lost, and the device name
// stays taken there until the instance is restarted ("Detach an Amazon EBS volume", EBS user guide).

import type {
  AttachVolumeRequest,
  DetachVolumeRequest,
  VolumeAttachment,
} from "@aws-sdk/client-ec2";
import { ApiError } from "../contract.ts";
import { waitBusy } from "../faults/disks.ts";
import {
  alreadyAttached,
  incorrectState,
  invalidValue,
  noAttachment,
  required,
  zoneUnavailable,
} from "./errors.ts";
import { findInstance, findVolume, refuseIllFormed } from "./lookup.ts";
import { pace, type Region, sleep } from "./region.ts";
import type { Attachment, Instance, Volume } from "./resources.ts";
import { handledShape } from "./volume-views.ts";
import { startDeletion } from "./volumes.ts";

/** "Device names on Linux instances", EC2 user guide; /dev/ may be left out. */
const deviceShape = /^(?:\/dev\/)?(?:[sh]d[a-z](?:[1-9]|1[0-5])?|xvd[a-d]?[a-z])$/;

/** Most Nitro instances take 28 attachments; one is the network interface. */
const attachedMax = 27;

export function attachVolume(region: Region, input: AttachVolumeRequest): VolumeAttachment {
  const device = required(input.Device, "Device");
  const instanceId = required(input.InstanceId, "InstanceId");
  refuseIllFormed("volume", required(input.VolumeId, "VolumeId"));
  refuseIllFormed("instance", instanceId);
  const volume = findVolume(region, required(input.VolumeId, "VolumeId"));
  const instance = findInstance(region, instanceId);
  const held = region.attachments.get(volume.id);
  if (held !== undefined) throw alreadyAttached(volume.id);
  if (volume.state !== "available") {
    throw incorrectState(`The volume '${volume.id}' is not 'available'.`);
  }
  refuseUnfitInstance(region, volume, instance);
  refuseDevice(region, instance, device);
  return handledShape(
    startAttach(region, { volume, instance, device, deleteOnTermination: false }),
  );
}

export interface AttachWish {
  readonly volume: Volume;
  readonly instance: Instance;
  readonly device: string;
  readonly deleteOnTermination: boolean;
}

export function startAttach(region: Region, wish: AttachWish): Attachment {
  const { volume, instance, device, deleteOnTermination } = wish;
  const attachment: Attachment = {
    id: volume.id,
    instanceId: instance.id,
    device,
    state: "attaching",
    attachedAtMs: region.clock.nowMs(),
    deleteOnTermination,
  };
  region.attachments.put(attachment);
  region.volumes.change(volume.id, { state: "in-use" });
  region.spawn(async () => {
    await Promise.all([
      pace(region, { kind: "attach", id: volume.id }, region.delays.attachMs),
      region.effects.run([volume.id, instance.id], () =>
        region.machines.attach(volume.id, instance.id),
      ),
    ]);
    if (region.attachments.get(volume.id) !== attachment) return;
    region.attachments.change(volume.id, { state: "attached" });
  });
  return attachment;
}

export function detachVolume(region: Region, input: DetachVolumeRequest): VolumeAttachment {
  const volume = findVolume(region, required(input.VolumeId, "VolumeId"));
  const attachment = region.attachments.get(volume.id);
  if (attachment === undefined) {
    throw incorrectState(`Volume '${volume.id}' is in the '${volume.state}' state.`);
  }
  if (input.InstanceId !== undefined) {
    refuseOther("instance", findInstance(region, input.InstanceId).id, attachment);
  }
  if (input.Device !== undefined) refuseOther("device", input.Device, attachment);
  if (volume.root) refuseRootOfRunning(region, attachment);
  const isForced = input.Force === true;
  if (attachment.state === "busy" && !isForced) return handledShape(attachment);
  if (attachment.state === "detaching" && !isForced) {
    throw incorrectState(`Volume '${volume.id}' is in the 'detaching' state.`);
  }
  if (region.outages.isOut(volume.zone)) throw zoneUnavailable(volume.zone);
  const detaching = region.attachments.change(volume.id, { state: "detaching" });
  region.spawn(() => (isForced ? forceDetach(region, detaching) : finishDetach(region, detaching)));
  return handledShape(detaching);
}

/** Takes the volumes off an instance that is gone; resolves when all of them are. */
export async function releaseVolumes(region: Region, instanceId: string): Promise<void> {
  const held = region.attachments.all().filter((each) => each.instanceId === instanceId);
  await Promise.all(held.map((attachment) => release(region, attachment)));
}

async function release(region: Region, attachment: Attachment): Promise<void> {
  if (attachment.state === "attaching" || attachment.state === "attached") {
    const detaching = region.attachments.change(attachment.id, { state: "detaching" });
    await finishDetach(region, detaching);
  } else {
    await detachEnd(region, attachment);
  }
  if (!attachment.deleteOnTermination) return;
  if (region.volumes.get(attachment.id)?.root === true) region.volumes.remove(attachment.id);
  else if (region.volumes.get(attachment.id)?.state === "available") {
    startDeletion(region, attachment.id);
  }
}

/** Tries until the device is free, or a forced detach was quicker. The root goes with its machine. */
async function finishDetach(region: Region, attachment: Attachment): Promise<void> {
  const { id: volumeId, instanceId, attachedAtMs } = attachment;
  const isOurs = () => region.attachments.get(volumeId)?.attachedAtMs === attachedAtMs;
  const isRoot = region.volumes.get(volumeId)?.root === true;
  const attempt = async () =>
    isOurs() ? region.machines.detach(volumeId, instanceId, "asked") : "detached";
  await pace(region, { kind: "detach", id: volumeId }, region.delays.detachMs);
  await waitBusy(region, attachment);
  while (!isRoot && (await region.effects.run([volumeId, instanceId], attempt)) === "busy") {
    region.attachments.change(volumeId, { state: "busy" });
    await sleep(region, region.delays.detachRetryMs);
  }
  if (isOurs()) free(region, volumeId);
}

/** Not held up by whatever holds up the detach before it. */
async function forceDetach(region: Region, attachment: Attachment): Promise<void> {
  const { id: volumeId, instanceId, attachedAtMs, device } = attachment;
  await sleep(region, region.delays.detachMs);
  await region.effects.run([volumeId, instanceId], async () => {
    if (region.attachments.get(volumeId)?.attachedAtMs !== attachedAtMs) return;
    if (region.volumes.get(volumeId)?.root !== true) {
      await region.machines.detach(volumeId, instanceId, "forced");
    }
    free(region, volumeId);
    const instance = region.instances.get(instanceId);
    if (instance?.machine !== "on") return;
    const spoiltDevices = [...instance.spoiltDevices, device];
    region.instances.change(instanceId, { spoiltDevices });
  });
}

function free(region: Region, volumeId: string): void {
  region.attachments.remove(volumeId);
  region.volumes.change(volumeId, { state: "available" });
}

/** A detach that somebody else began: it ends by itself now that the machine is off. */
async function detachEnd(region: Region, { id: volumeId, instanceId }: Attachment): Promise<void> {
  while (region.attachments.get(volumeId)?.instanceId === instanceId) {
    await sleep(region, region.delays.detachRetryMs);
  }
}

function refuseUnfitInstance(region: Region, volume: Volume, instance: Instance): void {
  if (instance.state !== "running" && instance.state !== "stopped") {
    throw incorrectState(`Instance '${instance.id}' is not 'running'.`);
  }
  if (instance.zone !== volume.zone) {
    throw new ApiError(
      "InvalidVolume.ZoneMismatch",
      `The volume '${volume.id}' is not in the same availability zone as instance '${instance.id}'`,
    );
  }
  if (region.outages.isOut(volume.zone)) throw zoneUnavailable(volume.zone);
}

function refuseDevice(region: Region, instance: Instance, device: string): void {
  if (!deviceShape.test(device)) {
    throw invalidValue(
      `Value (${device}) for parameter device is invalid. ${device} is not a valid EBS device name.`,
    );
  }
  const held = region.attachments.all().filter((each) => each.instanceId === instance.id);
  if (held.length >= attachedMax) {
    throw new ApiError(
      "AttachmentLimitExceeded",
      `The instance '${instance.id}' cannot have more than ${attachedMax} volumes attached.`,
    );
  }
  const used = held.some((each) => each.device === device);
  if (used || instance.spoiltDevices.includes(device)) {
    throw invalidValue(
      `Invalid value '${device}' for unixDevice. Attachment point ${device} is already in use`,
    );
  }
}

function refuseOther(member: "instance" | "device", given: string, attachment: Attachment): void {
  const found = member === "instance" ? attachment.instanceId : attachment.device;
  if (given === found) return;
  throw noAttachment(`The volume '${attachment.id}' is not attached to ${member} '${given}'`);
}

function refuseRootOfRunning(region: Region, { id, instanceId }: Attachment): void {
  if (region.instances.get(instanceId)?.state === "stopped") return;
  throw new ApiError(
    "OperationNotPermitted",
    `Unable to detach root volume '${id}' from instance '${instanceId}'`,
  );
}
