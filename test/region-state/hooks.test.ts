// Lifecycle hooks: who waits for whom, what an answer, a heartbeat and silence do.

import { describe, expect, test } from "vitest";
import { scaled } from "../region/state/delays.ts";
import type { Rules } from "../region/state/region.ts";
import {
  codeOf,
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
} from "./rehearsal.ts";

async function waiting(options: Parameters<typeof makeGroup>[1], rules: Partial<Rules> = {}) {
  const rehearsal = rehearse({ rules });
  await makeGroup(rehearsal, options);
  await settleGroup(rehearsal);
  const [instanceId = ""] = await memberIds(rehearsal);
  return { rehearsal, instanceId };
}

function answer(rehearsal: Rehearsal, LifecycleHookName: string, InstanceId: string) {
  return {
    with: (LifecycleActionResult: string) =>
      rehearsal.group("CompleteLifecycleAction", {
        AutoScalingGroupName: "seat",
        LifecycleHookName,
        InstanceId,
        LifecycleActionResult,
      }),
    heartbeat: () =>
      rehearsal.group("RecordLifecycleActionHeartbeat", {
        AutoScalingGroupName: "seat",
        LifecycleHookName,
        InstanceId,
      }),
  };
}

describe("a launch hook", () => {
  test("holds the instance in Pending:Wait until it is continued", async () => {
    const { rehearsal, instanceId } = await waiting({ hooks: [launchHook] });
    expect(await members(rehearsal)).toEqual(["Pending:Wait eu-test-1a"]);
    await rehearsal.clock.advance(testDelays.metadataTargetMs);
    expect(rehearsal.world.metadata(instanceId)?.targetLifecycleState).toBe("InService");
    await answer(rehearsal, "launch", instanceId).with("CONTINUE");
    expect(await members(rehearsal)).toEqual(["Pending:Proceed eu-test-1a"]);
    await rehearsal.clock.advance(testDelays.groupProceedMs);
    expect(await members(rehearsal)).toEqual(["InService eu-test-1a"]);
  });

  test("abandoned, the instance is terminated and another one launched", async () => {
    const { rehearsal, instanceId } = await waiting({ hooks: [launchHook] });
    await answer(rehearsal, "launch", instanceId).with("ABANDON");
    await rehearsal.clock.advance(120_000);
    expect(await instanceState(rehearsal, instanceId)).toBe("terminated");
    expect(await members(rehearsal)).toEqual(["Pending:Wait eu-test-1b"]);
  });

  test("unanswered, its default counts after exactly the heartbeat timeout", async () => {
    const { rehearsal, instanceId } = await waiting({ hooks: [launchHook] });
    const sinceWaitMs = testDelays.groupProceedMs;
    await rehearsal.clock.advance(300_000 - sinceWaitMs - 1);
    expect(await members(rehearsal)).toEqual(["Pending:Wait eu-test-1a"]);
    await rehearsal.clock.advance(1);
    await settleGroup(rehearsal);
    expect(await instanceState(rehearsal, instanceId)).toBe("shutting-down");
  });

  test("scaled delays leave the timeout as the caller gave it", async () => {
    const delays = scaled(testDelays, 0.01);
    const rehearsal = rehearse({ delays });
    await makeGroup(rehearsal, { hooks: [launchHook] });
    await settleGroup(rehearsal);
    await rehearsal.clock.advance(299_000);
    expect(await members(rehearsal)).toEqual(["Pending:Wait eu-test-1a"]);
  });

  test("a hook put on after the launch was let through is not asked", async () => {
    const { rehearsal, instanceId } = await waiting({});
    await rehearsal.group("PutLifecycleHook", { AutoScalingGroupName: "seat", ...launchHook });
    const late = answer(rehearsal, "launch", instanceId).with("CONTINUE");
    await expect(late).rejects.toMatchObject({
      code: "ValidationError",
      message: `No active Lifecycle Action found with instance ID ${instanceId}`,
    });
  });

  test("deleted while an instance waits for it, the launch is abandoned", async () => {
    const { rehearsal, instanceId } = await waiting({ hooks: [launchHook] });
    await rehearsal.group("DeleteLifecycleHook", {
      AutoScalingGroupName: "seat",
      LifecycleHookName: "launch",
    });
    await settleGroup(rehearsal);
    expect(await instanceState(rehearsal, instanceId)).toBe("shutting-down");
  });
});

