// Lifecycle hooks: made for a group, and answered by its instances. An answer needs the hook's name
// and either the action's token or the instance's id; one that comes too early, too late or twice
// finds no active action, and callers must be able to tell that from a failure.

import type {
  CompleteLifecycleActionType,
  DeleteLifecycleHookType,
  DescribeLifecycleHooksAnswer,
  DescribeLifecycleHooksType,
  LifecycleHook,
  PutLifecycleHookType,
  RecordLifecycleActionHeartbeatType,
} from "@aws-sdk/client-auto-scaling";
import { ApiError } from "../contract.ts";
import { requiredMember, validationError } from "./errors.ts";
import {
  actionTokenFrom,
  hookNameFrom,
  instanceIdFrom,
  refuseLonger,
} from "./group-constraints.ts";
import { findGroup } from "./group-lookup.ts";
import type { ActionResult, Hook, LifecycleAction, Transition } from "./group-resources.ts";
import { type Answer, answer, heartbeat } from "./lifecycle-actions.ts";
import { settle } from "./members.ts";
import type { Region } from "./region.ts";

/** AWS: 30 to 7200 seconds, 3600 where none is given. */
const heartbeatSMax = 7200;
const heartbeatSDefault = 3600;

/** AWS: "Amazon EC2 Auto Scaling quotas". */
const hooksMax = 50;

/** AWS: 48 hours or 100 heartbeats, whichever is smaller. */
const globalSMax = 172_800;

/** What is not given stays as it is; a hook that did not exist needs its transition. */
export function putHook(region: Region, input: PutLifecycleHookType): object {
  const group = findGroup(region, input.AutoScalingGroupName);
  const hook = hookFrom(region, group.id, input);
  const others = hooksOf(region, group.id).filter((each) => each.id !== hook.id);
  if (others.length >= hooksMax) {
    throw new ApiError("LimitExceeded", `A group has ${hooksMax} lifecycle hooks at most`);
  }
  region.hooks.put(hook);
  return {};
}

type HookWish = Omit<PutLifecycleHookType, "AutoScalingGroupName">;

/** Checks a wish without carrying it out: a group is made with all of its hooks or not at all. */
export function hookFrom(region: Region, groupName: string, input: HookWish): Hook {
  const name = hookNameFrom(input.LifecycleHookName);
  const id = `${groupName}/${name}`;
  const before = region.hooks.get(id);
  const given = input.LifecycleTransition ?? before?.transition;
  const hook: Hook = {
    id,
    groupName,
    name,
    transition: transitionFrom(requiredMember(given, "LifecycleTransition")),
    heartbeatS: input.HeartbeatTimeout ?? before?.heartbeatS ?? heartbeatSDefault,
    defaultResult: resultFrom(input.DefaultResult ?? before?.defaultResult ?? "ABANDON"),
    metadata: input.NotificationMetadata ?? before?.metadata ?? null,
    targetArn: input.NotificationTargetARN ?? before?.targetArn ?? null,
    roleArn: input.RoleARN ?? before?.roleArn ?? null,
  };
  const { heartbeatSMin } = region.rules;
  if (hook.heartbeatS >= heartbeatSMin && hook.heartbeatS <= heartbeatSMax) return hook;
  throw validationError(
    `Heartbeat timeout must be between ${heartbeatSMin} and ${heartbeatSMax} seconds`,
  );
}

/** AWS: outstanding actions end first, ABANDON for a launch and CONTINUE for a termination. */
export function deleteHook(region: Region, input: DeleteLifecycleHookType): object {
  const group = findGroup(region, input.AutoScalingGroupName);
  const hook = findHook(region, group.id, input.LifecycleHookName);
  region.hooks.remove(hook.id);
  for (const action of region.actions.all()) {
    if (action.groupName !== group.id || action.hookName !== hook.name) continue;
    const isLaunch = action.transition === "autoscaling:EC2_INSTANCE_LAUNCHING";
    const result = isLaunch ? "ABANDON" : "CONTINUE";
    give(region, action, { result, ender: "Lifecycle Hook Deleted" });
  }
  return {};
}

