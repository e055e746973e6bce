// Instance refresh of a group of one, the retention of instances whose hook was abandoned, and launches
// that fail again and again.

import { describe, expect, test } from "vitest";
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

const seat = { AutoScalingGroupName: "seat" };

async function serving(options: Parameters<typeof makeGroup>[1] = {}): Promise<Rehearsal> {
  const rehearsal = rehearse();
  await makeGroup(rehearsal, options);
  await settleGroup(rehearsal);
  return rehearsal;
}

async function refreshOf(rehearsal: Rehearsal) {
  const { InstanceRefreshes } = await rehearsal.group("DescribeInstanceRefreshes", seat);
  return InstanceRefreshes?.[0];
}

describe("an instance refresh", () => {
  test("terminates the only member, and ends when its replacement is warm", async () => {
    const rehearsal = await serving();
    const [old = ""] = await memberIds(rehearsal);
    const Preferences = { InstanceWarmup: 100 };
    await rehearsal.group("StartInstanceRefresh", { ...seat, Preferences });
    expect(await refreshOf(rehearsal)).toMatchObject({ Status: "Pending", InstancesToUpdate: 1 });
    await settleGroup(rehearsal);
    await rehearsal.clock.advance(testDelays.instanceShuttingDownMs);
    expect(await instanceState(rehearsal, old)).toBe("terminated");
    await rehearsal.clock.advance(50_000);
    expect(await refreshOf(rehearsal)).toMatchObject({
      Status: "InProgress",
      InstancesToUpdate: 0,
    });
    await rehearsal.clock.advance(60_000);
    expect(await refreshOf(rehearsal)).toMatchObject({
      Status: "Successful",
      PercentageComplete: 100,
    });
    expect(await members(rehearsal)).toEqual(["InService eu-test-1b"]);
  });

  test("launches first where more than the whole may be healthy", async () => {
    const rehearsal = await serving({ hooks: [launchHook] });
    const [old = ""] = await memberIds(rehearsal);
    const answer = { ...seat, LifecycleHookName: "launch", LifecycleActionResult: "CONTINUE" };
    await rehearsal.group("CompleteLifecycleAction", { ...answer, InstanceId: old });
    await settleGroup(rehearsal);
    const Preferences = { MinHealthyPercentage: 100, MaxHealthyPercentage: 200 };
    await rehearsal.group("StartInstanceRefresh", { ...seat, Preferences });
    await settleGroup(rehearsal);
    expect(await members(rehearsal)).toEqual(["InService eu-test-1a", "Pending:Wait eu-test-1b"]);
  });

  test("waits for ever where the whole must be healthy and nothing more may be", async () => {
    const rehearsal = await serving();
    const Preferences = { MinHealthyPercentage: 100 };
    await rehearsal.group("StartInstanceRefresh", { ...seat, Preferences });
    await rehearsal.clock.advance(600_000);
    expect(await refreshOf(rehearsal)).toMatchObject({ Status: "InProgress" });
    expect(await members(rehearsal)).toEqual(["InService eu-test-1a"]);
  });

  test("skips a member that already is as it is to become", async () => {
    const rehearsal = await serving();
    const Preferences = { SkipMatching: true };
    await rehearsal.group("StartInstanceRefresh", { ...seat, Preferences });
    await settleGroup(rehearsal);
    expect(await refreshOf(rehearsal)).toMatchObject({ Status: "Successful" });
    expect(await members(rehearsal)).toEqual(["InService eu-test-1a"]);
  });

  test("is one at a time, and can be cancelled", async () => {
    const rehearsal = await serving();
    const start = () => codeOf(rehearsal.group("StartInstanceRefresh", seat));
    expect(await start()).toBe("success");
    expect(await start()).toBe("InstanceRefreshInProgress");
    const cancel = () => codeOf(rehearsal.group("CancelInstanceRefresh", seat));
    expect(await cancel()).toBe("success");
    await settleGroup(rehearsal);
    expect(await refreshOf(rehearsal)).toMatchObject({ Status: "Cancelled" });
    expect(await cancel()).toBe("ActiveInstanceRefreshNotFound");
  });

  test("does nothing while its process is suspended", async () => {
    const rehearsal = await serving();
    await rehearsal.group("SuspendProcesses", { ...seat, ScalingProcesses: ["InstanceRefresh"] });
    await rehearsal.group("StartInstanceRefresh", seat);
    await rehearsal.clock.advance(60_000);
    expect(await members(rehearsal)).toEqual(["InService eu-test-1a"]);
  });
});

