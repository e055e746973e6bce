// Filters, pages and tags: what the Describe actions have in common.

import { describe, expect, test } from "vitest";
import {
  codeOf,
  makeGroup,
  makeVolume,
  type Rehearsal,
  rehearse,
  runInstance,
  zones,
} from "./rehearsal.ts";

async function tagged(rehearsal: Rehearsal, Tags: Record<string, string>): Promise<string> {
  const { VolumeId } = await rehearsal.ec2("CreateVolume", {
    AvailabilityZone: zones[0].name,
    Size: 1,
    TagSpecifications: [
      {
        ResourceType: "volume",
        Tags: Object.entries(Tags).map(([Key, Value]) => ({ Key, Value })),
      },
    ],
  });
  return VolumeId ?? "";
}

async function found(rehearsal: Rehearsal, Name: string, ...Values: string[]) {
  const { Volumes } = await rehearsal.ec2("DescribeVolumes", { Filters: [{ Name, Values }] });
  return Volumes?.map((volume) => volume.VolumeId);
}

describe("filters", () => {
  test("by tag, by tag key, with wildcards, and several values as alternatives", async () => {
    const rehearsal = rehearse();
    const one = await tagged(rehearsal, { seat: "orders-db" });
    const two = await tagged(rehearsal, { seat: "orders-app" });
    const other = await tagged(rehearsal, { owner: "a*b" });
    expect(await found(rehearsal, "tag:seat", "orders-db")).toEqual([one]);
    expect(await found(rehearsal, "tag:seat", "orders-*")).toEqual([one, two]);
    expect(await found(rehearsal, "tag:seat", "orders-d?")).toEqual([one]);
    expect(await found(rehearsal, "tag:seat", "orders-db", "orders-app")).toEqual([one, two]);
    expect(await found(rehearsal, "tag-key", "owner")).toEqual([other]);
    expect(await found(rehearsal, "tag:owner", "a\\*b")).toEqual([other]);
    expect(await found(rehearsal, "tag:owner", "a\\*c")).toEqual([]);
    expect(await found(rehearsal, "tag:seat", "ORDERS-DB")).toEqual([]);
  });

  test("all filters must match", async () => {
    const rehearsal = rehearse();
    const id = await tagged(rehearsal, { seat: "db" });
    await rehearsal.clock.advance(rehearsal.delays.volumeCreateMs);
    await tagged(rehearsal, { seat: "db" });
    const { Volumes } = await rehearsal.ec2("DescribeVolumes", {
      Filters: [
        { Name: "tag:seat", Values: ["db"] },
        { Name: "status", Values: ["available"] },
      ],
    });
    expect(Volumes?.map((volume) => volume.VolumeId)).toEqual([id]);
  });

  test("a name the action does not know is an error", async () => {
    const rehearsal = rehearse();
    const Filters = [{ Name: "tagseat", Values: ["db"] }];
    expect(await codeOf(rehearsal.ec2("DescribeVolumes", { Filters }))).toBe(
      "InvalidParameterValue",
    );
    expect(await codeOf(rehearsal.ec2("DescribeAddresses", { Filters }))).toBe(
      "InvalidParameterValue",
    );
  });

  test("more than 200 values or 50 filters are too many", async () => {
    const { ec2 } = rehearse();
    const values = (count: number) => Array.from({ length: count }, (_none, index) => `v${index}`);
    const filters = (count: number) =>
      Array.from({ length: count }, () => ({ Name: "status", Values: ["available"] }));
    const codes = [
      await codeOf(ec2("DescribeVolumes", { Filters: [{ Name: "size", Values: values(200) }] })),
      await codeOf(ec2("DescribeVolumes", { Filters: [{ Name: "size", Values: values(201) }] })),
      await codeOf(ec2("DescribeVolumes", { Filters: filters(51) })),
    ];
    expect(codes).toEqual(["success", "FilterLimitExceeded", "FilterLimitExceeded"]);
  });

  test("a volume is found by the instance it is attached to", async () => {
    const rehearsal = rehearse();
    const instanceId = await runInstance(rehearsal);
    await makeVolume(rehearsal);
    expect(await found(rehearsal, "attachment.instance-id", instanceId)).toHaveLength(1);
  });
});

