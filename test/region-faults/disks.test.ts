// Volumes, snapshots and attachments that do not become what the answer promised, with EC2's own codes and
// in its own time.

import { describe, expect, test } from "vitest";
import {
  attachedVolume,
  codeOf,
  makeVolume,
  type Rehearsal,
  rehearse,
  runInstance,
  testDelays,
  volumeState,
} from "../region-state/rehearsal.ts";

function calm(): Rehearsal {
  return rehearse({ faults: { callers: "everybody" } });
}

const wish = { AvailabilityZone: "eu-test-1a", Size: 10, ClientToken: "seat-1" };

async function snapshotState(rehearsal: Rehearsal, id: string | undefined): Promise<string> {
  const { Snapshots } = await rehearsal.ec2("DescribeSnapshots", { SnapshotIds: [id ?? ""] });
  return `${Snapshots?.[0]?.State} ${Snapshots?.[0]?.Progress}`;
}

describe("a volume", () => {
  test("vanishes after an answer that said creating, and its token is burned", async () => {
    const rehearsal = calm();
    rehearsal.world.faults.set({ vanishingVolumes: { count: 1 } });
    const { VolumeId = "", State } = await rehearsal.ec2("CreateVolume", wish);
    expect(State).toBe("creating");
    expect(await volumeState(rehearsal, VolumeId)).toBe("creating");
    await rehearsal.clock.advance(testDelays.volumeCreateMs);
    expect(await codeOf(volumeState(rehearsal, VolumeId))).toBe("InvalidVolume.NotFound");
    const again = (ClientToken: string) =>
      codeOf(rehearsal.ec2("CreateVolume", { ...wish, ClientToken }));
    expect(await again("seat-1")).toBe("IdempotentParameterMismatch");
    expect(await again("seat-2")).toBe("success");
    await rehearsal.clock.advance(12 * 3_600_000 + 1);
    expect(await again("seat-1")).toBe("success");
  });

  test("or ends in error, and can be deleted then", async () => {
    const rehearsal = calm();
    rehearsal.world.faults.set({ vanishingVolumes: { becomes: "error" } });
    const { VolumeId = "" } = await rehearsal.ec2("CreateVolume", wish);
    await rehearsal.clock.advance(testDelays.volumeCreateMs);
    expect(await volumeState(rehearsal, VolumeId)).toBe("error");
    expect(await codeOf(rehearsal.ec2("DeleteVolume", { VolumeId }))).toBe("success");
  });

  test("is refused for a token that was used up by somebody's failure, again and again", async () => {
    const rehearsal = calm();
    rehearsal.world.faults.set({ burnedTokens: { count: 1 } });
    const create = (ClientToken: string) =>
      codeOf(rehearsal.ec2("CreateVolume", { ...wish, ClientToken }));
    expect(await create("seat-1")).toBe("IdempotentParameterMismatch");
    expect(await create("seat-1")).toBe("IdempotentParameterMismatch");
    expect(await create("seat-2")).toBe("success");
  });

  test("over the limit, a token that has a volume already is refused too", async () => {
    const rehearsal = calm();
    expect(await codeOf(rehearsal.ec2("CreateVolume", wish))).toBe("success");
    rehearsal.world.faults.set({ volumeLimit: { volumesMax: 1 } });
    expect(await codeOf(rehearsal.ec2("CreateVolume", wish))).toBe("VolumeLimitExceeded");
    rehearsal.world.faults.clear();
    expect(await codeOf(rehearsal.ec2("CreateVolume", wish))).toBe("success");
  });
});

