// A world for one test: virtual time, machines that do not exist, calls without delay, and a typed
// way to make them. What a test needs first and often (a volume, a running instance, a group) is here.

import type * as AutoScaling from "@aws-sdk/client-auto-scaling";
import { ApiError, type Caller, type Service } from "../region/contract.ts";
import { awsDelays, type Delays } from "../region/state/delays.ts";
import type { RegionEvent } from "../region/state/events.ts";
import { createNoMachines, type NoMachines } from "../region/state/no-machines.ts";
import { defaultImageId, defaultSubnetId } from "../region/state/seeds.ts";
import { createWorld, type World, type WorldOptions } from "../region/state/world.ts";
import type { AutoScalingCalls, Ec2Calls } from "./calls.ts";
import { createVirtualClock, type VirtualClock } from "./virtual-clock.ts";

export interface Rehearsal {
  readonly world: World;
  readonly clock: VirtualClock;
  readonly machines: NoMachines;
  readonly events: readonly RegionEvent[];
  readonly delays: Delays;
  readonly ec2: Ec2Calls;
  readonly group: AutoScalingCalls;
  /** Any action by its name, for what the tables above refuse. */
  readonly raw: (service: Service, action: string, input: object) => Promise<object>;
}

export const zones = [
  { name: "eu-test-1a", id: "eut1-az1" },
  { name: "eu-test-1b", id: "eut1-az2" },
] as const;

const operator: Caller = {
  accountId: "123456789012",
  arn: "arn:aws:iam::123456789012:user/operator",
  instanceId: null,
};

/** AWS's own delays, but calls take no time: a test moves the clock itself. */
export const testDelays: Delays = { ...awsDelays, describeMs: 0, changeMs: 0, instanceBootMs: 0 };

export interface RehearsalOptions extends Partial<WorldOptions> {
  /** For the tests of what a broken backend does. */
  readonly expectDefect?: boolean;
}

export function rehearse(options: RehearsalOptions = {}): Rehearsal {
  const clock = createVirtualClock();
  const machines = createNoMachines();
  const delays = options.delays ?? testDelays;
  const world = createWorld({
    clock,
    machines,
    accountId: operator.accountId,
    regionName: "eu-test-1",
    zones,
    ...options,
    delays,
  });
  const events: RegionEvent[] = [];
  world.on((event) => {
    events.push(event);
    // Nobody awaits background work: thrown from here, its failure still fails the test.
    if (event.kind === "defect" && options.expectDefect !== true) {
      throw new Error(event.detail["cause"]);
    }
  });
  const raw = (service: Service, action: string, input: object) =>
    world.call({ service, action, input: { ...input }, caller: operator });
  return {
    world,
    clock,
    machines,
    events,
    delays,
    ec2: (action, input) => raw("ec2", action, input),
    group: (action, input) => raw("autoscaling", action, input),
    raw,
  };
}

/** The code of the error that a call ends in; fails the test where it succeeds. */
export async function codeOf(call: Promise<unknown>): Promise<string> {
  try {
    await call;
  } catch (error) {
    if (error instanceof ApiError) return error.code;
    throw error;
  }
  return "success";
}

export async function runInstance(rehearsal: Rehearsal, zoneIndex = 0): Promise<string> {
  const { Instances } = await rehearsal.ec2("RunInstances", {
    ImageId: defaultImageId,
    InstanceType: "t3.small",
    MinCount: 1,
    MaxCount: 1,
    SubnetId: defaultSubnetId(zoneIndex),
  });
  await rehearsal.clock.advance(rehearsal.delays.instancePendingMs);
  return Instances?.[0]?.InstanceId ?? "";
}

export async function makeVolume(rehearsal: Rehearsal, zoneIndex = 0): Promise<string> {
  const { VolumeId } = await rehearsal.ec2("CreateVolume", {
    AvailabilityZone: zones[zoneIndex]?.name,
    Size: 10,
    VolumeType: "gp3",
  });
  await rehearsal.clock.advance(rehearsal.delays.volumeCreateMs);
  return VolumeId ?? "";
}

/** Attached under the first of these names that the rehearsal has not used yet. */
export async function attachedVolume(rehearsal: Rehearsal, instanceId: string): Promise<string> {
  const volumeId = await makeVolume(rehearsal);
  const before = rehearsal.events.filter(
    ({ kind, from }) => kind === "attachment" && from === null,
  );
  const letter = String.fromCharCode("f".charCodeAt(0) + (before.length % 20));
  await rehearsal.ec2("AttachVolume", {
    VolumeId: volumeId,
    InstanceId: instanceId,
    Device: `/dev/sd${letter}`,
  });
  await rehearsal.clock.advance(rehearsal.delays.attachMs);
  return volumeId;
}

