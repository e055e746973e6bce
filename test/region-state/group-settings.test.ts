// What a group is made of, and what is told about it: templates by version, mixed instances, hooks that
// come with it, members brought in by hand, and the words of its activities.

import { describe, expect, test } from "vitest";
import { defaultSubnetId } from "../region/state/seeds.ts";
import {
  codeOf,
  launchHook,
  makeGroup,
  memberIds,
  members,
  type Rehearsal,
  rehearse,
  runInstance,
  settleGroup,
  testDelays,
} from "./rehearsal.ts";

const seat = { AutoScalingGroupName: "seat" };

async function serving(options: Parameters<typeof makeGroup>[1] = {}): Promise<Rehearsal> {
  const rehearsal = rehearse();
  await makeGroup(rehearsal, options);
  await settleGroup(rehearsal);
  return rehearsal;
}

async function described(rehearsal: Rehearsal) {
  const { AutoScalingGroups } = await rehearsal.group("DescribeAutoScalingGroups", {});
  return AutoScalingGroups?.find((group) => group.AutoScalingGroupName === "seat");
}

describe("the template of a group", () => {
  test("is shown as it was named, and with its number where an instance has it", async () => {
    const rehearsal = await serving();
    const group = await described(rehearsal);
    expect(group?.LaunchTemplate).toMatchObject({ LaunchTemplateName: "seat", Version: "$Latest" });
    expect(group?.Instances?.[0]?.LaunchTemplate).toMatchObject({ Version: "1" });
  });

  test("stands in the policy where a mixed instances policy was given, whose first type is launched", async () => {
    const LaunchTemplateSpecification = { LaunchTemplateName: "seat", Version: "1" };
    const Overrides = [{ InstanceType: "m5.large" }, { InstanceType: "m6i.large" }];
    const MixedInstancesPolicy = { LaunchTemplate: { LaunchTemplateSpecification, Overrides } };
    const more = { LaunchTemplate: undefined, MixedInstancesPolicy };
    const rehearsal = await serving({ more });
    const group = await described(rehearsal);
    expect(group?.LaunchTemplate).toBeUndefined();
    expect(group?.MixedInstancesPolicy).toMatchObject({
      LaunchTemplate: { LaunchTemplateSpecification, Overrides },
      InstancesDistribution: { OnDemandPercentageAboveBaseCapacity: 100 },
    });
    expect(group?.Instances?.[0]?.InstanceType).toBe("m5.large");
  });

  test("is refused when it cannot launch, under the code of Auto Scaling", async () => {
    const rehearsal = await serving();
    const create = rehearsal.group("CreateAutoScalingGroup", {
      AutoScalingGroupName: "other",
      MinSize: 0,
      MaxSize: 1,
      LaunchTemplate: { LaunchTemplateName: "seat", Version: "9" },
      VPCZoneIdentifier: defaultSubnetId(0),
    });
    await expect(create).rejects.toMatchObject({
      code: "ValidationError",
      message: expect.stringMatching(/^You must use a valid fully-formed launch template\. /),
    });
  });
});

describe("a group whose request is refused", () => {
  test("is not there, though only one of its hooks was wrong", async () => {
    const rehearsal = rehearse();
    const hooks = [launchHook, { ...launchHook, LifecycleHookName: "b", HeartbeatTimeout: 1 }];
    expect(await codeOf(makeGroup(rehearsal, { hooks }))).toBe("ValidationError");
    expect(await described(rehearsal)).toBeUndefined();
  });
});

describe("an instance brought in by hand", () => {
  test("comes into service without a hook, counts, and belongs to the group", async () => {
    const rehearsal = await serving({ sizeMax: 2 });
    await rehearsal.group("PutLifecycleHook", { ...seat, ...launchHook });
    const instanceId = await runInstance(rehearsal, 1);
    await rehearsal.group("AttachInstances", { ...seat, InstanceIds: [instanceId] });
    await settleGroup(rehearsal);
    expect(await members(rehearsal)).toEqual(["InService eu-test-1a", "InService eu-test-1b"]);
    expect((await described(rehearsal))?.DesiredCapacity).toBe(2);
    const again = rehearsal.group("AttachInstances", { ...seat, InstanceIds: [instanceId] });
    expect(await codeOf(again)).toBe("ValidationError");
  });

  test("is refused where the group has no room for it", async () => {
    const rehearsal = await serving();
    const InstanceIds = [await runInstance(rehearsal)];
    const attach = rehearsal.group("AttachInstances", { ...seat, InstanceIds });
    await expect(attach).rejects.toMatchObject({
      code: "ValidationError",
      message:
        "AutoScalingGroup seat has min-size=1, max-size=1, and desired-size=1. " +
        "To attach 1 instance, please update the AutoScalingGroup sizes appropriately.",
    });
  });
});

