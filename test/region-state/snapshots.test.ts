// Snapshots: taken before the reply, over several volumes at once, usable only when complete.

import { describe, expect, test } from "vitest";
import { createNoMachines } from "../region/state/no-machines.ts";
import {
  attachedVolume,
  codeOf,
  makeVolume,
  type Rehearsal,
  rehearse,
  runInstance,
  testDelays,
  zones,
} from "./rehearsal.ts";

async function statusOf(rehearsal: Rehearsal, SnapshotId: string | undefined) {
  const { Snapshots } = await rehearsal.ec2("DescribeSnapshots", {
    OwnerIds: ["self"],
    Filters: [{ Name: "snapshot-id", Values: [SnapshotId ?? ""] }],
  });
  return `${Snapshots?.[0]?.State} ${Snapshots?.[0]?.Progress}`;
}

describe("one volume", () => {
  test("the copy exists when the call returns; completion comes later, with progress", async () => {
    const rehearsal = rehearse();
    const VolumeId = await makeVolume(rehearsal);
    const { SnapshotId, State } = await rehearsal.ec2("CreateSnapshot", { VolumeId });
    expect(State).toBe("pending");
    expect(rehearsal.machines.hasSnapshot(SnapshotId ?? "")).toBe(true);
    const totalMs = testDelays.snapshotBaseMs + 10 * testDelays.snapshotPerGibMs;
    await rehearsal.clock.advance(totalMs / 2);
    expect(await statusOf(rehearsal, SnapshotId)).toBe("pending 50%");
    await rehearsal.clock.advance(totalMs / 2);
    expect(await statusOf(rehearsal, SnapshotId)).toBe("completed 100%");
  });

  test("a second snapshot holds changes only and is quicker", async () => {
    const rehearsal = rehearse();
    const VolumeId = await makeVolume(rehearsal);
    await rehearsal.ec2("CreateSnapshot", { VolumeId });
    const { SnapshotId } = await rehearsal.ec2("CreateSnapshot", { VolumeId });
    await rehearsal.clock.advance(testDelays.snapshotBaseMs);
    expect(await statusOf(rehearsal, SnapshotId)).toBe("completed 100%");
  });

  test("nothing is restored from a pending one, and what is restored is no smaller", async () => {
    const rehearsal = rehearse();
    const VolumeId = await makeVolume(rehearsal);
    const { SnapshotId } = await rehearsal.ec2("CreateSnapshot", { VolumeId });
    const wish = { AvailabilityZone: zones[1].name, SnapshotId };
    expect(await codeOf(rehearsal.ec2("CreateVolume", wish))).toBe("IncorrectState");
    await rehearsal.clock.advance(60_000);
    const small = rehearsal.ec2("CreateVolume", { ...wish, Size: 9 });
    expect(await codeOf(small)).toBe("InvalidParameterValue");
    const restored = await rehearsal.ec2("CreateVolume", wish);
    expect(restored).toMatchObject({ Size: 10, SnapshotId, AvailabilityZone: zones[1].name });
  });

  test("a sixth pending snapshot of one volume is refused", async () => {
    const rehearsal = rehearse();
    const VolumeId = await makeVolume(rehearsal);
    const codes: string[] = [];
    for (let count = 0; count < 6; count += 1) {
      codes.push(await codeOf(rehearsal.ec2("CreateSnapshot", { VolumeId })));
    }
    expect(codes.at(-2)).toBe("success");
    expect(codes.at(-1)).toBe("ConcurrentSnapshotLimitExceeded");
  });

  test("deleting a pending one takes effect on completion", async () => {
    const rehearsal = rehearse();
    const VolumeId = await makeVolume(rehearsal);
    const { SnapshotId } = await rehearsal.ec2("CreateSnapshot", { VolumeId });
    await rehearsal.ec2("DeleteSnapshot", { SnapshotId });
    expect(await statusOf(rehearsal, SnapshotId)).toBe("pending 0%");
    await rehearsal.clock.advance(60_000);
    expect(await statusOf(rehearsal, SnapshotId)).toBe("undefined undefined");
    expect(rehearsal.machines.hasSnapshot(SnapshotId ?? "")).toBe(false);
  });
});

describe("several volumes of an instance", () => {
  async function two(rehearsal: Rehearsal) {
    const instanceId = await runInstance(rehearsal);
    const data = await attachedVolume(rehearsal, instanceId);
    const wal = await attachedVolume(rehearsal, instanceId);
    return { instanceId, data, wal };
  }

  test("all data volumes are taken in one act, with one set of tags", async () => {
    const acts: number[] = [];
    const machines = createNoMachines();
    const rehearsal = rehearse({
      machines: {
        ...machines,
        createSnapshots: async (parts) => {
          acts.push(parts.length);
          await machines.createSnapshots(parts);
        },
      },
    });
    const { instanceId, data, wal } = await two(rehearsal);
    const { Snapshots } = await rehearsal.ec2("CreateSnapshots", {
      InstanceSpecification: { InstanceId: instanceId, ExcludeBootVolume: true },
      TagSpecifications: [{ ResourceType: "snapshot", Tags: [{ Key: "set", Value: "7" }] }],
    });
    expect(acts).toEqual([2]);
    expect(Snapshots?.map((each) => each.VolumeId).toSorted()).toEqual([data, wal].toSorted());
    expect(Snapshots?.map((each) => each.Tags)).toEqual([
      [{ Key: "set", Value: "7" }],
      [{ Key: "set", Value: "7" }],
    ]);
  });

  test("excluded volumes are left out; the root is taken unless excluded", async () => {
    const rehearsal = rehearse();
    const { instanceId, data, wal } = await two(rehearsal);
    const { Snapshots } = await rehearsal.ec2("CreateSnapshots", {
      InstanceSpecification: { InstanceId: instanceId, ExcludeDataVolumeIds: [wal] },
    });
    expect(Snapshots).toHaveLength(2);
    expect(Snapshots?.some((each) => each.VolumeId === data)).toBe(true);
  });

  test("one volume that cannot be taken fails the whole call", async () => {
    const rehearsal = rehearse();
    const { instanceId, wal } = await two(rehearsal);
    for (let count = 0; count < 5; count += 1) {
      await rehearsal.ec2("CreateSnapshot", { VolumeId: wal });
    }
    const set = rehearsal.ec2("CreateSnapshots", {
      InstanceSpecification: { InstanceId: instanceId, ExcludeBootVolume: true },
    });
    expect(await codeOf(set)).toBe("ConcurrentSnapshotLimitExceeded");
    const { Snapshots } = await rehearsal.ec2("DescribeSnapshots", { OwnerIds: ["self"] });
    expect(Snapshots).toHaveLength(5);
  });

  test("a volume of another instance cannot be excluded", async () => {
    const rehearsal = rehearse();
    const { instanceId } = await two(rehearsal);
    const set = rehearsal.ec2("CreateSnapshots", {
      InstanceSpecification: { InstanceId: instanceId, ExcludeDataVolumeIds: ["vol-1"] },
    });
    expect(await codeOf(set)).toBe("InvalidParameterValue");
  });
});
