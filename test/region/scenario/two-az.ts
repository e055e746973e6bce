// The shape of installation that the README recommends, made by calls that a Terraform run would
// make too: an Elastic IP with the seat's tags, a launch template, and a group of one over two
// Availability Zones with a launch and a termination hook. It expects the subnets and the image that
// a region has from the start.

import {
  CreateAutoScalingGroupCommand,
  type LifecycleHookSpecification,
  SuspendProcessesCommand,
} from "@aws-sdk/client-auto-scaling";
import {
  type _InstanceType,
  AllocateAddressCommand,
  CreateLaunchTemplateCommand,
  DescribeImagesCommand,
  DescribeSubnetsCommand,
} from "@aws-sdk/client-ec2";
import type { PolicyDocument } from "../../../agent/policy/document.ts";
import { printedFor, wholeSettings } from "../iam/printed.ts";
import type { Region } from "../region.ts";

export interface HookWish {
  readonly heartbeatTimeoutSeconds: number;
  readonly defaultResult: "CONTINUE" | "ABANDON";
}

export interface SeatWish {
  readonly seat: string;
  readonly launchHook?: HookWish;
  readonly terminationHook?: HookWish;
  /** Plain text; the launch template carries it in base64. */
  readonly userData?: string;
  readonly instanceType?: _InstanceType;
  /** 0 leaves the group empty until somebody sets its size. */
  readonly desiredCapacity?: 0 | 1;
  readonly capacityRebalance?: boolean;
  /** What the instances' role may do; by default what a seat with one of everything needs. */
  readonly policies?: readonly PolicyDocument[];
}

/** What was made, by the ids that tests and timelines ask for. */
export interface SeededSeat {
  readonly seat: string;
  readonly allocationId: string;
  readonly publicIp: string;
  readonly groupName: string;
  readonly launchTemplateId: string;
  readonly roleName: string;
  readonly subnetIds: readonly string[];
  readonly launchHookName: string;
  readonly terminationHookName: string;
}

type Operator = Pick<Region, "ec2" | "autoScaling" | "roles">;

const launchHookName = "launch";
const terminationHookName = "terminate";

/** Long enough for a taker's patience and a restore; a dead agent costs this much, not an hour. */
const hookDefault: HookWish = { heartbeatTimeoutSeconds: 300, defaultResult: "ABANDON" };

export async function seedTwoZones(region: Operator, wish: SeatWish): Promise<SeededSeat> {
  const { seat } = wish;
  const roleName = `ec2-ha-${seat}`;
  region.roles.setPolicies(roleName, wish.policies ?? [printedFor(wholeSettings(seat))]);
  const subnetIds = await findSubnets(region);
  const address = await allocateAddress(region, seat);
  const launchTemplateId = await createTemplate(region, { ...wish, roleName });
  const groupName = `ec2-ha-${seat}`;
  await createGroup(region, { ...wish, groupName, launchTemplateId, subnetIds });
  return {
    seat,
    ...address,
    groupName,
    launchTemplateId,
    roleName,
    subnetIds,
    launchHookName,
    terminationHookName,
  };
}

/** One subnet in each of the first two zones. */
async function findSubnets({ ec2 }: Operator): Promise<readonly string[]> {
  const { Subnets: subnets = [] } = await ec2.send(new DescribeSubnetsCommand({}));
  const byZone = new Map(subnets.map((each) => [each.AvailabilityZone, each.SubnetId]));
  const ids = [...byZone.values()].filter((id) => id !== undefined).slice(0, 2);
  if (ids.length < 2) throw new Error(`Cannot seed two zones: ${ids.length} subnets found`);
  return ids;
}

