// What a caller can do to one member of a group: call it unhealthy, end it, put it aside, take it
// out. None of these asks a launch hook, and only ending a member asks the terminate hooks.

import type {
  ActivityType,
  DetachInstancesAnswer,
  DetachInstancesQuery,
  EnterStandbyAnswer,
  EnterStandbyQuery,
  ExitStandbyAnswer,
  ExitStandbyQuery,
  SetInstanceHealthQuery,
  TerminateInstanceInAutoScalingGroupType,
} from "@aws-sdk/client-auto-scaling";
import { activityShape, beginActivity, endActivity } from "./activities.ts";
import { requiredMember, validationError } from "./errors.ts";
import { findGroup, findMember } from "./group-lookup.ts";
import type { Activity, Group, Member } from "./group-resources.ts";
import { dismiss } from "./members.ts";
import { showTarget } from "./metadata.ts";
import { type Region, sleep } from "./region.ts";
import { soon } from "./scaling.ts";

/** Within the grace period the report is not heard, unless the caller says so. */
export function setInstanceHealth(region: Region, input: SetInstanceHealthQuery): object {
  const member = findMember(region, input.InstanceId);
  const status = requiredMember(input.HealthStatus, "HealthStatus");
  if (status !== "Healthy" && status !== "Unhealthy") {
    throw validationError("Valid values for HealthStatus are Healthy and Unhealthy");
  }
  const group = findGroup(region, member.groupName);
  const isGraced = input.ShouldRespectGracePeriod !== false && isInGrace(region, group, member);
  if (status === "Unhealthy" && isGraced) return {};
  region.members.change(member.id, { healthy: status === "Healthy" });
  soon(region, group.id);
  return {};
}

/** Ending one that is already leaving answers with the activity under way. */
export function terminateMember(
  region: Region,
  input: TerminateInstanceInAutoScalingGroupType,
): ActivityType {
  const member = findMember(region, input.InstanceId);
  const shrink = requiredMember(
    input.ShouldDecrementDesiredCapacity,
    "ShouldDecrementDesiredCapacity",
  );
  const group = findGroup(region, member.groupName);
  if (shrink) shrinkBy(region, group, 1);
  const activity = dismiss(region, member, {
    cause: `an instance was taken out of service in response to a user request`,
    hooks: "ask",
  });
  soon(region, group.id);
  return { Activity: activityShape(activity) };
}

export function enterStandby(region: Region, input: EnterStandbyQuery): EnterStandbyAnswer {
  const group = findGroup(region, input.AutoScalingGroupName);
  const shrink = requiredMember(
    input.ShouldDecrementDesiredCapacity,
    "ShouldDecrementDesiredCapacity",
  );
  const members = inState(region, "InService", { group, ids: input.InstanceIds });
  if (shrink) shrinkBy(region, group, members.length);
  const activities = members.map((member) =>
    move(region, member, {
      via: "EnteringStandby",
      to: "Standby",
      target: "Standby",
      description: `Moving EC2 instance to Standby: ${member.id}`,
    }),
  );
  soon(region, group.id);
  return { Activities: activities.map(activityShape) };
}

export function exitStandby(region: Region, input: ExitStandbyQuery): ExitStandbyAnswer {
  const group = findGroup(region, input.AutoScalingGroupName);
  const members = inState(region, "Standby", { group, ids: input.InstanceIds });
  const desired = group.desired + members.length;
  if (desired > group.sizeMax) {
    throw validationError(
      `AutoScalingGroup '${group.id}' has max size of ${group.sizeMax} and desired size of ${desired}.`,
    );
  }
  region.groups.change(group.id, { desired });
  const activities = members.map((member) =>
    move(region, member, {
      via: "Pending",
      to: "InService",
      target: "InService",
      description: `Moving EC2 instance out of Standby: ${member.id}`,
    }),
  );
  return { Activities: activities.map(activityShape) };
}

export function detachInstances(
  region: Region,
  input: DetachInstancesQuery,
): DetachInstancesAnswer {
  const group = findGroup(region, input.AutoScalingGroupName);
  const shrink = requiredMember(
    input.ShouldDecrementDesiredCapacity,
    "ShouldDecrementDesiredCapacity",
  );
  const members = inState(region, "InService", { group, ids: input.InstanceIds });
  if (shrink) shrinkBy(region, group, members.length);
  const activities = members.map((member) =>
    move(region, member, {
      via: "Detaching",
      to: "Detached",
      target: "Detached",
      description: `Detaching EC2 instance: ${member.id}`,
    }),
  );
  soon(region, group.id);
  return { Activities: activities.map(activityShape) };
}

interface Move {
  readonly via: "EnteringStandby" | "Pending" | "Detaching";
  readonly to: "Standby" | "InService" | "Detached";
  readonly target: string;
  readonly description: string;
}

function move(region: Region, member: Member, { via, to, target, description }: Move): Activity {
  const activity = beginActivity(region, {
    groupName: member.groupName,
    instanceId: member.id,
    description,
    cause: "an instance was moved in response to a user request",
    zone: member.zone,
  });
  region.members.change(member.id, { lifecycle: via, activityId: activity.id });
  showTarget(region, member.id, target);
  region.spawn(async () => {
    await sleep(region, region.delays.groupProceedMs);
    endActivity(region, activity.id, { status: "Successful" });
    if (region.members.get(member.id)?.lifecycle !== via) return;
    if (to === "Detached") letGo(region, member.id);
    else region.members.change(member.id, { lifecycle: to });
  });
  return activity;
}

function letGo(region: Region, instanceId: string): void {
  region.members.change(instanceId, { lifecycle: "Detached" });
  region.members.remove(instanceId);
  const instance = region.instances.get(instanceId);
  if (instance === undefined) return;
  const { "aws:autoscaling:groupName": _group, ...tags } = instance.tags;
  region.instances.change(instanceId, { tags });
}

function inState(
  region: Region,
  wanted: "InService" | "Standby",
  { group, ids }: { readonly group: Group; readonly ids: readonly string[] | undefined },
): readonly Member[] {
  return (ids ?? []).map((id) => {
    const member = findMember(region, id);
    if (member.groupName !== group.id) {
      throw validationError(`The instance ${id} is not part of Auto Scaling group ${group.id}.`);
    }
    if (member.lifecycle === wanted) return member;
    throw validationError(`The instance ${id} is not in ${wanted}.`);
  });
}

function shrinkBy(region: Region, group: Group, count: number): void {
  const desired = group.desired - count;
  if (desired < group.sizeMin) {
    throw validationError(
      `Currently, desiredSize equals minSize (${group.sizeMin}). Terminating instance without replacement will violate group's min size constraint.`,
    );
  }
  region.groups.change(group.id, { desired });
}

function isInGrace(region: Region, group: Group, member: Member): boolean {
  if (member.inServiceAtMs === null) return false;
  return region.clock.nowMs() - member.inServiceAtMs < group.graceS * 1000;
}
