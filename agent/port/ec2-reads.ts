// What is read from EC2. The contract: every answer may be seconds old; a list is whole (all pages),
// yet may lack what was just made; an empty list is no proof. Asked by id, a missing thing is said to
// be missing, and only that is evidence. Snapshots are always looked up among our own, since anyone
// may share one with forged tags.

import {
  DescribeAddressesCommand,
  DescribeInstancesCommand,
  DescribeSnapshotsCommand,
  DescribeVolumesCommand,
  type Filter,
  type Address as SdkAddress,
  type Instance as SdkInstance,
  type Snapshot as SdkSnapshot,
  type Volume as SdkVolume,
} from "@aws-sdk/client-ec2";
import type { Attachment } from "../domain/facts.ts";
import { Failure } from "../domain/failure.ts";
import {
  type AllocationId,
  allocationId,
  associationId,
  type InstanceId,
  instanceId,
  type SnapshotId,
  snapshotId,
  type VolumeId,
  volumeId,
} from "../domain/ids.ts";
import type { Address, Instance, Snapshot, Volume } from "../domain/resources.ts";
import { tags } from "../domain/tags.ts";
import type { Aws, Clients } from "./aws.ts";
import { allPages, must, tagsOf, unless } from "./ec2-answers.ts";

export interface Ec2Reads {
  /** The address by its allocation id, or by the seat's tag; more than one is a Failure `broken`. */
  address(
    wanted: { readonly seat: string } | { readonly allocationId: AllocationId },
  ): Promise<Address | null>;
  volumesOf(seat: string): Promise<readonly Volume[]>;
  /** null: EC2 says that it does not exist. */
  volume(id: VolumeId): Promise<Volume | null>;
  snapshotsOf(seat: string): Promise<readonly Snapshot[]>;
  /** Those that are listed; one just made may be missing. */
  snapshots(ids: readonly SnapshotId[]): Promise<readonly Snapshot[]>;
  /** Every volume of the instance but its root, which CreateSnapshots refuses to exclude by id. */
  dataVolumesOf(id: InstanceId): Promise<readonly VolumeId[]>;
  /** null: EC2 says that it does not exist. */
  instance(id: InstanceId): Promise<Instance | null>;
}

export function ec2Reads({ reading }: Aws): Ec2Reads {
  return {
    address: (wanted) => readAddress(reading, wanted),
    volumesOf: (seat) => readVolumes(reading, seat),
    volume: (id) => readVolume(reading, id),
    dataVolumesOf: (id) => readDataVolumes(reading, id),
    snapshotsOf: (seat) =>
      readSnapshots(reading, `the snapshots of seat "${seat}"`, [tagged(seat)]),
    async snapshots(ids) {
      if (ids.length === 0) return [];
      return readSnapshots(reading, `"${ids.join('", "')}"`, [
        { Name: "snapshot-id", Values: [...ids] },
      ]);
    },
    instance: (id) => readInstance(reading, id),
  };
}

type AddressWanted = Parameters<Ec2Reads["address"]>[0];

async function readAddress(clients: Clients, wanted: AddressWanted): Promise<Address | null> {
  const bySeat = "seat" in wanted;
  const subject = bySeat ? `the address of seat "${wanted.seat}"` : `"${wanted.allocationId}"`;
  const input = bySeat
    ? { Filters: [tagged(wanted.seat)] }
    : { AllocationIds: [wanted.allocationId] };
  const deed = { action: "describe", subject, permission: "ec2:DescribeAddresses" };
  const answer = await clients.ec2(deed, (client, options) =>
    client.send(new DescribeAddressesCommand(input), options),
  );
  const [found, ...others] = (answer.Addresses ?? []).map(addressOf);
  if (others.length === 0) return found ?? null;
  throw new Failure({
    kind: "broken",
    action: "choose",
    subject,
    found: `${others.length + 1} Elastic IPs carry the tag, wanted one`,
    next: "take the tag off the others",
  });
}

async function readVolumes(clients: Clients, seat: string): Promise<readonly Volume[]> {
  const subject = `the volumes of seat "${seat}"`;
  const deed = { action: "describe", subject, permission: "ec2:DescribeVolumes" };
  const input = { Filters: [tagged(seat)], MaxResults: pageSize };
  const found = await clients.ec2(deed, (client, options) =>
    allPages(
      (token) => client.send(new DescribeVolumesCommand({ ...input, ...token }), options),
      (page) => page.Volumes,
    ),
  );
  return found.map(volumeOf);
}