describe("a member that waits for its launch hook", () => {
  test("is not replaced for being reported unhealthy", async () => {
    const { rehearsal, instanceId } = await waiting({ hooks: [launchHook] });
    await rehearsal.group("SetInstanceHealth", {
      InstanceId: instanceId,
      HealthStatus: "Unhealthy",
    });
    await settleGroup(rehearsal);
    expect(await members(rehearsal)).toEqual(["Pending:Wait eu-test-1a"]);
  });

  test("cannot be terminated in its group: its launch is in progress", async () => {
    const { rehearsal, instanceId } = await waiting({ hooks: [launchHook] });
    const wish = { InstanceId: instanceId, ShouldDecrementDesiredCapacity: false };
    const ending = rehearsal.group("TerminateInstanceInAutoScalingGroup", wish);
    expect(await codeOf(ending)).toBe("ScalingActivityInProgress");
    await answer(rehearsal, "launch", instanceId).with("CONTINUE");
    await settleGroup(rehearsal);
    expect(await members(rehearsal)).toEqual(["InService eu-test-1a"]);
  });

  test("can be terminated where the rule is so, and its launch hook is answered no more", async () => {
    const hooks = [launchHook, terminateHook];
    const { rehearsal, instanceId } = await waiting({ hooks }, { terminateBusy: "ends-it" });
    await rehearsal.group("TerminateInstanceInAutoScalingGroup", {
      InstanceId: instanceId,
      ShouldDecrementDesiredCapacity: false,
    });
    const late = answer(rehearsal, "launch", instanceId).with("CONTINUE");
    expect(await codeOf(late)).toBe("ValidationError");
    expect(await members(rehearsal)).toEqual(["Terminating:Wait eu-test-1a"]);
  });
});

describe("several hooks on one transition", () => {
  const second = { ...launchHook, LifecycleHookName: "second" };

  test("all must be continued", async () => {
    const { rehearsal, instanceId } = await waiting({ hooks: [launchHook, second] });
    await answer(rehearsal, "launch", instanceId).with("CONTINUE");
    expect(await members(rehearsal)).toEqual(["Pending:Wait eu-test-1a"]);
    await answer(rehearsal, "second", instanceId).with("CONTINUE");
    expect(await members(rehearsal)).toEqual(["Pending:Proceed eu-test-1a"]);
  });

  test("one that is abandoned ends the wait for the others", async () => {
    const { rehearsal, instanceId } = await waiting({ hooks: [launchHook, second] });
    await answer(rehearsal, "launch", instanceId).with("ABANDON");
    const late = answer(rehearsal, "second", instanceId).with("CONTINUE");
    expect(await codeOf(late)).toBe("ValidationError");
  });
});

describe("heartbeats", () => {
  test("each one restarts the timer", async () => {
    const { rehearsal, instanceId } = await waiting({ hooks: [launchHook] });
    for (let count = 0; count < 5; count += 1) {
      await rehearsal.clock.advance(290_000);
      await answer(rehearsal, "launch", instanceId).heartbeat();
    }
    expect(await members(rehearsal)).toEqual(["Pending:Wait eu-test-1a"]);
    await rehearsal.clock.advance(300_000);
    expect(await members(rehearsal)).not.toContain("Pending:Wait eu-test-1a");
  });

  test("they end at 100 timeouts", async () => {
    const hook = { ...launchHook, HeartbeatTimeout: 30, DefaultResult: "CONTINUE" };
    const { rehearsal, instanceId } = await waiting({ hooks: [hook] });
    const codes: string[] = [];
    while (codes.at(-1) !== "ValidationError" && codes.length < 1000) {
      await rehearsal.clock.advance(20_000);
      codes.push(await codeOf(answer(rehearsal, "launch", instanceId).heartbeat()));
    }
    expect(codes).toHaveLength(150);
    await rehearsal.clock.advance(testDelays.groupProceedMs);
    expect(await members(rehearsal)).toEqual(["InService eu-test-1a"]);
  });
});

