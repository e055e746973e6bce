// Every action the region knows, by service and name. An action is a function of the region, the
// input in the SDK's shape, and the caller; an unknown name is answered as AWS does.

import type { ApiCall, Caller } from "../contract.ts";
import { describeScalingActivities } from "./activities.ts";
import { describeAddresses } from "./address-views.ts";
import {
  allocateAddress,
  associateAddress,
  disassociateAddress,
  releaseAddress,
} from "./addresses.ts";
import { attachVolume, detachVolume } from "./attachments.ts";
import { dryRun, invalidAction } from "./errors.ts";
import {
  detachInstances,
  enterStandby,
  exitStandby,
  setInstanceHealth,
  terminateMember,
} from "./group-commands.ts";
import { createOrUpdateGroupTags, deleteGroupTags, describeGroupTags } from "./group-tags.ts";
import { describeGroups, describeMembers } from "./group-views.ts";
import {
  createGroup,
  deleteGroup,
  resumeProcesses,
  setDesiredCapacity,
  suspendProcesses,
  updateGroup,
} from "./groups.ts";
import { completeAction, deleteHook, describeHooks, putHook, recordHeartbeat } from "./hooks.ts";
import { describeInstanceStatus, describeInstances } from "./instance-views.ts";
import {
  modifyInstanceAttribute,
  rebootInstances,
  runInstances,
  startInstances,
  stopInstances,
  terminateInstances,
} from "./instances.ts";
import {
  describeAvailabilityZones,
  describeNetworkInterfaces,
  describeSubnets,
  describeVpcs,
} from "./network.ts";
import type { Region } from "./region.ts";
import { describeSnapshots } from "./snapshot-views.ts";
import { createSnapshot, createSnapshots, deleteSnapshot } from "./snapshots.ts";
import { createTags, deleteTags, describeTags } from "./tags.ts";
import {
  createLaunchTemplate,
  describeImages,
  describeLaunchTemplates,
  describeLaunchTemplateVersions,
} from "./templates.ts";
import { describeVolumeStatus, describeVolumes } from "./volume-views.ts";
import { createVolume, deleteVolume, modifyVolume } from "./volumes.ts";

/** Takes its own input shape: `never` stands for all of them in one table. */
type Action = (region: Region, input: never, caller: Caller) => object | Promise<object>;

const ec2: Readonly<Record<string, Action>> = {
  AllocateAddress: allocateAddress,
  AssociateAddress: associateAddress,
  AttachVolume: attachVolume,
  CreateLaunchTemplate: createLaunchTemplate,
  CreateSnapshot: createSnapshot,
  CreateSnapshots: createSnapshots,
  CreateTags: createTags,
  CreateVolume: createVolume,
  DeleteSnapshot: deleteSnapshot,
  DeleteTags: deleteTags,
  DeleteVolume: deleteVolume,
  DescribeAddresses: describeAddresses,
  DescribeAvailabilityZones: describeAvailabilityZones,
  DescribeImages: describeImages,
  DescribeInstanceStatus: describeInstanceStatus,
  DescribeInstances: describeInstances,
  DescribeLaunchTemplateVersions: describeLaunchTemplateVersions,
  DescribeLaunchTemplates: describeLaunchTemplates,
  DescribeNetworkInterfaces: describeNetworkInterfaces,
  DescribeSnapshots: describeSnapshots,
  DescribeSubnets: describeSubnets,
  DescribeTags: describeTags,
  DescribeVolumeStatus: describeVolumeStatus,
  DescribeVolumes: describeVolumes,
  DescribeVpcs: describeVpcs,
  DetachVolume: detachVolume,
  DisassociateAddress: disassociateAddress,
  ModifyInstanceAttribute: modifyInstanceAttribute,
  ModifyVolume: modifyVolume,
  RebootInstances: rebootInstances,
  ReleaseAddress: releaseAddress,
  RunInstances: runInstances,
  StartInstances: startInstances,
  StopInstances: stopInstances,
  TerminateInstances: terminateInstances,
};

const autoscaling: Readonly<Record<string, Action>> = {
  CompleteLifecycleAction: completeAction,
  CreateAutoScalingGroup: createGroup,
  CreateOrUpdateTags: createOrUpdateGroupTags,
  DeleteAutoScalingGroup: deleteGroup,
  DeleteLifecycleHook: deleteHook,
  DeleteTags: deleteGroupTags,
  DescribeAutoScalingGroups: describeGroups,
  DescribeAutoScalingInstances: describeMembers,
  DescribeLifecycleHooks: describeHooks,
  DescribeScalingActivities: describeScalingActivities,
  DescribeTags: describeGroupTags,
  DetachInstances: detachInstances,
  EnterStandby: enterStandby,
  ExitStandby: exitStandby,
  PutLifecycleHook: putHook,
  RecordLifecycleActionHeartbeat: recordHeartbeat,
  ResumeProcesses: resumeProcesses,
  SetDesiredCapacity: setDesiredCapacity,
  SetInstanceHealth: setInstanceHealth,
  SuspendProcesses: suspendProcesses,
  TerminateInstanceInAutoScalingGroup: terminateMember,
  UpdateAutoScalingGroup: updateGroup,
};

const services = { ec2, autoscaling } as const;

export function isRead(action: string): boolean {
  return action.startsWith("Describe");
}

export async function perform(region: Region, call: ApiCall): Promise<Record<string, unknown>> {
  const actions: Readonly<Record<string, Action>> = services[call.service];
  const action = Object.hasOwn(actions, call.action) ? actions[call.action] : undefined;
  if (action === undefined) throw invalidAction(call.action);
  if (call.input["DryRun"] === true) throw dryRun();
  // The one cast of the region: the wire, or the SDK's types, gave the input this action's shape.
  const output = await action(region, call.input as never, call.caller);
  return { ...output };
}
