// The warm pool of a group: how it fills, how its instances come into service past the launch hooks a
// second time, and how it goes.

import { expect, test } from "vitest";
import {
  codeOf,
  instanceState,
  launchHook,
  makeGroup,
  members,
  type Rehearsal,
  rehearse,
  settleGroup,
  terminateHook,
  testDelays,
} from "./rehearsal.ts";

const seat = { AutoScalingGroupName: "seat" };

async function pooled(hooks: Parameters<typeof makeGroup>[1] = {}): Promise<Rehearsal> {
  const rehearsal = rehearse();
  await makeGroup(rehearsal, hooks);
  await settleGroup(rehearsal);
  return rehearsal;
}

async function warmIds(rehearsal: Rehearsal): Promise<readonly string[]> {
  const { Instances } = await rehearsal.group("DescribeWarmPool", seat);
  return (Instances ?? []).map((instance) => instance.InstanceId ?? "");
}

async function continueLaunch(rehearsal: Rehearsal, InstanceId: string): Promise<void> {
  await rehearsal.group("CompleteLifecycleAction", {
    ...seat,
    LifecycleHookName: "launch",
    InstanceId,
    LifecycleActionResult: "CONTINUE",
  });
  await settleGroup(rehearsal);
}

test("a pool fills beside the group, and its instances rest stopped", async () => {
  const rehearsal = await pooled();
  await rehearsal.group("PutWarmPool", { ...seat, MinSize: 1 });
  await settleGroup(rehearsal);
  await rehearsal.clock.advance(testDelays.instanceStoppingMs);
  expect(await members(rehearsal)).toEqual(["InService eu-test-1a", "Warmed:Stopped eu-test-1b"]);
  const [warm = ""] = await warmIds(rehearsal);
  expect(await instanceState(rehearsal, warm)).toBe("stopped");
  const { AutoScalingGroups } = await rehearsal.group("DescribeAutoScalingGroups", {});
  expect(AutoScalingGroups?.[0]?.Instances).toHaveLength(1);
  expect(AutoScalingGroups?.[0]).toMatchObject({
    WarmPoolConfiguration: { MinSize: 1, PoolState: "Stopped" },
    WarmPoolSize: 1,
  });
});

test("an instance meets the launch hook when it enters the pool, and again when it leaves it", async () => {
  const rehearsal = await pooled({ hooks: [launchHook, terminateHook] });
  const { AutoScalingInstances } = await rehearsal.group("DescribeAutoScalingInstances", {});
  const old = AutoScalingInstances?.[0]?.InstanceId ?? "";
  await continueLaunch(rehearsal, old);
  await rehearsal.group("PutWarmPool", { ...seat, MinSize: 1 });
  await settleGroup(rehearsal);
  const [warm = ""] = await warmIds(rehearsal);
  expect((await members(rehearsal))[1]).toBe("Warmed:Pending:Wait eu-test-1b");
  await rehearsal.clock.advance(testDelays.metadataTargetMs);
  expect(rehearsal.world.metadata(warm)?.targetLifecycleState).toBe("Warmed:Stopped");
  await continueLaunch(rehearsal, warm);
  await rehearsal.clock.advance(testDelays.instanceStoppingMs);
  expect((await members(rehearsal))[1]).toBe("Warmed:Stopped eu-test-1b");
  await rehearsal.group("TerminateInstanceInAutoScalingGroup", {
    InstanceId: old,
    ShouldDecrementDesiredCapacity: false,
  });
  await settleGroup(rehearsal);
  expect((await members(rehearsal)).slice(0, 2)).toEqual([
    "Terminating:Wait eu-test-1a",
    "Pending:Wait eu-test-1b",
  ]);
  await rehearsal.clock.advance(testDelays.metadataTargetMs);
  expect(rehearsal.world.metadata(warm)?.targetLifecycleState).toBe("InService");
  await continueLaunch(rehearsal, warm);
  expect((await members(rehearsal))[1]).toBe("InService eu-test-1b");
});

test("a pool that keeps its instances running gives one away without a start", async () => {
  const rehearsal = await pooled({ sizeMax: 2 });
  await rehearsal.group("PutWarmPool", { ...seat, PoolState: "Running" });
  await settleGroup(rehearsal);
  expect((await members(rehearsal))[1]).toBe("Warmed:Running eu-test-1b");
  await rehearsal.group("SetDesiredCapacity", { ...seat, DesiredCapacity: 2 });
  await rehearsal.clock.advance(testDelays.groupReactMs);
  expect(await members(rehearsal)).toEqual(["InService eu-test-1a", "InService eu-test-1b"]);
  const { Activities } = await rehearsal.group("DescribeScalingActivities", seat);
  expect(Activities?.[0]?.Description).toContain("from warm pool");
});

test("an instance in the pool is not terminated through its group", async () => {
  const rehearsal = await pooled();
  await rehearsal.group("PutWarmPool", { ...seat, MinSize: 1 });
  await settleGroup(rehearsal);
  const [InstanceId = ""] = await warmIds(rehearsal);
  const ending = rehearsal.group("TerminateInstanceInAutoScalingGroup", {
    InstanceId,
    ShouldDecrementDesiredCapacity: false,
  });
  expect(await codeOf(ending)).toBe("ValidationError");
});

test("a deleted pool ends its instances and is gone with the last", async () => {
  const rehearsal = await pooled();
  await rehearsal.group("PutWarmPool", { ...seat, MinSize: 1 });
  await rehearsal.clock.advance(60_000);
  await rehearsal.group("DeleteWarmPool", seat);
  const { WarmPoolConfiguration } = await rehearsal.group("DescribeWarmPool", seat);
  expect(WarmPoolConfiguration?.Status).toBe("PendingDelete");
  await rehearsal.clock.advance(60_000);
  expect(await rehearsal.group("DescribeWarmPool", seat)).toMatchObject({ Instances: [] });
  expect(await members(rehearsal)).toEqual(["InService eu-test-1a"]);
  expect(await codeOf(rehearsal.group("DeleteWarmPool", seat))).toBe("ValidationError");
});