export async function deviceOf(rehearsal: Rehearsal, volumeId: string): Promise<string> {
  const { Volumes } = await rehearsal.ec2("DescribeVolumes", { VolumeIds: [volumeId] });
  return Volumes?.[0]?.Attachments?.[0]?.Device ?? "none";
}

export async function volumeState(rehearsal: Rehearsal, volumeId: string): Promise<string> {
  const { Volumes } = await rehearsal.ec2("DescribeVolumes", { VolumeIds: [volumeId] });
  const volume = Volumes?.[0];
  const attachment = volume?.Attachments?.[0];
  const held = attachment === undefined ? "" : ` ${attachment.State} ${attachment.InstanceId}`;
  return `${volume?.State}${held}`;
}

export async function instanceState(rehearsal: Rehearsal, instanceId: string): Promise<string> {
  const { Reservations } = await rehearsal.ec2("DescribeInstances", { InstanceIds: [instanceId] });
  return Reservations?.[0]?.Instances?.[0]?.State?.Name ?? "none";
}

export interface GroupWish {
  readonly hooks?: readonly AutoScaling.LifecycleHookSpecification[];
  readonly sizeMax?: number;
  readonly more?: Partial<AutoScaling.CreateAutoScalingGroupType>;
}

export const launchHook: AutoScaling.LifecycleHookSpecification = {
  LifecycleHookName: "launch",
  LifecycleTransition: "autoscaling:EC2_INSTANCE_LAUNCHING",
  HeartbeatTimeout: 300,
  DefaultResult: "ABANDON",
};

export const terminateHook: AutoScaling.LifecycleHookSpecification = {
  LifecycleHookName: "terminate",
  LifecycleTransition: "autoscaling:EC2_INSTANCE_TERMINATING",
  HeartbeatTimeout: 300,
  DefaultResult: "CONTINUE",
};

/** A group of one, named `seat`, over both zones. */
export async function makeGroup(rehearsal: Rehearsal, wish: GroupWish = {}): Promise<void> {
  await rehearsal.ec2("CreateLaunchTemplate", {
    LaunchTemplateName: "seat",
    LaunchTemplateData: {
      ImageId: defaultImageId,
      InstanceType: "t3.small",
      UserData: Buffer.from("#!/bin/sh\n").toString("base64"),
      IamInstanceProfile: { Name: "seat-role" },
      MetadataOptions: { InstanceMetadataTags: "enabled" },
      TagSpecifications: [{ ResourceType: "instance", Tags: [{ Key: "Name", Value: "seat" }] }],
    },
  });
  await rehearsal.group("CreateAutoScalingGroup", {
    AutoScalingGroupName: "seat",
    LaunchTemplate: { LaunchTemplateName: "seat", Version: "$Latest" },
    MinSize: 1,
    MaxSize: wish.sizeMax ?? 1,
    DesiredCapacity: 1,
    VPCZoneIdentifier: [0, 1].map(defaultSubnetId).join(","),
    LifecycleHookSpecificationList: [...(wish.hooks ?? [])],
    ...wish.more,
  });
}

/** Long enough for a group to decide, launch, and take into service where no hook holds it. */
export async function settleGroup(rehearsal: Rehearsal): Promise<void> {
  const { groupReactMs, instancePendingMs, groupProceedMs } = rehearsal.delays;
  await rehearsal.clock.advance(groupReactMs + instancePendingMs + groupProceedMs);
}

/** For instance `["i-1 InService eu-test-1a"]`. */
export async function members(rehearsal: Rehearsal): Promise<readonly string[]> {
  const { AutoScalingInstances } = await rehearsal.group("DescribeAutoScalingInstances", {});
  return (AutoScalingInstances ?? []).map(
    (member) => `${member.LifecycleState} ${member.AvailabilityZone}`,
  );
}

export async function memberIds(rehearsal: Rehearsal): Promise<readonly string[]> {
  const { AutoScalingGroups } = await rehearsal.group("DescribeAutoScalingGroups", {});
  const instances = AutoScalingGroups?.[0]?.Instances ?? [];
  return instances.map((instance) => instance.InstanceId ?? "");
}
