// Auto Scaling groups as callers make, change and delete them. What a group then does by itself is
// in scaling.ts.

import type {
  CreateAutoScalingGroupType,
  DeleteAutoScalingGroupType,
  LaunchTemplateSpecification,
  MixedInstancesPolicy,
  ScalingProcessQuery,
  SetDesiredCapacityType,
  UpdateAutoScalingGroupType,
} from "@aws-sdk/client-auto-scaling";
import { ApiError } from "../contract.ts";
import { requiredMember, validationError } from "./errors.ts";
import { findGroup } from "./group-lookup.ts";
import type { Group, TemplateChoice } from "./group-resources.ts";
import { groupTagFrom } from "./group-tags.ts";
import { putHook } from "./hooks.ts";
import { templateOf } from "./launch-spec.ts";
import { dismiss } from "./members.ts";
import type { Region } from "./region.ts";
import { membersOf, soon, specFor } from "./scaling.ts";

const processes = [
  "Launch",
  "Terminate",
  "AddToLoadBalancer",
  "AlarmNotification",
  "AZRebalance",
  "HealthCheck",
  "InstanceRefresh",
  "ReplaceUnhealthy",
  "ScheduledActions",
];

export function createGroup(region: Region, input: CreateAutoScalingGroupType): object {
  const name = requiredMember(input.AutoScalingGroupName, "AutoScalingGroupName");
  if (region.groups.get(name) !== undefined) {
    throw new ApiError(
      "AlreadyExists",
      `AutoScalingGroup by this name already exists - A group with the name ${name} already exists`,
    );
  }
  const sizeMin = requiredMember(input.MinSize, "MinSize");
  const group: Group = {
    id: name,
    arn: arnOf(region, name),
    sizeMin,
    sizeMax: requiredMember(input.MaxSize, "MaxSize"),
    desired: input.DesiredCapacity ?? sizeMin,
    subnetIds: subnetsFrom(region, input) ?? refuseNoSubnets(),
    template: templateFrom(region, input) ?? refuseNoTemplate(),
    healthCheckType: input.HealthCheckType ?? "EC2",
    graceS: input.HealthCheckGracePeriod ?? 0,
    cooldownS: input.DefaultCooldown ?? 300,
    protectNew: input.NewInstancesProtectedFromScaleIn ?? false,
    capacityRebalance: input.CapacityRebalance ?? false,
    suspended: [],
    tags: (input.Tags ?? []).map(groupTagFrom),
    createdAtMs: region.clock.nowMs(),
    deleting: false,
    swap: null,
  };
  refuseSizes(group);
  refuseTemplate(region, group);
  region.groups.put(group);
  for (const hook of input.LifecycleHookSpecificationList ?? []) {
    putHook(region, { ...hook, AutoScalingGroupName: name });
  }
  soon(region, name);
  return {};
}

export function updateGroup(region: Region, input: UpdateAutoScalingGroupType): object {
  const group = findGroup(region, input.AutoScalingGroupName);
  const sizeMin = input.MinSize ?? group.sizeMin;
  const sizeMax = input.MaxSize ?? group.sizeMax;
  const clamped = Math.min(Math.max(group.desired, sizeMin), sizeMax);
  const changed: Group = {
    ...group,
    sizeMin,
    sizeMax,
    desired: input.DesiredCapacity ?? clamped,
    subnetIds: subnetsFrom(region, input) ?? group.subnetIds,
    template: templateFrom(region, input) ?? group.template,
    healthCheckType: input.HealthCheckType ?? group.healthCheckType,
    graceS: input.HealthCheckGracePeriod ?? group.graceS,
    cooldownS: input.DefaultCooldown ?? group.cooldownS,
    protectNew: input.NewInstancesProtectedFromScaleIn ?? group.protectNew,
    capacityRebalance: input.CapacityRebalance ?? group.capacityRebalance,
  };
  refuseSizes(changed);
  refuseTemplate(region, changed);
  region.groups.put(changed);
  soon(region, group.id);
  return {};
}

/** By force the members end at once and no hook is asked; otherwise there must be none. */
export function deleteGroup(region: Region, input: DeleteAutoScalingGroupType): object {
  const group = findGroup(region, input.AutoScalingGroupName);
  const members = membersOf(region, group.id);
  if (members.length > 0 && input.ForceDelete !== true) {
    throw new ApiError(
      "ResourceInUse",
      "You cannot delete an AutoScalingGroup while there are instances or pending activities in progress.",
    );
  }
  region.groups.change(group.id, { deleting: true, desired: 0, sizeMin: 0 });
  for (const member of members) {
    dismiss(region, member, { cause: "the group is being deleted", hooks: "skip" });
  }
  soon(region, group.id);
  return {};
}

