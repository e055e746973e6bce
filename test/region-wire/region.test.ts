// The whole region without machines, through the real SDK: the recommended installation is seeded,
// its first instance takes the seat with its role's keys as the agent would, loses its host, and is
// replaced. AWS's delays are a hundredth of what they are.

import { connect, createServer } from "node:net";
import {
  CompleteLifecycleActionCommand,
  DescribeAutoScalingInstancesCommand,
  DescribeLifecycleHooksCommand,
  PutLifecycleHookCommand,
} from "@aws-sdk/client-auto-scaling";
import {
  AssociateAddressCommand,
  AttachVolumeCommand,
  CreateVolumeCommand,
  DescribeAddressesCommand,
  DescribeInstancesCommand,
  DescribeVolumesCommand,
} from "@aws-sdk/client-ec2";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { CallRecord } from "../region/call-log.ts";
import { ApiError } from "../region/contract.ts";
import { createRegion, type Region, type Seams } from "../region/region.ts";
import { type SeededSeat, seedTwoZones } from "../region/scenario/two-az.ts";
import { awsDelays, scaled } from "../region/state/delays.ts";
import { createNoMachines } from "../region/state/no-machines.ts";
import { clientsOf, refusalOf } from "./fixture.ts";

const waiting = { timeout: 10_000, interval: 20 };

let region: Region;
let seat: SeededSeat;
let seams: Seams;

beforeEach(async () => {
  region = await createRegion({
    delays: scaled(awsDelays, 0.01),
    machines: async (given) => {
      seams = given;
      return createNoMachines();
    },
  });
  seat = await seedTwoZones(region, { seat: "db" });
});

afterEach(() => region.close());

async function members(): Promise<readonly string[]> {
  const command = new DescribeAutoScalingInstancesCommand({});
  const { AutoScalingInstances: found = [] } = await region.autoScaling.send(command);
  return found.map((each) => `${each.LifecycleState}`);
}

async function firstInstance(): Promise<string> {
  await expect.poll(members, waiting).toEqual(["Pending:Wait"]);
  const { AutoScalingInstances: [found] = [] } = await region.autoScaling.send(
    new DescribeAutoScalingInstancesCommand({}),
  );
  return found?.InstanceId ?? "";
}

/** What the agent does at launch, by the instance's own keys. */
async function takeSeat(instanceId: string): Promise<string> {
  const { ec2, autoScaling } = clientsOf(region.endpoint, region.credentialsOf(instanceId));
  const { Reservations: [reservation] = [] } = await ec2.send(
    new DescribeInstancesCommand({ InstanceIds: [instanceId] }),
  );
  const zone = reservation?.Instances?.[0]?.Placement?.AvailabilityZone ?? "";
  const made = await ec2.send(
    new CreateVolumeCommand({
      AvailabilityZone: zone,
      Size: 1,
      VolumeType: "gp3",
      TagSpecifications: [
        { ResourceType: "volume", Tags: [{ Key: "ec2-ha:seat", Value: seat.seat }] },
      ],
    }),
  );
  const volumeId = made.VolumeId ?? "";
  await expect.poll(() => volumeState(volumeId), waiting).toBe("available");
  await ec2.send(
    new AttachVolumeCommand({ VolumeId: volumeId, InstanceId: instanceId, Device: "/dev/sdf" }),
  );
  await expect.poll(() => volumeState(volumeId), waiting).toBe("in-use");
  await ec2.send(
    new AssociateAddressCommand({ AllocationId: seat.allocationId, InstanceId: instanceId }),
  );
  await autoScaling.send(
    new CompleteLifecycleActionCommand({
      AutoScalingGroupName: seat.groupName,
      LifecycleHookName: seat.launchHookName,
      InstanceId: instanceId,
      LifecycleActionResult: "CONTINUE",
    }),
  );
  return volumeId;
}

async function volumeState(volumeId: string): Promise<string | undefined> {
  const command = new DescribeVolumesCommand({ VolumeIds: [volumeId] });
  const { Volumes: [volume] = [] } = await region.ec2.send(command);
  return volume?.State;
}

/** Where an instance's IMDS answers; it does not before the machine has booted. */
async function bootedMetadata(instanceId: string): Promise<string> {
  const endpoint = await region.listenMetadata(instanceId);
  const answered = (): Promise<string> => metadataOf(endpoint, "instance-id").catch(() => "");
  await expect.poll(answered, waiting).toBe(instanceId);
  return endpoint;
}

