// A member's way through its group: launched, waiting for hooks, in service or warm, leaving, gone.
// Each function is one transition of Auto Scaling's life cycle; what a group wants is decided in
// scaling.ts. A dead instance still waits for its terminate hook here, as it does in AWS; it holds up
// nobody. An instance of a warm pool goes the same way in states of its own, and twice past the hooks.

import { beginActivity, endActivity, pauseActivity } from "./activities.ts";
import type { Activity, Group, Member, TemplateChoice, Transition } from "./group-resources.ts";
import { isEnding, stop, terminate, userShutdown } from "./instance-life.ts";
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
import { isLeaving, isRetained, isWarm, stateOf } from "./member-states.ts";
import { showTarget } from "./metadata.ts";
import { type Region, sleep } from "./region.ts";

const launching: Transition = "autoscaling:EC2_INSTANCE_LAUNCHING";
const terminating: Transition = "autoscaling:EC2_INSTANCE_TERMINATING";

export interface Launching {
  readonly cause: string;
  readonly reason: string | null;
  readonly into: "service" | "warm pool";
}

export interface Admission extends Launching {
  readonly spec: LaunchSpec;
  /** With the version's number. */
  readonly template: TemplateChoice;
}

/** Launches an instance into a group; throws where there is no capacity. */
export function admit(region: Region, group: Group, admission: Admission): Member {
  const { spec, template, cause, reason, into } = admission;
  const instance = launch(region, spec);
  const where = into === "service" ? "" : " into warm pool";
  const activity = beginActivity(region, {
    groupName: group.id,
    instanceId: instance.id,
    description: `Launching a new EC2 instance${where}: ${instance.id}`,
    cause,
    reason,
    zone: instance.zone,
    subnetId: instance.subnetId,
    status: "PreInService",
    progress: 30,
  });
  const member: Member = {
    id: instance.id,
    groupName: group.id,
    lifecycle: into === "service" ? "Pending" : "Warmed:Pending",
    healthy: true,
    complaint: null,
    zone: instance.zone,
    template,
    protectedFromScaleIn: group.protectNew,
    inServiceAtMs: null,
    activityId: activity.id,
  };
  region.members.put(member);
  return member;
}

/** Its instance runs: launch hooks are asked, if there are any by now. */
export function arrive(region: Region, member: Member): void {
  showTarget(region, member.id, isWarm(member) ? restingState(region, member) : "InService");
  if (beginWait(region, member, launching)) {
    region.members.change(member.id, { lifecycle: stateOf(member, "Pending:Wait") });
    pauseActivity(region, member.activityId);
    watchTimeouts(region, member.id);
  } else if (isWarm(member)) {
    proceed(region, member);
  } else {
    serve(region, member.id);
  }
}

/** Begins the end of a member; hooks are asked unless the group is deleted by force. */
export function dismiss(
  region: Region,
  member: Member,
  { cause, reason, hooks }: Dismissal,
): Activity {
  const under = region.activities.get(member.activityId);
  if (isLeaving(member) && !isRetained(member) && under !== undefined) return under;
  endActivity(region, member.activityId, { status: "Cancelled" });
  const activity = beginActivity(region, {
    groupName: member.groupName,
    instanceId: member.id,
    description: `Terminating EC2 instance: ${member.id}`,
    cause,
    reason: reason ?? null,
    zone: member.zone,
    subnetId: region.instances.get(member.id)?.subnetId ?? "",
  });
  endWait(region, member.id);
  const lifecycle = stateOf(member, "Terminating");
  region.members.change(member.id, { lifecycle, activityId: activity.id });
  showTarget(region, member.id, stateOf(member, "Terminated"));
  if (hooks === "ask" && !isRetained(member) && beginWait(region, member, terminating)) {
    region.members.change(member.id, { lifecycle: stateOf(member, "Terminating:Wait") });
    pauseActivity(region, activity.id);
    watchTimeouts(region, member.id);
  } else {
    leave(region, member);
  }
  return activity;
}