export function setDesiredCapacity(region: Region, input: SetDesiredCapacityType): object {
  const group = findGroup(region, input.AutoScalingGroupName);
  const desired = requiredMember(input.DesiredCapacity, "DesiredCapacity");
  const bound = desired > group.sizeMax ? "above max" : "below min";
  const limit = desired > group.sizeMax ? group.sizeMax : group.sizeMin;
  if (desired > group.sizeMax || desired < group.sizeMin) {
    throw validationError(
      `New SetDesiredCapacity value ${desired} is ${bound} value ${limit} for the AutoScalingGroup.`,
    );
  }
  region.groups.change(group.id, { desired });
  soon(region, group.id);
  return {};
}

export function suspendProcesses(region: Region, input: ScalingProcessQuery): object {
  const group = findGroup(region, input.AutoScalingGroupName);
  const suspended = [...new Set([...group.suspended, ...processesFrom(input)])];
  region.groups.change(group.id, { suspended });
  return {};
}

export function resumeProcesses(region: Region, input: ScalingProcessQuery): object {
  const group = findGroup(region, input.AutoScalingGroupName);
  const resumed = processesFrom(input);
  const suspended = group.suspended.filter((name) => !resumed.includes(name));
  region.groups.change(group.id, { suspended });
  soon(region, group.id);
  return {};
}

function processesFrom(input: ScalingProcessQuery): readonly string[] {
  const named = input.ScalingProcesses ?? [];
  const unknown = named.find((name) => !processes.includes(name));
  if (unknown !== undefined) {
    throw validationError(`'${unknown}' is not a valid process for Auto Scaling`);
  }
  return named.length === 0 ? processes : named;
}

function arnOf(region: Region, name: string): string {
  const id = region.ids.uuid();
  return `arn:aws:autoscaling:${region.name}:${region.accountId}:autoScalingGroup:${id}:autoScalingGroupName/${name}`;
}

interface Placement {
  readonly VPCZoneIdentifier?: string | undefined;
  readonly AvailabilityZones?: readonly string[] | undefined;
}

/** The subnets of the group: those named, or one of each zone named; null where neither is. */
function subnetsFrom(region: Region, input: Placement): readonly string[] | null {
  const { VPCZoneIdentifier: list, AvailabilityZones: zones } = input;
  if (list !== undefined && list !== "") {
    const ids = list.split(",").map((id) => id.trim());
    const unknown = ids.find((id) => region.subnets.get(id) === undefined);
    if (unknown !== undefined) throw validationError(`The subnet ID '${unknown}' does not exist`);
    return ids;
  }
  if (zones === undefined || zones.length === 0) return null;
  return zones.map((zone) => {
    const subnet = region.subnets.all().find((each) => each.zone === zone);
    if (subnet === undefined) throw validationError(`Invalid Availability Zone: ${zone}`);
    return subnet.id;
  });
}

interface TemplateGiven {
  readonly LaunchTemplate?: LaunchTemplateSpecification | undefined;
  readonly MixedInstancesPolicy?: MixedInstancesPolicy | undefined;
}

function templateFrom(region: Region, input: TemplateGiven): TemplateChoice | null {
  const mixed = input.MixedInstancesPolicy?.LaunchTemplate?.LaunchTemplateSpecification;
  const given = input.LaunchTemplate ?? mixed;
  if (given === undefined) return null;
  const template = templateOf(region, given);
  return { id: template.id, name: template.name, version: given.Version ?? "$Default" };
}

function refuseSizes({ sizeMin, sizeMax, desired }: Group): void {
  if (sizeMin > sizeMax) {
    throw validationError(
      `Max bound, ${sizeMax}, must be greater than or equal to min bound, ${sizeMin}`,
    );
  }
  if (desired >= sizeMin && desired <= sizeMax) return;
  throw validationError(
    `Desired capacity:${desired} must be between the specified min size:${sizeMin} and max size:${sizeMax}`,
  );
}

/** A template that cannot launch is refused when the group is made, not at each launch. */
function refuseTemplate(region: Region, group: Group): void {
  const subnet = region.subnets.get(group.subnetIds[0] ?? "");
  if (subnet === undefined) refuseNoSubnets();
  else specFor(region, group, subnet);
}

function refuseNoSubnets(): never {
  throw validationError("At least one Availability Zone or VPC Subnet is required.");
}

function refuseNoTemplate(): never {
  throw validationError("Valid requests must contain a LaunchTemplate or MixedInstancesPolicy");
}
