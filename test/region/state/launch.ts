// Launching: from a checked specification to a running instance with its interface, its root disk
// and the volumes that were asked for at launch. A launch that began ends in `running` unless the
// instance is terminated, or its zone goes out, before.

import { startAttach } from "./attachments.ts";
import { noCapacity } from "./errors.ts";
import type { DataVolume, LaunchSpec } from "./launch-spec.ts";
import { launchMachine } from "./machine.ts";
import { nothingShown, publicIpsOf, showCredentials } from "./metadata.ts";
import { freePrivateIp, macOf } from "./network.ts";
import { pace, type Region, sleep } from "./region.ts";
import type { Instance, Tags } from "./resources.ts";
import { makeVolume } from "./volumes.ts";

/** Instances of one call have a reservation in common. */
export interface Place {
  readonly reservationId: string;
  readonly launchIndex: number;
}

export function launch(region: Region, spec: LaunchSpec, place?: Place): Instance {
  const { zone } = spec.subnet;
  if (region.outages.isOut(zone)) throw noCapacity(spec.type, zone);
  const alone = { reservationId: region.ids.next("r"), launchIndex: 0 };
  const instance = newInstance(region, spec, place ?? alone);
  region.interfaces.put({
    id: instance.interfaceId,
    attachmentId: region.ids.next("eni-attach"),
    instanceId: instance.id,
    subnetId: instance.subnetId,
    vpcId: instance.vpcId,
    zone,
    privateIp: instance.privateIp,
    mac: instance.mac,
    createdAtMs: instance.launchedAtMs,
    tags: spec.interfaceTags,
  });
  region.instances.put(instance);
  putRootVolume(region, instance, spec);
  region.spawn(() => bringUp(region, instance.id, spec));
  return instance;
}

function newInstance(region: Region, spec: LaunchSpec, place: Place): Instance {
  const nowMs = region.clock.nowMs();
  const privateIp = spec.privateIp ?? freePrivateIp(region, spec.subnet);
  return {
    id: region.ids.next("i"),
    imageId: spec.image.id,
    type: spec.type,
    state: "pending",
    reason: { code: "pending", message: "pending" },
    changedAtMs: nowMs,
    launchedAtMs: nowMs,
    ...place,
    subnetId: spec.subnet.id,
    vpcId: spec.subnet.vpcId,
    zone: spec.subnet.zone,
    privateIp,
    mac: macOf(privateIp),
    interfaceId: region.ids.next("eni"),
    autoPublicIp: spec.autoPublicIp ? region.nextPublicIp() : null,
    rootDevice: spec.image.rootDevice,
    rootVolumeId: region.ids.next("vol"),
    spoiltDevices: [],
    userData: spec.userData,
    roleName: spec.roleName,
    keyName: spec.keyName,
    metadataTags: spec.metadataTags,
    metadataHops: spec.metadataHops,
    onShutdown: spec.onShutdown,
    terminateProtected: spec.terminateProtected,
    stopProtected: spec.stopProtected,
    ebsOptimized: spec.ebsOptimized,
    spot: spec.spot,
    clientToken: spec.clientToken,
    machine: "none",
    impaired: false,
    shown: nothingShown,
    tags: spec.tags,
  };
}

function putRootVolume(region: Region, instance: Instance, spec: LaunchSpec): void {
  const nowMs = region.clock.nowMs();
  const { deleteOnTermination, ...made } = spec.root;
  region.volumes.put({
    id: instance.rootVolumeId,
    zone: instance.zone,
    ...made,
    snapshotId: spec.image.rootSnapshotId,
    state: "in-use",
    createdAtMs: nowMs,
    root: true,
    snapshots: 0,
    tags: spec.volumeTags,
  });
  region.attachments.put({
    id: instance.rootVolumeId,
    instanceId: instance.id,
    device: spec.image.rootDevice,
    state: "attached",
    attachedAtMs: nowMs,
    deleteOnTermination,
  });
}

async function bringUp(region: Region, instanceId: string, spec: LaunchSpec): Promise<void> {
  await pace(region, { kind: "launch", id: instanceId }, region.delays.instancePendingMs);
  await region.outages.working(spec.subnet.zone);
  const instance = region.instances.get(instanceId);
  if (instance?.state !== "pending") return;
  region.spawn(() => launchMachine(region, instance));
  region.instances.change(instanceId, {
    state: "running",
    reason: null,
    changedAtMs: region.clock.nowMs(),
    shown: { ...nothingShown, publicIps: publicIpsOf(region, instance) },
  });
  showCredentials(region, instanceId);
  for (const volume of spec.data) {
    region.spawn(() => giveVolume(region, instanceId, { ...volume, tags: spec.volumeTags }));
  }
}

async function giveVolume(
  region: Region,
  instanceId: string,
  { device, deleteOnTermination, wish, tags }: DataVolume & { readonly tags: Tags },
): Promise<void> {
  const zone = region.instances.get(instanceId)?.zone ?? "";
  const made = makeVolume(region, { ...wish, zone, tags });
  while (region.volumes.get(made.id)?.state === "creating") {
    await sleep(region, region.delays.volumeCreateMs);
  }
  const volume = region.volumes.get(made.id);
  const instance = region.instances.get(instanceId);
  if (volume?.state !== "available" || instance?.state !== "running") return;
  startAttach(region, { volume, instance, device, deleteOnTermination });
}