describe("pages", () => {
  test("hold each row once, even when rows go between two pages", async () => {
    const rehearsal = rehearse();
    const ids = new Set<string>();
    for (let count = 0; count < 12; count += 1) ids.add(await makeVolume(rehearsal));
    const seen: string[] = [];
    let NextToken: string | undefined;
    do {
      const page = await rehearsal.ec2("DescribeVolumes", { MaxResults: 5, NextToken });
      const shown = (page.Volumes ?? []).map((volume) => volume.VolumeId ?? "");
      seen.push(...shown);
      await rehearsal.ec2("DeleteVolume", { VolumeId: shown[0] });
      await rehearsal.clock.advance(rehearsal.delays.volumeDeleteMs);
      NextToken = page.NextToken;
    } while (NextToken !== undefined);
    expect(new Set(seen)).toEqual(ids);
    expect(seen).toHaveLength(12);
  });

  test.each([
    ["InvalidParameterValue", { MaxResults: 4 }],
    ["InvalidParameterValue", { NextToken: "nonsense" }],
    ["InvalidParameterCombination", { MaxResults: 5, VolumeIds: ["vol-00000000000000009"] }],
  ])("%s", async (code, input) => {
    expect(await codeOf(rehearse().ec2("DescribeVolumes", input))).toBe(code);
  });

  test("a page beyond the range is refused where the reference has one, else cut", async () => {
    const { raw } = rehearse();
    const page = { MaxResults: 1001 };
    expect(await codeOf(raw("ec2", "DescribeTags", page))).toBe("InvalidParameterValue");
    expect(await codeOf(raw("ec2", "DescribeVolumes", page))).toBe("success");
  });

  test("a token is good for its own request only, whatever the size of the page", async () => {
    const rehearsal = rehearse();
    for (let count = 0; count < 12; count += 1) await makeVolume(rehearsal);
    const { NextToken } = await rehearsal.ec2("DescribeVolumes", { MaxResults: 5 });
    const next = { MaxResults: 1000, NextToken };
    expect((await rehearsal.ec2("DescribeVolumes", next)).Volumes).toHaveLength(7);
    const Filters = [{ Name: "status", Values: ["available"] }];
    const other = rehearsal.ec2("DescribeVolumes", { ...next, Filters });
    expect(await codeOf(other)).toBe("InvalidParameterValue");
  });

  test("Auto Scaling pages by MaxRecords", async () => {
    const rehearsal = rehearse();
    await makeGroup(rehearsal);
    for (const name of ["b", "c"]) {
      await rehearsal.group("CreateAutoScalingGroup", {
        AutoScalingGroupName: name,
        MinSize: 0,
        MaxSize: 0,
        LaunchTemplate: { LaunchTemplateName: "seat" },
        AvailabilityZones: [zones[0].name],
      });
    }
    const first = await rehearsal.group("DescribeAutoScalingGroups", { MaxRecords: 2 });
    expect(first.AutoScalingGroups).toHaveLength(2);
    const rest = await rehearsal.group("DescribeAutoScalingGroups", {
      MaxRecords: 2,
      NextToken: first.NextToken,
    });
    expect(rest.AutoScalingGroups).toHaveLength(1);
    expect(rest.NextToken).toBeUndefined();
  });
});

describe("tags", () => {
  test("are put on, overwritten, listed and taken off", async () => {
    const rehearsal = rehearse();
    const id = await tagged(rehearsal, { seat: "db", kept: "1" });
    const tag = (Key: string, Value: string) =>
      rehearsal.ec2("CreateTags", { Resources: [id], Tags: [{ Key, Value }] });
    await tag("seat", "other");
    const listed = async () => {
      const { Tags } = await rehearsal.ec2("DescribeTags", {
        Filters: [{ Name: "resource-id", Values: [id] }],
      });
      return new Map(Tags?.map(({ Key, Value }) => [Key, Value]));
    };
    expect(await listed()).toEqual(new Map(Object.entries({ kept: "1", seat: "other" })));
    await rehearsal.ec2("DeleteTags", { Resources: [id], Tags: [{ Key: "seat", Value: "db" }] });
    expect(await listed()).toEqual(new Map(Object.entries({ kept: "1", seat: "other" })));
    await rehearsal.ec2("DeleteTags", { Resources: [id], Tags: [{ Key: "seat" }] });
    expect(await listed()).toEqual(new Map([["kept", "1"]]));
  });

  test("one resource that does not exist leaves all untouched", async () => {
    const rehearsal = rehearse();
    const id = await tagged(rehearsal, { Name: "db" });
    const put = rehearsal.ec2("CreateTags", {
      Resources: [id, "vol-00000000000000009"],
      Tags: [{ Key: "a", Value: "b" }],
    });
    expect(await codeOf(put)).toBe("InvalidVolume.NotFound");
    expect(await found(rehearsal, "tag-key", "a")).toEqual([]);
  });

  test("reserved keys, long values and too many tags are refused", async () => {
    const rehearsal = rehearse();
    const id = await tagged(rehearsal, { Name: "db" });
    const put = (tags: Record<string, string>) =>
      codeOf(
        rehearsal.ec2("CreateTags", {
          Resources: [id],
          Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
        }),
      );
    const many = Object.fromEntries(
      Array.from({ length: 51 }, (_none, index) => [`k${index}`, ""]),
    );
    expect(await put({ "aws:x": "1" })).toBe("InvalidParameterValue");
    const off = { Resources: [id], Tags: [{ Key: "aws:autoscaling:groupName" }] };
    expect(await codeOf(rehearsal.ec2("DeleteTags", off))).toBe("InvalidParameterValue");
    expect(await put({ mark: "x".repeat(257) })).toBe("InvalidParameterValue");
    expect(await put(many)).toBe("TagLimitExceeded");
  });

  test("a tag for another kind of resource is refused", async () => {
    const call = rehearse().ec2("CreateVolume", {
      AvailabilityZone: zones[0].name,
      Size: 1,
      TagSpecifications: [{ ResourceType: "snapshot", Tags: [] }],
    });
    expect(await codeOf(call)).toBe("InvalidParameterValue");
  });

  test("a group's tags are its own", async () => {
    const rehearsal = rehearse();
    await makeGroup(rehearsal);
    const tag = { ResourceId: "seat", ResourceType: "auto-scaling-group", Key: "ec2-ha:mark" };
    await rehearsal.group("CreateOrUpdateTags", { Tags: [{ ...tag, Value: "7 i-1" }] });
    const { Tags } = await rehearsal.group("DescribeTags", {
      Filters: [{ Name: "auto-scaling-group", Values: ["seat"] }],
    });
    expect(Tags).toEqual([{ ...tag, Value: "7 i-1", PropagateAtLaunch: false }]);
  });
});
