// A group of one: launch, replacement beside the old member and in the other zone, deaths found
// late, and what a caller can do to a member.

import { describe, expect, test } from "vitest";
import {
  attachedVolume,
  instanceState,
  launchHook,
  makeGroup,
  memberIds,
  members,
  type Rehearsal,
  rehearse,
  settleGroup,
  terminateHook,
  testDelays,
  volumeState,
} from "./rehearsal.ts";

async function serving(options: Parameters<typeof makeGroup>[1] = {}): Promise<Rehearsal> {
  const rehearsal = rehearse();
  await makeGroup(rehearsal, options);
  await settleGroup(rehearsal);
  return rehearsal;
}

async function complete(rehearsal: Rehearsal, LifecycleHookName: string, InstanceId: string) {
  await rehearsal.group("CompleteLifecycleAction", {
    AutoScalingGroupName: "seat",
    LifecycleHookName,
    InstanceId,
    LifecycleActionResult: "CONTINUE",
  });
}

describe("keeping one instance", () => {
  test("a group without hooks brings its instance into service", async () => {
    const rehearsal = await serving({
      more: {
        Tags: [
          { Key: "ec2-ha:seat", Value: "db", PropagateAtLaunch: true },
          { Key: "cost", Value: "1", PropagateAtLaunch: false },
        ],
      },
    });
    expect(await members(rehearsal)).toEqual(["InService eu-test-1a"]);
    const [id = ""] = await memberIds(rehearsal);
    await rehearsal.clock.advance(testDelays.metadataTargetMs);
    expect(rehearsal.world.metadata(id)).toMatchObject({
      targetLifecycleState: "InService",
      userData: "#!/bin/sh\n",
      roleName: "seat-role",
      tags: { Name: "seat", "ec2-ha:seat": "db", "aws:autoscaling:groupName": "seat" },
    });
    expect(rehearsal.world.metadata(id)?.tags?.["cost"]).toBeUndefined();
  });

  test("the replacement runs in the other zone while the old one is in Terminating:Wait", async () => {
    const rehearsal = await serving({ hooks: [terminateHook] });
    const [old = ""] = await memberIds(rehearsal);
    await rehearsal.group("TerminateInstanceInAutoScalingGroup", {
      InstanceId: old,
      ShouldDecrementDesiredCapacity: false,
    });
    await settleGroup(rehearsal);
    expect(await members(rehearsal)).toEqual([
      "Terminating:Wait eu-test-1a",
      "InService eu-test-1b",
    ]);
    expect(await instanceState(rehearsal, old)).toBe("running");
    expect(rehearsal.world.metadata(old)?.targetLifecycleState).toBe("Terminated");
    await complete(rehearsal, "terminate", old);
    await rehearsal.clock.advance(testDelays.groupProceedMs);
    expect(await instanceState(rehearsal, old)).toBe("shutting-down");
    expect((await members(rehearsal))[0]).toBe("Terminating:Proceed eu-test-1a");
    await rehearsal.clock.advance(testDelays.instanceShuttingDownMs);
    expect(await members(rehearsal)).toEqual(["InService eu-test-1b"]);
  });

  test("an instance that crashed is replaced after detection; its hook holds up nobody", async () => {
    const rehearsal = await serving({ hooks: [terminateHook] });
    const [old = ""] = await memberIds(rehearsal);
    const volumeId = await attachedVolume(rehearsal, old);
    await rehearsal.world.crash(old);
    await rehearsal.clock.advance(testDelays.groupDetectMs - 1);
    expect(await members(rehearsal)).toEqual(["InService eu-test-1a"]);
    expect(await volumeState(rehearsal, volumeId)).toBe("available");
    await rehearsal.clock.advance(1);
    await settleGroup(rehearsal);
    expect(await members(rehearsal)).toEqual([
      "Terminating:Wait eu-test-1a",
      "InService eu-test-1b",
    ]);
    await rehearsal.clock.advance(300_000);
    expect(await members(rehearsal)).toEqual(["InService eu-test-1b"]);
  });

  test("without hooks a dead member is forgotten and the next zone is still the other one", async () => {
    const rehearsal = await serving();
    const [old = ""] = await memberIds(rehearsal);
    await rehearsal.ec2("TerminateInstances", { InstanceIds: [old] });
    await rehearsal.clock.advance(120_000);
    expect(await members(rehearsal)).toEqual(["InService eu-test-1b"]);
  });

  test("a stopped instance is unhealthy and is replaced", async () => {
    const rehearsal = await serving();
    const [old = ""] = await memberIds(rehearsal);
    await rehearsal.ec2("StopInstances", { InstanceIds: [old] });
    await rehearsal.clock.advance(120_000);
    expect(await members(rehearsal)).toEqual(["InService eu-test-1b"]);
    expect(await instanceState(rehearsal, old)).toBe("terminated");
  });
});

