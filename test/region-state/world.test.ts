// The world around the state machines: outages, stale reads, faults in between, defects, its end.

import { describe, expect, test } from "vitest";
import { ApiError } from "../region/contract.ts";
import { createNoMachines } from "../region/state/no-machines.ts";
import {
  attachedVolume,
  codeOf,
  instanceState,
  makeGroup,
  makeVolume,
  memberIds,
  members,
  rehearse,
  runInstance,
  settleGroup,
  testDelays,
  volumeState,
  zones,
} from "./rehearsal.ts";

describe("an outage of a zone", () => {
  test("its machines die, its volumes stay in use, and snapshots stay pending until it ends", async () => {
    const rehearsal = rehearse();
    const id = await runInstance(rehearsal);
    const volumeId = await attachedVolume(rehearsal, id);
    const { SnapshotId } = await rehearsal.ec2("CreateSnapshot", { VolumeId: volumeId });
    await rehearsal.world.zoneOutage(zones[0].name, true);
    await rehearsal.clock.advance(600_000);
    expect(rehearsal.machines.isOn(id)).toBe(false);
    expect(await instanceState(rehearsal, id)).toBe("running");
    expect(await volumeState(rehearsal, volumeId)).toBe(`in-use attached ${id}`);
    const pending = await rehearsal.ec2("DescribeSnapshots", { SnapshotIds: [SnapshotId ?? ""] });
    expect(pending.Snapshots?.[0]?.State).toBe("pending");
    await rehearsal.world.zoneOutage(zones[0].name, false);
    await rehearsal.clock.advance(0);
    const done = await rehearsal.ec2("DescribeSnapshots", { SnapshotIds: [SnapshotId ?? ""] });
    expect(done.Snapshots?.[0]?.State).toBe("completed");
    expect(rehearsal.machines.isOn(id)).toBe(true);
  });

  test("nothing is made, attached or launched there, and all of it elsewhere", async () => {
    const rehearsal = rehearse();
    const id = await runInstance(rehearsal);
    const VolumeId = await makeVolume(rehearsal);
    const { SnapshotId } = await rehearsal.ec2("CreateSnapshot", { VolumeId });
    await rehearsal.clock.advance(60_000);
    await rehearsal.world.zoneOutage(zones[0].name, true);
    const attach = { VolumeId, InstanceId: id, Device: "/dev/sdf" };
    const create = (index: 0 | 1) =>
      codeOf(rehearsal.ec2("CreateVolume", { AvailabilityZone: zones[index].name, SnapshotId }));
    expect(await codeOf(rehearsal.ec2("AttachVolume", attach))).toBe("Unavailable");
    expect(await create(0)).toBe("Unavailable");
    expect(await codeOf(runInstance(rehearsal, 0))).toBe("InsufficientInstanceCapacity");
    expect(await create(1)).toBe("success");
    expect(await codeOf(runInstance(rehearsal, 1))).toBe("success");
  });

  test("a group replaces its member elsewhere; the old one ends when the zone is back", async () => {
    const rehearsal = rehearse();
    await makeGroup(rehearsal);
    await settleGroup(rehearsal);
    const [old = ""] = await memberIds(rehearsal);
    await rehearsal.world.zoneOutage(zones[0].name, true);
    await rehearsal.clock.advance(testDelays.groupImpairedMs + 60_000);
    expect(await members(rehearsal)).toEqual([
      "Terminating:Proceed eu-test-1a",
      "InService eu-test-1b",
    ]);
    expect(await instanceState(rehearsal, old)).toBe("shutting-down");
    await rehearsal.world.zoneOutage(zones[0].name, false);
    await rehearsal.clock.advance(60_000);
    expect(await members(rehearsal)).toEqual(["InService eu-test-1b"]);
    expect(await instanceState(rehearsal, old)).toBe("terminated");
  });

  test("a group launches in the zone that is left, and records the failure in the other", async () => {
    const rehearsal = rehearse();
    await rehearsal.world.zoneOutage(zones[0].name, true);
    await makeGroup(rehearsal);
    await settleGroup(rehearsal);
    expect(await members(rehearsal)).toEqual(["InService eu-test-1b"]);
    const { Activities } = await rehearsal.group("DescribeScalingActivities", {});
    expect(Activities?.map((each) => each.StatusCode)).toEqual(["Successful", "Failed"]);
  });
});

