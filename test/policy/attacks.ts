// For each condition of the printed policies, an attack on another seat that only this condition stands
// against: it is refused with the policy as printed, and goes through once the condition is gone. What
// EC2 does with keys goes through no API of the region, and is put to the evaluator as it stands.

import type { Question } from "../region/iam/question.ts";
import { attacksOnKeys } from "./attacks-on-keys.ts";
import { type Call, disguise, type Holding, tagging } from "./field.ts";

export interface Attack {
  readonly sid: string;
  readonly key: string;
  /** What the other seat would suffer. */
  readonly harm: string;
  readonly calls?: (mine: Holding, theirs: Holding) => readonly Call[];
  readonly question?: Question;
}

const resourceTag = "aws:ResourceTag/ec2-ha:seat";
const requestTag = "aws:RequestTag/ec2-ha:seat";
const tagKeys = "aws:TagKeys";

export const ec2 = (action: string, input: Call["input"]): Call => ({
  service: "ec2",
  action,
  input,
});

export const autoscaling = (action: string, input: Call["input"]): Call => ({
  service: "autoscaling",
  action,
  input,
});

const retag = (id: string, key: string, value: string): Call =>
  ec2("CreateTags", { Resources: [id], Tags: [{ Key: `ec2-ha:${key}`, Value: value }] });

const retagGroup = ({ groupName }: Holding, key: string, value: string): Call => {
  const tag = { Key: `ec2-ha:${key}`, Value: value, PropagateAtLaunch: false };
  const group = { ResourceId: groupName, ResourceType: "auto-scaling-group" };
  return autoscaling("CreateOrUpdateTags", { Tags: [{ ...tag, ...group }] });
};

const zone = "eu-west-1a";

const onAddresses: readonly Attack[] = [
  {
    sid: "TakeAddress",
    key: resourceTag,
    harm: "its instance loses its address, to ours or for ours",
    // Where the settings name our address, it is ours that is forced upon its interface.
    calls: (mine, theirs) => [
      ec2("AssociateAddress", {
        AllocationId: mine.allocationId,
        NetworkInterfaceId: theirs.interfaceId,
        AllowReassociation: true,
      }),
    ],
  },
  {
    sid: "MarkAddress",
    key: resourceTag,
    harm: "its mark is forged",
    calls: (_mine, theirs) => [retag(theirs.allocationId, "mark", "99 i-0 forged")],
  },
  {
    sid: "MarkAddress",
    key: tagKeys,
    harm: "it finds two addresses and refuses to choose",
    calls: (mine, theirs) => [retag(mine.allocationId, "seat", theirs.seat)],
  },
];

