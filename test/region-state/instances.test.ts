// Instances: their states in order, what ending one frees and when, and deaths nobody asked for.

import { describe, expect, test } from "vitest";
import { defaultImageId, defaultSubnetId } from "../region/state/seeds.ts";
import {
  attachedVolume,
  codeOf,
  instanceState,
  makeVolume,
  type Rehearsal,
  rehearse,
  runInstance,
  testDelays,
  volumeState,
} from "./rehearsal.ts";

function story(rehearsal: Rehearsal, id: string): readonly (string | null)[] {
  return rehearsal.events.filter((event) => event.id === id).map((event) => event.to);
}

describe("launching", () => {
  test("an instance is pending, then running, with its metadata", async () => {
    const rehearsal = rehearse();
    const id = await runInstance(rehearsal);
    expect(story(rehearsal, id)).toEqual(["pending", "running"]);
    expect(rehearsal.world.metadata(id)).toMatchObject({
      instanceId: id,
      zone: "eu-test-1a",
      zoneId: "eut1-az1",
      privateIp: "10.0.1.10",
      targetLifecycleState: null,
      tags: null,
    });
    expect(rehearsal.world.instanceByPrivateIp("10.0.1.10")).toBe(id);
  });

  test("IMDS answers nobody before the machine has booted, nor credentials at once", async () => {
    const rehearsal = rehearse({ delays: { ...testDelays, instanceBootMs: 12_000 } });
    const { Instances } = await rehearsal.ec2("RunInstances", {
      ImageId: defaultImageId,
      MinCount: 1,
      MaxCount: 1,
      IamInstanceProfile: { Name: "seat-role" },
      UserData: Buffer.from("hello").toString("base64"),
    });
    const id = Instances?.[0]?.InstanceId ?? "";
    await rehearsal.clock.advance(testDelays.instancePendingMs);
    expect(await instanceState(rehearsal, id)).toBe("running");
    expect(rehearsal.world.metadata(id)).toBeNull();
    await rehearsal.clock.advance(12_000);
    expect(rehearsal.world.metadata(id)).toMatchObject({
      userData: "hello",
      roleName: "seat-role",
    });
  });

  test("volumes given at launch go with the instance, those attached later stay", async () => {
    const rehearsal = rehearse();
    const { Instances } = await rehearsal.ec2("RunInstances", {
      ImageId: defaultImageId,
      MinCount: 1,
      MaxCount: 1,
      SubnetId: defaultSubnetId(0),
      BlockDeviceMappings: [{ DeviceName: "/dev/sdf", Ebs: { VolumeSize: 1 } }],
    });
    const id = Instances?.[0]?.InstanceId ?? "";
    await rehearsal.clock.advance(20_000);
    const later = await attachedVolume(rehearsal, id);
    expect((await rehearsal.ec2("DescribeVolumes", {})).Volumes).toHaveLength(3);
    await rehearsal.ec2("TerminateInstances", { InstanceIds: [id] });
    await rehearsal.clock.advance(60_000);
    const { Volumes } = await rehearsal.ec2("DescribeVolumes", {});
    expect(Volumes?.map((volume) => volume.VolumeId)).toEqual([later]);
  });

  test("one token gives one instance, and none once that is terminated", async () => {
    const rehearsal = rehearse();
    const wish = { ImageId: defaultImageId, MinCount: 1, MaxCount: 1, ClientToken: "one" };
    const first = await rehearsal.ec2("RunInstances", wish);
    const id = first.Instances?.[0]?.InstanceId ?? "";
    const again = await rehearsal.ec2("RunInstances", wish);
    expect(again.Instances?.[0]?.InstanceId).toBe(id);
    await rehearsal.ec2("TerminateInstances", { InstanceIds: [id] });
    expect(await codeOf(rehearsal.ec2("RunInstances", wish))).toBe("IdempotentInstanceTerminated");
  });
});

describe("ending", () => {
  test("a terminated instance keeps its volumes in use until the machine is off", async () => {
    const rehearsal = rehearse();
    const id = await runInstance(rehearsal);
    const volumeId = await attachedVolume(rehearsal, id);
    await rehearsal.ec2("TerminateInstances", { InstanceIds: [id] });
    expect(await volumeState(rehearsal, volumeId)).toBe(`in-use attached ${id}`);
    await rehearsal.clock.advance(testDelays.instanceShuttingDownMs);
    expect(rehearsal.machines.isOn(id)).toBe(false);
    await rehearsal.clock.advance(testDelays.detachMs);
    expect(await volumeState(rehearsal, volumeId)).toBe("available");
    expect(story(rehearsal, id)).toEqual(["pending", "running", "shutting-down", "terminated"]);
  });

  test("terminating twice is no error, and the id is forgotten in the end", async () => {
    const rehearsal = rehearse();
    const id = await runInstance(rehearsal);
    await rehearsal.ec2("TerminateInstances", { InstanceIds: [id] });
    await rehearsal.ec2("TerminateInstances", { InstanceIds: [id] });
    await rehearsal.clock.advance(2 * testDelays.instanceVisibleMs);
    const gone = rehearsal.ec2("TerminateInstances", { InstanceIds: [id] });
    expect(await codeOf(gone)).toBe("InvalidInstanceID.NotFound");
  });

  test("a protected instance is not terminated until the protection is taken off", async () => {
    const rehearsal = rehearse();
    const InstanceId = await runInstance(rehearsal);
    const protect = (Value: boolean) =>
      rehearsal.ec2("ModifyInstanceAttribute", { InstanceId, DisableApiTermination: { Value } });
    const terminate = () =>
      codeOf(rehearsal.ec2("TerminateInstances", { InstanceIds: [InstanceId] }));
    await protect(true);
    expect(await terminate()).toBe("OperationNotPermitted");
    await protect(false);
    expect(await terminate()).toBe("success");
  });

  test("a crash ends an instance at once and frees its volumes after a while", async () => {
    const rehearsal = rehearse();
    const id = await runInstance(rehearsal);
    const volumeId = await attachedVolume(rehearsal, id);
    await rehearsal.world.crash(id);
    await rehearsal.clock.advance(0);
    expect(story(rehearsal, id)).toEqual(["pending", "running", "terminated"]);
    expect(rehearsal.world.metadata(id)).toBeNull();
    await rehearsal.clock.advance(testDelays.detachMs);
    expect(await volumeState(rehearsal, volumeId)).toBe("available");
  });

  test("an instance that is terminated while it boots is launched and thrown away in order", async () => {
    const rehearsal = rehearse({ delays: { ...testDelays, instanceBootMs: 60_000 } });
    const id = await runInstance(rehearsal);
    await rehearsal.ec2("TerminateInstances", { InstanceIds: [id] });
    await rehearsal.clock.advance(70_000);
    expect(await instanceState(rehearsal, id)).toBe("terminated");
    expect(rehearsal.machines.isOn(id)).toBe(false);
  });
});

