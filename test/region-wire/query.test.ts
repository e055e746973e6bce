// The real SDK clients against the wire: what a command puts in must reach the Api unchanged, and
// what the Api answers must reach the caller unchanged, through both protocols.

import {
  CreateAutoScalingGroupCommand,
  DescribeAutoScalingGroupsCommand,
  DescribeLifecycleHooksCommand,
  PutLifecycleHookCommand,
  SetDesiredCapacityCommand,
} from "@aws-sdk/client-auto-scaling";
import {
  CreateTagsCommand,
  CreateVolumeCommand,
  DescribeInstancesCommand,
  DescribeSnapshotsCommand,
  DescribeSpotPriceHistoryCommand,
  ModifyInstanceAttributeCommand,
  RunInstancesCommand,
} from "@aws-sdk/client-ec2";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ApiError } from "../region/contract.ts";
import { type Fixture, refusalOf, startWire } from "./fixture.ts";

let answer: Record<string, unknown> | ApiError = {};
let fixture: Fixture;

beforeEach(async () => {
  answer = {};
  fixture = await startWire({
    answer: () => {
      if (answer instanceof ApiError) throw answer;
      return answer;
    },
  });
});

afterEach(() => fixture.close());

describe("a request", () => {
  it("keeps filters, their values and numbers", async () => {
    const input = {
      Filters: [
        { Name: "tag:ec2-ha:seat", Values: ["db", "a & <b>"] },
        { Name: "status", Values: ["completed"] },
      ],
      OwnerIds: ["self"],
      MaxResults: 1000,
    };
    await fixture.ec2.send(new DescribeSnapshotsCommand(input));
    expect(fixture.calls[0]).toEqual({
      service: "ec2",
      action: "DescribeSnapshots",
      input,
      caller: {
        accountId: "123456789012",
        arn: "arn:aws:iam::123456789012:user/operator",
        instanceId: null,
      },
    });
  });

  it("keeps tag specifications, booleans, and a client token made by the SDK", async () => {
    const input = {
      AvailabilityZone: "eu-west-1a",
      Size: 8,
      Encrypted: true,
      MultiAttachEnabled: false,
      TagSpecifications: [
        {
          ResourceType: "volume" as const,
          Tags: [
            { Key: "ec2-ha:seat", Value: "db" },
            { Key: "Name", Value: "ünï côdé + 100% = ok/:@" },
            { Key: "empty", Value: "" },
          ],
        },
      ],
    };
    await fixture.ec2.send(new CreateVolumeCommand(input));
    const { ClientToken: token, ...received } = fixture.calls[0]?.input ?? {};
    expect(received).toEqual(input);
    expect(token).toMatch(/^[0-9a-f-]{36}$/);
  });

  it("keeps lists of structures in structures, in their order beyond nine", async () => {
    const input = {
      MinCount: 1,
      MaxCount: 1,
      ClientToken: "given",
      BlockDeviceMappings: Array.from({ length: 12 }, (_, index) => ({
        DeviceName: `/dev/sd${index}`,
        Ebs: { VolumeSize: index + 1, DeleteOnTermination: index % 2 === 0 },
      })),
      IamInstanceProfile: { Name: "seat" },
    };
    await fixture.ec2.send(new RunInstancesCommand(input));
    expect(fixture.calls[0]?.input).toEqual(input);
  });

  it("keeps dates and bytes", async () => {
    const StartTime = new Date("2026-11-22T09:00:00.000Z");
    await fixture.ec2.send(new DescribeSpotPriceHistoryCommand({ StartTime }));
    const UserData = { Value: new Uint8Array([0, 1, 254, 255]) };
    await fixture.ec2.send(new ModifyInstanceAttributeCommand({ InstanceId: "i-1", UserData }));
    expect(fixture.calls.map(({ input }) => input)).toEqual([
      { StartTime },
      { InstanceId: "i-1", UserData },
    ]);
  });

  it("keeps Auto Scaling's lists and structures", async () => {
    const input = {
      AutoScalingGroupName: "db",
      MinSize: 1,
      MaxSize: 1,
      LaunchTemplate: { LaunchTemplateId: "lt-1", Version: "$Latest" },
      LifecycleHookSpecificationList: [
        {
          LifecycleHookName: "launch",
          LifecycleTransition: "autoscaling:EC2_INSTANCE_LAUNCHING",
          HeartbeatTimeout: 300,
        },
      ],
      Tags: [{ Key: "ec2-ha:seat", Value: "db", PropagateAtLaunch: true }],
    };
    await fixture.autoScaling.send(new CreateAutoScalingGroupCommand(input));
    expect(fixture.calls[0]).toMatchObject({ service: "autoscaling", input });
  });

  it("keeps an empty list of Auto Scaling empty", async () => {
    const input = { AutoScalingGroupNames: [] };
    await fixture.autoScaling.send(new DescribeAutoScalingGroupsCommand(input));
    expect(fixture.calls[0]?.input).toEqual(input);
  });
});

