// A rehearsal of one flow with one policy, and what its plays have in common: booting the next instance,
// ending one, and looking at what came of it. Everything is seen through the operator's eyes, so that a
// role that may do too little cannot pretend.

import {
  DescribeAutoScalingInstancesCommand,
  SetDesiredCapacityCommand,
  TerminateInstanceInAutoScalingGroupCommand,
  UpdateAutoScalingGroupCommand,
} from "@aws-sdk/client-auto-scaling";
import { DescribeTagsCommand } from "@aws-sdk/client-ec2";
import type { Settings } from "../../agent/domain/settings.ts";
import type { Executors } from "../../agent/flow/executors.ts";
import type { PaperAgent, Stage } from "../flow/stage.ts";
import { eventually } from "../flow/waiting.ts";
import type { CallRecord } from "../region/call-log.ts";

export interface Scene {
  readonly stage: Stage;
  readonly settings: Settings;
}

/** The instance that is arriving, with its agent running. */
export async function arriving(
  { stage, settings }: Scene,
  executorsOf: (agent: PaperAgent) => Executors | undefined = () => undefined,
): Promise<PaperAgent> {
  const agent = await stage.boot(await stage.arrival(), settings);
  // How it ends is seen by what it leaves undone.
  agent.run(executorsOf(agent)).catch(() => undefined);
  return agent;
}

/** The next instance of the group, in service. */
export async function serving(scene: Scene): Promise<PaperAgent> {
  const agent = await arriving(scene);
  await untilServing(scene, agent);
  return agent;
}

export async function untilServing({ stage }: Scene, { instanceId }: PaperAgent): Promise<void> {
  const look = () => stage.lifecycleOf(instanceId);
  await eventually(`"${instanceId}" in service`, look, (state) => state === "InService");
}

export async function holding({ mind, instanceId }: PaperAgent): Promise<void> {
  const look = () => mind.phase;
  await eventually(`"${instanceId}" holding`, look, (phase) => phase === "holding the seat");
}

/** A second instance of the group, with its agent running. */
export async function besides({ stage, settings }: Scene, first: PaperAgent): Promise<PaperAgent> {
  const look = async () => {
    const { AutoScalingInstances: found = [] } = await stage.region.autoScaling.send(
      new DescribeAutoScalingInstancesCommand({}),
    );
    const ids = found.map(({ InstanceId: id = "" }) => id);
    return ids.find((id) => id !== first.instanceId && stage.disks.machines.isOn(id)) ?? "";
  };
  const instanceId = await eventually("a second instance", look, (id) => id !== "");
  const agent = await stage.boot(instanceId, settings);
  agent.run().catch(() => undefined);
  return agent;
}

/** Through the group, which replaces it. */
export async function terminate({ stage }: Scene, { instanceId }: PaperAgent): Promise<void> {
  const wish = { InstanceId: instanceId, ShouldDecrementDesiredCapacity: false };
  await stage.region.autoScaling.send(new TerminateInstanceInAutoScalingGroupCommand(wish));
}

export async function crash({ stage }: Scene, agent: PaperAgent): Promise<void> {
  await Promise.all([stage.region.world.crash(agent.instanceId), agent.stop()]);
}

/** Room for a second instance beside the first. */
export async function widen({ stage }: Scene): Promise<void> {
  const AutoScalingGroupName = stage.seat.groupName;
  const { autoScaling } = stage.region;
  await autoScaling.send(new UpdateAutoScalingGroupCommand({ AutoScalingGroupName, MaxSize: 2 }));
  const wish = { AutoScalingGroupName, DesiredCapacity: 2 };
  await autoScaling.send(new SetDesiredCapacityCommand(wish));
}

/** A call of an agent that was answered with success. */
export async function succeeded(
  { stage }: Scene,
  what: string,
  isIt: (call: CallRecord) => boolean,
): Promise<void> {
  const look = () => stage.calls.some((call) => call.refusal === null && isIt(call));
  await eventually(what, look, (seen) => seen);
}

/** The value of a tag, once some resource carries it. */
export async function tagged({ stage }: Scene, key: string): Promise<string> {
  const input = { Filters: [{ Name: "key", Values: [`ec2-ha:${key}`] }] };
  const look = async () => {
    const { Tags: tags = [] } = await stage.region.ec2.send(new DescribeTagsCommand(input));
    return tags[0]?.Value ?? "";
  };
  return eventually(`a tag "${key}"`, look, (value) => value !== "");
}
