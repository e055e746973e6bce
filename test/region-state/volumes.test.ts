// Volumes: creation and its token, the exclusive attachment, and a detach that waits while the
// device is in use.

import { describe, expect, test } from "vitest";
import {
  attachedVolume,
  codeOf,
  deviceOf,
  makeVolume,
  rehearse,
  runInstance,
  volumeState,
  zones,
} from "./rehearsal.ts";

const blank = { AvailabilityZone: zones[0].name, Size: 10, VolumeType: "gp3" } as const;

describe("creating", () => {
  test("a volume is creating first and available once its disk is made", async () => {
    const rehearsal = rehearse();
    await rehearsal.clock.advance(500);
    const { VolumeId, State, CreateTime } = await rehearsal.ec2("CreateVolume", blank);
    expect(State).toBe("creating");
    // Whole seconds here; DescribeVolumes has the rest of them.
    expect(CreateTime?.getUTCMilliseconds()).toBe(0);
    await rehearsal.clock.advance(rehearsal.delays.volumeCreateMs);
    expect(await volumeState(rehearsal, VolumeId ?? "")).toBe("available");
  });

  test("one token and one request give one volume; another request is refused", async () => {
    const rehearsal = rehearse();
    const wish = { ...blank, ClientToken: "seat-1" };
    const first = await rehearsal.ec2("CreateVolume", wish);
    const again = await rehearsal.ec2("CreateVolume", wish);
    expect(again.VolumeId).toBe(first.VolumeId);
    const other = rehearsal.ec2("CreateVolume", { ...wish, Size: 11 });
    expect(await codeOf(other)).toBe("IdempotentParameterMismatch");
  });

  test("the token of a volume that is gone is burned", async () => {
    const rehearsal = rehearse();
    const wish = { ...blank, ClientToken: "seat-1" };
    const { VolumeId } = await rehearsal.ec2("CreateVolume", wish);
    await rehearsal.clock.advance(rehearsal.delays.volumeCreateMs);
    await rehearsal.ec2("DeleteVolume", { VolumeId });
    await rehearsal.clock.advance(rehearsal.delays.volumeDeleteMs);
    expect(await codeOf(rehearsal.ec2("CreateVolume", wish))).toBe("IdempotentParameterMismatch");
  });

  test.each([
    ["MissingParameter", { Size: 1 }],
    ["MissingParameter", { AvailabilityZone: zones[0].name }],
    ["InvalidZone.NotFound", { AvailabilityZone: "mars-1a", Size: 1 }],
    ["InvalidParameterValue", { AvailabilityZone: zones[0].name, Size: 0 }],
    [
      "InvalidSnapshot.NotFound",
      { AvailabilityZone: zones[0].name, SnapshotId: "snap-00000000000000009" },
    ],
    [
      "InvalidParameterCombination",
      { AvailabilityZone: zones[0].name, AvailabilityZoneId: zones[0].id, Size: 1 },
    ],
  ])("%s", async (code, input) => {
    expect(await codeOf(rehearse().ec2("CreateVolume", input))).toBe(code);
  });

  test("a volume grows and never shrinks", async () => {
    const rehearsal = rehearse();
    const volumeId = await makeVolume(rehearsal);
    await rehearsal.ec2("ModifyVolume", { VolumeId: volumeId, Size: 20 });
    await rehearsal.clock.advance(rehearsal.delays.volumeModifyMs);
    const { Volumes } = await rehearsal.ec2("DescribeVolumes", { VolumeIds: [volumeId] });
    expect(Volumes?.[0]?.Size).toBe(20);
    const shrink = rehearsal.ec2("ModifyVolume", { VolumeId: volumeId, Size: 19 });
    expect(await codeOf(shrink)).toBe("InvalidParameterValue");
  });
});