async function readVolume(clients: Clients, id: VolumeId): Promise<Volume | null> {
  const deed = { action: "describe", subject: `"${id}"`, permission: "ec2:DescribeVolumes" };
  const ask = () =>
    clients.ec2(deed, (client, options) =>
      client.send(new DescribeVolumesCommand({ VolumeIds: [id] }), options),
    );
  const [found] = (await unless("missing", ask))?.Volumes ?? [];
  return found === undefined ? null : volumeOf(found);
}

async function readDataVolumes(clients: Clients, id: InstanceId): Promise<readonly VolumeId[]> {
  const deed = { action: "describe", subject: `"${id}"`, permission: "ec2:DescribeInstances" };
  const answer = await clients.ec2(deed, (client, options) =>
    client.send(new DescribeInstancesCommand({ InstanceIds: [id] }), options),
  );
  const instances = answer.Reservations?.flatMap((reservation) => reservation.Instances ?? []);
  const found = must(instances?.[0], "instance");
  const mappings = found.BlockDeviceMappings ?? [];
  const data = mappings.filter((mapping) => mapping.DeviceName !== found.RootDeviceName);
  return data.map((mapping) => must(volumeId(mapping.Ebs?.VolumeId), "VolumeId"));
}

async function readSnapshots(
  clients: Clients,
  subject: string,
  Filters: Filter[],
): Promise<readonly Snapshot[]> {
  const deed = { action: "describe", subject, permission: "ec2:DescribeSnapshots" };
  const input = { OwnerIds: ["self"], Filters, MaxResults: pageSize };
  const found = await clients.ec2(deed, (client, options) =>
    allPages(
      (token) => client.send(new DescribeSnapshotsCommand({ ...input, ...token }), options),
      (page) => page.Snapshots,
    ),
  );
  return found.map(snapshotOf);
}

async function readInstance(clients: Clients, id: InstanceId): Promise<Instance | null> {
  const deed = { action: "describe", subject: `"${id}"`, permission: "ec2:DescribeInstances" };
  const ask = () =>
    clients.ec2(deed, (client, options) =>
      client.send(new DescribeInstancesCommand({ InstanceIds: [id] }), options),
    );
  const answer = await unless("missing", ask);
  const [found] = answer?.Reservations?.flatMap((reservation) => reservation.Instances ?? []) ?? [];
  return found === undefined ? null : instanceOf(found);
}

// Within 5 to 500, which every one of these calls takes.
const pageSize = 200;

function tagged(seat: string): Filter {
  return { Name: `tag:${tags.seat}`, Values: [seat] };
}

function addressOf(found: SdkAddress): Address {
  return {
    allocationId: must(allocationId(found.AllocationId), "AllocationId"),
    publicIp: must(found.PublicIp, "PublicIp"),
    associationId: associationId(found.AssociationId),
    instanceId: instanceId(found.InstanceId),
    tags: tagsOf(found.Tags),
  };
}

function volumeOf(found: SdkVolume): Volume {
  const attachments = (found.Attachments ?? []).flatMap((entry): Attachment[] => {
    const { State: state } = entry;
    if (state === undefined || state === "detached") return [];
    return [
      {
        instanceId: must(instanceId(entry.InstanceId), "attachment's InstanceId"),
        state,
        device: entry.Device ?? "",
      },
    ];
  });
  return {
    volumeId: must(volumeId(found.VolumeId), "VolumeId"),
    zone: must(found.AvailabilityZone, "AvailabilityZone"),
    state: must(found.State, "State"),
    sizeGib: found.Size ?? 0,
    attachments,
    multiAttach: found.MultiAttachEnabled ?? false,
    createdMs: found.CreateTime?.getTime() ?? 0,
    tags: tagsOf(found.Tags),
  };
}

function snapshotOf(found: SdkSnapshot): Snapshot {
  return {
    snapshotId: must(snapshotId(found.SnapshotId), "SnapshotId"),
    volumeId: must(volumeId(found.VolumeId), "VolumeId"),
    state: must(found.State, "State"),
    archived: found.StorageTier === "archive",
    progressPercent: Number.parseInt(found.Progress ?? "0", 10) || 0,
    sizeGib: found.VolumeSize ?? 0,
    startedMs: found.StartTime?.getTime() ?? 0,
    tags: tagsOf(found.Tags),
  };
}

function instanceOf(found: SdkInstance): Instance {
  return {
    instanceId: must(instanceId(found.InstanceId), "InstanceId"),
    state: must(found.State?.Name, "State"),
    tags: tagsOf(found.Tags),
  };
}