describe("protection from scale-in", () => {
  test("chooses who leaves when the group shrinks", async () => {
    const rehearsal = await serving({ sizeMax: 2, more: { DesiredCapacity: 2 } });
    await settleGroup(rehearsal);
    const [first = ""] = await memberIds(rehearsal);
    const wish = { ...seat, InstanceIds: [first], ProtectedFromScaleIn: true };
    await rehearsal.group("SetInstanceProtection", wish);
    await rehearsal.group("SetDesiredCapacity", { ...seat, DesiredCapacity: 1 });
    await rehearsal.clock.advance(60_000);
    expect(await memberIds(rehearsal)).toEqual([first]);
  });
});

describe("the activities", () => {
  test("say when and why, in Auto Scaling's words", async () => {
    const rehearsal = await serving();
    const [old = ""] = await memberIds(rehearsal);
    await rehearsal.group("SetInstanceHealth", { InstanceId: old, HealthStatus: "Unhealthy" });
    await rehearsal.clock.advance(60_000);
    const { Activities } = await rehearsal.group("DescribeScalingActivities", seat);
    const causes = Activities?.map(({ Cause }) => Cause?.replaceAll(/\d{4}-[\dT:-]+Z/g, "T"));
    expect(causes).toEqual([
      "At T an instance was launched in response to an unhealthy instance needing to be replaced.",
      "At T an instance was taken out of service in response to a user health-check.",
      "At T a user request created an AutoScalingGroup changing the desired capacity from 0 to 1.  " +
        "At T an instance was started in response to a difference between desired and actual capacity, increasing the capacity from 0 to 1.",
    ]);
  });

  test("show how far they are, and that one waits for a hook", async () => {
    const rehearsal = rehearse();
    await makeGroup(rehearsal, { hooks: [launchHook] });
    await rehearsal.clock.advance(testDelays.groupReactMs);
    const latest = async () => {
      const { Activities } = await rehearsal.group("DescribeScalingActivities", seat);
      return Activities?.[0];
    };
    expect(await latest()).toMatchObject({ StatusCode: "PreInService", Progress: 30 });
    await rehearsal.clock.advance(testDelays.instancePendingMs);
    expect(await latest()).toMatchObject({ StatusCode: "MidLifecycleAction" });
  });

  test("of a deleted group are shown to those who ask for them", async () => {
    const rehearsal = await serving();
    await rehearsal.group("DeleteAutoScalingGroup", { ...seat, ForceDelete: true });
    await rehearsal.clock.advance(60_000);
    const count = async (IncludeDeletedGroups: boolean) => {
      const wish = { ...seat, IncludeDeletedGroups };
      return (await rehearsal.group("DescribeScalingActivities", wish)).Activities?.length;
    };
    expect([await count(false), await count(true)]).toEqual([0, 2]);
  });

  test("hold up a capacity that honors the cooldown, and the end of an emptying group", async () => {
    const rehearsal = await serving({ more: { MinSize: 0 } });
    const set = (HonorCooldown: boolean) =>
      codeOf(rehearsal.group("SetDesiredCapacity", { ...seat, DesiredCapacity: 0, HonorCooldown }));
    expect(await set(true)).toBe("ScalingActivityInProgress");
    expect(await set(false)).toBe("success");
    await rehearsal.clock.advance(testDelays.groupReactMs);
    const remove = () => codeOf(rehearsal.group("DeleteAutoScalingGroup", seat));
    expect(await remove()).toBe("ScalingActivityInProgress");
    await rehearsal.clock.advance(60_000);
    expect(await remove()).toBe("success");
  });
});
