// What EC2 asks IAM for each call that an agent makes: the resources that the Service Authorization
// Reference lists for the action, each with its own tags. Of optional resources it asks for those that
// the call touches, which is the strictest reading: AWS may ask for fewer, never for others.
// A resource that is not there is asked about by nobody: its absence is what the caller is told.

import type {
  AssociateAddressRequest,
  AttachVolumeRequest,
  CreateSnapshotRequest,
  CreateSnapshotsRequest,
  CreateTagsRequest,
  CreateVolumeRequest,
  DeleteSnapshotRequest,
  DeleteVolumeRequest,
  DetachVolumeRequest,
  DisassociateAddressRequest,
  TagSpecification,
  TerminateInstancesRequest,
} from "@aws-sdk/client-ec2";
import type { Region } from "../state/region.ts";
import type { Tags } from "../state/resources.ts";
import {
  arnOf,
  type GivenTag,
  type Kind,
  newId,
  type Question,
  requestTags,
  resourceTags,
} from "./question.ts";

/** Takes its own input shape: `never` stands for all of them in one table. */
type Asker = (region: Region, input: never) => readonly Question[];

export const ec2Questions: Readonly<Record<string, Asker>> = {
  AssociateAddress: associateAddress,
  AttachVolume: attachVolume,
  CreateSnapshot: createSnapshot,
  CreateSnapshots: createSnapshots,
  CreateTags: createTags,
  CreateVolume: createVolume,
  DeleteSnapshot: (region, { SnapshotId: id }: DeleteSnapshotRequest) =>
    onTagged(region, "ec2:DeleteSnapshot", [id]),
  DeleteVolume: (region, { VolumeId: id }: DeleteVolumeRequest) =>
    onTagged(region, "ec2:DeleteVolume", [id]),
  DetachVolume: detachVolume,
  DisassociateAddress: disassociateAddress,
  TerminateInstances: (region, { InstanceIds: ids = [] }: TerminateInstancesRequest) =>
    onTagged(region, "ec2:TerminateInstances", ids),
};

interface Target {
  readonly kind: Kind;
  readonly tags: Tags;
}

/** A resource by its id, of every kind that can carry tags; null where there is none. */
function targetOf(region: Region, id: string): Target | null {
  const tables = [
    ["elastic-ip", region.addresses],
    ["image", region.images],
    ["instance", region.instances],
    ["launch-template", region.templates],
    ["network-interface", region.interfaces],
    ["snapshot", region.snapshots],
    ["subnet", region.subnets],
    ["volume", region.volumes],
    ["vpc", region.vpcs],
  ] as const;
  for (const [kind, table] of tables) {
    const row = table.get(id);
    if (row !== undefined) return { kind, tags: row.tags };
  }
  return null;
}

function onTagged(
  region: Region,
  action: string,
  ids: readonly (string | undefined)[],
): readonly Question[] {
  return ids.flatMap((id = "") => {
    const target = targetOf(region, id);
    if (target === null) return [];
    const context = resourceTags(target.tags);
    return [{ action, resource: arnOf(region, target.kind, id), context }];
  });
}

function associateAddress(region: Region, input: AssociateAddressRequest): readonly Question[] {
  const { AllocationId: allocationId, PublicIp: publicIp } = input;
  const address = region.addresses
    .all()
    .find((each) => each.id === allocationId || each.publicIp === publicIp);
  const instance = region.instances
    .all()
    .find((each) => each.id === input.InstanceId || each.interfaceId === input.NetworkInterfaceId);
  const interfaceId = input.NetworkInterfaceId ?? instance?.interfaceId;
  return onTagged(region, "ec2:AssociateAddress", [address?.id, instance?.id, interfaceId]);
}

function disassociateAddress(
  region: Region,
  input: DisassociateAddressRequest,
): readonly Question[] {
  const { AssociationId: associationId, PublicIp: publicIp } = input;
  const address = region.addresses
    .all()
    .find(({ association, ...each }) =>
      associationId === undefined ? each.publicIp === publicIp : association?.id === associationId,
    );
  const ids = [address?.id, address?.association?.interfaceId];
  return onTagged(region, "ec2:DisassociateAddress", ids);
}

function attachVolume(region: Region, input: AttachVolumeRequest): readonly Question[] {
  return onTagged(region, "ec2:AttachVolume", [input.InstanceId, input.VolumeId]);
}

/** From which instance, where the caller does not say, is what EC2 finds. */
function detachVolume(region: Region, input: DetachVolumeRequest): readonly Question[] {
  const { VolumeId: volumeId = "" } = input;
  const instanceId = input.InstanceId ?? region.attachments.get(volumeId)?.instanceId;
  return onTagged(region, "ec2:DetachVolume", [instanceId, volumeId]);
}

function createVolume(region: Region, input: CreateVolumeRequest): readonly Question[] {
  const making = { action: "CreateVolume", kind: "volume", tags: input.TagSpecifications } as const;
  return [...onTagged(region, "ec2:CreateVolume", [input.SnapshotId]), ...onNew(region, making)];
}

function createSnapshot(region: Region, input: CreateSnapshotRequest): readonly Question[] {
  const tags = input.TagSpecifications;
  return [
    ...onTagged(region, "ec2:CreateSnapshot", [input.VolumeId]),
    ...onNew(region, { action: "CreateSnapshot", kind: "snapshot", tags }),
  ];
}

/** The instance, and each of its volumes that is not left out. */
function createSnapshots(region: Region, input: CreateSnapshotsRequest): readonly Question[] {
  const { InstanceSpecification: wish, TagSpecifications: tags } = input;
  const instance = region.instances.get(wish?.InstanceId ?? "");
  if (instance === undefined) return [];
  const excluded = [
    ...(wish?.ExcludeDataVolumeIds ?? []),
    ...(wish?.ExcludeBootVolume === true ? [instance.rootVolumeId] : []),
  ];
  const attached = region.attachments
    .all()
    .filter(({ id, instanceId }) => instanceId === instance.id && !excluded.includes(id));
  const ids = [instance.id, ...attached.map(({ id }) => id)];
  return [
    ...onTagged(region, "ec2:CreateSnapshots", ids),
    ...onNew(region, { action: "CreateSnapshots", kind: "snapshot", tags }),
  ];
}

interface Making {
  readonly action: string;
  readonly kind: "snapshot" | "volume";
  readonly tags: readonly TagSpecification[] | undefined;
}

/** What is made, and, where it is given tags, the right to tag in that very call. */
function onNew(region: Region, { action, kind, tags }: Making): readonly Question[] {
  const list: readonly GivenTag[] = (tags ?? [])
    .filter(({ ResourceType: type }) => type === kind)
    .flatMap(({ Tags: given = [] }) => given);
  const resource = arnOf(region, kind, newId);
  const context = requestTags(list);
  const making: Question = { action: `ec2:${action}`, resource, context };
  if (list.length === 0) return [making];
  const tagging = { ...context, "ec2:CreateAction": action };
  return [making, { action: "ec2:CreateTags", resource, context: tagging }];
}

function createTags(region: Region, input: CreateTagsRequest): readonly Question[] {
  const given = requestTags(input.Tags ?? []);
  return onTagged(region, "ec2:CreateTags", input.Resources ?? []).map((question) => ({
    ...question,
    context: { ...question.context, ...given },
  }));
}
