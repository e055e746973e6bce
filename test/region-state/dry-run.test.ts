// Dry runs: what would refuse a call refuses its dry run, and a dry run changes nothing.

import { expect, test } from "vitest";
import { defaultImageId } from "../region/state/seeds.ts";
import { codeOf, makeVolume, type Rehearsal, rehearse, zones } from "./rehearsal.ts";

const dry = { DryRun: true };

async function everything({ ec2 }: Rehearsal): Promise<unknown> {
  return Promise.all([
    ec2("DescribeVolumes", {}),
    ec2("DescribeInstances", {}),
    ec2("DescribeSnapshots", {}),
    ec2("DescribeAddresses", {}),
  ]);
}

test("a dry run of each kind of change says that it would succeed, and nothing is changed", async () => {
  const rehearsal = rehearse();
  const volumeId = await makeVolume(rehearsal);
  const before = await everything(rehearsal);
  const events = rehearsal.events.length;
  const image = { ImageId: defaultImageId, MinCount: 1, MaxCount: 1 };
  const codes = await Promise.all([
    codeOf(rehearsal.ec2("CreateVolume", { ...dry, AvailabilityZone: zones[0].name, Size: 1 })),
    codeOf(rehearsal.ec2("CreateSnapshot", { ...dry, VolumeId: volumeId })),
    codeOf(rehearsal.ec2("DeleteVolume", { ...dry, VolumeId: volumeId })),
    codeOf(rehearsal.ec2("ModifyVolume", { ...dry, VolumeId: volumeId, Size: 20 })),
    codeOf(rehearsal.ec2("AllocateAddress", dry)),
    codeOf(rehearsal.ec2("RunInstances", { ...dry, ...image })),
    codeOf(rehearsal.ec2("DescribeVolumes", dry)),
  ]);
  expect(new Set(codes)).toEqual(new Set(["DryRunOperation"]));
  await rehearsal.clock.advance(60_000);
  expect(await everything(rehearsal)).toEqual(before);
  expect(rehearsal.events).toHaveLength(events);
});

test("a dry run is refused by what would refuse the call", async () => {
  const rehearsal = rehearse();
  const volumeId = await makeVolume(rehearsal);
  const gone = { ...dry, VolumeId: "vol-00000000000000009" };
  expect(await codeOf(rehearsal.ec2("DeleteVolume", gone))).toBe("InvalidVolume.NotFound");
  const detach = rehearsal.ec2("DetachVolume", { ...dry, VolumeId: volumeId });
  expect(await codeOf(detach)).toBe("IncorrectState");
});

test("the client token of a dry run is not used up", async () => {
  const rehearsal = rehearse();
  const wish = { AvailabilityZone: zones[0].name, Size: 1, ClientToken: "seat" };
  await codeOf(rehearsal.ec2("CreateVolume", { ...dry, ...wish, Size: 2 }));
  expect(await codeOf(rehearsal.ec2("CreateVolume", wish))).toBe("success");
});
