// What a caller can do to a group and to one of its members.

import { describe, expect, test } from "vitest";
import {
  codeOf,
  instanceState,
  makeGroup,
  memberIds,
  members,
  type Rehearsal,
  rehearse,
  settleGroup,
  terminateHook,
  testDelays,
} from "./rehearsal.ts";

async function serving(options: Parameters<typeof makeGroup>[1] = {}): Promise<Rehearsal> {
  const rehearsal = rehearse();
  await makeGroup(rehearsal, options);
  await settleGroup(rehearsal);
  return rehearsal;
}

describe("commands to a group", () => {
  test("standby puts a member aside and brings it back without hooks", async () => {
    const rehearsal = await serving({ sizeMax: 2, more: { MinSize: 0 } });
    const InstanceIds = [...(await memberIds(rehearsal))];
    const wish = { AutoScalingGroupName: "seat", InstanceIds };
    await rehearsal.group("EnterStandby", { ...wish, ShouldDecrementDesiredCapacity: true });
    await settleGroup(rehearsal);
    expect(await members(rehearsal)).toEqual(["Standby eu-test-1a"]);
    await rehearsal.clock.advance(testDelays.metadataTargetMs);
    expect(rehearsal.world.metadata(InstanceIds[0] ?? "")?.targetLifecycleState).toBe("Standby");
    await rehearsal.group("ExitStandby", wish);
    await settleGroup(rehearsal);
    expect(await members(rehearsal)).toEqual(["InService eu-test-1a"]);
  });

  test("a detached instance runs on outside the group, which replaces it", async () => {
    const rehearsal = await serving();
    const [old = ""] = await memberIds(rehearsal);
    await rehearsal.group("DetachInstances", {
      AutoScalingGroupName: "seat",
      InstanceIds: [old],
      ShouldDecrementDesiredCapacity: false,
    });
    await rehearsal.clock.advance(60_000);
    expect(await instanceState(rehearsal, old)).toBe("running");
    expect(await members(rehearsal)).toEqual(["InService eu-test-1b"]);
    expect(rehearsal.world.metadata(old)?.tags).not.toHaveProperty("aws:autoscaling:groupName");
  });

  test("the desired capacity moves within its bounds", async () => {
    const rehearsal = await serving({ sizeMax: 2, hooks: [] });
    const set = (DesiredCapacity: number) =>
      codeOf(
        rehearsal.group("SetDesiredCapacity", { AutoScalingGroupName: "seat", DesiredCapacity }),
      );
    expect(await set(3)).toBe("ValidationError");
    expect(await set(2)).toBe("success");
    await settleGroup(rehearsal);
    expect(await members(rehearsal)).toEqual(["InService eu-test-1a", "InService eu-test-1b"]);
    expect(await set(1)).toBe("success");
    await rehearsal.clock.advance(120_000);
    expect(await members(rehearsal)).toHaveLength(1);
  });

  test("several members are spread evenly over the zones", async () => {
    const rehearsal = await serving({ sizeMax: 6 });
    const spread = async (DesiredCapacity: number) => {
      await rehearsal.group("SetDesiredCapacity", {
        AutoScalingGroupName: "seat",
        DesiredCapacity,
      });
      await rehearsal.clock.advance(120_000);
      return (await members(rehearsal)).toSorted();
    };
    const [a, b] = ["InService eu-test-1a", "InService eu-test-1b"];
    expect(await spread(6)).toEqual([a, a, a, b, b, b]);
    expect(await spread(4)).toEqual([a, a, b, b]);
    const [oldest = ""] = await memberIds(rehearsal);
    await rehearsal.group("TerminateInstanceInAutoScalingGroup", {
      InstanceId: oldest,
      ShouldDecrementDesiredCapacity: true,
    });
    await rehearsal.clock.advance(120_000);
    expect((await members(rehearsal)).toSorted()).toEqual([a, b, b]);
    expect(await spread(4)).toEqual([a, a, b, b]);
  });

  test("a group with members is deleted by force only, without asking hooks", async () => {
    const rehearsal = await serving({ hooks: [terminateHook] });
    const remove = (ForceDelete: boolean) =>
      codeOf(
        rehearsal.group("DeleteAutoScalingGroup", { AutoScalingGroupName: "seat", ForceDelete }),
      );
    expect(await remove(false)).toBe("ResourceInUse");
    expect(await remove(true)).toBe("success");
    await rehearsal.clock.advance(120_000);
    const { AutoScalingGroups } = await rehearsal.group("DescribeAutoScalingGroups", {});
    expect(AutoScalingGroups).toEqual([]);
  });

  test("the activities tell what the group did, latest first", async () => {
    const rehearsal = await serving();
    const [old = ""] = await memberIds(rehearsal);
    await rehearsal.group("SetInstanceHealth", { InstanceId: old, HealthStatus: "Unhealthy" });
    await rehearsal.clock.advance(120_000);
    const { Activities } = await rehearsal.group("DescribeScalingActivities", {
      AutoScalingGroupName: "seat",
    });
    expect(
      Activities?.map((each) => `${each.StatusCode} ${each.Description?.slice(0, 11)}`),
    ).toEqual(["Successful Launching a", "Successful Terminating", "Successful Launching a"]);
    // Starts have milliseconds, ends do not.
    expect(Activities?.map((each) => each.EndTime?.getUTCMilliseconds())).toEqual([0, 0, 0]);
  });

  test("a name that is taken, sizes out of order and an unknown group are refused", async () => {
    const rehearsal = await serving();
    const group = {
      AutoScalingGroupName: "seat",
      MinSize: 1,
      MaxSize: 1,
      LaunchTemplate: { LaunchTemplateName: "seat" },
      AvailabilityZones: ["eu-test-1a"],
    };
    const create = (more: object) =>
      codeOf(rehearsal.group("CreateAutoScalingGroup", { ...group, ...more }));
    expect(await create({})).toBe("AlreadyExists");
    expect(await create({ AutoScalingGroupName: "b", MinSize: 2 })).toBe("ValidationError");
    expect(await create({ AutoScalingGroupName: "c" })).toBe("success");
    const unknown = rehearsal.group("DescribeLifecycleHooks", { AutoScalingGroupName: "none" });
    expect(await codeOf(unknown)).toBe("ValidationError");
  });
});
