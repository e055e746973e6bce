// Launch templates: what a version takes from another, which one a launch means, and what a deletion
// leaves.

import { describe, expect, test } from "vitest";
import { defaultImageId } from "../region/state/seeds.ts";
import { codeOf, memberIds, type Rehearsal, rehearse, settleGroup } from "./rehearsal.ts";

const seat = { LaunchTemplateName: "seat" };

async function withTwoVersions(): Promise<Rehearsal> {
  const rehearsal = rehearse();
  await rehearsal.ec2("CreateLaunchTemplate", {
    ...seat,
    LaunchTemplateData: { ImageId: defaultImageId, InstanceType: "t3.small" },
  });
  await rehearsal.ec2("CreateLaunchTemplateVersion", {
    ...seat,
    SourceVersion: "1",
    LaunchTemplateData: { InstanceType: "t3.large" },
  });
  return rehearsal;
}

async function typeOf(rehearsal: Rehearsal, version: string | undefined): Promise<unknown> {
  const { Instances } = await rehearsal.ec2("RunInstances", {
    LaunchTemplate: { ...seat, Version: version },
    MinCount: 1,
    MaxCount: 1,
  });
  return Instances?.[0]?.InstanceType;
}

describe("versions", () => {
  test.each([
    ["the default one where none is named", undefined, "t3.small"],
    ["the default one", "$Default", "t3.small"],
    ["the latest one, with what it took from its source", "$Latest", "t3.large"],
    ["one by its number", "2", "t3.large"],
  ])("a launch means %s", async (_what, version, type) => {
    expect(await typeOf(await withTwoVersions(), version)).toBe(type);
  });

  test("a launch without a version follows the default", async () => {
    const rehearsal = await withTwoVersions();
    await rehearsal.ec2("ModifyLaunchTemplate", { ...seat, DefaultVersion: "2" });
    expect(await typeOf(rehearsal, undefined)).toBe("t3.large");
  });

  test("a group's instances are launched from its version and tagged with its number", async () => {
    const rehearsal = await withTwoVersions();
    await rehearsal.group("CreateAutoScalingGroup", {
      AutoScalingGroupName: "seat",
      LaunchTemplate: { ...seat, Version: "$Latest" },
      MinSize: 1,
      MaxSize: 1,
      VPCZoneIdentifier: "subnet-00000000000000001",
    });
    await settleGroup(rehearsal);
    const { Reservations } = await rehearsal.ec2("DescribeInstances", {
      InstanceIds: [...(await memberIds(rehearsal))],
    });
    const instance = Reservations?.[0]?.Instances?.[0];
    expect(instance?.InstanceType).toBe("t3.large");
    expect(instance?.Tags).toContainEqual({ Key: "aws:ec2launchtemplate:version", Value: "2" });
  });

  test("the latest is the highest that is left, and its number is not given again", async () => {
    const rehearsal = await withTwoVersions();
    await rehearsal.ec2("DeleteLaunchTemplateVersions", { ...seat, Versions: ["2"] });
    expect(await typeOf(rehearsal, "$Latest")).toBe("t3.small");
    const { LaunchTemplateVersion: next } = await rehearsal.ec2("CreateLaunchTemplateVersion", {
      ...seat,
      LaunchTemplateData: { ImageId: defaultImageId },
    });
    expect(next?.VersionNumber).toBe(3);
  });

  test("the default version cannot be deleted, nor one that is not there be launched", async () => {
    const rehearsal = await withTwoVersions();
    const deletion = rehearsal.ec2("DeleteLaunchTemplateVersions", { ...seat, Versions: ["1"] });
    expect(await codeOf(deletion)).toBe("InvalidParameterValue");
    expect(await codeOf(typeOf(rehearsal, "7"))).toBe("InvalidLaunchTemplateId.VersionNotFound");
  });

  test("they are described by number, by range, and of all templates only by alias", async () => {
    const rehearsal = await withTwoVersions();
    const numbers = async (input: object) => {
      const { LaunchTemplateVersions: versions = [] } = await rehearsal.ec2(
        "DescribeLaunchTemplateVersions",
        input,
      );
      return versions.map((version) => version.VersionNumber);
    };
    expect(await numbers({ ...seat, Versions: ["$Latest", "$Default", "2"] })).toEqual([2, 1]);
    expect(await numbers({ ...seat, MinVersion: "2" })).toEqual([2]);
    expect(await numbers({ Versions: ["$Default"] })).toEqual([1]);
    expect(await codeOf(numbers({ Versions: ["1"] }))).toBe("InvalidParameterValue");
    expect(await codeOf(numbers({ ...seat, Versions: ["1"], MinVersion: "1" }))).toBe(
      "InvalidParameterCombination",
    );
  });
});
