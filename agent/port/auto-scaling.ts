// The group of one, as Auto Scaling describes it, and what may be done to it. The contract is that of
// the EC2 ports: reads may be old, a write is sent once. "No active lifecycle action" is an answer
// that says nothing by itself (too early, done, or expired): the state that follows tells.

import {
  CompleteLifecycleActionCommand,
  CreateOrUpdateTagsCommand,
  DescribeAutoScalingGroupsCommand,
  DescribeAutoScalingInstancesCommand,
  DescribeLifecycleHooksCommand,
  RecordLifecycleActionHeartbeatCommand,
  SetInstanceHealthCommand,
  TerminateInstanceInAutoScalingGroupCommand,
} from "@aws-sdk/client-auto-scaling";
import type { Hook } from "../domain/facts.ts";
import { Failure } from "../domain/failure.ts";
import { type InstanceId, instanceId } from "../domain/ids.ts";
import type { Tags } from "../domain/tags.ts";
import type { Aws, Clients } from "./aws.ts";
import type { Deed } from "./aws-failures.ts";
import { count, listed, must, tagsOf, text } from "./ec2-answers.ts";

export interface GroupMember {
  readonly instanceId: InstanceId;
  readonly lifecycleState: string;
}

export interface AutoScaling {
  /** The group of an instance, and its state there; null when it is in none. */
  membership(
    instanceId: InstanceId,
  ): Promise<{ readonly group: string; readonly lifecycleState: string } | null>;
  /** null: there is no such group. */
  group(
    name: string,
  ): Promise<{ readonly members: readonly GroupMember[]; readonly tags: Tags } | null>;
  hooks(group: string): Promise<readonly Hook[]>;
  /** false: no action of this instance waits for this hook, as far as the group knows. */
  complete(action: {
    readonly group: string;
    readonly hook: string;
    readonly instanceId: InstanceId;
    readonly result: "CONTINUE" | "ABANDON";
  }): Promise<boolean>;
  heartbeat(action: {
    readonly group: string;
    readonly hook: string;
    readonly instanceId: InstanceId;
  }): Promise<void>;
  /** false: the group refuses, as it does for a member that it is launching, moving or ending. */
  terminate(instanceId: InstanceId): Promise<boolean>;
  reportUnhealthy(instanceId: InstanceId): Promise<void>;
  /** Not handed on to instances. */
  tag(group: string, tags: Tags): Promise<void>;
}

export function autoScalingPort({ reading, writing }: Aws): AutoScaling {
  return {
    membership: (id) => readMembership(reading, id),
    group: (name) => readGroup(reading, name),
    hooks: (group) => readHooks(reading, group),
    complete: (action) => complete(writing, action),
    heartbeat: (action) => heartbeat(writing, action),
    terminate: (id) => terminate(writing, id),
    reportUnhealthy: (id) => reportUnhealthy(writing, id),
    tag: (group, tags) => tagGroup(writing, group, tags),
  };
}

type Action = Parameters<AutoScaling["heartbeat"]>[0];
type Completion = Parameters<AutoScaling["complete"]>[0];

function deedOf(action: string, subject: string, call: string): Deed {
  return { action, subject, permission: `autoscaling:${call}` };
}

async function readMembership(clients: Clients, id: InstanceId) {
  const deed = deedOf("describe", `"${id}" in its group`, "DescribeAutoScalingInstances");
  const command = new DescribeAutoScalingInstancesCommand({ InstanceIds: [id] });
  const answer = await clients.autoScaling(deed, (client, options) =>
    client.send(command, options),
  );
  const [found] = listed(answer.AutoScalingInstances, "list of instances");
  if (found === undefined) return null;
  return {
    group: text(found.AutoScalingGroupName, "AutoScalingGroupName"),
    lifecycleState: text(found.LifecycleState, "LifecycleState"),
  };
}

async function readGroup(clients: Clients, name: string) {
  const deed = deedOf("describe", `group "${name}"`, "DescribeAutoScalingGroups");
  const command = new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [name] });
  const answer = await clients.autoScaling(deed, (client, options) =>
    client.send(command, options),
  );
  const [found] = listed(answer.AutoScalingGroups, "list of groups");
  if (found === undefined) return null;
  const members = listed(found.Instances, "list of members").map((entry): GroupMember => {
    return {
      instanceId: must(instanceId(entry.InstanceId), "member's InstanceId"),
      lifecycleState: text(entry.LifecycleState, "member's LifecycleState"),
    };
  });
  return { members, tags: tagsOf(found.Tags) };
}

