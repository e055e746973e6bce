// Every action the region knows, by service and name. An action is a function of the region, the
// input in the SDK's shape, and the caller; an unknown name is answered as AWS does.

import type { ApiCall } from "../contract.ts";
import { describeAddresses } from "./address-views.ts";
import {
  allocateAddress,
  associateAddress,
  disassociateAddress,
  releaseAddress,
} from "./addresses.ts";
import { attachVolume, detachVolume } from "./attachments.ts";
import { dryCopy } from "./dry-run.ts";
import { dryRun, invalidAction } from "./errors.ts";
import { type Action, groupActions } from "./group-actions.ts";
import { describeImages } from "./images.ts";
import { describeInstanceAttribute, modifyInstanceAttribute } from "./instance-attributes.ts";
import { describeInstanceStatus } from "./instance-status.ts";
import { describeInstances } from "./instance-views.ts";
import {
  rebootInstances,
  runInstances,
  startInstances,
  stopInstances,
  terminateInstances,
} from "./instances.ts";
import { describeNetworkInterfaces } from "./interface-views.ts";
import { describeSubnets, describeVpcs } from "./network-views.ts";
import type { Region } from "./region.ts";
import { describeSnapshots } from "./snapshot-views.ts";
import { createSnapshot, createSnapshots, deleteSnapshot } from "./snapshots.ts";
import { createTags, deleteTags, describeTags } from "./tags.ts";
import { describeLaunchTemplates, describeLaunchTemplateVersions } from "./template-views.ts";
import {
  createLaunchTemplate,
  createLaunchTemplateVersion,
  deleteLaunchTemplate,
  deleteLaunchTemplateVersions,
  modifyLaunchTemplate,
} from "./templates.ts";
import { describeVolumesModifications, modifyVolume } from "./volume-changes.ts";
import { describeVolumeStatus, describeVolumes } from "./volume-views.ts";
import { createVolume, deleteVolume } from "./volumes.ts";
import { describeAvailabilityZones } from "./zone-views.ts";

const ec2: Readonly<Record<string, Action>> = {
  AllocateAddress: allocateAddress,
  AssociateAddress: associateAddress,
  AttachVolume: attachVolume,
  CreateLaunchTemplate: createLaunchTemplate,
  CreateLaunchTemplateVersion: createLaunchTemplateVersion,
  CreateSnapshot: createSnapshot,
  CreateSnapshots: createSnapshots,
  CreateTags: createTags,
  CreateVolume: createVolume,
  DeleteLaunchTemplate: deleteLaunchTemplate,
  DeleteLaunchTemplateVersions: deleteLaunchTemplateVersions,
  DeleteSnapshot: deleteSnapshot,
  DeleteTags: deleteTags,
  DeleteVolume: deleteVolume,
  DescribeAddresses: describeAddresses,
  DescribeAvailabilityZones: describeAvailabilityZones,
  DescribeImages: describeImages,
  DescribeInstanceAttribute: describeInstanceAttribute,
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
  DescribeVolumesModifications: describeVolumesModifications,
  DescribeVpcs: describeVpcs,
  DetachVolume: detachVolume,
  DisassociateAddress: disassociateAddress,
  ModifyInstanceAttribute: modifyInstanceAttribute,
  ModifyLaunchTemplate: modifyLaunchTemplate,
  ModifyVolume: modifyVolume,
  RebootInstances: rebootInstances,
  ReleaseAddress: releaseAddress,
  RunInstances: runInstances,
  StartInstances: startInstances,
  StopInstances: stopInstances,
  TerminateInstances: terminateInstances,
};

const services = { ec2, autoscaling: groupActions } as const;

export function isRead(action: string): boolean {
  return action.startsWith("Describe");
}

export async function perform(region: Region, call: ApiCall): Promise<Record<string, unknown>> {
  const actions: Readonly<Record<string, Action>> = services[call.service];
  const action = Object.hasOwn(actions, call.action) ? actions[call.action] : undefined;
  if (action === undefined) throw invalidAction(call.action);
  const { DryRun: isDry, ...input } = call.input;
  // The one cast of the region: the wire, or the SDK's types, gave the input this action's shape.
  const output = await action(
    isDry === true ? dryCopy(region) : region,
    input as never,
    call.caller,
  );
  if (isDry === true) throw dryRun();
  return { ...output };
}