describe("a snapshot", () => {
  test("ends in error, and nothing is restored from it", async () => {
    const rehearsal = calm();
    const VolumeId = await makeVolume(rehearsal);
    rehearsal.world.faults.set({ snapshotErrors: { ids: [VolumeId] } });
    const { SnapshotId } = await rehearsal.ec2("CreateSnapshot", { VolumeId });
    await rehearsal.clock.advance(60_000);
    expect(await snapshotState(rehearsal, SnapshotId)).toMatch(/^error/);
    const restore = { AvailabilityZone: "eu-test-1b", SnapshotId };
    expect(await codeOf(rehearsal.ec2("CreateVolume", restore))).toBe("IncorrectState");
  });

  test("vanishes after an answer that said pending", async () => {
    const rehearsal = calm();
    const VolumeId = await makeVolume(rehearsal);
    rehearsal.world.faults.set({ snapshotErrors: { becomes: "gone" } });
    const { SnapshotId } = await rehearsal.ec2("CreateSnapshot", { VolumeId });
    expect(await snapshotState(rehearsal, SnapshotId)).toBe("pending 0%");
    await rehearsal.clock.advance(60_000);
    expect(await codeOf(snapshotState(rehearsal, SnapshotId))).toBe("InvalidSnapshot.NotFound");
  });

  test("takes the others of its set with it", async () => {
    const rehearsal = calm();
    const instanceId = await runInstance(rehearsal);
    const [one] = [
      await attachedVolume(rehearsal, instanceId),
      await attachedVolume(rehearsal, instanceId),
    ];
    rehearsal.world.faults.set({ snapshotErrors: { ids: [one] } });
    const set = { InstanceId: instanceId, ExcludeBootVolume: true };
    const { Snapshots } = await rehearsal.ec2("CreateSnapshots", { InstanceSpecification: set });
    await rehearsal.clock.advance(60_000);
    for (const { SnapshotId } of Snapshots ?? []) {
      expect(await snapshotState(rehearsal, SnapshotId)).toMatch(/^error/);
    }
    expect(Snapshots).toHaveLength(2);
  });

  test("stays at 99 % for as long as the setting says", async () => {
    const rehearsal = calm();
    const VolumeId = await makeVolume(rehearsal);
    rehearsal.world.faults.set({ slowTransitions: { kinds: ["snapshot"], extraMs: 600_000 } });
    const { SnapshotId } = await rehearsal.ec2("CreateSnapshot", { VolumeId });
    const usualMs = testDelays.snapshotBaseMs + 10 * testDelays.snapshotPerGibMs;
    await rehearsal.clock.advance(usualMs + 599_999);
    expect(await snapshotState(rehearsal, SnapshotId)).toBe("pending 99%");
    await rehearsal.clock.advance(1);
    expect(await snapshotState(rehearsal, SnapshotId)).toBe("completed 100%");
  });

  test("of the same volume is refused for 15 seconds", async () => {
    const rehearsal = calm();
    const [one, other] = [await makeVolume(rehearsal), await makeVolume(rehearsal)];
    rehearsal.world.faults.set({ snapshotLimits: {} });
    const take = (VolumeId: string) => codeOf(rehearsal.ec2("CreateSnapshot", { VolumeId }));
    expect(await take(one)).toBe("success");
    expect(await take(other)).toBe("success");
    await rehearsal.clock.advance(14_999);
    expect(await take(one)).toBe("SnapshotCreationPerVolumeRateExceeded");
    await rehearsal.clock.advance(1);
    expect(await take(one)).toBe("success");
  });

  test("is refused when the account has too many, pending or in all", async () => {
    const rehearsal = calm();
    const VolumeId = await makeVolume(rehearsal);
    const take = () => codeOf(rehearsal.ec2("CreateSnapshot", { VolumeId }));
    rehearsal.world.faults.set({ snapshotLimits: { intervalMs: 0, pendingMax: 1 } });
    expect([await take(), await take()]).toEqual(["success", "PendingSnapshotLimitExceeded"]);
    await rehearsal.clock.advance(60_000);
    rehearsal.world.faults.set({ snapshotLimits: { intervalMs: 0, snapshotsMax: 2 } });
    expect([await take(), await take()]).toEqual(["success", "SnapshotLimitExceeded"]);
  });

  test("the limit of five pending ones for a volume holds without any fault", async () => {
    const rehearsal = calm();
    const VolumeId = await makeVolume(rehearsal);
    const take = () => codeOf(rehearsal.ec2("CreateSnapshot", { VolumeId }));
    for (let taken = 0; taken < 5; taken += 1) expect(await take()).toBe("success");
    expect(await take()).toBe("ConcurrentSnapshotLimitExceeded");
  });
});