describe("attaching", () => {
  test("exactly one of two instances at once gets the volume", async () => {
    const rehearsal = rehearse();
    const instances = [await runInstance(rehearsal), await runInstance(rehearsal)];
    const VolumeId = await makeVolume(rehearsal);
    const codes = await Promise.all(
      instances.map((InstanceId) =>
        codeOf(rehearsal.ec2("AttachVolume", { VolumeId, InstanceId, Device: "/dev/sdf" })),
      ),
    );
    expect(codes.toSorted()).toEqual(["VolumeInUse", "success"]);
  });

  test("the volume is in use from the call on and attached after the delay", async () => {
    const rehearsal = rehearse();
    const instanceId = await runInstance(rehearsal);
    const volumeId = await makeVolume(rehearsal);
    await rehearsal.ec2("AttachVolume", {
      VolumeId: volumeId,
      InstanceId: instanceId,
      Device: "/dev/sdf",
    });
    expect(await volumeState(rehearsal, volumeId)).toBe(`in-use attaching ${instanceId}`);
    await rehearsal.clock.advance(rehearsal.delays.attachMs);
    expect(await volumeState(rehearsal, volumeId)).toBe(`in-use attached ${instanceId}`);
    expect(rehearsal.machines.attachedTo(volumeId)).toBe(instanceId);
  });

  test("another zone, a used device name and a volume still creating are refused", async () => {
    const rehearsal = rehearse();
    const instanceId = await runInstance(rehearsal);
    const held = await attachedVolume(rehearsal, instanceId);
    const away = await makeVolume(rehearsal, 1);
    const here = await makeVolume(rehearsal);
    const { VolumeId: young } = await rehearsal.ec2("CreateVolume", blank);
    const attach = (VolumeId: string, Device: string) =>
      codeOf(rehearsal.ec2("AttachVolume", { VolumeId, InstanceId: instanceId, Device }));
    expect(await attach(away, "/dev/sdg")).toBe("InvalidVolume.ZoneMismatch");
    expect(await attach(here, await deviceOf(rehearsal, held))).toBe("InvalidParameterValue");
    expect(await attach(here, "/dev/nvme1n1")).toBe("InvalidParameterValue");
    expect(await attach(young ?? "", "/dev/sdx")).toBe("IncorrectState");
    expect(await attach(held, "/dev/sdg")).toBe("VolumeInUse");
  });
});