describe("an answer", () => {
  it("brings EC2's nested lists, dates, numbers and booleans back", async () => {
    answer = {
      Reservations: [
        {
          ReservationId: "r-1",
          Instances: [
            {
              InstanceId: "i-1",
              LaunchTime: new Date("2026-11-22T09:00:00.000Z"),
              State: { Code: 16, Name: "running" },
              EbsOptimized: false,
              Tags: [{ Key: "Name", Value: 'a <b> & "c"\r\n' }],
              SecurityGroups: [],
            },
            { InstanceId: "i-2" },
          ],
        },
      ],
      NextToken: "more",
    };
    const { $metadata, ...output } = await fixture.ec2.send(new DescribeInstancesCommand({}));
    expect(output).toEqual(answer);
    expect($metadata.httpStatusCode).toBe(200);
  });

  it("brings Auto Scaling's result back out of its element", async () => {
    answer = {
      AutoScalingGroups: [
        {
          AutoScalingGroupName: "db",
          MinSize: 1,
          MaxSize: 1,
          DesiredCapacity: 1,
          DefaultCooldown: 300,
          AvailabilityZones: ["eu-west-1a", "eu-west-1b"],
          HealthCheckType: "EC2",
          CreatedTime: new Date("2026-11-22T09:00:00.000Z"),
          Instances: [
            {
              InstanceId: "i-1",
              AvailabilityZone: "eu-west-1a",
              LifecycleState: "Pending:Wait",
              HealthStatus: "Healthy",
              ProtectedFromScaleIn: false,
            },
          ],
        },
      ],
    };
    const { $metadata, ...output } = await fixture.autoScaling.send(
      new DescribeAutoScalingGroupsCommand({}),
    );
    expect(output).toEqual(answer);
    expect($metadata.requestId).toMatch(/^[0-9a-f-]{36}$/);
  });

  it("may be empty in either protocol", async () => {
    const tags = new CreateTagsCommand({ Resources: ["i-1"], Tags: [{ Key: "a", Value: "b" }] });
    await expect(fixture.ec2.send(tags)).resolves.toMatchObject({ $metadata: {} });
    const hook = new PutLifecycleHookCommand({ AutoScalingGroupName: "g", LifecycleHookName: "h" });
    await expect(fixture.autoScaling.send(hook)).resolves.toMatchObject({ $metadata: {} });
    const size = new SetDesiredCapacityCommand({ AutoScalingGroupName: "g", DesiredCapacity: 0 });
    await expect(fixture.autoScaling.send(size)).resolves.toMatchObject({ $metadata: {} });
  });

  it("brings an error's code, status and message back from EC2", async () => {
    answer = new ApiError("VolumeInUse", "vol-1 is already attached to an instance");
    expect(await refusalOf(fixture.ec2.send(new DescribeInstancesCommand({})))).toEqual({
      code: "VolumeInUse",
      status: 400,
      message: "vol-1 is already attached to an instance",
    });
  });

  it("brings an error's code, status and message back from Auto Scaling", async () => {
    answer = new ApiError("ValidationError", "AutoScalingGroup name not found - null");
    const call = fixture.autoScaling.send(
      new DescribeLifecycleHooksCommand({ AutoScalingGroupName: "db" }),
    );
    expect(await refusalOf(call)).toEqual({
      code: "ValidationError",
      status: 400,
      message: "AutoScalingGroup name not found - null",
    });
  });
});