describe("stopping and starting", () => {
  test("a stopped instance keeps its volumes and its private address", async () => {
    const rehearsal = rehearse();
    const id = await runInstance(rehearsal);
    const volumeId = await attachedVolume(rehearsal, id);
    await rehearsal.ec2("StopInstances", { InstanceIds: [id] });
    await rehearsal.clock.advance(testDelays.instanceStoppingMs);
    expect(await instanceState(rehearsal, id)).toBe("stopped");
    expect(await volumeState(rehearsal, volumeId)).toBe(`in-use attached ${id}`);
    await rehearsal.ec2("StartInstances", { InstanceIds: [id] });
    await rehearsal.clock.advance(testDelays.instancePendingMs);
    expect(rehearsal.world.metadata(id)?.privateIp).toBe("10.0.1.10");
    expect(rehearsal.machines.isOn(id)).toBe(true);
  });

  test("a volume is detached from and attached to a stopped instance", async () => {
    const rehearsal = rehearse();
    const id = await runInstance(rehearsal);
    await rehearsal.ec2("StopInstances", { InstanceIds: [id] });
    await rehearsal.clock.advance(testDelays.instanceStoppingMs);
    const VolumeId = await makeVolume(rehearsal);
    const wish = { VolumeId, InstanceId: id, Device: "/dev/sdf" };
    expect(await codeOf(rehearsal.ec2("AttachVolume", wish))).toBe("success");
  });

  test("a stopping instance cannot be started, a running one already is", async () => {
    const rehearsal = rehearse();
    const InstanceIds = [await runInstance(rehearsal)];
    expect(await codeOf(rehearsal.ec2("StartInstances", { InstanceIds }))).toBe("success");
    await rehearsal.ec2("StopInstances", { InstanceIds });
    const start = rehearsal.ec2("StartInstances", { InstanceIds });
    expect(await codeOf(start)).toBe("IncorrectInstanceState");
  });

  test("a machine that switches itself off is stopped, or terminated where it says so", async () => {
    for (const [behavior, end] of [
      ["stop", "stopped"],
      ["terminate", "terminated"],
    ] as const) {
      const rehearsal = rehearse();
      const InstanceId = await runInstance(rehearsal);
      await rehearsal.ec2("ModifyInstanceAttribute", {
        InstanceId,
        InstanceInitiatedShutdownBehavior: { Value: behavior },
      });
      rehearsal.machines.powerSelfOff(InstanceId);
      await rehearsal.clock.advance(60_000);
      expect(await instanceState(rehearsal, InstanceId)).toBe(end);
    }
  });
});

describe("status and notices", () => {
  test("status checks initialise, then pass", async () => {
    const rehearsal = rehearse();
    const id = await runInstance(rehearsal);
    const status = async () => {
      const { InstanceStatuses } = await rehearsal.ec2("DescribeInstanceStatus", {
        InstanceIds: [id],
      });
      return InstanceStatuses?.[0]?.InstanceStatus?.Status;
    };
    expect(await status()).toBe("initializing");
    await rehearsal.clock.advance(testDelays.instanceStatusMs);
    expect(await status()).toBe("ok");
  });

  test("a Spot notice shows in IMDS and two minutes later the instance is taken", async () => {
    const rehearsal = rehearse();
    const id = await runInstance(rehearsal);
    rehearsal.world.spotNotice(id);
    expect(rehearsal.world.metadata(id)?.spotInstanceAction).toEqual({
      action: "terminate",
      time: "2026-11-22T09:02:05Z",
    });
    await rehearsal.clock.advance(testDelays.spotNoticeMs);
    expect(await instanceState(rehearsal, id)).toBe("shutting-down");
  });

  test.each([
    ["InvalidInstanceID.Malformed", { InstanceIds: ["instance"] }],
    ["InvalidInstanceID.NotFound", { InstanceIds: ["i-0123456789abcdef0"] }],
    ["MissingParameter", {}],
  ])("%s", async (code, input) => {
    const call = rehearse().raw("ec2", "TerminateInstances", input);
    expect(await codeOf(call)).toBe(code);
  });
});
