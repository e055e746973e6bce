// An agent in a warm pool: it lets the pool's hook go on and touches nothing, and takes the seat when
// its instance leaves the pool for service.

import {
  DescribeWarmPoolCommand,
  PutWarmPoolCommand,
  TerminateInstanceInAutoScalingGroupCommand,
} from "@aws-sdk/client-auto-scaling";
import { afterEach, expect, it } from "vitest";
import { settings } from "../plan/seat.ts";
import { openStage, type PaperAgent, patiently, type Stage } from "./stage.ts";
import { storyOf } from "./story.ts";
import { eventually } from "./waiting.ts";

let stage: Stage;
afterEach(() => stage.close());

it("failure mode 33: a warm instance waits in its pool, and takes the seat when it is wanted", async () => {
  stage = await openStage();
  const first = await running(await stage.arrival());
  await expect.poll(() => stage.lifecycleOf(first.instanceId), patiently).toBe("InService");
  const from = stage.calls.length;
  const AutoScalingGroupName = stage.seat.groupName;
  const { autoScaling } = stage.region;
  // Running, since paper machines are not switched off and on again.
  const pool = { AutoScalingGroupName, MinSize: 1, PoolState: "Running" } as const;
  await autoScaling.send(new PutWarmPoolCommand(pool));
  const warm = await running(await warmInstance(AutoScalingGroupName));
  await expect.poll(() => stage.lifecycleOf(warm.instanceId), patiently).toBe("Warmed:Running");
  expect(changesOf(warm, from)).toEqual(["CompleteLifecycleAction launch i-1 CONTINUE"]);
  expect(warm.machine.mountPoints()).toEqual([]);
  const wish = { InstanceId: first.instanceId, ShouldDecrementDesiredCapacity: false };
  await autoScaling.send(new TerminateInstanceInAutoScalingGroupCommand(wish));
  await stage.ending(first);
  await expect.poll(() => stage.lifecycleOf(warm.instanceId), patiently).toBe("InService");
  expect(warm.machine.mountPoints()).toEqual(["/data"]);
});

async function running(instanceId: string): Promise<PaperAgent> {
  const agent = await stage.boot(instanceId, settings());
  void agent.run();
  return agent;
}

async function warmInstance(AutoScalingGroupName: string): Promise<string> {
  const look = async () => {
    const command = new DescribeWarmPoolCommand({ AutoScalingGroupName });
    const { Instances: found = [] } = await stage.region.autoScaling.send(command);
    const id = found[0]?.InstanceId ?? "";
    return stage.disks.machines.isOn(id) ? id : "";
  };
  return eventually("a warm instance", look, (id) => id !== "");
}

function changesOf({ instanceId }: PaperAgent, from: number): readonly string[] {
  const own = stage.calls.map((call) => call.caller.instanceId === instanceId);
  const since = new Set(storyOf(stage.calls.filter((_call, index) => own[index] && index >= from)));
  return [...since];
}
