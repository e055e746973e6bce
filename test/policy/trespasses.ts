// What a role may not do to another seat, whatever its settings: each way to touch the other's address,
// volumes, snapshots, instances and group, also by actions that the agent never uses; and what is in no
// seat. The list says what is tried; that each of it is refused is the proof's to show.

import { autoscaling, ec2 } from "./attacks.ts";
import { type Call, disguise, type Holding, tagging } from "./field.ts";

const zone = "eu-west-1a";

export function trespassesOn(mine: Holding, theirs: Holding): readonly Call[] {
  return [
    ...onAddress(mine, theirs),
    ...onVolume(mine, theirs),
    ...onSnapshot(mine, theirs),
    ...onInstance(theirs),
    ...onGroup(theirs),
    ...onNobodys(mine, theirs),
    ...planting(mine, theirs),
    ...disguises(mine, theirs),
  ];
}

function onAddress(mine: Holding, theirs: Holding): readonly Call[] {
  const forced = { AllowReassociation: true };
  return [
    ec2("AssociateAddress", {
      AllocationId: theirs.allocationId,
      NetworkInterfaceId: mine.interfaceId,
      ...forced,
    }),
    ec2("AssociateAddress", {
      AllocationId: theirs.allocationId,
      InstanceId: mine.instanceId,
      ...forced,
    }),
    ec2("AssociateAddress", {
      AllocationId: mine.allocationId,
      NetworkInterfaceId: theirs.interfaceId,
      ...forced,
    }),
    ec2("AssociateAddress", {
      AllocationId: mine.allocationId,
      InstanceId: theirs.instanceId,
      ...forced,
    }),
    ec2("DisassociateAddress", { AssociationId: theirs.associationId }),
    ec2("DisassociateAddress", { PublicIp: theirs.publicIp }),
    ec2("ReleaseAddress", { AllocationId: theirs.allocationId }),
    ...retagging(theirs.allocationId),
  ];
}

function onVolume(mine: Holding, theirs: Holding): readonly Call[] {
  const { volumeId: VolumeId, instanceId: InstanceId } = theirs;
  return [
    ec2("DetachVolume", { VolumeId, InstanceId }),
    ec2("DetachVolume", { VolumeId }),
    ec2("AttachVolume", { VolumeId, InstanceId: mine.instanceId, Device: "/dev/sdg" }),
    ec2("AttachVolume", { VolumeId: mine.volumeId, InstanceId, Device: "/dev/sdg" }),
    ec2("DeleteVolume", { VolumeId }),
    ec2("ModifyVolume", { VolumeId, Size: 2 }),
    ec2("CreateSnapshot", { VolumeId, TagSpecifications: tagging("snapshot", mine.seat) }),
    ec2("CreateSnapshots", {
      InstanceSpecification: { InstanceId, ExcludeBootVolume: true },
      TagSpecifications: tagging("snapshot", mine.seat),
    }),
    ...retagging(VolumeId),
  ];
}

function onSnapshot(mine: Holding, theirs: Holding): readonly Call[] {
  const { snapshotId: SnapshotId } = theirs;
  return [
    ec2("DeleteSnapshot", { SnapshotId }),
    ec2("CreateVolume", {
      AvailabilityZone: zone,
      SnapshotId,
      VolumeType: "gp3",
      TagSpecifications: tagging("volume", mine.seat),
    }),
    ...retagging(SnapshotId),
  ];
}

function onInstance({ instanceId }: Holding): readonly Call[] {
  const InstanceIds = [instanceId];
  const calls = ["TerminateInstances", "StopInstances", "StartInstances", "RebootInstances"];
  return [
    ...calls.map((action) => ec2(action, { InstanceIds })),
    ec2("ModifyInstanceAttribute", { InstanceId: instanceId, SourceDestCheck: { Value: false } }),
    ...retagging(instanceId),
  ];
}