async function readHooks(clients: Clients, group: string): Promise<readonly Hook[]> {
  const deed = deedOf("describe", `the hooks of group "${group}"`, "DescribeLifecycleHooks");
  const command = new DescribeLifecycleHooksCommand({ AutoScalingGroupName: group });
  const answer = await clients.autoScaling(deed, (client, options) =>
    client.send(command, options),
  );
  return listed(answer.LifecycleHooks, "list of hooks").flatMap((hook): Hook[] => {
    // A transition of another kind is none of ours.
    const transition = transitionOf(text(hook.LifecycleTransition, "LifecycleTransition"));
    if (transition === null) return [];
    const seconds = count(hook.HeartbeatTimeout ?? defaultTimeoutSeconds, "HeartbeatTimeout");
    const name = text(hook.LifecycleHookName, "LifecycleHookName");
    return [{ name, transition, heartbeatTimeoutMs: seconds * 1_000 }];
  });
}

async function complete(clients: Clients, action: Completion): Promise<boolean> {
  const subject = `hook "${action.hook}" of "${action.instanceId}"`;
  const deed = deedOf("complete", subject, "CompleteLifecycleAction");
  const input = { ...targetOf(action), LifecycleActionResult: action.result };
  return isAccepted(() =>
    clients.autoScaling(deed, (client, options) =>
      client.send(new CompleteLifecycleActionCommand(input), options),
    ),
  );
}

async function heartbeat(clients: Clients, action: Action): Promise<void> {
  const subject = `hook "${action.hook}" of "${action.instanceId}"`;
  const deed = deedOf("record a heartbeat for", subject, "RecordLifecycleActionHeartbeat");
  const input = targetOf(action);
  await isAccepted(() =>
    clients.autoScaling(deed, (client, options) =>
      client.send(new RecordLifecycleActionHeartbeatCommand(input), options),
    ),
  );
}

async function terminate(clients: Clients, id: InstanceId): Promise<boolean> {
  const deed = deedOf("terminate", `"${id}" in its group`, "TerminateInstanceInAutoScalingGroup");
  const input = { InstanceId: id, ShouldDecrementDesiredCapacity: false };
  const command = new TerminateInstanceInAutoScalingGroupCommand(input);
  return isAccepted(() =>
    clients.autoScaling(deed, (client, options) => client.send(command, options)),
  );
}

async function reportUnhealthy(clients: Clients, id: InstanceId): Promise<void> {
  const deed = deedOf("report", `"${id}" as unhealthy`, "SetInstanceHealth");
  const command = new SetInstanceHealthCommand({ InstanceId: id, HealthStatus: "Unhealthy" });
  await clients.autoScaling(deed, (client, options) => client.send(command, options));
}

async function tagGroup(clients: Clients, group: string, tags: Tags): Promise<void> {
  const deed = deedOf("tag", `group "${group}"`, "CreateOrUpdateTags");
  const subject = { ResourceId: group, ResourceType: "auto-scaling-group" };
  const list = Object.entries(tags).map(([Key, Value]) => ({
    Key,
    Value,
    ...subject,
    PropagateAtLaunch: false,
  }));
  const command = new CreateOrUpdateTagsCommand({ Tags: list });
  await clients.autoScaling(deed, (client, options) => client.send(command, options));
}

// PutLifecycleHook: "The default is 3600 seconds".
const defaultTimeoutSeconds = 3_600;

function targetOf(action: { group: string; hook: string; instanceId: InstanceId }) {
  return {
    AutoScalingGroupName: action.group,
    LifecycleHookName: action.hook,
    InstanceId: action.instanceId,
  };
}

function transitionOf(text: string | undefined): Hook["transition"] | null {
  if (text === "autoscaling:EC2_INSTANCE_LAUNCHING") return "launch";
  return text === "autoscaling:EC2_INSTANCE_TERMINATING" ? "terminate" : null;
}

/**
 * "No active Lifecycle Action found" comes as a ValidationError, as does a hook that there is not; the
 * next look tells what it meant. A member that is busy is ScalingActivityInProgress.
 */
async function isAccepted(send: () => Promise<unknown>): Promise<boolean> {
  try {
    await send();
    return true;
  } catch (thrown) {
    if (thrown instanceof Failure && thrown.kind === "conflict") return false;
    throw thrown;
  }
}
