// Attributes of instances: shown one at a time, changed one at a time, some only while stopped; and
// what instances of one launch have in common.

import { describe, expect, test } from "vitest";
import { defaultImageId } from "../region/state/seeds.ts";
import {
  attachedVolume,
  codeOf,
  deviceOf,
  type Rehearsal,
  rehearse,
  runInstance,
} from "./rehearsal.ts";

async function shown(rehearsal: Rehearsal, id: string, Attribute: "userData" | "instanceType") {
  const { InstanceId: _id, ...rest } = await rehearsal.ec2("DescribeInstanceAttribute", {
    InstanceId: id,
    Attribute,
  });
  return rest;
}

async function stopped(rehearsal: Rehearsal): Promise<string> {
  const id = await runInstance(rehearsal);
  await rehearsal.ec2("StopInstances", { InstanceIds: [id] });
  await rehearsal.clock.advance(rehearsal.delays.instanceStoppingMs);
  return id;
}

describe("an attribute", () => {
  test("is changed by its own member or by name and value", async () => {
    const rehearsal = rehearse();
    const id = await stopped(rehearsal);
    const change = (input: object) =>
      rehearsal.ec2("ModifyInstanceAttribute", { InstanceId: id, ...input });
    await change({ InstanceType: { Value: "t3.large" } });
    expect(await shown(rehearsal, id, "instanceType")).toEqual({
      InstanceType: { Value: "t3.large" },
    });
    await change({ Attribute: "instanceType", Value: "t3.micro" });
    expect(await shown(rehearsal, id, "instanceType")).toEqual({
      InstanceType: { Value: "t3.micro" },
    });
    await change({ UserData: { Value: new Uint8Array(Buffer.from("#!/bin/sh")) } });
    expect(await shown(rehearsal, id, "userData")).toEqual({
      UserData: { Value: Buffer.from("#!/bin/sh").toString("base64") },
    });
  });

  test.each([
    ["none", {}, "InvalidParameterCombination"],
    [
      "two at once",
      { DisableApiStop: { Value: true }, EbsOptimized: { Value: true } },
      "InvalidParameterCombination",
    ],
    ["a type while it runs", { InstanceType: { Value: "t3.large" } }, "IncorrectInstanceState"],
    ["an unknown one", { Attribute: "colour", Value: "red" }, "UnsupportedInstanceAttribute"],
    [
      "a switch that is neither on nor off",
      { Attribute: "disableApiStop", Value: "maybe" },
      "InvalidInstanceAttributeValue",
    ],
  ])("%s is refused", async (_what, input, code) => {
    const rehearsal = rehearse();
    const id = await runInstance(rehearsal);
    const call = rehearsal.raw("ec2", "ModifyInstanceAttribute", { InstanceId: id, ...input });
    expect(await codeOf(call)).toBe(code);
  });

  test("of a device says whether its volume goes with the instance", async () => {
    const rehearsal = rehearse();
    const id = await runInstance(rehearsal);
    const volumeId = await attachedVolume(rehearsal, id);
    await rehearsal.ec2("ModifyInstanceAttribute", {
      InstanceId: id,
      BlockDeviceMappings: [
        {
          DeviceName: await deviceOf(rehearsal, volumeId),
          Ebs: { DeleteOnTermination: true },
        },
      ],
    });
    const { BlockDeviceMappings: mappings } = await rehearsal.ec2("DescribeInstanceAttribute", {
      InstanceId: id,
      Attribute: "blockDeviceMapping",
    });
    expect(mappings?.map(({ Ebs }) => Ebs?.DeleteOnTermination)).toEqual([true, true]);
  });

  test("keeps an instance from being stopped", async () => {
    const rehearsal = rehearse();
    const id = await runInstance(rehearsal);
    await rehearsal.ec2("ModifyInstanceAttribute", {
      InstanceId: id,
      DisableApiStop: { Value: true },
    });
    const stop = rehearsal.ec2("StopInstances", { InstanceIds: [id] });
    expect(await codeOf(stop)).toBe("OperationNotPermitted");
  });
});

test("instances of one launch share a reservation, page by page", async () => {
  const rehearsal = rehearse();
  const run = { ImageId: defaultImageId, MinCount: 2, MaxCount: 2 };
  const { ReservationId, Instances } = await rehearsal.ec2("RunInstances", run);
  expect(Instances?.map(({ AmiLaunchIndex }) => AmiLaunchIndex)).toEqual([0, 1]);
  const { Reservations } = await rehearsal.ec2("DescribeInstances", {});
  expect(Reservations?.map((each) => [each.ReservationId, each.Instances?.length])).toEqual([
    [ReservationId, 2],
  ]);
});

test.each([
  ["more at least than at most", { MinCount: 3, MaxCount: 2 }, "InvalidParameterValue"],
  ["none", { MinCount: 0, MaxCount: 0 }, "InvalidParameterValue"],
  ["user data that is not base64", { UserData: "#!/bin/sh" }, "InvalidParameterValue"],
])("launching %s is refused", async (_what, input, code) => {
  const run = { ImageId: defaultImageId, MinCount: 1, MaxCount: 1, ...input };
  expect(await codeOf(rehearse().ec2("RunInstances", run))).toBe(code);
});
