// Auto Scaling groups as callers make, change and delete them. What a group then does by itself is
// in scaling.ts. The words of refusals are those that users of Terraform, kops, Ansible and Cloud
// Custodian have reported, where such a report was found.

import type {
  CreateAutoScalingGroupType,
  DeleteAutoScalingGroupType,
  ScalingProcessQuery,
  SetDesiredCapacityType,
  UpdateAutoScalingGroupType,
} from "@aws-sdk/client-auto-scaling";
import { ApiError } from "../contract.ts";
import { sentence } from "./activities.ts";
import { requiredMember, validationError } from "./errors.ts";
import { groupNameFrom } from "./group-constraints.ts";
import { findGroup } from "./group-lookup.ts";
import type { Group } from "./group-resources.ts";
import {
  oneSource,
  refuseNoSubnets,
  refuseSizes,
  refuseTemplate,
  retentionFrom,
  subnetsFrom,
  templateFrom,
} from "./group-settings.ts";
import { groupTagFrom } from "./group-tags.ts";
import { scalingProcesses } from "./group-types.ts";
import { hookFrom } from "./hooks.ts";
import { isLeaving, membersOf } from "./member-states.ts";
import { dismiss } from "./members.ts";
import { activeRefresh } from "./refreshes.ts";
import type { Region } from "./region.ts";
import { soon } from "./scaling.ts";

export function createGroup(region: Region, input: CreateAutoScalingGroupType): object {
  const name = groupNameFrom(input.AutoScalingGroupName);
  if (name.includes(":")) {
    throw validationError(`AutoScalingGroup name must not contain a colon: ${name}`);
  }
  if (region.groups.get(name) !== undefined) {
    throw new ApiError(
      "AlreadyExists",
      `AutoScalingGroup by this name already exists - A group with the name ${name} already exists`,
    );
  }
  const sizeMin = requiredMember(input.MinSize, "MinSize");
  const desired = input.DesiredCapacity ?? sizeMin;
  const made = "a user request created an AutoScalingGroup changing the desired capacity from 0";
  const group: Group = {
    id: name,
    arn: arnOf(region, name),
    sizeMin,
    sizeMax: requiredMember(input.MaxSize, "MaxSize"),
    desired,
    subnetIds: subnetsFrom(region, input) ?? refuseNoSubnets(),
    ...(templateFrom(region, input) ?? refuseNoTemplate()),
    healthCheckType: input.HealthCheckType ?? "EC2",
    graceS: input.HealthCheckGracePeriod ?? 0,
    cooldownS: input.DefaultCooldown ?? 300,
    protectNew: input.NewInstancesProtectedFromScaleIn ?? false,
    capacityRebalance: input.CapacityRebalance ?? false,
    terminationPolicies: input.TerminationPolicies ?? ["Default"],
    retainAbandoned: retentionFrom(input.InstanceLifecyclePolicy) ?? false,
    warmPool: null,
    reason: sentence(region, `${made} to ${desired}`),
    suspended: [],
    suspendedAtMs: {},
    tags: (input.Tags ?? []).map(groupTagFrom),
    createdAtMs: region.clock.nowMs(),
    deleting: false,
    launchFailures: 0,
    launchFailedAtMs: 0,
    swap: null,
  };
  refuseSizes(group);
  refuseTemplate(region, group);
  const hooks = (input.LifecycleHookSpecificationList ?? []).map((hook) =>
    hookFrom(region, group.id, hook),
  );
  region.groups.put(group);
  for (const hook of hooks) region.hooks.put(hook);
  soon(region, name);
  return {};
}

export function updateGroup(region: Region, input: UpdateAutoScalingGroupType): object {
  const group = findGroup(region, input.AutoScalingGroupName);
  const source = templateFrom(region, input);
  if (source !== null && activeRefresh(region, group.id)?.template !== undefined) {
    refuseDuringRefresh(region, group);
  }
  const sizeMin = input.MinSize ?? group.sizeMin;
  const sizeMax = input.MaxSize ?? group.sizeMax;
  const desired = input.DesiredCapacity ?? Math.min(Math.max(group.desired, sizeMin), sizeMax);
  const changed: Group = {
    ...group,
    ...source,
    sizeMin,
    sizeMax,
    desired,
    subnetIds: subnetsFrom(region, input) ?? group.subnetIds,
    healthCheckType: input.HealthCheckType ?? group.healthCheckType,
    graceS: input.HealthCheckGracePeriod ?? group.graceS,
    cooldownS: input.DefaultCooldown ?? group.cooldownS,
    protectNew: input.NewInstancesProtectedFromScaleIn ?? group.protectNew,
    capacityRebalance: input.CapacityRebalance ?? group.capacityRebalance,
    terminationPolicies: input.TerminationPolicies ?? group.terminationPolicies,
    retainAbandoned: retentionFrom(input.InstanceLifecyclePolicy) ?? group.retainAbandoned,
  };
  refuseSizes(changed);
  refuseTemplate(region, changed);
  const bounds = `to min: ${sizeMin}, max: ${sizeMax}, desired: ${desired}`;
  const update = `a user request update of AutoScalingGroup constraints ${bounds}`;
  region.groups.put({ ...changed, reason: reasonOf(region, { group, update, desired }) });
  soon(region, group.id);
  return {};
}