describe("detaching", () => {
  test("a detach takes its time and frees the volume", async () => {
    const rehearsal = rehearse();
    const instanceId = await runInstance(rehearsal);
    const volumeId = await attachedVolume(rehearsal, instanceId);
    await rehearsal.ec2("DetachVolume", { VolumeId: volumeId, InstanceId: instanceId });
    expect(await volumeState(rehearsal, volumeId)).toBe(`in-use detaching ${instanceId}`);
    await rehearsal.clock.advance(rehearsal.delays.detachMs);
    expect(await volumeState(rehearsal, volumeId)).toBe("available");
    expect(rehearsal.machines.attachedTo(volumeId)).toBeNull();
  });

  test("a mounted volume stays busy until it is unmounted", async () => {
    const rehearsal = rehearse();
    const instanceId = await runInstance(rehearsal);
    const volumeId = await attachedVolume(rehearsal, instanceId);
    rehearsal.machines.setBusy(volumeId, true);
    await rehearsal.ec2("DetachVolume", { VolumeId: volumeId });
    await rehearsal.clock.advance(600_000);
    expect(await volumeState(rehearsal, volumeId)).toBe(`in-use busy ${instanceId}`);
    rehearsal.machines.setBusy(volumeId, false);
    await rehearsal.clock.advance(rehearsal.delays.detachRetryMs);
    expect(await volumeState(rehearsal, volumeId)).toBe("available");
  });

  test("a busy detach ends when the instance is terminated", async () => {
    const rehearsal = rehearse();
    const instanceId = await runInstance(rehearsal);
    const volumeId = await attachedVolume(rehearsal, instanceId);
    rehearsal.machines.setBusy(volumeId, true);
    await rehearsal.ec2("DetachVolume", { VolumeId: volumeId });
    await rehearsal.clock.advance(10_000);
    await rehearsal.ec2("TerminateInstances", { InstanceIds: [instanceId] });
    await rehearsal.clock.advance(rehearsal.delays.instanceShuttingDownMs + 10_000);
    expect(await volumeState(rehearsal, volumeId)).toBe("available");
  });

  test("a forced detach waits for nobody and spoils the device name until a reboot", async () => {
    const rehearsal = rehearse();
    const instanceId = await runInstance(rehearsal);
    const volumeId = await attachedVolume(rehearsal, instanceId);
    const device = await deviceOf(rehearsal, volumeId);
    rehearsal.machines.setBusy(volumeId, true);
    await rehearsal.ec2("DetachVolume", { VolumeId: volumeId });
    await rehearsal.clock.advance(10_000);
    await rehearsal.ec2("DetachVolume", { VolumeId: volumeId, Force: true });
    await rehearsal.clock.advance(rehearsal.delays.detachMs);
    expect(await volumeState(rehearsal, volumeId)).toBe("available");
    const wish = { VolumeId: volumeId, InstanceId: instanceId, Device: device };
    expect(await codeOf(rehearsal.ec2("AttachVolume", wish))).toBe("InvalidParameterValue");
    await rehearsal.raw("ec2", "RebootInstances", { InstanceIds: [instanceId] });
    await rehearsal.clock.advance(1);
    expect(await codeOf(rehearsal.ec2("AttachVolume", wish))).toBe("success");
    rehearsal.machines.setBusy(volumeId, false);
    await rehearsal.clock.advance(60_000);
    expect(await volumeState(rehearsal, volumeId)).toBe(`in-use attached ${instanceId}`);
  });

  test("the wrong instance, a free volume and a second call are refused", async () => {
    const rehearsal = rehearse();
    const instanceId = await runInstance(rehearsal);
    const other = await runInstance(rehearsal);
    const held = await attachedVolume(rehearsal, instanceId);
    const free = await makeVolume(rehearsal);
    const detach = (VolumeId: string, InstanceId: string) =>
      codeOf(rehearsal.ec2("DetachVolume", { VolumeId, InstanceId }));
    expect(await detach(held, other)).toBe("InvalidAttachment.NotFound");
    expect(await detach(free, instanceId)).toBe("IncorrectState");
    expect(await detach(held, instanceId)).toBe("success");
    expect(await detach(held, instanceId)).toBe("IncorrectState");
  });

  test("a detach asked for while still attaching wins", async () => {
    const rehearsal = rehearse();
    const instanceId = await runInstance(rehearsal);
    const volumeId = await makeVolume(rehearsal);
    const wish = { VolumeId: volumeId, InstanceId: instanceId, Device: "/dev/sdf" };
    await rehearsal.ec2("AttachVolume", wish);
    await rehearsal.ec2("DetachVolume", { VolumeId: volumeId });
    await rehearsal.clock.advance(rehearsal.delays.attachMs + rehearsal.delays.detachMs);
    expect(await volumeState(rehearsal, volumeId)).toBe("available");
  });
});

describe("deleting", () => {
  test("an attached volume is not deleted, a free one is", async () => {
    const rehearsal = rehearse();
    const held = await attachedVolume(rehearsal, await runInstance(rehearsal));
    const free = await makeVolume(rehearsal);
    expect(await codeOf(rehearsal.ec2("DeleteVolume", { VolumeId: held }))).toBe("VolumeInUse");
    await rehearsal.ec2("DeleteVolume", { VolumeId: free });
    await rehearsal.clock.advance(rehearsal.delays.volumeDeleteMs);
    expect(rehearsal.machines.hasVolume(free)).toBe(false);
    const gone = rehearsal.ec2("DescribeVolumes", { VolumeIds: [free] });
    expect(await codeOf(gone)).toBe("InvalidVolume.NotFound");
  });
});