export interface Dismissal {
  readonly cause: string;
  readonly reason?: string | null;
  readonly hooks: "ask" | "skip";
}

/** What follows from an answer to a hook, given by the instance or by the clock. */
export function settle(region: Region, end: WaitEnd): void {
  const member = region.members.get(end.instanceId);
  if (member === undefined) return;
  const group = region.groups.get(member.groupName);
  if (end.transition === terminating) {
    if (end.result === "ABANDON" && group?.retainAbandoned === true) retain(region, member);
    else leave(region, member);
  } else if (end.result === "CONTINUE") {
    proceed(region, member);
  } else {
    endActivity(region, member.activityId, { status: "Cancelled", message: end.message });
    noteFailure(region, group);
    const cause = `instance ${member.id} was taken out of service: its lifecycle action was abandoned`;
    dismiss(region, member, { cause, hooks: "ask" });
  }
}

/** The instance has ended: a member that only waited for that is gone now. */
export function forget(region: Region, member: Member): void {
  endWait(region, member.id);
  endActivity(region, member.activityId, { status: "Successful" });
  region.members.remove(member.id);
}

/** The warm instance has been stopped, or runs on: it rests in the pool. */
export function rest(region: Region, member: Member): void {
  endActivity(region, member.activityId, { status: "Successful" });
  region.members.change(member.id, { lifecycle: restingState(region, member) });
}

function serve(region: Region, instanceId: string): void {
  const member = region.members.get(instanceId);
  if (member === undefined || isLeaving(member)) return;
  endActivity(region, member.activityId, { status: "Successful" });
  const inServiceAtMs = region.clock.nowMs();
  region.members.change(instanceId, { lifecycle: "InService", inServiceAtMs });
  const group = region.groups.get(member.groupName);
  if (group !== undefined && group.launchFailures > 0) {
    region.groups.change(group.id, { launchFailures: 0, launchFailedAtMs: 0 });
  }
}

function noteFailure(region: Region, group: Group | undefined): void {
  if (group === undefined) return;
  region.groups.change(group.id, {
    launchFailures: group.launchFailures + 1,
    launchFailedAtMs: region.clock.nowMs(),
  });
}

function proceed(region: Region, member: Member): void {
  const lifecycle = stateOf(member, "Pending:Proceed");
  region.members.change(member.id, { lifecycle });
  region.spawn(async () => {
    await sleep(region, region.delays.groupProceedMs);
    if (region.members.get(member.id)?.lifecycle !== lifecycle) return;
    if (isWarm(member)) cool(region, member);
    else serve(region, member.id);
  });
}

/** An instance that is to rest stopped gets there when it has stopped. */
function cool(region: Region, member: Member): void {
  const instance = region.instances.get(member.id);
  if (restingState(region, member) === "Warmed:Running" || instance === undefined) {
    rest(region, member);
  } else {
    stop(region, instance, { how: "os", reason: userShutdown });
  }
}

function restingState(region: Region, member: Member): Member["lifecycle"] {
  return `Warmed:${region.groups.get(member.groupName)?.warmPool?.state ?? "Stopped"}`;
}

/** It stays, with all that it holds, until somebody terminates it in its group. */
function retain(region: Region, member: Member): void {
  endActivity(region, member.activityId, { status: "Successful" });
  region.members.change(member.id, { lifecycle: stateOf(member, "Terminating:Retained") });
}

function leave(region: Region, { id, ...member }: Member): void {
  region.members.change(id, { lifecycle: stateOf(member, "Terminating:Proceed") });
  region.spawn(async () => {
    await sleep(region, region.delays.groupProceedMs);
    const left = region.members.get(id);
    const instance = region.instances.get(id);
    if (left === undefined) return;
    if (instance === undefined || instance.state === "terminated") forget(region, left);
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
      const { defaultResult: result } = late;
      const end = answer(region, { token: id, result, ender: "Heartbeat Timeout" });
      if (end !== null) settle(region, end);
    });
  }
}
