// What a launch asks for and what is shown of it: a private address of the caller's choice, the
// settings of IMDS, and a public address that is there only while the instance is not stopped.

import { describe, expect, test } from "vitest";
import { defaultImageId, defaultSubnetId } from "../region/state/seeds.ts";
import { codeOf, type Rehearsal, rehearse, runInstance } from "./rehearsal.ts";

const wish = {
  ImageId: defaultImageId,
  MinCount: 1,
  MaxCount: 1,
  SubnetId: defaultSubnetId(0),
};

async function shown(rehearsal: Rehearsal, id: string) {
  const { Reservations } = await rehearsal.ec2("DescribeInstances", { InstanceIds: [id] });
  return Reservations?.[0]?.Instances?.[0];
}

describe("a private address that is asked for", () => {
  test("is given, by itself or with the interface", async () => {
    const rehearsal = rehearse();
    const one = { ...wish, PrivateIpAddress: "10.0.1.77" };
    const interfaces = [{ DeviceIndex: 0, PrivateIpAddress: "10.0.1.78" }];
    expect(await rehearsal.ec2("RunInstances", one)).toMatchObject({
      Instances: [{ PrivateIpAddress: "10.0.1.77" }],
    });
    expect(
      await rehearsal.ec2("RunInstances", { ...wish, NetworkInterfaces: interfaces }),
    ).toMatchObject({ Instances: [{ PrivateIpAddress: "10.0.1.78" }] });
  });

  test.each([
    ["in use", "InvalidIPAddress.InUse", { PrivateIpAddress: "10.0.1.10" }],
    ["another subnet's", "InvalidParameterValue", { PrivateIpAddress: "10.0.2.77" }],
    ["AWS's own", "InvalidParameterValue", { PrivateIpAddress: "10.0.1.3" }],
    ["the subnet's last", "InvalidParameterValue", { PrivateIpAddress: "10.0.1.255" }],
    ["no address", "InvalidParameterValue", { PrivateIpAddress: "10.0.1" }],
    [
      "for two instances",
      "InvalidParameterCombination",
      { PrivateIpAddress: "10.0.1.77", MaxCount: 2 },
    ],
  ])("is refused where it is %s", async (_what, code, more) => {
    const rehearsal = rehearse();
    await runInstance(rehearsal);
    expect(await codeOf(rehearsal.ec2("RunInstances", { ...wish, ...more }))).toBe(code);
  });
});

test("a public image is launched by everybody, and was shared with nobody by name", async () => {
  const { raw } = rehearse();
  const found = (user: string) => raw("ec2", "DescribeImages", { ExecutableUsers: [user] });
  expect(await found("all")).toMatchObject({ Images: [{ ImageId: defaultImageId }] });
  expect(await found("self")).toMatchObject({ Images: [] });
});

test("the settings of IMDS are pending in the answer, and the hop limit is the one asked for", async () => {
  const rehearsal = rehearse();
  const MetadataOptions = { HttpPutResponseHopLimit: 1 };
  const { Instances } = await rehearsal.ec2("RunInstances", { ...wish, MetadataOptions });
  expect(Instances?.[0]?.MetadataOptions).toMatchObject({
    State: "pending",
    HttpPutResponseHopLimit: 1,
  });
  const id = Instances?.[0]?.InstanceId ?? "";
  await rehearsal.clock.advance(rehearsal.delays.instancePendingMs);
  expect((await shown(rehearsal, id))?.MetadataOptions).toMatchObject({
    State: "applied",
    HttpPutResponseHopLimit: 1,
  });
});

test("a stopped instance has no public address, and another one once it starts again", async () => {
  const rehearsal = rehearse();
  const id = await runInstance(rehearsal);
  const before = (await shown(rehearsal, id))?.PublicIpAddress;
  await rehearsal.ec2("StopInstances", { InstanceIds: [id] });
  await rehearsal.clock.advance(60_000);
  const stopped = await shown(rehearsal, id);
  expect(stopped).toMatchObject({ State: { Name: "stopped" }, PublicDnsName: "" });
  expect(stopped?.PublicIpAddress).toBeUndefined();
  expect(stopped?.NetworkInterfaces?.[0]?.Association).toBeUndefined();
  await rehearsal.ec2("StartInstances", { InstanceIds: [id] });
  await rehearsal.clock.advance(rehearsal.delays.instancePendingMs);
  const after = (await shown(rehearsal, id))?.PublicIpAddress;
  expect(after).toMatch(/^[0-9.]+$/);
  expect(after).not.toBe(before);
});