describe("a terminate hook", () => {
  test("abandon and continue both let the instance end", async () => {
    for (const result of ["ABANDON", "CONTINUE"]) {
      const { rehearsal, instanceId } = await waiting({ hooks: [terminateHook] });
      await rehearsal.group("SetInstanceHealth", {
        InstanceId: instanceId,
        HealthStatus: "Unhealthy",
      });
      await settleGroup(rehearsal);
      await answer(rehearsal, "terminate", instanceId).with(result);
      await rehearsal.clock.advance(testDelays.groupProceedMs);
      expect(await instanceState(rehearsal, instanceId)).toBe("shutting-down");
    }
  });

  test("a second answer finds no active action", async () => {
    const { rehearsal, instanceId } = await waiting({ hooks: [terminateHook] });
    const early = answer(rehearsal, "terminate", instanceId).with("CONTINUE");
    expect(await codeOf(early)).toBe("ValidationError");
    await rehearsal.group("TerminateInstanceInAutoScalingGroup", {
      InstanceId: instanceId,
      ShouldDecrementDesiredCapacity: false,
    });
    await answer(rehearsal, "terminate", instanceId).with("CONTINUE");
    const again = answer(rehearsal, "terminate", instanceId).with("CONTINUE");
    expect(await codeOf(again)).toBe("ValidationError");
  });

  test.each([
    ["activity-in-progress", "ScalingActivityInProgress"],
    ["ends-it", "success"],
  ] as const)("terminating a member again, by the rule %s, ends in %s", async (rule, code) => {
    const rules = { terminateBusy: rule };
    const { rehearsal, instanceId } = await waiting({ hooks: [terminateHook] }, rules);
    const wish = { InstanceId: instanceId, ShouldDecrementDesiredCapacity: false };
    await rehearsal.group("TerminateInstanceInAutoScalingGroup", wish);
    const again = rehearsal.group("TerminateInstanceInAutoScalingGroup", wish);
    expect(await codeOf(again)).toBe(code);
    expect((await members(rehearsal))[0]).toBe("Terminating:Wait eu-test-1a");
    const { Activities } = await rehearsal.group("DescribeScalingActivities", {});
    expect(Activities?.filter((each) => each.Description?.startsWith("Terminating"))).toHaveLength(
      1,
    );
  });
});

describe("the settings of a hook", () => {
  test("are described with the defaults of AWS", async () => {
    const { rehearsal } = await waiting({});
    await rehearsal.group("PutLifecycleHook", {
      AutoScalingGroupName: "seat",
      LifecycleHookName: "plain",
      LifecycleTransition: "autoscaling:EC2_INSTANCE_LAUNCHING",
    });
    const { LifecycleHooks } = await rehearsal.group("DescribeLifecycleHooks", {
      AutoScalingGroupName: "seat",
    });
    expect(LifecycleHooks?.[0]).toMatchObject({
      HeartbeatTimeout: 3600,
      GlobalTimeout: 172_800,
      DefaultResult: "ABANDON",
    });
  });

  test.each([29, 7201])("a timeout of %i seconds is refused", async (HeartbeatTimeout) => {
    const { rehearsal } = await waiting({});
    const put = rehearsal.group("PutLifecycleHook", {
      AutoScalingGroupName: "seat",
      ...launchHook,
      HeartbeatTimeout,
    });
    expect(await codeOf(put)).toBe("ValidationError");
  });
});
