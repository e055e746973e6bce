// A region that holds what the API references' examples speak of: an instance with a name, a disk, a
// snapshot and an address, and a group with a member in service and another that waits for its hook.
// Each thing is known by the words that stand in braces in the examples.

import {
  CreateAutoScalingGroupCommand,
  DescribeAutoScalingInstancesCommand,
  PutLifecycleHookCommand,
  SetDesiredCapacityCommand,
} from "@aws-sdk/client-auto-scaling";
import {
  AllocateAddressCommand,
  AssociateAddressCommand,
  AttachVolumeCommand,
  CreateLaunchTemplateCommand,
  CreateSnapshotCommand,
  CreateVolumeCommand,
  DescribeImagesCommand,
  DescribeInstancesCommand,
  DescribeSnapshotsCommand,
  DescribeSubnetsCommand,
  DescribeVolumesCommand,
  RunInstancesCommand,
} from "@aws-sdk/client-ec2";
import { createRegion, type Region } from "../region/region.ts";
import { awsDelays, scaled } from "../region/state/delays.ts";
import { until } from "./until.ts";

export type Names = Readonly<Record<string, string>>;

export interface ExampleStage {
  readonly region: Region;
  readonly names: Names;
}

/** Small beside the calls: what was asked for is there when it is looked for. */
const speed = 0.001;

export async function startExampleStage(): Promise<ExampleStage> {
  const region = await createRegion({ delays: scaled(awsDelays, speed) });
  const ground = await groundOf(region);
  const tokens: string[] = [];
  region.world.on(({ kind, id, from }) => {
    if (kind === "action" && from === null) tokens.push(id);
  });
  const instance = await runInstance(region, ground);
  const disks = await makeDisks(region, { ...ground, instance });
  const addresses = await makeAddresses(region, instance);
  const members = await makeGroup(region, ground);
  const [token = ""] = tokens;
  return { region, names: { ...ground, instance, ...disks, ...addresses, ...members, token } };
}

interface Ground {
  readonly [name: string]: string;
  readonly image: string;
  readonly subnet: string;
  readonly zone: string;
}

async function groundOf({ ec2 }: Region): Promise<Ground> {
  const { Images: images } = await ec2.send(new DescribeImagesCommand({}));
  const { Subnets: subnets } = await ec2.send(new DescribeSubnetsCommand({}));
  return {
    image: images?.[0]?.ImageId ?? "",
    subnet: subnets?.[0]?.SubnetId ?? "",
    zone: subnets?.[0]?.AvailabilityZone ?? "",
  };
}

async function runInstance({ ec2 }: Region, { image, subnet }: Ground): Promise<string> {
  const made = await ec2.send(
    new RunInstancesCommand({
      ImageId: image,
      InstanceType: "t2.micro",
      KeyName: "my_keypair",
      SubnetId: subnet,
      IamInstanceProfile: { Name: "AdminRole" },
      ClientToken: "xMcwG14507example",
      MinCount: 1,
      MaxCount: 1,
      TagSpecifications: [{ ResourceType: "instance", Tags: [{ Key: "Name", Value: "Server_1" }] }],
    }),
  );
  const id = made.Instances?.[0]?.InstanceId ?? "";
  await until("the instance runs", async () => {
    const { Reservations } = await ec2.send(new DescribeInstancesCommand({ InstanceIds: [id] }));
    return Reservations?.[0]?.Instances?.[0]?.State?.Name === "running";
  });
  return id;
}

async function makeDisks(region: Region, ground: Ground & { readonly instance: string }) {
  const { ec2 } = region;
  const make = async (Encrypted: boolean) => {
    const wish = { AvailabilityZone: ground.zone, Size: 80, Encrypted };
    const made = await ec2.send(new CreateVolumeCommand({ ...wish, VolumeType: "standard" }));
    await volumeIn(region, made.VolumeId ?? "", "available");
    return made.VolumeId ?? "";
  };
  const attached = await make(true);
  const wish = { VolumeId: attached, InstanceId: ground.instance, Device: "/dev/sdh" };
  await ec2.send(new AttachVolumeCommand(wish));
  await volumeIn(region, attached, "attached");
  const free = await make(false);
  return {
    "attached volume": attached,
    "free volume": free,
    snapshot: await makeSnapshot(region, attached),
  };
}

async function volumeIn({ ec2 }: Region, id: string, state: string): Promise<void> {
  await until(`"${id}" is ${state}`, async () => {
    const { Volumes } = await ec2.send(new DescribeVolumesCommand({ VolumeIds: [id] }));
    const [volume] = Volumes ?? [];
    return volume?.State === state || volume?.Attachments?.[0]?.State === state;
  });
}

async function makeSnapshot({ ec2 }: Region, VolumeId: string): Promise<string> {
  const Tags = [{ Key: "purpose", Value: "production_backup" }];
  const made = await ec2.send(
    new CreateSnapshotCommand({
      VolumeId,
      Description: "My root volume snapshot",
      TagSpecifications: [{ ResourceType: "snapshot", Tags }],
    }),
  );
  const id = made.SnapshotId ?? "";
  await until("the snapshot is complete", async () => {
    const command = new DescribeSnapshotsCommand({ SnapshotIds: [id] });
    const { Snapshots } = await ec2.send(command);
    return Snapshots?.[0]?.State === "completed";
  });
  return id;
}

async function makeAddresses({ ec2 }: Region, InstanceId: string) {
  const allocate = async () =>
    (await ec2.send(new AllocateAddressCommand({ Domain: "vpc" }))).AllocationId ?? "";
  const associated = await allocate();
  const command = new AssociateAddressCommand({ InstanceId, AllocationId: associated });
  const { AssociationId: association = "" } = await ec2.send(command);
  return { "associated address": associated, association, "free address": await allocate() };
}

const groupName = { AutoScalingGroupName: "my-asg" };

async function makeGroup(region: Region, { image, subnet }: Ground) {
  const { ec2, autoScaling } = region;
  const LaunchTemplateData = { ImageId: image, InstanceType: "t3.micro" } as const;
  const template = { LaunchTemplateName: "my-template", LaunchTemplateData };
  await ec2.send(new CreateLaunchTemplateCommand(template));
  await autoScaling.send(
    new CreateAutoScalingGroupCommand({
      ...groupName,
      LaunchTemplate: { LaunchTemplateName: "my-template", Version: "$Latest" },
      MinSize: 1,
      MaxSize: 10,
      VPCZoneIdentifier: subnet,
      Tags: [{ Key: "environment", Value: "test", PropagateAtLaunch: true }],
    }),
  );
  const member = await memberIn(region, "InService");
  await autoScaling.send(
    new PutLifecycleHookCommand({
      ...groupName,
      LifecycleHookName: "my-launch-hook",
      LifecycleTransition: "autoscaling:EC2_INSTANCE_LAUNCHING",
      RoleARN: "arn:aws:iam::1234567890:role/my-auto-scaling-role",
      NotificationTargetARN: "arn:aws:sqs:us-east-1:123456789012:my-queue",
    }),
  );
  await autoScaling.send(new SetDesiredCapacityCommand({ ...groupName, DesiredCapacity: 2 }));
  return { member, "waiting member": await memberIn(region, "Pending:Wait") };
}

async function memberIn({ autoScaling }: Region, state: string): Promise<string> {
  let found = "";
  await until(`a member is in ${state}`, async () => {
    const command = new DescribeAutoScalingInstancesCommand({});
    const { AutoScalingInstances: members = [] } = await autoScaling.send(command);
    found = members.find((each) => each.LifecycleState === state)?.InstanceId ?? "";
    return found !== "";
  });
  return found;
}