async function metadataOf(endpoint: string, path: string): Promise<string> {
  const ttl = { "X-aws-ec2-metadata-token-ttl-seconds": "60" };
  const token = await fetch(`${endpoint}/latest/api/token`, { method: "PUT", headers: ttl });
  const headers = { "X-aws-ec2-metadata-token": await token.text() };
  const response = await fetch(`${endpoint}/latest/meta-data/${path}`, { headers });
  return response.ok ? response.text() : String(response.status);
}

it("a seat is taken, its host is lost, and another instance is launched", async () => {
  const instanceId = await firstInstance();
  await takeSeat(instanceId);
  await expect.poll(members, waiting).toEqual(["InService"]);
  const { Addresses: [address] = [] } = await region.ec2.send(
    new DescribeAddressesCommand({ Filters: [{ Name: "tag:ec2-ha:seat", Values: ["db"] }] }),
  );
  expect(address).toMatchObject({ PublicIp: seat.publicIp, InstanceId: instanceId });
  await region.world.crash(instanceId);
  await expect.poll(members, waiting).toContain("Pending:Wait");
});

it("an instance is told through IMDS who it is and what becomes of it", async () => {
  const instanceId = await firstInstance();
  const endpoint = await bootedMetadata(instanceId);
  await expect
    .poll(() => metadataOf(endpoint, "autoscaling/target-lifecycle-state"), waiting)
    .toBe("InService");
  expect(await metadataOf(endpoint, "tags/instance/ec2-ha:seat")).toBe("db");
  await expect
    .poll(() => metadataOf(endpoint, "iam/security-credentials/"), waiting)
    .toBe("ec2-ha-db");
  await takeSeat(instanceId);
  await expect.poll(() => metadataOf(endpoint, "public-ipv4"), waiting).toBe(seat.publicIp);
});

it("a connection from an instance's address is served as that instance, others are cut", async () => {
  const instanceId = await firstInstance();
  const endpoint = await bootedMetadata(instanceId);
  let privateIp = await metadataOf(endpoint, "local-ipv4");
  const relay = createServer((socket) => seams.serveMetadata(socket, privateIp));
  await new Promise<void>((resolve) => {
    relay.listen(0, "127.0.0.1", resolve);
  });
  const address = relay.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  expect(await metadataOf(`http://127.0.0.1:${port}`, "instance-id")).toBe(instanceId);
  privateIp = "10.9.9.9";
  const stranger = connect(port, "127.0.0.1");
  await new Promise<void>((resolve) => {
    stranger.once("close", () => resolve());
  });
  relay.close();
});

it("the hooks are there with the group, and can be changed", async () => {
  const group = { AutoScalingGroupName: seat.groupName };
  await region.autoScaling.send(
    new PutLifecycleHookCommand({ ...group, LifecycleHookName: "launch", HeartbeatTimeout: 60 }),
  );
  const { LifecycleHooks: hooks = [] } = await region.autoScaling.send(
    new DescribeLifecycleHooksCommand(group),
  );
  const shown = hooks.map((hook) => [
    hook.LifecycleHookName,
    [hook.HeartbeatTimeout, hook.DefaultResult],
  ]);
  expect(Object.fromEntries(shown)).toEqual({
    launch: [60, "ABANDON"],
    terminate: [300, "ABANDON"],
  });
});

it("every call is told of, with who called and how it ended", async () => {
  const records: CallRecord[] = [];
  const end = region.onCall((record) => records.push(record));
  await region.ec2.send(new DescribeAddressesCommand({}));
  const refusal = await refusalOf(
    region.ec2.send(new DescribeVolumesCommand({ VolumeIds: ["vol-0123456789abcdef0"] })),
  );
  end();
  await region.ec2.send(new DescribeAddressesCommand({}));
  expect(refusal).toMatchObject({ code: "InvalidVolume.NotFound", status: 400 });
  expect(
    records.map(({ action, caller, refusal }) => [action, caller.instanceId, refusal]),
  ).toEqual([
    ["DescribeAddresses", null, null],
    ["DescribeVolumes", null, "InvalidVolume.NotFound"],
  ]);
});

it("a guard stands between the wire and the world", async () => {
  const guarded = await createRegion({
    guard: () => ({
      call: async () => {
        throw new ApiError("UnauthorizedOperation", "You are not authorized.", 403);
      },
    }),
  });
  const refusal = await refusalOf(guarded.ec2.send(new DescribeAddressesCommand({})));
  await guarded.close();
  expect(refusal).toMatchObject({ code: "UnauthorizedOperation", status: 403 });
});