async function allocateAddress(
  { ec2 }: Operator,
  seat: string,
): Promise<{ readonly allocationId: string; readonly publicIp: string }> {
  const tags = [
    { Key: "ec2-ha:seat", Value: seat },
    { Key: "ec2-ha:protocol", Value: "1" },
  ];
  const made = await ec2.send(
    new AllocateAddressCommand({
      Domain: "vpc",
      TagSpecifications: [{ ResourceType: "elastic-ip", Tags: tags }],
    }),
  );
  return {
    allocationId: given(made.AllocationId, "AllocationId"),
    publicIp: given(made.PublicIp, "PublicIp"),
  };
}

async function createTemplate(
  { ec2 }: Operator,
  wish: SeatWish & { readonly roleName: string },
): Promise<string> {
  const { Images: images = [] } = await ec2.send(new DescribeImagesCommand({}));
  const userData = wish.userData === undefined ? {} : { UserData: base64(wish.userData) };
  const made = await ec2.send(
    new CreateLaunchTemplateCommand({
      LaunchTemplateName: `ec2-ha-${wish.seat}`,
      LaunchTemplateData: {
        ImageId: given(images[0]?.ImageId, "ImageId"),
        InstanceType: wish.instanceType ?? "m7i.large",
        IamInstanceProfile: { Name: wish.roleName },
        MetadataOptions: {
          HttpTokens: "required",
          HttpPutResponseHopLimit: 1,
          InstanceMetadataTags: "enabled",
        },
        // The group hands its tags on to instances alone; an interface gets them here.
        TagSpecifications: [
          { ResourceType: "network-interface", Tags: [{ Key: "ec2-ha:seat", Value: wish.seat }] },
        ],
        ...userData,
      },
    }),
  );
  return given(made.LaunchTemplate?.LaunchTemplateId, "LaunchTemplateId");
}

interface GroupWish extends SeatWish {
  readonly groupName: string;
  readonly launchTemplateId: string;
  readonly subnetIds: readonly string[];
}

async function createGroup({ autoScaling }: Operator, wish: GroupWish): Promise<void> {
  const { groupName, desiredCapacity = 1 } = wish;
  await autoScaling.send(
    new CreateAutoScalingGroupCommand({
      AutoScalingGroupName: groupName,
      MinSize: Math.min(1, desiredCapacity),
      MaxSize: 1,
      DesiredCapacity: desiredCapacity,
      LaunchTemplate: { LaunchTemplateId: wish.launchTemplateId, Version: "$Latest" },
      VPCZoneIdentifier: wish.subnetIds.join(","),
      CapacityRebalance: wish.capacityRebalance ?? false,
      // With the group, so that its first instance meets them too.
      LifecycleHookSpecificationList: hooks(wish),
      Tags: [
        { Key: "ec2-ha:seat", Value: wish.seat, PropagateAtLaunch: true },
        { Key: "ec2-ha:protocol", Value: "1", PropagateAtLaunch: false },
      ],
    }),
  );
  // A group of one that rebalances its zones would move the seat without need.
  const processes = { AutoScalingGroupName: groupName, ScalingProcesses: ["AZRebalance"] };
  await autoScaling.send(new SuspendProcessesCommand(processes));
}

function hooks(wish: SeatWish): LifecycleHookSpecification[] {
  const { launchHook = hookDefault, terminationHook = hookDefault } = wish;
  return [
    {
      LifecycleHookName: launchHookName,
      LifecycleTransition: "autoscaling:EC2_INSTANCE_LAUNCHING",
      HeartbeatTimeout: launchHook.heartbeatTimeoutSeconds,
      DefaultResult: launchHook.defaultResult,
    },
    {
      LifecycleHookName: terminationHookName,
      LifecycleTransition: "autoscaling:EC2_INSTANCE_TERMINATING",
      HeartbeatTimeout: terminationHook.heartbeatTimeoutSeconds,
      DefaultResult: terminationHook.defaultResult,
    },
  ];
}

function given(value: string | undefined, name: string): string {
  if (value === undefined) throw new Error(`Cannot seed two zones: the answer has no ${name}`);
  return value;
}

function base64(text: string): string {
  return Buffer.from(text).toString("base64");
}