function onGroup({ groupName, instanceId, launchHookName }: Holding): readonly Call[] {
  const AutoScalingGroupName = groupName;
  const InstanceId = instanceId;
  const action = { AutoScalingGroupName, LifecycleHookName: launchHookName, InstanceId };
  const tag = { ResourceId: groupName, ResourceType: "auto-scaling-group" };
  return [
    autoscaling("CompleteLifecycleAction", { ...action, LifecycleActionResult: "ABANDON" }),
    autoscaling("RecordLifecycleActionHeartbeat", action),
    autoscaling("SetInstanceHealth", { InstanceId, HealthStatus: "Unhealthy" }),
    autoscaling("TerminateInstanceInAutoScalingGroup", {
      InstanceId,
      ShouldDecrementDesiredCapacity: false,
    }),
    autoscaling("CreateOrUpdateTags", {
      Tags: [{ ...tag, Key: "ec2-ha:mark", Value: "99", PropagateAtLaunch: false }],
    }),
    autoscaling("DeleteTags", { Tags: [{ ...tag, Key: "ec2-ha:seat" }] }),
    autoscaling("UpdateAutoScalingGroup", { AutoScalingGroupName, MaxSize: 0 }),
    autoscaling("SetDesiredCapacity", { AutoScalingGroupName, DesiredCapacity: 0 }),
    autoscaling("DeleteAutoScalingGroup", { AutoScalingGroupName, ForceDelete: true }),
    autoscaling("DeleteLifecycleHook", {
      AutoScalingGroupName,
      LifecycleHookName: launchHookName,
    }),
    autoscaling("SuspendProcesses", { AutoScalingGroupName, ScalingProcesses: ["Launch"] }),
  ];
}

/** What carries no tag of any seat: a root volume, and what instances are launched from. */
function onNobodys(mine: Holding, theirs: Holding): readonly Call[] {
  const { rootVolumeId: VolumeId } = theirs;
  return [
    ec2("CreateSnapshot", { VolumeId, TagSpecifications: tagging("snapshot", mine.seat) }),
    ec2("CreateSnapshots", {
      InstanceSpecification: { InstanceId: mine.instanceId },
      TagSpecifications: tagging("snapshot", mine.seat),
    }),
    ec2("DetachVolume", { VolumeId }),
    ec2("AttachVolume", { VolumeId, InstanceId: mine.instanceId, Device: "/dev/sdg" }),
    ec2("DeleteVolume", { VolumeId }),
    ...[VolumeId, mine.interfaceId, mine.launchTemplateId, ...mine.subnetIds].flatMap(retagging),
    ec2("CreateTags", {
      Resources: [mine.volumeId, VolumeId],
      Tags: [{ Key: "ec2-ha:written", Value: "1" }],
    }),
  ];
}

/** The other seat's tag, and ours in capitals, in either order and alone: which one IAM sees is its secret. */
function disguises(mine: Holding, theirs: Holding): readonly Call[] {
  const tags = disguise(mine, theirs);
  const orders = [tags, tags.toReversed(), tags.slice(1)];
  return orders.flatMap((Tags) => [
    ec2("CreateVolume", {
      AvailabilityZone: zone,
      Size: 1,
      VolumeType: "gp3",
      TagSpecifications: [{ ResourceType: "volume", Tags }],
    }),
    ec2("CreateSnapshot", {
      VolumeId: mine.volumeId,
      TagSpecifications: [{ ResourceType: "snapshot", Tags }],
    }),
    ec2("CreateTags", { Resources: [mine.volumeId], Tags }),
  ]);
}

/** Giving the other seat what it has not made: its own things, by their tags, are all it goes by. */
function planting(mine: Holding, theirs: Holding): readonly Call[] {
  const own = [mine.allocationId, mine.volumeId, mine.snapshotId, mine.instanceId];
  const seat = { Key: "ec2-ha:seat", Value: theirs.seat };
  return [
    ...own.map((id) => ec2("CreateTags", { Resources: [id], Tags: [seat] })),
    ec2("CreateVolume", {
      AvailabilityZone: zone,
      Size: 1,
      VolumeType: "gp3",
      TagSpecifications: tagging("volume", theirs.seat),
    }),
    ec2("CreateVolume", { AvailabilityZone: zone, Size: 1, VolumeType: "gp3" }),
    ec2("CreateSnapshot", {
      VolumeId: mine.volumeId,
      TagSpecifications: tagging("snapshot", theirs.seat),
    }),
    ec2("CreateSnapshots", {
      InstanceSpecification: { InstanceId: mine.instanceId, ExcludeBootVolume: true },
      TagSpecifications: tagging("snapshot", theirs.seat),
    }),
    autoscaling("CreateOrUpdateTags", {
      Tags: [
        {
          ...seat,
          ResourceId: mine.groupName,
          ResourceType: "auto-scaling-group",
          PropagateAtLaunch: true,
        },
      ],
    }),
  ];
}

/** Every tag that some statement allows on something, one that none does, and taking one off. */
function retagging(id: string): readonly Call[] {
  const keys = ["seat", "mark", "generation", "opened", "written", "releasing", "init"];
  const puts = [...keys, "valid", "taking", "protocol"].map((key) =>
    ec2("CreateTags", { Resources: [id], Tags: [{ Key: `ec2-ha:${key}`, Value: "1" }] }),
  );
  return [...puts, ec2("DeleteTags", { Resources: [id], Tags: [{ Key: "ec2-ha:seat" }] })];
}