/** By force the members end at once and no hook is asked; otherwise there must be none. */
export function deleteGroup(region: Region, input: DeleteAutoScalingGroupType): object {
  const group = findGroup(region, input.AutoScalingGroupName);
  const members = membersOf(region, group.id);
  if (input.ForceDelete !== true) refuseInUse(region, group);
  region.groups.change(group.id, { deleting: true, desired: 0, sizeMin: 0 });
  for (const member of members) {
    dismiss(region, member, { cause: "a user request deleted the group by force", hooks: "skip" });
  }
  soon(region, group.id);
  return {};
}

function refuseInUse(region: Region, group: Group): void {
  const members = membersOf(region, group.id);
  if (members.some((member) => !isLeaving(member))) {
    throw new ApiError(
      "ResourceInUse",
      "You cannot delete an AutoScalingGroup while there are instances or pending Spot instance request(s) still in the group.",
    );
  }
  const isBusy = region.activities
    .all()
    .some((activity) => activity.groupArn === group.arn && activity.endAtMs === null);
  if (members.length === 0 && !isBusy) return;
  throw new ApiError(
    "ScalingActivityInProgress",
    "You cannot delete an AutoScalingGroup while there are scaling activities in progress for that group.",
  );
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
  if (input.HonorCooldown === true) refuseCooling(region, group);
  const update = "a user request explicitly set group desired capacity";
  region.groups.change(group.id, {
    desired,
    reason: reasonOf(region, { group, update, desired }),
  });
  soon(region, group.id);
  return {};
}

/** A capacity that is set by hand overrides the cooldown, unless the caller honors it. */
function refuseCooling(region: Region, group: Group): void {
  const last = region.activities.all().findLast((activity) => activity.groupArn === group.arn);
  if (last === undefined) return;
  const coolAtMs = (last.endAtMs ?? Number.POSITIVE_INFINITY) + group.cooldownS * 1000;
  if (region.clock.nowMs() >= coolAtMs) return;
  throw new ApiError(
    "ScalingActivityInProgress",
    `Scaling activity ${last.id} is in progress and blocks this action`,
  );
}

interface Update {
  readonly group: Group;
  readonly update: string;
  readonly desired: number;
}

function reasonOf(region: Region, { group, update, desired }: Update): string | null {
  if (desired === group.desired) return group.reason;
  const change = `changing the desired capacity from ${group.desired} to ${desired}`;
  return sentence(region, `${update} ${change}`);
}

export function suspendProcesses(region: Region, input: ScalingProcessQuery): object {
  const group = findGroup(region, input.AutoScalingGroupName);
  const added = processesFrom(input).filter((name) => !group.suspended.includes(name));
  const nowMs = region.clock.nowMs();
  const times = Object.fromEntries(added.map((name) => [name, nowMs]));
  region.groups.change(group.id, {
    suspended: [...group.suspended, ...added],
    suspendedAtMs: { ...group.suspendedAtMs, ...times },
  });
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
  const unknown = named.find((name) => !scalingProcesses.includes(name));
  if (unknown !== undefined) {
    throw validationError(`'${unknown}' is not a valid process for Auto Scaling`);
  }
  return named.length === 0 ? scalingProcesses : named;
}

function arnOf(region: Region, name: string): string {
  const id = region.ids.uuid();
  return `arn:aws:autoscaling:${region.name}:${region.accountId}:autoScalingGroup:${id}:autoScalingGroupName/${name}`;
}

function refuseNoTemplate(): never {
  throw oneSource();
}

/** A refresh that brings a template of its own must not have another one put under it. */
function refuseDuringRefresh(region: Region, group: Group): void {
  if (activeRefresh(region, group.id)?.template === null) return;
  throw validationError(
    "An active instance refresh with a desired configuration exists. All configuration options derived from the desired configuration are not available for update while the instance refresh is active.",
  );
}