describe("health as a caller reports it", () => {
  test("unhealthy is acted upon at once, and not within the grace period", async () => {
    const rehearsal = await serving({ more: { HealthCheckGracePeriod: 60 } });
    const [InstanceId = ""] = await memberIds(rehearsal);
    const report = { InstanceId, HealthStatus: "Unhealthy" };
    await rehearsal.group("SetInstanceHealth", report);
    await settleGroup(rehearsal);
    expect(await members(rehearsal)).toEqual(["InService eu-test-1a"]);
    await rehearsal.group("SetInstanceHealth", { ...report, ShouldRespectGracePeriod: false });
    await settleGroup(rehearsal);
    expect(await members(rehearsal)).toContain("InService eu-test-1b");
  });

  test("a host that does not answer is given the grace period, one that stopped is not", async () => {
    const more = { HealthCheckGracePeriod: 400 };
    const rehearsal = await serving({ more });
    await rehearsal.world.zoneOutage("eu-test-1a", true);
    await rehearsal.clock.advance(testDelays.groupImpairedMs + 200_000);
    expect(await members(rehearsal)).toEqual(["InService eu-test-1a"]);
    await rehearsal.clock.advance(20_000);
    await settleGroup(rehearsal);
    expect(await members(rehearsal)).toContain("InService eu-test-1b");
    const other = await serving({ more });
    await other.ec2("StopInstances", { InstanceIds: [...(await memberIds(other))] });
    await other.clock.advance(120_000);
    expect(await members(other)).toEqual(["InService eu-test-1b"]);
  });

  test("a suspended process is not carried out until it is resumed", async () => {
    const rehearsal = await serving();
    const [InstanceId = ""] = await memberIds(rehearsal);
    const processes = { AutoScalingGroupName: "seat", ScalingProcesses: ["ReplaceUnhealthy"] };
    await rehearsal.group("SuspendProcesses", processes);
    await rehearsal.group("SetInstanceHealth", { InstanceId, HealthStatus: "Unhealthy" });
    await settleGroup(rehearsal);
    expect(await members(rehearsal)).toEqual(["InService eu-test-1a"]);
    await rehearsal.group("ResumeProcesses", processes);
    await settleGroup(rehearsal);
    expect(await members(rehearsal)).toContain("InService eu-test-1b");
  });
});

describe("launch before terminate", () => {
  test("a rebalance ends the old member only once the new one is in service", async () => {
    const rehearsal = await serving({ hooks: [launchHook, terminateHook] });
    const [old = ""] = await memberIds(rehearsal);
    await complete(rehearsal, "launch", old);
    await settleGroup(rehearsal);
    rehearsal.world.rebalance("seat");
    await settleGroup(rehearsal);
    expect(await members(rehearsal)).toEqual(["InService eu-test-1a", "Pending:Wait eu-test-1b"]);
    const [, next = ""] = await memberIds(rehearsal);
    await complete(rehearsal, "launch", next);
    await settleGroup(rehearsal);
    expect(await members(rehearsal)).toEqual([
      "Terminating:Wait eu-test-1a",
      "InService eu-test-1b",
    ]);
  });

  test("a rebalance whose new member dies leaves the old one in service", async () => {
    const rehearsal = await serving({ hooks: [launchHook] });
    const [old = ""] = await memberIds(rehearsal);
    await complete(rehearsal, "launch", old);
    await settleGroup(rehearsal);
    rehearsal.world.rebalance("seat");
    await settleGroup(rehearsal);
    const [, next = ""] = await memberIds(rehearsal);
    await rehearsal.world.crash(next);
    await rehearsal.clock.advance(120_000);
    expect(await members(rehearsal)).toEqual(["InService eu-test-1a"]);
  });
});
