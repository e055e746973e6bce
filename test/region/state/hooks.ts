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
import { requiredMember, validationError } from "./errors.ts";
import { findGroup } from "./group-lookup.ts";
import type { ActionResult, Hook, LifecycleAction, Transition } from "./group-resources.ts";
import { answer, heartbeat } from "./lifecycle-actions.ts";
import { settle } from "./members.ts";
import type { Region } from "./region.ts";

/** AWS: 30 to 7200 seconds, 3600 where none is given. */
const heartbeatSMax = 7200;
const heartbeatSDefault = 3600;

/** AWS: 48 hours or 100 heartbeats, whichever is smaller. */
const globalSMax = 172_800;

export function putHook(region: Region, input: PutLifecycleHookType): object {
  const group = findGroup(region, input.AutoScalingGroupName);
  const name = requiredMember(input.LifecycleHookName, "LifecycleHookName");
  const id = `${group.id}/${name}`;
  const before = region.hooks.get(id);
  const given = input.LifecycleTransition ?? before?.transition;
  const hook: Hook = {
    id,
    groupName: group.id,
    name,
    transition: transitionFrom(requiredMember(given, "LifecycleTransition")),
    heartbeatS: input.HeartbeatTimeout ?? before?.heartbeatS ?? heartbeatSDefault,
    defaultResult: resultFrom(input.DefaultResult ?? before?.defaultResult ?? "ABANDON"),
    metadata: input.NotificationMetadata ?? before?.metadata ?? null,
    targetArn: input.NotificationTargetARN ?? before?.targetArn ?? null,
    roleArn: input.RoleARN ?? before?.roleArn ?? null,
  };
  const { heartbeatSMin } = region.rules;
  if (hook.heartbeatS < heartbeatSMin || hook.heartbeatS > heartbeatSMax) {
    throw validationError(
      `Heartbeat timeout must be between ${heartbeatSMin} and ${heartbeatSMax} seconds`,
    );
  }
  region.hooks.put(hook);
  return {};
}

/** AWS: outstanding actions end first, ABANDON for a launch and CONTINUE for a termination. */
export function deleteHook(region: Region, input: DeleteLifecycleHookType): object {
  const group = findGroup(region, input.AutoScalingGroupName);
  const hook = findHook(region, group.id, input.LifecycleHookName);
  region.hooks.remove(hook.id);
  for (const action of region.actions.all()) {
    if (action.groupName !== group.id || action.hookName !== hook.name) continue;
    const isLaunch = action.transition === "autoscaling:EC2_INSTANCE_LAUNCHING";
    give(region, action, isLaunch ? "ABANDON" : "CONTINUE");
  }
  return {};
}

export function describeHooks(
  region: Region,
  input: DescribeLifecycleHooksType,
): DescribeLifecycleHooksAnswer {
  const group = findGroup(region, input.AutoScalingGroupName);
  const names = input.LifecycleHookNames ?? [];
  const hooks = region.hooks
    .all()
    .filter((hook) => hook.groupName === group.id)
    .filter((hook) => names.length === 0 || names.includes(hook.name));
  return { LifecycleHooks: hooks.map(hookShape) };
}

export function completeAction(region: Region, input: CompleteLifecycleActionType): object {
  const result = requiredMember(input.LifecycleActionResult, "LifecycleActionResult");
  give(region, findAction(region, input), resultFrom(result));
  return {};
}

export function recordHeartbeat(region: Region, input: RecordLifecycleActionHeartbeatType): object {
  heartbeat(region, findAction(region, input));
  return {};
}

function give(region: Region, action: LifecycleAction, result: ActionResult): void {
  const end = answer(region, action.id, result);
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
  if (token === undefined) requiredMember(instanceId, "InstanceId");
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
  const given = requiredMember(name, "LifecycleHookName");
  const hook = region.hooks.get(`${groupName}/${given}`);
  if (hook !== undefined) return hook;
  throw validationError(
    `Lifecycle Hook not found - Lifecycle hook ${given} of group ${groupName} not found`,
  );
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