const onVolumes: readonly Attack[] = [
  {
    sid: "MakeVolumes",
    key: requestTag,
    harm: "a foreign volume is found among its own",
    calls: (_mine, theirs) => [
      ec2("CreateVolume", {
        AvailabilityZone: zone,
        Size: 1,
        VolumeType: "gp3",
        TagSpecifications: tagging("volume", theirs.seat),
      }),
    ],
  },
  {
    sid: "RestoreSnapshots",
    key: resourceTag,
    harm: "its data is read from its snapshot",
    calls: (mine, theirs) => [
      ec2("CreateVolume", {
        AvailabilityZone: zone,
        SnapshotId: theirs.snapshotId,
        VolumeType: "gp3",
        TagSpecifications: tagging("volume", mine.seat),
      }),
    ],
  },
  {
    sid: "TagWhatIsMade",
    key: "ec2:CreateAction",
    harm: "its volume is declared ours",
    calls: (mine, theirs) => [retag(theirs.volumeId, "seat", mine.seat)],
  },
  {
    sid: "TagWhatIsMade",
    key: tagKeys,
    harm: "a foreign volume is found among its own, by a tag that differs in capitals from ours",
    calls: (mine, theirs) => [
      ec2("CreateVolume", {
        AvailabilityZone: zone,
        Size: 1,
        VolumeType: "gp3",
        TagSpecifications: [{ ResourceType: "volume", Tags: disguise(mine, theirs) }],
      }),
    ],
  },
  {
    sid: "UseVolumes",
    key: resourceTag,
    harm: "its data is read by a snapshot that is ours, and its volume pulled from its service",
    calls: (mine, theirs) => [
      ec2("CreateSnapshot", {
        VolumeId: theirs.volumeId,
        TagSpecifications: tagging("snapshot", mine.seat),
      }),
      ec2("DetachVolume", { VolumeId: theirs.volumeId, InstanceId: theirs.instanceId }),
    ],
  },
  {
    sid: "FenceInstances",
    key: resourceTag,
    harm: "its instance is ended",
    calls: (_mine, theirs) => [ec2("TerminateInstances", { InstanceIds: [theirs.instanceId] })],
  },
  {
    sid: "ThrowAway",
    key: resourceTag,
    harm: "its snapshot is deleted",
    calls: (_mine, theirs) => [ec2("DeleteSnapshot", { SnapshotId: theirs.snapshotId })],
  },
  {
    sid: "MakeSnapshots",
    key: requestTag,
    harm: "a forged set of foreign data is found among its own",
    calls: (mine, theirs) => [
      ec2("CreateSnapshot", {
        VolumeId: mine.volumeId,
        TagSpecifications: tagging("snapshot", theirs.seat),
      }),
    ],
  },
  {
    sid: "RecordOpenings",
    key: resourceTag,
    harm: "its newest copy is outranked",
    calls: (_mine, theirs) => [retag(theirs.volumeId, "written", "99")],
  },
  {
    sid: "RecordOpenings",
    key: tagKeys,
    harm: "a foreign volume becomes its newest copy",
    calls: (mine, theirs) => [retag(mine.volumeId, "seat", theirs.seat)],
  },
  {
    sid: "ValidateSets",
    key: resourceTag,
    harm: "its unchecked set is declared valid",
    calls: (_mine, theirs) => [retag(theirs.snapshotId, "valid", "true")],
  },
  {
    sid: "ValidateSets",
    key: tagKeys,
    harm: "a foreign snapshot becomes its own",
    calls: (mine, theirs) => [retag(mine.snapshotId, "seat", theirs.seat)],
  },
];

const onGroups: readonly Attack[] = [
  {
    sid: "ShowLife",
    key: resourceTag,
    harm: "its silent taker seems to live, and is waited for",
    calls: (_mine, theirs) => [retag(theirs.instanceId, "taking", "opening 2026-11-22T09:00:00Z")],
  },
  {
    sid: "ShowLife",
    key: tagKeys,
    harm: "a foreign instance counts as its member",
    calls: (mine, theirs) => [retag(mine.instanceId, "seat", theirs.seat)],
  },
  {
    sid: "AnswerGroup",
    key: resourceTag,
    harm: "its launch is abandoned",
    calls: (_mine, theirs) => [
      autoscaling("CompleteLifecycleAction", {
        AutoScalingGroupName: theirs.groupName,
        LifecycleHookName: theirs.launchHookName,
        InstanceId: theirs.instanceId,
        LifecycleActionResult: "ABANDON",
      }),
    ],
  },
  {
    sid: "MarkGroup",
    key: resourceTag,
    harm: "its mark is forged on its group",
    calls: (_mine, theirs) => [retagGroup(theirs, "mark", "99 i-0 forged")],
  },
  {
    sid: "MarkGroup",
    key: tagKeys,
    harm: "a foreign group counts as its own, and hands its tag on",
    calls: (mine, theirs) => [retagGroup(mine, "seat", theirs.seat)],
  },
];

export const attacks: readonly Attack[] = [
  ...onAddresses,
  ...onVolumes,
  ...onGroups,
  ...attacksOnKeys,
];
