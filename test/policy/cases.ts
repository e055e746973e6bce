// The settings that the proof is made for. One seat uses everything that the agent can do; the second
// has what changes statements (an address by its id, customer managed keys by id, ARN and alias, a seed);
// the third has an address and nothing else.

import {
  SetDesiredCapacityCommand,
  UpdateAutoScalingGroupCommand,
} from "@aws-sdk/client-auto-scaling";
import {
  CreateSnapshotCommand,
  CreateVolumeCommand,
  DescribeSnapshotsCommand,
  DescribeVolumesCommand,
} from "@aws-sdk/client-ec2";
import type { Settings } from "../../agent/domain/settings.ts";
import type { Stage } from "../flow/stage.ts";
import { eventually } from "../flow/waiting.ts";
import { settingsFrom } from "../region/iam/printed.ts";
import { addressFlows, type Flow, specialFlows, statefulFlows } from "./flows.ts";

export interface Case {
  readonly name: string;
  readonly flows: readonly Flow[];
  readonly settings: (known: Known) => Settings;
}

/** What settings may name, and only a region can tell. */
export interface Known {
  readonly allocationId: string;
  readonly seedId: string;
}

const common = `units: [db.service]
ready: { command: /usr/local/bin/probe, every: 2s, failures: 2, replace: true }
patience: 20s
`;

const whole = `seat: orders
address: true
volumes:
  data: { mount: /data, first: { sizeGib: 10, init: /usr/local/bin/init } }
snapshots: { schedule: "* * * * *", keep: { latest: 1, hourly: 0, daily: 0 } }
keepOldVolumes: 0s
${common}`;

export const keyArn = "arn:aws:kms:eu-west-1:123456789012:key/0a0a0a0a-0000-4000-8000-00000000000a";
export const keyAlias = "alias/orders";
const keyId = "0b0b0b0b-0000-4000-8000-00000000000b";

const special = ({ allocationId, seedId }: Known): string => `seat: orders
address: { allocationId: ${allocationId} }
volumes:
  data: { mount: /data, first: { sizeGib: 10, kmsKeyId: "${keyArn}" } }
  logs: { mount: /logs, first: { sizeGib: 10, kmsKeyId: ${keyAlias} } }
  seeded: { mount: /seeded, first: { snapshot: ${seedId} } }
  wal: { mount: /wal, first: { sizeGib: 10, kmsKeyId: "${keyId}" } }
${common}`;

const plain = `seat: orders
address: true
${common}`;

export const cases: readonly Case[] = [
  { name: "address and volume", flows: statefulFlows, settings: () => settingsFrom(whole) },
  {
    name: "named address, keys and a seed",
    flows: specialFlows,
    settings: (known) => settingsFrom(special(known)),
  },
  { name: "address alone", flows: addressFlows, settings: () => settingsFrom(plain) },
];

/** Makes what the settings name, then lets the group launch its first instance. */
export async function prepare(stage: Stage, { settings }: Case): Promise<Settings> {
  const seedId = await makeSeed(stage);
  await openGroup(stage);
  return settings({ allocationId: stage.seat.allocationId, seedId });
}

async function openGroup({ region, seat }: Stage): Promise<void> {
  const AutoScalingGroupName = seat.groupName;
  const minimum = { AutoScalingGroupName, MinSize: 1 };
  await region.autoScaling.send(new UpdateAutoScalingGroupCommand(minimum));
  const wanted = { AutoScalingGroupName, DesiredCapacity: 1 };
  await region.autoScaling.send(new SetDesiredCapacityCommand(wanted));
}

/** A snapshot of a volume with a file system, which carries no tag of any seat. */
async function makeSeed({ region, disks }: Stage): Promise<string> {
  const wish = { AvailabilityZone: "eu-west-1a", Size: 1, VolumeType: "gp3" } as const;
  const { VolumeId: id = "" } = await region.ec2.send(new CreateVolumeCommand(wish));
  const volumes = { VolumeIds: [id] };
  const state = async () =>
    (await region.ec2.send(new DescribeVolumesCommand(volumes))).Volumes?.[0]?.State;
  await eventually("the seed's volume", state, (found) => found === "available");
  disks.disk(id).filesystem = { type: "ext4", uuid: "00000000-0000-4000-8000-000000000001" };
  const taken = await region.ec2.send(new CreateSnapshotCommand({ VolumeId: id }));
  const seedId = taken.SnapshotId ?? "";
  const snapshots = { SnapshotIds: [seedId] };
  const progress = async () =>
    (await region.ec2.send(new DescribeSnapshotsCommand(snapshots))).Snapshots?.[0]?.State;
  await eventually("the seed", progress, (found) => found === "completed");
  return seedId;
}
