// Reads that are behind the truth: which tables, which ways of asking, for how long, and that no write ever
// decides by them.

import { describe, expect, test } from "vitest";
import type { FaultSettings } from "../region/faults/settings.ts";
import {
  attachedVolume,
  codeOf,
  makeVolume,
  type Rehearsal,
  rehearse,
  runInstance,
  volumeState,
} from "../region-state/rehearsal.ts";

function calm(): Rehearsal {
  return rehearse({ faults: { callers: "everybody" } });
}

const tags = [{ Key: "seat", Value: "db" }];
const byTag = { Filters: [{ Name: "tag:seat", Values: ["db"] }] };
const byZone = { Filters: [{ Name: "availability-zone", Values: ["eu-test-1a"] }] };

async function idsBy(rehearsal: Rehearsal, input: object): Promise<readonly string[]> {
  const { Volumes } = await rehearsal.ec2("DescribeVolumes", input);
  return (Volumes ?? []).map((volume) => volume.VolumeId ?? "");
}

/** A volume that is as old as the region, and tagged by now. */
async function taggedVolume(rehearsal: Rehearsal, faults: FaultSettings): Promise<string> {
  const volumeId = await makeVolume(rehearsal);
  await rehearsal.clock.advance(300_000);
  await rehearsal.ec2("CreateTags", { Resources: [volumeId], Tags: tags });
  rehearsal.world.faults.set(faults);
  return volumeId;
}

describe("stale reads", () => {
  test("show the past for as long as the lag, and the truth again once it is over", async () => {
    const rehearsal = calm();
    await taggedVolume(rehearsal, { staleReads: { lagMs: 30_000 } });
    await rehearsal.clock.advance(29_999);
    expect(await idsBy(rehearsal, byTag)).toEqual([]);
    await rehearsal.clock.advance(1);
    expect(await idsBy(rehearsal, byTag)).toHaveLength(1);
  });

  test.each([
    { lookups: ["by tag"], stale: "by tag" },
    { lookups: ["by id"], stale: "by id" },
    { lookups: ["by filter"], stale: "by filter" },
    { lookups: ["all"], stale: "all" },
  ] as const)("can hit the lookup $stale alone", async ({ lookups, stale }) => {
    const rehearsal = calm();
    const volumeId = await taggedVolume(rehearsal, { staleReads: { lookups } });
    const asked = { "by id": { VolumeIds: [volumeId] }, "by filter": byZone, all: {} };
    const isFresh: Record<string, boolean> = {
      "by tag": (await idsBy(rehearsal, byTag)).length === 1,
    };
    for (const [lookup, input] of Object.entries(asked)) {
      const { Volumes } = await rehearsal.ec2("DescribeVolumes", input);
      isFresh[lookup] = Volumes?.find((each) => each.VolumeId === volumeId)?.Tags?.length === 1;
    }
    const freshByNature = { "by id": true, "by tag": true, "by filter": true, all: true };
    expect(isFresh).toEqual({ ...freshByNature, [stale]: false });
  });

  test("can hit one table: a volume in use, and no attachment to be seen", async () => {
    const rehearsal = calm();
    const instanceId = await runInstance(rehearsal);
    const volumeId = await makeVolume(rehearsal);
    await rehearsal.clock.advance(60_000);
    await rehearsal.ec2("AttachVolume", {
      VolumeId: volumeId,
      InstanceId: instanceId,
      Device: "/dev/sdf",
    });
    rehearsal.world.faults.set({ staleReads: { tables: ["attachments"] } });
    expect(await volumeState(rehearsal, volumeId)).toBe("in-use");
    rehearsal.world.faults.set({ staleReads: { tables: ["volumes"] } });
    expect(await volumeState(rehearsal, volumeId)).toBe(`available attaching ${instanceId}`);
  });

  test("no write decides by what a read shows", async () => {
    const rehearsal = calm();
    const instanceId = await runInstance(rehearsal);
    const volumeId = await attachedVolume(rehearsal, instanceId);
    rehearsal.world.faults.set({ staleReads: { lagMs: 120_000 } });
    const again = { VolumeId: volumeId, InstanceId: instanceId, Device: "/dev/sdz" };
    expect(await codeOf(rehearsal.ec2("AttachVolume", again))).toBe("VolumeInUse");
  });

  test("end with their duration", async () => {
    const rehearsal = calm();
    await taggedVolume(rehearsal, { staleReads: { lagMs: 60_000, durationMs: 5_000 } });
    expect(await idsBy(rehearsal, byTag)).toHaveLength(0);
    await rehearsal.clock.advance(5_000);
    expect(await idsBy(rehearsal, byTag)).toHaveLength(1);
  });
});

