// Two seats side by side in one region, with an address, a group, an instance, a volume and a snapshot
// each: what an attack of one seat's role on the other needs. Calls are made as the first seat's
// instance, without an agent.

import {
  AssociateAddressCommand,
  AttachVolumeCommand,
  CreateSnapshotCommand,
  CreateVolumeCommand,
  DescribeInstancesCommand,
  DescribeSnapshotsCommand,
  DescribeVolumesCommand,
  type ResourceType,
} from "@aws-sdk/client-ec2";
import { eventually } from "../flow/waiting.ts";
import { ApiError, type Caller, type Service } from "../region/contract.ts";
import type { Verdict } from "../region/iam/roles.ts";
import { createRegion, defaultAccountId, type Region } from "../region/region.ts";
import { type SeededSeat, seedTwoZones } from "../region/scenario/two-az.ts";
import { awsDelays, scaled } from "../region/state/delays.ts";

/** What a seat has. */
export interface Holding extends SeededSeat {
  readonly instanceId: string;
  readonly interfaceId: string;
  readonly associationId: string;
  readonly volumeId: string;
  readonly snapshotId: string;
  /** Without any tag, as everything that is in no seat. */
  readonly rootVolumeId: string;
}

export interface Field {
  readonly region: Region;
  readonly mine: Holding;
  readonly theirs: Holding;
  /** As the role of the first seat's instance: the code of the refusal, or null; and what IAM was asked. */
  call(
    call: Call,
  ): Promise<{ readonly refusal: string | null; readonly asked: readonly Verdict[] }>;
  close(): Promise<void>;
}

export interface Call {
  readonly service: Service;
  readonly action: string;
  readonly input: Readonly<Record<string, unknown>>;
}

export async function openField(): Promise<Field> {
  const region = await createRegion({ delays: scaled(awsDelays, 0.001) });
  const [mine, theirs] = await Promise.all([hold(region, "orders"), hold(region, "invoices")]);
  return {
    region,
    mine,
    theirs,
    call: (call) => callAs(region, mine, call),
    close: () => region.close(),
  };
}

async function callAs(region: Region, mine: Holding, call: Call): ReturnType<Field["call"]> {
  const asked: Verdict[] = [];
  const end = region.roles.on((verdict) => asked.push(verdict));
  try {
    await region.world.call({ ...call, caller: callerOf(mine) });
    return { refusal: null, asked };
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return { refusal: error.code, asked };
  } finally {
    end();
  }
}

/** What the credentials of its instance stand for. */
export function callerOf({ instanceId, roleName }: Holding): Caller {
  const accountId = defaultAccountId;
  const arn = `arn:aws:sts::${accountId}:assumed-role/${roleName}/${instanceId}`;
  return { accountId, arn, instanceId };
}

/** The launch hook is never answered: the instance waits, and its hook can be answered by others. */
async function hold(region: Region, name: string): Promise<Holding> {
  const seat = await seedTwoZones(region, { seat: name });
  const { ec2 } = region;
  const Filters = [{ Name: "tag:ec2-ha:seat", Values: [name] }];
  const look = async () => {
    const { Reservations: found = [] } = await ec2.send(new DescribeInstancesCommand({ Filters }));
    return found[0]?.Instances?.find(({ State: state }) => state?.Name === "running");
  };
  const instance = await eventually("an instance", look, (found) => found !== undefined);
  const instanceId = instance?.InstanceId ?? "";
  const interfaceId = instance?.NetworkInterfaces?.[0]?.NetworkInterfaceId ?? "";
  const association = { AllocationId: seat.allocationId, NetworkInterfaceId: interfaceId };
  const { AssociationId: associationId = "" } = await ec2.send(
    new AssociateAddressCommand(association),
  );
  const volumeId = await makeVolume(region, name, instance?.Placement?.AvailabilityZone);
  const attachment = { VolumeId: volumeId, InstanceId: instanceId, Device: "/dev/sdf" };
  await ec2.send(new AttachVolumeCommand(attachment));
  const snapshotId = await makeSnapshot(region, name, volumeId);
  const rootVolumeId = instance?.BlockDeviceMappings?.[0]?.Ebs?.VolumeId ?? "";
  return { ...seat, instanceId, interfaceId, associationId, volumeId, snapshotId, rootVolumeId };
}

async function makeVolume(
  { ec2 }: Region,
  seat: string,
  AvailabilityZone: string | undefined,
): Promise<string> {
  const TagSpecifications = tagging("volume", seat);
  const wish = { AvailabilityZone, Size: 1, VolumeType: "gp3", TagSpecifications } as const;
  const { VolumeId: id = "" } = await ec2.send(new CreateVolumeCommand(wish));
  const input = { VolumeIds: [id] };
  const state = async () => (await ec2.send(new DescribeVolumesCommand(input))).Volumes?.[0]?.State;
  await eventually("a volume", state, (found) => found === "available");
  return id;
}

async function makeSnapshot({ ec2 }: Region, seat: string, VolumeId: string): Promise<string> {
  const wish = { VolumeId, TagSpecifications: tagging("snapshot", seat) };
  const { SnapshotId: id = "" } = await ec2.send(new CreateSnapshotCommand(wish));
  const input = { SnapshotIds: [id] };
  const state = async () =>
    (await ec2.send(new DescribeSnapshotsCommand(input))).Snapshots?.[0]?.State;
  await eventually("a snapshot", state, (found) => found === "completed");
  return id;
}

export function tagging(type: ResourceType, seat: string) {
  return [{ ResourceType: type, Tags: [{ Key: "ec2-ha:seat", Value: seat }] }];
}

/** The other seat's tag, with ours behind it in capitals: IAM takes either for the one that it looks for. */
export function disguise(mine: Holding, theirs: Holding) {
  return [
    { Key: "ec2-ha:seat", Value: theirs.seat },
    { Key: "EC2-HA:SEAT", Value: mine.seat },
  ];
}
