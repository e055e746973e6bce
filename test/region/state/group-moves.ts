// Members put aside and brought back, taken out of a group and brought into one. No hook is asked for
// any of this. The activities' words are those of the examples in the API reference.

import type {
  AttachInstancesQuery,
  DetachInstancesAnswer,
  DetachInstancesQuery,
  EnterStandbyAnswer,
  EnterStandbyQuery,
  ExitStandbyAnswer,
  ExitStandbyQuery,
  ScalingActivityStatusCode,
} from "@aws-sdk/client-auto-scaling";
import { activityShape, beginActivity, endActivity } from "./activities.ts";
import { requiredMember, validationError } from "./errors.ts";
import { findGroup } from "./group-lookup.ts";
import type { Activity, Group, Member } from "./group-resources.ts";
import { showTarget } from "./metadata.ts";
import { type Region, sleep } from "./region.ts";
import { soon } from "./scaling.ts";

export function enterStandby(region: Region, input: EnterStandbyQuery): EnterStandbyAnswer {
  const group = findGroup(region, input.AutoScalingGroupName);
  const shrink = shrinkFlag(input.ShouldDecrementDesiredCapacity);
  const members = inState(region, ["InService"], { group, ids: input.InstanceIds });
  const change = resize(region, {
    group,
    by: shrink ? -members.length : 0,
    verb: "place on standby",
  });
  const activities = members.map((member) =>
    move(region, member, {
      via: "EnteringStandby",
      to: "Standby",
      description: `Moving EC2 instance to Standby: ${member.id}`,
      cause: `instance ${member.id} was moved to standby in response to a user request${change}`,
    }),
  );
  soon(region, group.id);
  return { Activities: activities.map((each) => activityShape(region, each)) };
}

export function exitStandby(region: Region, input: ExitStandbyQuery): ExitStandbyAnswer {
  const group = findGroup(region, input.AutoScalingGroupName);
  const members = inState(region, ["Standby"], { group, ids: input.InstanceIds });
  const change = resize(region, { group, by: members.length, verb: "move out of standby" });
  const activities = members.map((member) =>
    move(region, member, {
      via: "Pending",
      to: "InService",
      description: `Moving EC2 instance out of Standby: ${member.id}`,
      cause: `instance ${member.id} was moved out of standby in response to a user request${change}`,
    }),
  );
  return { Activities: activities.map((each) => activityShape(region, each)) };
}

export function detachInstances(
  region: Region,
  input: DetachInstancesQuery,
): DetachInstancesAnswer {
  const group = findGroup(region, input.AutoScalingGroupName);
  const shrink = shrinkFlag(input.ShouldDecrementDesiredCapacity);
  const wanted = ["InService", "Standby"] as const;
  const members = inState(region, wanted, { group, ids: input.InstanceIds });
  const change = resize(region, { group, by: shrink ? -members.length : 0, verb: "detach" });
  const activities = members.map((member) =>
    move(region, member, {
      via: "Detaching",
      to: "Detached",
      description: `Detaching EC2 instance: ${member.id}`,
      cause: `instance ${member.id} was detached in response to a user request${change}`,
    }),
  );
  soon(region, group.id);
  return { Activities: activities.map((each) => activityShape(region, each)) };
}

/** Only what runs, in one of the group's zones, and belongs to no group. */
export function attachInstances(region: Region, input: AttachInstancesQuery): object {
  const group = findGroup(region, input.AutoScalingGroupName);
  const ids = requiredMember(input.InstanceIds, "InstanceIds");
  for (const id of ids) refuseUnattachable(region, group, id);
  const change = resize(region, { group, by: ids.length, verb: "attach" });
  for (const id of ids) {
    const member = newcomer(region, group, id);
    region.members.put(member);
    move(region, member, {
      via: "Pending",
      to: "InService",
      description: `Attaching an existing EC2 instance: ${id}`,
      cause: `an instance was attached in response to a user request${change}`,
    });
  }
  return {};
}

function refuseUnattachable(region: Region, group: Group, id: string): void {
  const instance = region.instances.get(id);
  if (instance === undefined) throw validationError(`Invalid Instance ID: ${id}`);
  const owner = region.members.get(id)?.groupName;
  if (owner !== undefined) {
    throw validationError(`Instance ${id} is already part of AutoScalingGroup:${owner}`);
  }
  if (instance.state !== "running") {
    throw validationError(`Instance ${id} is not in correct state: ${instance.state}`);
  }
  const zones = group.subnetIds.map((subnetId) => region.subnets.get(subnetId)?.zone);
  if (zones.includes(instance.zone)) return;
  throw validationError(`Instance ${id} is in ${instance.zone}, which the group does not use`);
}

