// The examples of EC2's actions that change something and that the agent uses, from the EC2 API
// Reference; of CreateSnapshots, whose page has none, those of the command line's own reference.

import { anything, type Example, id, number, time } from "./example.ts";

const madeVolume = {
  volumeId: id("vol"),
  size: "80",
  snapshotId: "",
  availabilityZone: "{zone}",
  status: "creating",
  createTime: time,
  volumeType: "gp2",
  iops: number,
  encrypted: /^(true|false)$/,
  multiAttachEnabled: "false",
} satisfies Example["answer"];

const madeSnapshot = {
  snapshotId: id("snap"),
  volumeId: id("vol"),
  status: /^(pending|completed)$/,
  startTime: time,
  progress: anything,
  ownerId: /^\d{12}$/,
  volumeSize: number,
  description: "Daily Backup",
} satisfies Example["answer"];

const attachment = {
  volumeId: anything,
  instanceId: "{instance}",
  device: "/dev/sdh",
  status: anything,
  attachTime: time,
} satisfies Example["answer"];

const instanceSnapshot = {
  description: "This is snapshot of a volume from my-instance",
  encrypted: /^(true|false)$/,
  volumeId: id("vol"),
  state: "pending",
  volumeSize: number,
  startTime: time,
  progress: "",
  ownerId: /^\d{12}$/,
  snapshotId: id("snap"),
} satisfies Example["answer"];

const ec2 = { service: "ec2" } as const;

export const writes: readonly Example[] = [
  {
    ...ec2,
    action: "AssociateAddress",
    page: "API_AssociateAddress, the example",
    request: ["InstanceId={instance}", "AllocationId={free address}", "AllowReassociation=true"],
    answer: { return: "true", associationId: id("eipassoc") },
    erratum: "the example calls the parameter AllowReassignment, which its own list does not have",
  },
  {
    ...ec2,
    action: "DisassociateAddress",
    page: "API_DisassociateAddress, the example",
    request: ["AssociationId={association}"],
    answer: { return: "true" },
  },
  {
    ...ec2,
    action: "CreateTags",
    page: "API_CreateTags, the example",
    request: [
      "ResourceId.1={image}",
      "ResourceId.2={instance}",
      "Tag.1.Key=webserver",
      "Tag.1.Value=",
      "Tag.2.Key=stack",
      "Tag.2.Value=Production",
    ],
    answer: { return: "true" },
  },
  {
    ...ec2,
    action: "TerminateInstances",
    page: "API_TerminateInstances, the example",
    request: ["InstanceId.1={instance}"],
    answer: {
      instancesSet: [
        {
          instanceId: "{instance}",
          currentState: { code: "32", name: "shutting-down" },
          previousState: { code: "16", name: "running" },
        },
      ],
    },
  },
  {
    ...ec2,
    action: "AttachVolume",
    page: "API_AttachVolume, example 1",
    request: ["VolumeId={free volume}", "InstanceId={instance}", "Device=/dev/sdi"],
    answer: { ...attachment, volumeId: "{free volume}", device: "/dev/sdi", status: "attaching" },
  },
  {
    ...ec2,
    action: "DetachVolume",
    page: "API_DetachVolume, the example",
    request: ["VolumeId={attached volume}"],
    answer: { ...attachment, volumeId: "{attached volume}", status: "detaching" },
  },
  {
    ...ec2,
    action: "CreateVolume",
    page: "API_CreateVolume, example 2",
    request: ["Size=80", "AvailabilityZone={zone}", "Encrypted=true"],
    answer: { ...madeVolume, encrypted: "true", kmsKeyId: /^arn:aws:kms:/, tagSet: "" },
    erratum: "the example has 189 IOPS for 80 GiB of gp2, for which the user guide gives 240",
  },
  {
    ...ec2,
    action: "CreateVolume",
    page: "API_CreateVolume, example 3",
    request: [
      "Size=80",
      "AvailabilityZone={zone}",
      "TagSpecification.1.ResourceType=volume",
      "TagSpecification.1.Tag.1.Key=stack",
      "TagSpecification.1.Tag.1.Value=production",
    ],
    answer: {
      ...madeVolume,
      encrypted: "false",
      tagSet: [{ key: "stack", value: "production" }],
    },
    absent: { kmsKeyId: "the example's account encrypts by default" },
  },
  {
    ...ec2,
    action: "DeleteVolume",
    page: "API_DeleteVolume, the example",
    request: ["VolumeId={free volume}"],
    answer: { return: "true" },
  },
  {
    ...ec2,
    action: "CreateSnapshot",
    page: "API_CreateSnapshot, the example",
    request: ["VolumeId={attached volume}", "Description=Daily Backup"],
    answer: madeSnapshot,
  },
  {
    ...ec2,
    action: "CreateSnapshots",
    page: "API_CreateSnapshots, its parameters; create-snapshots, example 1",
    request: [
      "InstanceSpecification.InstanceId={instance}",
      "Description=This is snapshot of a volume from my-instance",
    ],
    answer: { snapshotSet: [{ ...instanceSnapshot, tagSet: "" }] },
  },
  {
    ...ec2,
    action: "CreateSnapshots",
    page: "API_CreateSnapshots, its parameters; create-snapshots, examples 3 and 4",
    request: [
      "InstanceSpecification.InstanceId={instance}",
      "InstanceSpecification.ExcludeBootVolume=true",
      "Description=This is snapshot of a volume from my-instance",
      "TagSpecification.1.ResourceType=snapshot",
      "TagSpecification.1.Tag.1.Key=Name",
      "TagSpecification.1.Tag.1.Value=backup",
      "TagSpecification.1.Tag.2.Key=costcenter",
      "TagSpecification.1.Tag.2.Value=123",
    ],
    answer: {
      snapshotSet: [{ ...instanceSnapshot, tagSet: [{ key: "Name", value: "backup" }] }],
    },
  },
  {
    ...ec2,
    action: "DeleteSnapshot",
    page: "API_DeleteSnapshot, the example",
    request: ["SnapshotId={snapshot}"],
    answer: { return: "true" },
    erratum: "the example gives the id an index, which its own list of parameters does not",
  },
];