export function describeHooks(
  region: Region,
  input: DescribeLifecycleHooksType,
): DescribeLifecycleHooksAnswer {
  const group = findGroup(region, input.AutoScalingGroupName);
  refuseLonger(input.LifecycleHookNames, "lifecycle hook names", hooksMax);
  const names = input.LifecycleHookNames ?? [];
  const hooks = hooksOf(region, group.id).filter(
    (hook) => names.length === 0 || names.includes(hook.name),
  );
  return { LifecycleHooks: hooks.map(hookShape) };
}

export function completeAction(region: Region, input: CompleteLifecycleActionType): object {
  const result = resultFrom(requiredMember(input.LifecycleActionResult, "LifecycleActionResult"));
  const ender = "Lifecycle Action Completed with ABANDON Result";
  give(region, findAction(region, input), { result, ender });
  return {};
}

export function recordHeartbeat(region: Region, input: RecordLifecycleActionHeartbeatType): object {
  heartbeat(region, findAction(region, input));
  return {};
}

function give(region: Region, action: LifecycleAction, given: Omit<Answer, "token">): void {
  const end = answer(region, { token: action.id, ...given });
  if (end !== null) settle(region, end);
}

interface ActionName {
  readonly AutoScalingGroupName: string | undefined;
  readonly LifecycleHookName: string | undefined;
  readonly LifecycleActionToken?: string | undefined;
  readonly InstanceId?: string | undefined;
}

function findAction(region: Region, input: ActionName): LifecycleAction {
  const group = findGroup(region, input.AutoScalingGroupName);
  const hook = findHook(region, group.id, input.LifecycleHookName);
  const { LifecycleActionToken: token, InstanceId: instanceId } = input;
  if (token === undefined) instanceIdFrom(instanceId);
  else actionTokenFrom(token);
  const action = region.actions
    .all()
    .filter((each) => each.groupName === group.id && each.hookName === hook.name)
    .filter((each) => each.result === null)
    .find((each) => (token === undefined ? each.instanceId === instanceId : each.id === token));
  if (action !== undefined) return action;
  const subject = token === undefined ? `instance ID ${instanceId}` : `token ${token}`;
  throw validationError(`No active Lifecycle Action found with ${subject}`);
}

function findHook(region: Region, groupName: string, name: string | undefined): Hook {
  const given = hookNameFrom(name);
  const hook = region.hooks.get(`${groupName}/${given}`);
  if (hook !== undefined) return hook;
  throw validationError(
    `Lifecycle Hook not found - Lifecycle hook ${given} of group ${groupName} not found`,
  );
}

function hooksOf(region: Region, groupName: string): readonly Hook[] {
  return region.hooks.all().filter((hook) => hook.groupName === groupName);
}

function hookShape(hook: Hook): LifecycleHook {
  return {
    LifecycleHookName: hook.name,
    AutoScalingGroupName: hook.groupName,
    LifecycleTransition: hook.transition,
    HeartbeatTimeout: hook.heartbeatS,
    GlobalTimeout: Math.min(globalSMax, 100 * hook.heartbeatS),
    DefaultResult: hook.defaultResult,
    NotificationMetadata: hook.metadata ?? undefined,
    NotificationTargetARN: hook.targetArn ?? undefined,
    RoleARN: hook.roleArn ?? undefined,
  };
}

function transitionFrom(text: string): Transition {
  if (
    text === "autoscaling:EC2_INSTANCE_LAUNCHING" ||
    text === "autoscaling:EC2_INSTANCE_TERMINATING"
  ) {
    return text;
  }
  throw validationError(`Invalid Lifecycle Transition: ${text}`);
}

function resultFrom(text: string): ActionResult {
  if (text === "CONTINUE" || text === "ABANDON") return text;
  throw validationError(`Lifecycle action result must be CONTINUE or ABANDON: ${text}`);
}