describe("an attachment", () => {
  test("sticks at attaching until detached, and then the volume attaches", async () => {
    const rehearsal = calm();
    const instanceId = await runInstance(rehearsal);
    rehearsal.world.faults.set({ stuckAttaching: { count: 1 } });
    const volumeId = await attachedVolume(rehearsal, instanceId);
    await rehearsal.clock.advance(3_600_000);
    expect(await volumeState(rehearsal, volumeId)).toBe(`in-use attaching ${instanceId}`);
    await rehearsal.ec2("DetachVolume", { VolumeId: volumeId });
    await rehearsal.clock.advance(testDelays.detachMs);
    expect(await volumeState(rehearsal, volumeId)).toBe("available");
    await attach(rehearsal, instanceId, { volumeId, device: "/dev/sdf" });
    expect(await volumeState(rehearsal, volumeId)).toBe(`in-use attached ${instanceId}`);
  });

  test("sticks again under the same name, and not under another", async () => {
    const rehearsal = calm();
    const instanceId = await runInstance(rehearsal);
    const volumeId = await makeVolume(rehearsal);
    rehearsal.world.faults.set({ stuckAttaching: { count: 1, sameDevice: true } });
    for (const [device, state] of [
      ["/dev/sdf", "attaching"],
      ["/dev/sdf", "attaching"],
      ["/dev/sdg", "attached"],
    ] as const) {
      await attach(rehearsal, instanceId, { volumeId, device });
      expect(await volumeState(rehearsal, volumeId)).toBe(`in-use ${state} ${instanceId}`);
      await rehearsal.ec2("DetachVolume", { VolumeId: volumeId });
      await rehearsal.clock.advance(testDelays.detachMs);
    }
  });

  test("is refused under a name that nothing is seen to have", async () => {
    const rehearsal = calm();
    const InstanceId = await runInstance(rehearsal);
    const VolumeId = await makeVolume(rehearsal);
    rehearsal.world.faults.set({ refusedDevices: { devices: ["/dev/sdf"] } });
    const attachAt = (Device: string) =>
      rehearsal.ec2("AttachVolume", { VolumeId, InstanceId, Device });
    await expect(attachAt("/dev/sdf")).rejects.toMatchObject({
      code: "InvalidParameterValue",
      message:
        "Invalid value '/dev/sdf' for unixDevice. Attachment point /dev/sdf is already in use",
    });
    expect(await volumeState(rehearsal, VolumeId)).toBe("available");
    expect(await codeOf(attachAt("/dev/sdg"))).toBe("success");
  });
});

describe("a detach", () => {
  test("is busy for its time, and asking again changes nothing", async () => {
    const rehearsal = calm();
    const instanceId = await runInstance(rehearsal);
    const volumeId = await attachedVolume(rehearsal, instanceId);
    rehearsal.world.faults.set({ busyDetaches: { busyMs: 60_000 } });
    await rehearsal.ec2("DetachVolume", { VolumeId: volumeId });
    await rehearsal.clock.advance(testDelays.detachMs + 59_999);
    expect(await volumeState(rehearsal, volumeId)).toBe(`in-use busy ${instanceId}`);
    const again = await rehearsal.ec2("DetachVolume", { VolumeId: volumeId });
    expect(again.State).toBe("busy");
    await rehearsal.clock.advance(1);
    expect(await volumeState(rehearsal, volumeId)).toBe("available");
  });

  test("that is busy ends when the fault does, or the machine", async () => {
    const rehearsal = calm();
    const instanceId = await runInstance(rehearsal);
    const [one, other] = [
      await attachedVolume(rehearsal, instanceId),
      await attachedVolume(rehearsal, instanceId),
    ];
    rehearsal.world.faults.set({ busyDetaches: {} });
    await rehearsal.ec2("DetachVolume", { VolumeId: one });
    await rehearsal.clock.advance(600_000);
    expect(await volumeState(rehearsal, one)).toBe(`in-use busy ${instanceId}`);
    rehearsal.world.faults.clear();
    await rehearsal.clock.advance(testDelays.detachRetryMs);
    expect(await volumeState(rehearsal, one)).toBe("available");
    rehearsal.world.faults.set({ busyDetaches: {} });
    await rehearsal.ec2("DetachVolume", { VolumeId: other });
    await rehearsal.ec2("TerminateInstances", { InstanceIds: [instanceId] });
    await rehearsal.clock.advance(60_000);
    expect(await volumeState(rehearsal, other)).toBe("available");
  });
});

async function attach(
  rehearsal: Rehearsal,
  InstanceId: string,
  { volumeId, device }: { readonly volumeId: string; readonly device: string },
): Promise<void> {
  await rehearsal.ec2("AttachVolume", { VolumeId: volumeId, InstanceId, Device: device });
  await rehearsal.clock.advance(testDelays.attachMs);
}
