// A day's work with a group by the real `aws` program: it is made with its hooks and tags, changed,
// looked at, and deleted; its members are ended, put aside, taken out and brought in.

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type GroupRig, seat, startGroupRig } from "./auto-scaling-stage.ts";
import { testTimeout, whyNot } from "./rig.ts";

const uuid = /^[0-9a-f]{8}-[0-9a-f-]{27}$/;

describe.skipIf(whyNot !== null)("a group", testTimeout, () => {
  let rig: GroupRig;
  let first = "";

  beforeAll(async () => {
    rig = await startGroupRig();
  });

  afterAll(() => rig.close());

  test("is made with its tags, and described as it was made", async () => {
    const sizes = "--min-size 0 --max-size 3 --desired-capacity 1";
    const source = "--launch-template LaunchTemplateName=seat,Version=$Latest";
    const tags =
      "--tags Key=seat,Value=db,PropagateAtLaunch=true Key=cost,Value=1,PropagateAtLaunch=false";
    const zones = `--vpc-zone-identifier ${rig.subnets}`;
    const create = `autoscaling create-auto-scaling-group ${seat} ${sizes} ${source} ${tags} ${zones}`;
    expect(await rig.json(create)).toBeNull();
    [first = ""] = await rig.inStates("InService");
    const shown = await rig.json(
      "autoscaling describe-auto-scaling-groups --auto-scaling-group-names seat none",
    );
    expect(shown).toEqual({
      AutoScalingGroups: [
        {
          AutoScalingGroupName: "seat",
          AutoScalingGroupARN: expect.stringMatching(/:autoScalingGroupName\/seat$/),
          LaunchTemplate: {
            LaunchTemplateId: expect.stringMatching(/^lt-[0-9a-f]{17}$/),
            LaunchTemplateName: "seat",
            Version: "$Latest",
          },
          MinSize: 0,
          MaxSize: 3,
          DesiredCapacity: 1,
          DefaultCooldown: 300,
          AvailabilityZones: ["eu-west-1a", "eu-west-1b"],
          LoadBalancerNames: [],
          TargetGroupARNs: [],
          HealthCheckType: "EC2",
          HealthCheckGracePeriod: 0,
          Instances: [
            {
              InstanceId: first,
              InstanceType: "t3.micro",
              AvailabilityZone: "eu-west-1a",
              LifecycleState: "InService",
              HealthStatus: "Healthy",
              LaunchTemplate: {
                LaunchTemplateId: expect.stringMatching(/^lt-/),
                LaunchTemplateName: "seat",
                Version: "1",
              },
              ProtectedFromScaleIn: false,
            },
          ],
          CreatedTime: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+\+00:00$/),
          SuspendedProcesses: [],
          VPCZoneIdentifier: rig.subnets,
          EnabledMetrics: [],
          Tags: [
            { ResourceId: "seat", ...autoScalingGroup, Key: "seat", Value: "db", ...propagated },
            { ResourceId: "seat", ...autoScalingGroup, Key: "cost", Value: "1", ...kept },
          ],
          TerminationPolicies: ["Default"],
          NewInstancesProtectedFromScaleIn: false,
          ServiceLinkedRoleARN: expect.stringMatching(/AWSServiceRoleForAutoScaling$/),
          CapacityRebalance: false,
          TrafficSources: [],
        },
      ],
    });
    const tagsOf = await rig.json(
      `ec2 describe-instances --instance-ids ${first} --query Reservations[].Instances[].Tags[].Key`,
    );
    expect(tagsOf).toEqual(expect.arrayContaining(["Name", "seat", "aws:autoscaling:groupName"]));
    expect(tagsOf).not.toContain("cost");
  });

  test("is changed, and goes on with another version of its template", async () => {
    const version =
      "ec2 create-launch-template-version --launch-template-name seat --source-version 1";
    await rig.json(`${version} --launch-template-data`, '{"InstanceType":"t3.small"}');
    const id = await rig.text(
      "ec2 describe-launch-templates --query LaunchTemplates[0].LaunchTemplateId",
    );
    const source = `--launch-template LaunchTemplateId=${id},Version=2`;
    const update = `autoscaling update-auto-scaling-group ${seat} --desired-capacity 2`;
    expect(await rig.json(`${update} --health-check-grace-period 9 ${source}`)).toBeNull();
    await rig.inStates("InService", "InService");
    const shown = await rig.json(
      "autoscaling describe-auto-scaling-instances --query AutoScalingInstances[].[InstanceType,LaunchTemplate.Version]",
    );
    expect(shown).toEqual([
      ["t3.micro", "1"],
      ["t3.small", "2"],
    ]);
  });

  test("a member is ended with the desired capacity, and another one without", async () => {
    const end = "autoscaling terminate-instance-in-auto-scaling-group --instance-id";
    const ended = await rig.json(`${end} ${first} --should-decrement-desired-capacity`);
    expect(ended).toEqual({
      Activity: {
        ActivityId: expect.stringMatching(uuid),
        AutoScalingGroupName: "seat",
        AutoScalingGroupARN: expect.stringMatching(/\/seat$/),
        Description: `Terminating EC2 instance: ${first}`,
        Cause: expect.stringMatching(
          /^At .* was taken out of service in response to a user request, shrinking the capacity from 2 to 1\.$/,
        ),
        StartTime: expect.any(String),
        StatusCode: "InProgress",
        Progress: 0,
        Details: expect.stringMatching(
          /^\{"Subnet ID":"subnet-\w+","Availability Zone":"eu-west-1a"\}$/,
        ),
      },
    });
    const [left = ""] = await rig.inStates("InService");
    expect(left).not.toBe(first);
    await rig.json(`${end} ${left} --no-should-decrement-desired-capacity`);
    [first = ""] = await rig.inStates("InService");
    expect(first).not.toBe(left);
  });

  test("its activities are told latest first, by pages or all at once", async () => {
    const describe = `autoscaling describe-scaling-activities ${seat}`;
    const picked = "--query Activities[].[StatusCode,Progress,Description]";
    const all = await rig.json(`${describe} --page-size 2 ${picked}`);
    expect(all).toMatchObject([
      ["Successful", 100, `Launching a new EC2 instance: ${first}`],
      ["Successful", 100, expect.stringMatching(/^Terminating EC2 instance: i-/)],
      ["Successful", 100, expect.stringMatching(/^Terminating EC2 instance: i-/)],
      ["Successful", 100, expect.stringMatching(/^Launching a new EC2 instance: i-/)],
      ["Successful", 100, expect.stringMatching(/^Launching a new EC2 instance: i-/)],
    ]);
    const [token, ids] = await pageOf(rig, `${describe} --max-items 2`);
    const [, rest] = await pageOf(rig, `${describe} --starting-token ${token}`);
    expect([...ids, ...rest]).toHaveLength(5);
    const byId = `autoscaling describe-scaling-activities --activity-ids ${rest[0]}`;
    expect((await pageOf(rig, byId))[1]).toEqual([rest[0]]);
  });

  test("a member is put aside, brought back, taken out and brought in", async () => {
    const ids = `--instance-ids ${first} ${seat}`;
    const aside = `autoscaling enter-standby ${ids} --should-decrement-desired-capacity`;
    expect(await rig.json(`${aside} --query Activities[].[StatusCode,Progress]`)).toEqual([
      ["InProgress", 50],
    ]);
    await rig.inStates("Standby");
    const back = `autoscaling exit-standby ${ids} --query Activities[].[StatusCode,Progress]`;
    expect(await rig.json(back)).toEqual([["PreInService", 30]]);
    await rig.inStates("InService");
    await rig.json(`autoscaling detach-instances ${ids} --should-decrement-desired-capacity`);
    await rig.inStates();
    expect(await rig.json(`autoscaling attach-instances ${ids}`)).toBeNull();
    expect(await rig.inStates("InService")).toEqual([first]);
    const protect = `autoscaling set-instance-protection ${ids} --protected-from-scale-in`;
    expect(await rig.json(protect)).toBeNull();
    await rig.json(`autoscaling set-desired-capacity ${seat} --desired-capacity 0`);
    expect(await rig.members()).toMatchObject([{ InstanceId: first, ProtectedFromScaleIn: true }]);
  });

  test("its processes are suspended and resumed by name, and all at once", async () => {
    const suspended = async () =>
      rig.json(
        "autoscaling describe-auto-scaling-groups --query AutoScalingGroups[0].SuspendedProcesses[].ProcessName",
      );
    await rig.json(`autoscaling suspend-processes ${seat} --scaling-processes AZRebalance Launch`);
    expect(await suspended()).toEqual(["AZRebalance", "Launch"]);
    await rig.json(`autoscaling resume-processes ${seat}`);
    expect(await suspended()).toEqual([]);
  });

  test("its tags are added, found, and taken away", async () => {
    const tag = "ResourceId=seat,ResourceType=auto-scaling-group,Key=stage,Value=blue";
    await rig.json(`autoscaling create-or-update-tags --tags ${tag},PropagateAtLaunch=false`);
    const describe = "autoscaling describe-tags --query Tags[].Key --filters";
    expect(await rig.json(`${describe} Name=value,Values=blue,1`)).toEqual(["cost", "stage"]);
    await rig.json(`autoscaling delete-tags --tags ${tag}`);
    expect(await rig.json(`${describe} Name=auto-scaling-group,Values=seat`)).toEqual([
      "seat",
      "cost",
    ]);
    const groups =
      "autoscaling describe-auto-scaling-groups --query length(AutoScalingGroups) --filters";
    expect(await rig.json(`${groups} Name=tag:seat,Values=db`)).toBe(1);
    expect(await rig.json(`${groups} Name=tag-key,Values=stage`)).toBe(0);
  });

  test("is deleted by force only while it has members, and is gone with them", async () => {
    const remove = `autoscaling delete-auto-scaling-group ${seat}`;
    expect(await rig.refused(remove)).toEqual({ code: "ResourceInUse", status: 400 });
    expect(await rig.json(`${remove} --force-delete`)).toBeNull();
    await rig.inStates();
    const shown = "autoscaling describe-auto-scaling-groups --query AutoScalingGroups";
    expect(await rig.json(shown)).toEqual([]);
    const activities = "autoscaling describe-scaling-activities --query length(Activities)";
    expect(await rig.json(activities)).toBe(0);
  });
});

const autoScalingGroup = { ResourceType: "auto-scaling-group" };
const propagated = { PropagateAtLaunch: true };
const kept = { PropagateAtLaunch: false };

interface ActivityId {
  readonly ActivityId: string;
}

async function pageOf(
  rig: GroupRig,
  command: string,
): Promise<readonly [token: string, ids: readonly string[]]> {
  const page = await rig.json(command);
  if (typeof page !== "object" || page === null || !("Activities" in page)) return ["", []];
  const { Activities: list } = page;
  const ids = Array.isArray(list) ? list.map((each: ActivityId) => each.ActivityId) : [];
  return ["NextToken" in page ? String(page.NextToken) : "", ids];
}