describe("an instance whose terminate hook is abandoned, where the group retains those", () => {
  const RetentionTriggers = { TerminateHookAbandon: "retain" } as const;
  const more = { InstanceLifecyclePolicy: { RetentionTriggers } };

  test("runs on beside its replacement until it is terminated in its group", async () => {
    const rehearsal = await serving({ hooks: [terminateHook], more });
    const [old = ""] = await memberIds(rehearsal);
    const wish = { InstanceId: old, ShouldDecrementDesiredCapacity: false };
    await rehearsal.group("TerminateInstanceInAutoScalingGroup", wish);
    await rehearsal.group("CompleteLifecycleAction", {
      ...seat,
      LifecycleHookName: "terminate",
      InstanceId: old,
      LifecycleActionResult: "ABANDON",
    });
    await settleGroup(rehearsal);
    expect(await members(rehearsal)).toEqual([
      "Terminating:Retained eu-test-1a",
      "InService eu-test-1b",
    ]);
    expect(await instanceState(rehearsal, old)).toBe("running");
    await rehearsal.group("TerminateInstanceInAutoScalingGroup", wish);
    await rehearsal.clock.advance(60_000);
    expect(await instanceState(rehearsal, old)).toBe("terminated");
    expect(await members(rehearsal)).toEqual(["InService eu-test-1b"]);
  });

  test("is retained too when nobody answered and the default is to abandon", async () => {
    const hooks = [{ ...terminateHook, DefaultResult: "ABANDON" }];
    const rehearsal = await serving({ hooks, more });
    const [InstanceId = ""] = await memberIds(rehearsal);
    const wish = { InstanceId, ShouldDecrementDesiredCapacity: false };
    await rehearsal.group("TerminateInstanceInAutoScalingGroup", wish);
    await rehearsal.clock.advance(300_000);
    expect((await members(rehearsal))[0]).toBe("Terminating:Retained eu-test-1a");
  });
});

describe("launches that hooks abandon one after the other", () => {
  test("are made up for at once the first time, and then ever more slowly", async () => {
    const rehearsal = await serving({ hooks: [launchHook] });
    const launchedAtMs: number[] = [];
    rehearsal.world.on((event) => {
      if (event.kind !== "member" || event.to !== "Pending:Wait") return;
      launchedAtMs.push(event.atMs);
      void rehearsal.group("CompleteLifecycleAction", {
        ...seat,
        LifecycleHookName: "launch",
        InstanceId: event.id,
        LifecycleActionResult: "ABANDON",
      });
    });
    const [first = ""] = await memberIds(rehearsal);
    await rehearsal.group("CompleteLifecycleAction", {
      ...seat,
      LifecycleHookName: "launch",
      InstanceId: first,
      LifecycleActionResult: "ABANDON",
    });
    await rehearsal.clock.advance(600_000);
    const gaps = launchedAtMs.slice(1).map((atMs, index) => atMs - (launchedAtMs[index] ?? 0));
    expect(gaps.slice(0, 4)).toEqual([35_000, 65_000, 125_000, 245_000]);
  });

  test("leave the reason in the activity of the launch", async () => {
    const rehearsal = await serving({ hooks: [launchHook] });
    await rehearsal.clock.advance(301_000);
    const { Activities } = await rehearsal.group("DescribeScalingActivities", seat);
    const launch = Activities?.findLast((each) => each.Description?.startsWith("Launching"));
    expect(launch).toMatchObject({
      StatusCode: "Cancelled",
      StatusMessage: expect.stringMatching(/ was abandoned: Heartbeat Timeout$/),
    });
  });
});
