// What the wire refuses before the Api hears of it: actions, versions and parameters that the
// services do not know, miss, or cannot read. The SDK would not send these, so its body is
// replaced before it is signed.

import { DescribeAutoScalingGroupsCommand } from "@aws-sdk/client-auto-scaling";
import { DescribeVolumesCommand } from "@aws-sdk/client-ec2";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Fixture, refusalOf, replaceBody, startWire } from "./fixture.ts";

let fixture: Fixture;

beforeEach(async () => {
  fixture = await startWire();
});

afterEach(() => fixture.close());

async function ec2Refusal(parameters: string): Promise<unknown> {
  replaceBody(fixture.ec2, parameters);
  const refusal = await refusalOf(fixture.ec2.send(new DescribeVolumesCommand({})));
  expect(fixture.calls).toEqual([]);
  return refusal;
}

async function autoScalingRefusal(parameters: string): Promise<unknown> {
  replaceBody(fixture.autoScaling, parameters);
  const command = new DescribeAutoScalingGroupsCommand({});
  const refusal = await refusalOf(fixture.autoScaling.send(command));
  expect(fixture.calls).toEqual([]);
  return refusal;
}

describe("EC2", () => {
  const cases = [
    {
      name: "refuses an action that it does not have",
      parameters: "Action=AttachCloud&Version=2016-11-15",
      code: "InvalidAction",
      message: "The action AttachCloud is not valid for this web service.",
    },
    {
      name: "refuses the name of a shape as an action",
      parameters: "Action=AttachVolumeRequest&Version=2016-11-15",
      code: "InvalidAction",
      message: "The action AttachVolumeRequest is not valid for this web service.",
    },
    {
      name: "refuses a version that it does not have",
      parameters: "Action=DescribeVolumes&Version=2011-01-01",
      code: "NoSuchVersion",
      message: "The requested version (2011-01-01) of service AmazonEC2 does not exist",
    },
    {
      name: "refuses a parameter that the action does not have",
      parameters: "Action=DescribeVolumes&Version=2016-11-15&Colour=red",
      code: "UnknownParameter",
      message: "The parameter Colour is not recognized",
    },
    {
      name: "names an unknown parameter inside a list by its whole path",
      parameters: "Action=DescribeVolumes&Version=2016-11-15&Filter.2.Nmae=status",
      code: "UnknownParameter",
      message: "The parameter Filter.2.Nmae is not recognized",
    },
    {
      name: "refuses a list with an index that is no number",
      parameters: "Action=DescribeVolumes&Version=2016-11-15&VolumeId.member.1=vol-1",
      code: "UnknownParameter",
      message: "The parameter VolumeId.member.1 is not recognized",
    },
    {
      name: "refuses a missing parameter",
      parameters: "Action=AttachVolume&Version=2016-11-15&VolumeId=vol-1&Device=/dev/sdf",
      code: "MissingParameter",
      message: "The request must contain the parameter InstanceId",
    },
    {
      name: "refuses a value where a list belongs",
      parameters: "Action=DescribeVolumes&Version=2016-11-15&VolumeId=vol-1",
      code: "InvalidParameterValue",
      message: "Invalid value 'vol-1' for VolumeId: it is not a list",
    },
    {
      name: "refuses a value that is none of those the service knows",
      parameters: "Action=AllocateAddress&Version=2016-11-15&Domain=moon",
      code: "InvalidParameterValue",
      message: "Invalid value 'moon' for Domain.",
    },
    {
      name: "names such a value inside a list by its whole path",
      parameters:
        "Action=CreateVolume&Version=2016-11-15&TagSpecification.1.ResourceType=moon" +
        "&TagSpecification.1.Tag.1.Key=a",
      code: "InvalidParameterValue",
      message: "Invalid value 'moon' for TagSpecification.1.ResourceType.",
    },
    {
      name: "refuses a word for a number",
      parameters: "Action=DescribeVolumes&Version=2016-11-15&MaxResults=many",
      code: "InvalidParameterValue",
      message: "Invalid value 'many' for MaxResults: it is not a number",
    },
    {
      name: "refuses a number for a boolean",
      parameters: "Action=DescribeVolumes&Version=2016-11-15&DryRun=1",
      code: "InvalidParameterValue",
      message: "Invalid value '1' for DryRun: it is not true or false",
    },
    {
      name: "refuses a word for a time",
      parameters: "Action=DescribeSpotPriceHistory&Version=2016-11-15&StartTime=yesterday",
      code: "InvalidParameterValue",
      message: "Invalid value 'yesterday' for StartTime: it is not a time",
    },
  ];

  it.each(cases)("$name", async ({ parameters, code, message }) => {
    expect(await ec2Refusal(parameters)).toEqual({ code, status: 400, message });
  });
});

describe("Auto Scaling", () => {
  const cases = [
    {
      name: "refuses an action that it does not have",
      parameters: "Action=Scale&Version=2011-01-01",
      code: "InvalidAction",
      message: "Could not find operation Scale for version 2011-01-01",
    },
    {
      name: "refuses a missing parameter",
      parameters: "Action=PutLifecycleHook&Version=2011-01-01&LifecycleHookName=launch",
      code: "ValidationError",
      message:
        "1 validation error detected: Value null at 'autoScalingGroupName' " +
        "failed to satisfy constraint: Member must not be null",
    },
    {
      name: "refuses a word for a number",
      parameters: "Action=DescribeAutoScalingGroups&Version=2011-01-01&MaxRecords=many",
      code: "ValidationError",
      message:
        "1 validation error detected: Value 'many' at 'MaxRecords' " +
        "failed to satisfy constraint: Member must be a number",
    },
  ];

  it.each(cases)("$name", async ({ parameters, code, message }) => {
    expect(await autoScalingRefusal(parameters)).toEqual({ code, status: 400, message });
  });

  it("passes over a parameter that the action does not have, at any depth", async () => {
    const known =
      "Action=DescribeAutoScalingGroups&Version=2011-01-01&Filters.member.1.Name=tag-key";
    const unknown = "Colour=red&AutoScalingGroupNames.1=db&Filters.member.1.Nmae=tag-value";
    replaceBody(fixture.autoScaling, `${known}&${unknown}`);
    await fixture.autoScaling.send(new DescribeAutoScalingGroupsCommand({}));
    const input = { AutoScalingGroupNames: [], Filters: [{ Name: "tag-key" }] };
    expect(fixture.calls).toMatchObject([{ input }]);
  });
});