describe("reads and faults", () => {
  test("a stale read shows the past, a write never uses it", async () => {
    const rehearsal = rehearse({
      staleMs: (call) => (call.action === "DescribeVolumes" ? 5_000 : 0),
    });
    const id = await runInstance(rehearsal);
    const VolumeId = await makeVolume(rehearsal);
    await rehearsal.clock.advance(10_000);
    await rehearsal.ec2("AttachVolume", { VolumeId, InstanceId: id, Device: "/dev/sdf" });
    await rehearsal.clock.advance(4_000);
    expect(await volumeState(rehearsal, VolumeId)).toBe("available");
    const again = rehearsal.ec2("AttachVolume", { VolumeId, InstanceId: id, Device: "/dev/sdg" });
    expect(await codeOf(again)).toBe("VolumeInUse");
    await rehearsal.clock.advance(5_000);
    expect(await volumeState(rehearsal, VolumeId)).toBe(`in-use attached ${id}`);
  });

  test("a fault in between can do a call and lose its reply", async () => {
    const rehearsal = rehearse({
      intercept: async (call, next) => {
        const reply = await next();
        if (call.action === "AllocateAddress") throw new ApiError("InternalError", "lost", 500);
        return reply;
      },
    });
    expect(await codeOf(rehearsal.ec2("AllocateAddress", {}))).toBe("InternalError");
    const { Addresses } = await rehearsal.ec2("DescribeAddresses", {});
    expect(Addresses).toHaveLength(1);
  });

  test("a transition can be held for ever while the rest goes on", async () => {
    const rehearsal = rehearse({
      extraMs: ({ kind }) => (kind === "attach" ? Number.POSITIVE_INFINITY : 0),
    });
    const id = await runInstance(rehearsal);
    const volumeId = await attachedVolume(rehearsal, id);
    await rehearsal.clock.advance(600_000);
    expect(await volumeState(rehearsal, volumeId)).toBe(`in-use attaching ${id}`);
    await rehearsal.ec2("DetachVolume", { VolumeId: volumeId, InstanceId: id });
    await rehearsal.clock.advance(testDelays.detachMs);
    expect(await volumeState(rehearsal, volumeId)).toBe("available");
  });

  test("calls take their time", async () => {
    const rehearsal = rehearse({ delays: { ...testDelays, describeMs: 100 } });
    let answered = false;
    void rehearsal.ec2("DescribeVolumes", {}).then(() => {
      answered = true;
    });
    await rehearsal.clock.advance(99);
    expect(answered).toBe(false);
    await rehearsal.clock.advance(1);
    expect(answered).toBe(true);
  });

  test("an unknown action and a dry run are answered as EC2 does", async () => {
    const { raw } = rehearse();
    expect(await codeOf(raw("ec2", "MakeCoffee", {}))).toBe("InvalidAction");
    expect(await codeOf(raw("autoscaling", "toString", {}))).toBe("InvalidAction");
    await expect(raw("ec2", "DescribeVolumes", { DryRun: true })).rejects.toMatchObject({
      code: "DryRunOperation",
      status: 412,
    });
  });
});

describe("the end of a world", () => {
  test("a defect of the backend is an event, and every later call is refused", async () => {
    const rehearsal = rehearse({
      expectDefect: true,
      machines: {
        ...createNoMachines(),
        createVolume: () => Promise.reject(new Error("Cannot make a disk: no space")),
      },
    });
    await rehearsal.ec2("CreateVolume", { AvailabilityZone: zones[0].name, Size: 1 });
    await rehearsal.clock.advance(0);
    expect(rehearsal.events.at(-1)).toMatchObject({ kind: "defect" });
    await expect(rehearsal.ec2("DescribeVolumes", {})).rejects.toThrow("no space");
  });

  test("after closing nothing happens any more", async () => {
    const rehearsal = rehearse();
    const { VolumeId } = await rehearsal.ec2("CreateVolume", {
      AvailabilityZone: zones[0].name,
      Size: 1,
    });
    await rehearsal.world.close();
    await rehearsal.clock.advance(60_000);
    expect(rehearsal.events.map((event) => `${event.id} ${event.to}`)).toEqual([
      `${VolumeId} creating`,
    ]);
    await expect(rehearsal.ec2("DescribeVolumes", {})).rejects.toThrow("closed");
  });

  test("one seed and one order of calls give one story", async () => {
    const tell = async () => {
      const rehearsal = rehearse({ seed: 7 });
      await makeGroup(rehearsal);
      await settleGroup(rehearsal);
      const [id = ""] = await memberIds(rehearsal);
      await rehearsal.world.crash(id);
      await rehearsal.clock.advance(300_000);
      return rehearsal.events;
    };
    expect(await tell()).toEqual(await tell());
  });
});
