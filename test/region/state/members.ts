// A member's way through its group: launched, waiting for hooks, in service, leaving, gone. Each
// function is one transition of Auto Scaling's life cycle; what a group wants is decided in scaling.ts.
// A dead instance still waits for its terminate hook here, as it does in AWS; it holds up nobody.

import { beginActivity, endActivity } from "./activities.ts";
import type { Activity, Group, Member, Transition } from "./group-resources.ts";
import { isEnding, terminate, userShutdown } from "./instance-life.ts";
import { launch } from "./launch.ts";
import type { LaunchSpec } from "./launch-spec.ts";
import {
  actionsOf,
  answer,
  beginWait,
  endWait,
  timeout,
  type WaitEnd,
} from "./lifecycle-actions.ts";
import { showTarget } from "./metadata.ts";
import { type Region, sleep } from "./region.ts";

const launching: Transition = "autoscaling:EC2_INSTANCE_LAUNCHING";
const terminating: Transition = "autoscaling:EC2_INSTANCE_TERMINATING";

export function isLeaving(member: Member): boolean {
  return member.lifecycle.startsWith("Terminat");
}

export function isArriving(member: Member): boolean {
  return member.lifecycle.startsWith("Pending");
}

/** Launches an instance into a group; what has no capacity is recorded as a failed activity. */
export function admit(
  region: Region,
  group: Group,
  { spec, cause }: { readonly spec: LaunchSpec; readonly cause: string },
): Member {
  const instance = launch(region, spec);
  const activity = beginActivity(region, {
    groupName: group.id,
    instanceId: instance.id,
    description: `Launching a new EC2 instance: ${instance.id}`,
    cause,
    zone: instance.zone,
  });
  const member: Member = {
    id: instance.id,
    groupName: group.id,
    lifecycle: "Pending",
    healthy: true,
    zone: instance.zone,
    template: group.template,
    protectedFromScaleIn: group.protectNew,
    inServiceAtMs: null,
    activityId: activity.id,
  };
  region.members.put(member);
  return member;
}

/** Its instance runs: launch hooks are asked, if there are any by now. */
export function arrive(region: Region, member: Member): void {
  showTarget(region, member.id, "InService");
  if (beginWait(region, member, launching)) {
    region.members.change(member.id, { lifecycle: "Pending:Wait" });
    watchTimeouts(region, member.id);
  } else {
    serve(region, member.id);
  }
}

/** Begins the end of a member; hooks are asked unless the group is deleted by force. */
export function dismiss(
  region: Region,
  member: Member,
  { cause, hooks }: { readonly cause: string; readonly hooks: "ask" | "skip" },
): Activity {
  const under = region.activities.get(member.activityId);
  if (isLeaving(member) && under !== undefined) return under;
  endActivity(region, member.activityId, { status: "Cancelled" });
  const activity = beginActivity(region, {
    groupName: member.groupName,
    instanceId: member.id,
    description: `Terminating EC2 instance: ${member.id}`,
    cause,
    zone: member.zone,
  });
  endWait(region, member.id);
  region.members.change(member.id, { lifecycle: "Terminating", activityId: activity.id });
  showTarget(region, member.id, "Terminated");
  if (hooks === "ask" && beginWait(region, member, terminating)) {
    region.members.change(member.id, { lifecycle: "Terminating:Wait" });
    watchTimeouts(region, member.id);
  } else {
    leave(region, member.id);
  }
  return activity;
}

/** What follows from an answer to a hook, given by the instance or by the clock. */
export function settle(region: Region, end: WaitEnd): void {
  const member = region.members.get(end.instanceId);
  if (member === undefined) return;
  if (end.transition === terminating) leave(region, member.id);
  else if (end.result === "CONTINUE") proceed(region, member.id);
  else {
    endActivity(region, member.activityId, {
      status: "Failed",
      message: "The lifecycle action was abandoned",
    });
    dismiss(region, member, {
      cause: "the launch was abandoned by a lifecycle hook",
      hooks: "ask",
    });
  }
}

/** The instance has ended: a member that only waited for that is gone now. */
export function forget(region: Region, member: Member): void {
  endWait(region, member.id);
  endActivity(region, member.activityId, { status: "Successful" });
  region.members.remove(member.id);
}

function serve(region: Region, instanceId: string): void {
  const member = region.members.get(instanceId);
  if (member === undefined || isLeaving(member)) return;
  endActivity(region, member.activityId, { status: "Successful" });
  const inServiceAtMs = region.clock.nowMs();
  region.members.change(instanceId, { lifecycle: "InService", inServiceAtMs });
}

function proceed(region: Region, instanceId: string): void {
  region.members.change(instanceId, { lifecycle: "Pending:Proceed" });
  region.spawn(async () => {
    await sleep(region, region.delays.groupProceedMs);
    if (region.members.get(instanceId)?.lifecycle === "Pending:Proceed") serve(region, instanceId);
  });
}

function leave(region: Region, instanceId: string): void {
  region.members.change(instanceId, { lifecycle: "Terminating:Proceed" });
  region.spawn(async () => {
    await sleep(region, region.delays.groupProceedMs);
    const member = region.members.get(instanceId);
    const instance = region.instances.get(instanceId);
    if (member === undefined) return;
    if (instance === undefined || instance.state === "terminated") forget(region, member);
    else if (!isEnding(instance)) {
      terminate(region, instance, { how: "os", reason: userShutdown });
    }
  });
}

function watchTimeouts(region: Region, instanceId: string): void {
  for (const { id } of actionsOf(region, instanceId)) {
    region.spawn(async () => {
      const late = await timeout(region, id);
      if (late === null) return;
      const end = answer(region, id, late.defaultResult);
      if (end !== null) settle(region, end);
    });
  }
}