function newcomer(region: Region, group: Group, id: string): Member {
  const instance = region.instances.get(id);
  const tags = { ...instance?.tags, "aws:autoscaling:groupName": group.id };
  region.instances.change(id, { tags });
  return {
    id,
    groupName: group.id,
    lifecycle: "Pending",
    healthy: true,
    complaint: null,
    zone: instance?.zone ?? "",
    template: group.template,
    protectedFromScaleIn: group.protectNew,
    inServiceAtMs: null,
    activityId: "",
  };
}

interface Move {
  readonly via: "EnteringStandby" | "Pending" | "Detaching";
  readonly to: "Standby" | "InService" | "Detached";
  readonly description: string;
  readonly cause: string;
}

type Begun = readonly [status: ScalingActivityStatusCode, progress: number];

/** The states in which the API reference's examples show these activities. */
const begun: Readonly<Record<Move["via"], Begun>> = {
  EnteringStandby: ["InProgress", 50],
  Pending: ["PreInService", 30],
  Detaching: ["InProgress", 50],
};

function move(region: Region, member: Member, { via, to, description, cause }: Move): Activity {
  const [status, progress] = begun[via];
  const activity = beginActivity(region, {
    groupName: member.groupName,
    instanceId: member.id,
    description,
    cause,
    zone: member.zone,
    subnetId: region.instances.get(member.id)?.subnetId ?? "",
    status,
    progress,
  });
  region.members.change(member.id, { lifecycle: via, activityId: activity.id });
  showTarget(region, member.id, to);
  region.spawn(async () => {
    await sleep(region, region.delays.groupProceedMs);
    endActivity(region, activity.id, { status: "Successful" });
    if (region.members.get(member.id)?.lifecycle !== via) return;
    if (to === "Detached") letGo(region, member.id);
    else region.members.change(member.id, { lifecycle: to, ...servingSince(region, to) });
  });
  return activity;
}

function servingSince(region: Region, to: Move["to"]): Partial<Member> {
  return to === "InService" ? { inServiceAtMs: region.clock.nowMs() } : {};
}

function letGo(region: Region, instanceId: string): void {
  region.members.change(instanceId, { lifecycle: "Detached" });
  region.members.remove(instanceId);
  const instance = region.instances.get(instanceId);
  if (instance === undefined) return;
  const { "aws:autoscaling:groupName": _group, ...tags } = instance.tags;
  region.instances.change(instanceId, { tags });
}

interface Chosen {
  readonly group: Group;
  readonly ids: readonly string[] | undefined;
}

function inState(
  region: Region,
  wanted: readonly Member["lifecycle"][],
  { group, ids = [] }: Chosen,
): readonly Member[] {
  if (ids.length === 0) throw validationError("At least one instance ID is required");
  return ids.map((id) => {
    const member = region.members.get(id);
    if (member?.groupName !== group.id) {
      throw validationError(`The instance ${id} is not part of Auto Scaling group ${group.id}.`);
    }
    if (wanted.includes(member.lifecycle)) return member;
    throw validationError(`The instance ${id} is not in ${wanted.join(" or ")}.`);
  });
}

function shrinkFlag(value: boolean | undefined): boolean {
  return requiredMember(value, "ShouldDecrementDesiredCapacity");
}

interface Resize {
  readonly group: Group;
  readonly by: number;
  readonly verb: string;
}

/** Sets the new capacity, and says so in the words of an activity's cause. */
function resize(region: Region, { group, by, verb }: Resize): string {
  if (by === 0) return "";
  const desired = group.desired + by;
  if (desired < group.sizeMin || desired > group.sizeMax) {
    const count = Math.abs(by);
    throw validationError(
      `AutoScalingGroup ${group.id} has min-size=${group.sizeMin}, max-size=${group.sizeMax}, and desired-size=${group.desired}. ` +
        `To ${verb} ${count} instance${count === 1 ? "" : "s"}, please update the AutoScalingGroup sizes appropriately.`,
    );
  }
  region.groups.change(group.id, { desired });
  return `, ${by < 0 ? "shrinking" : "increasing"} the capacity from ${group.desired} to ${desired}`;
}
