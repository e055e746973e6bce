// Lifecycle hooks, health, refreshes and warm pools by the real `aws` program.

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type GroupRig, seat, startGroupRig } from "./auto-scaling-stage.ts";
import { testTimeout, whyNot } from "./rig.ts";

const launch =
  "LifecycleHookName=launch,LifecycleTransition=autoscaling:EC2_INSTANCE_LAUNCHING,HeartbeatTimeout=300,DefaultResult=ABANDON";
const launchHook = `${seat} --lifecycle-hook-name launch`;

describe.skipIf(whyNot !== null)("a group with hooks", testTimeout, () => {
  let rig: GroupRig;
  let member = "";
  const tokens: string[] = [];

  beforeAll(async () => {
    rig = await startGroupRig();
    rig.region.world.on(({ kind, id, from }) => {
      if (kind === "action" && from === null) tokens.push(id);
    });
    const group = `autoscaling create-auto-scaling-group ${seat} --min-size 1 --max-size 1`;
    const source = "--launch-template LaunchTemplateName=seat";
    const hooks = `--lifecycle-hook-specification-list ${launch}`;
    await rig.json(`${group} ${source} ${hooks} --vpc-zone-identifier ${rig.subnets}`);
    [member = ""] = await rig.inStates("Pending:Wait");
  });

  afterAll(() => rig.close());

  test("shows those it was made with, and takes more", async () => {
    const put = `autoscaling put-lifecycle-hook ${seat} --lifecycle-hook-name terminate`;
    const transition = "--lifecycle-transition autoscaling:EC2_INSTANCE_TERMINATING";
    expect(await rig.json(`${put} ${transition} --default-result CONTINUE`)).toBeNull();
    expect(await rig.json(`autoscaling describe-lifecycle-hooks ${seat}`)).toEqual({
      LifecycleHooks: [
        {
          LifecycleHookName: "launch",
          AutoScalingGroupName: "seat",
          LifecycleTransition: "autoscaling:EC2_INSTANCE_LAUNCHING",
          HeartbeatTimeout: 300,
          GlobalTimeout: 30_000,
          DefaultResult: "ABANDON",
        },
        {
          LifecycleHookName: "terminate",
          AutoScalingGroupName: "seat",
          LifecycleTransition: "autoscaling:EC2_INSTANCE_TERMINATING",
          HeartbeatTimeout: 3600,
          GlobalTimeout: 172_800,
          DefaultResult: "CONTINUE",
        },
      ],
    });
  });

  test("keeps a launch waiting, prolonged by heartbeats, until it is completed by its instance's id", async () => {
    const beat = `autoscaling record-lifecycle-action-heartbeat ${launchHook}`;
    expect(await rig.json(`${beat} --instance-id ${member}`)).toBeNull();
    expect(await rig.json(`${beat} --lifecycle-action-token ${tokens[0]}`)).toBeNull();
    const complete = `autoscaling complete-lifecycle-action ${launchHook} --instance-id ${member}`;
    expect(await rig.json(`${complete} --lifecycle-action-result CONTINUE`)).toBeNull();
    await rig.inStates("InService");
    const again = await rig.aws(`${complete} --lifecycle-action-result CONTINUE`);
    expect(again.code).toBe("ValidationError");
    expect(again.stderr).toContain(`: No active Lifecycle Action found with instance ID ${member}`);
  });

  test("replaces a member that is called unhealthy, and waits for the token of the old one's end", async () => {
    const report = `autoscaling set-instance-health --instance-id ${member} --health-status Unhealthy`;
    expect(await rig.json(`${report} --no-should-respect-grace-period`)).toBeNull();
    await rig.inStates("Terminating:Wait", "Pending:Wait");
    const [, ending = ""] = tokens;
    const terminateHook = `${seat} --lifecycle-hook-name terminate`;
    const complete = `autoscaling complete-lifecycle-action ${terminateHook}`;
    const result = "--lifecycle-action-result CONTINUE";
    await rig.json(`${complete} --lifecycle-action-token ${ending} ${result}`);
    const [next = ""] = await rig.inStates("Pending:Wait");
    await rig.json(`autoscaling delete-lifecycle-hook ${terminateHook}`);
    const launched = `autoscaling complete-lifecycle-action ${launchHook} --instance-id ${next}`;
    await rig.json(`${launched} ${result}`);
    [member = ""] = await rig.inStates("InService");
    await rig.json(`autoscaling delete-lifecycle-hook ${launchHook}`);
    const cause = await rig.json(
      `autoscaling describe-scaling-activities ${seat} --query Activities[?starts_with(Description,'Terminating')].Cause`,
    );
    expect(cause).toEqual([expect.stringContaining("in response to a user health-check")]);
  });

  test("is refreshed, one refresh at a time", async () => {
    const start = `autoscaling start-instance-refresh ${seat} --query InstanceRefreshId`;
    const id = await rig.text(start, "--preferences", '{"InstanceWarmup":600}');
    expect(await rig.refused(start)).toEqual({ code: "InstanceRefreshInProgress", status: 400 });
    const cancel = `autoscaling cancel-instance-refresh ${seat} --query InstanceRefreshId`;
    expect(await rig.text(cancel)).toBe(id);
    expect(await rig.json(`autoscaling describe-instance-refreshes ${seat}`)).toMatchObject({
      InstanceRefreshes: [{ InstanceRefreshId: id, AutoScalingGroupName: "seat" }],
    });
    await rig.inStates("InService");
  });

  test("has a warm pool while it is wanted", async () => {
    const put = `autoscaling put-warm-pool ${seat} --min-size 1 --pool-state Stopped`;
    expect(await rig.json(put)).toBeNull();
    const [, warm = ""] = await rig.inStates("InService", "Warmed:Stopped");
    expect(await rig.json(`autoscaling describe-warm-pool ${seat}`)).toMatchObject({
      WarmPoolConfiguration: { MinSize: 1, PoolState: "Stopped" },
      Instances: [{ InstanceId: warm, LifecycleState: "Warmed:Stopped", HealthStatus: "Healthy" }],
    });
    expect(await rig.json(`autoscaling delete-warm-pool ${seat} --force-delete`)).toBeNull();
    await rig.inStates("InService");
  });

  test("knows what the service offers", async () => {
    const hooks = "autoscaling describe-lifecycle-hook-types --query LifecycleHookTypes";
    expect(await rig.json(hooks)).toEqual([
      "autoscaling:EC2_INSTANCE_LAUNCHING",
      "autoscaling:EC2_INSTANCE_TERMINATING",
    ]);
    const policies = "autoscaling describe-termination-policy-types --query TerminationPolicyTypes";
    expect(await rig.json(policies)).toContain("Default");
    const processes = "autoscaling describe-scaling-process-types --query Processes[].ProcessName";
    expect(await rig.json(processes)).toContain("ReplaceUnhealthy");
  });
});