describe("partial reads", () => {
  test("one row is missing from a list, and the same one for the same seed", async () => {
    const run = async (seed: number): Promise<readonly number[]> => {
      const rehearsal = rehearse({ faults: { seed, callers: "everybody" } });
      const made: string[] = [];
      for (let index = 0; index < 6; index += 1) made.push(await makeVolume(rehearsal));
      rehearsal.world.faults.set({ missingRows: {} });
      const seen = await idsBy(rehearsal, byZone);
      expect(seen).toHaveLength(5);
      return seen.map((id) => made.indexOf(id));
    };
    expect(await run(3)).toEqual(await run(3));
  });

  test("a row is missing by its id, from lists and not where it is named", async () => {
    const rehearsal = calm();
    const [one, other] = [await makeVolume(rehearsal), await makeVolume(rehearsal)];
    rehearsal.world.faults.set({ missingRows: { ids: [one] } });
    expect(await idsBy(rehearsal, {})).toEqual([other]);
    expect(await idsBy(rehearsal, { VolumeIds: [one] })).toEqual([one]);
    expect(rehearsal.world.faults.counts()).toMatchObject({ missingRows: 1 });
  });

  test("an instance is missing with its reservation", async () => {
    const rehearsal = calm();
    const id = await runInstance(rehearsal);
    rehearsal.world.faults.set({ missingRows: { ids: [id] } });
    expect((await rehearsal.ec2("DescribeInstances", {})).Reservations).toEqual([]);
  });

  test("a list is empty once, and whole the next time", async () => {
    const rehearsal = calm();
    await makeVolume(rehearsal);
    rehearsal.world.faults.set({ emptyLists: { count: 1 } });
    expect(await idsBy(rehearsal, {})).toHaveLength(0);
    expect(await idsBy(rehearsal, {})).toHaveLength(1);
  });
});

describe("what was just made", () => {
  test("is not found by id, by reads and by writes, until its time", async () => {
    const rehearsal = calm();
    rehearsal.world.faults.set({ lateVisibility: { lagMs: 5_000 } });
    const { VolumeId = "" } = await rehearsal.ec2("CreateVolume", {
      AvailabilityZone: "eu-test-1a",
      Size: 10,
    });
    const read = () => codeOf(rehearsal.ec2("DescribeVolumes", { VolumeIds: [VolumeId] }));
    const write = () => codeOf(rehearsal.ec2("CreateSnapshot", { VolumeId }));
    await rehearsal.clock.advance(4_999);
    expect([await read(), await write()]).toEqual([
      "InvalidVolume.NotFound",
      "InvalidVolume.NotFound",
    ]);
    expect(await idsBy(rehearsal, byZone)).toEqual([]);
    await rehearsal.clock.advance(1);
    expect([await read(), await write()]).toEqual(["success", "success"]);
    expect(rehearsal.world.faults.counts()).toMatchObject({ lateVisibility: 3 });
  });

  test("can be missing from tag lookups only", async () => {
    const rehearsal = calm();
    rehearsal.world.faults.set({ lateVisibility: { lookups: ["by tag"] } });
    const { VolumeId = "" } = await rehearsal.ec2("CreateVolume", {
      AvailabilityZone: "eu-test-1a",
      Size: 10,
      TagSpecifications: [{ ResourceType: "volume", Tags: tags }],
    });
    expect(await idsBy(rehearsal, byTag)).toEqual([]);
    expect(await idsBy(rehearsal, { VolumeIds: [VolumeId] })).toEqual([VolumeId]);
  });

  test.each([
    { action: "DescribeSnapshots", member: "SnapshotIds", code: "InvalidSnapshot.NotFound" },
    { action: "DescribeInstances", member: "InstanceIds", code: "InvalidInstanceID.NotFound" },
  ])("$action: $code", async ({ action, member, code }) => {
    const rehearsal = calm();
    rehearsal.world.faults.set({ lateVisibility: { lagMs: 60_000, actions: ["Describe*"] } });
    const VolumeId = await makeVolume(rehearsal);
    const { SnapshotId } = await rehearsal.ec2("CreateSnapshot", { VolumeId });
    const id = member === "SnapshotIds" ? SnapshotId : await runInstance(rehearsal);
    expect(await codeOf(rehearsal.raw("ec2", action, { [member]: [id] }))).toBe(code);
  });
});
