// What is read from EC2. The contract: every answer may be seconds old; a list is whole (all pages),
// yet may lack what was just made; an empty list is no proof. Asked by id, a missing thing is said to
// be missing, and only that is evidence. Snapshots are always looked up among our own, since anyone
// may share one with forged tags.

import {
  DescribeAddressesCommand,
  DescribeInstancesCommand,
  type DescribeInstancesCommandOutput,
  DescribeSnapshotsCommand,
  DescribeVolumesCommand,
  type Filter,
  type Instance as SdkInstance,
} from "@aws-sdk/client-ec2";
import { Failure } from "../domain/failure.ts";
import {
  type AllocationId,
  type InstanceId,
  type SnapshotId,
  type VolumeId,
  volumeId,
} from "../domain/ids.ts";
import type { Address, Instance, Snapshot, Volume } from "../domain/resources.ts";
import { tags } from "../domain/tags.ts";
import type { Aws, Clients } from "./aws.ts";
import { allPages, listed, must, unless } from "./ec2-answers.ts";
import { addressOf, instanceOf, snapshotOf, volumeOf } from "./ec2-resources.ts";

export interface Ec2Reads {
  /**
   * The address by its allocation id, or by the seat's tag; null where none is shown. More than one is a
   * Failure `broken`.
   */
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
  const ask = () =>
    clients.ec2(deed, (client, options) =>
      client.send(new DescribeAddressesCommand(input), options),
    );
  const answer = await unless("missing", ask);
  const all = answer === null ? [] : listed(answer.Addresses, "list of addresses");
  const [found, ...others] = all.map(addressOf);
  if (others.length === 0) return found ?? null;
  throw new Failure({
    kind: "broken",
    refusal: "EHA-ADDRESS-AMBIGUOUS",
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
  const answer = await unless("missing", ask);
  if (answer === null) return null;
  // Asked by id, EC2 gives the volume or says that it does not exist; nothing is neither.
  return volumeOf(must(listed(answer.Volumes, "list of volumes")[0], `volume "${id}"`));
}

async function readDataVolumes(clients: Clients, id: InstanceId): Promise<readonly VolumeId[]> {
  const deed = { action: "describe", subject: `"${id}"`, permission: "ec2:DescribeInstances" };
  const answer = await clients.ec2(deed, (client, options) =>
    client.send(new DescribeInstancesCommand({ InstanceIds: [id] }), options),
  );
  const found = must(instancesIn(answer)[0], `instance "${id}"`);
  const mappings = listed(found.BlockDeviceMappings, "list of block devices");
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
  return answer === null ? null : instanceOf(must(instancesIn(answer)[0], `instance "${id}"`));
}

function instancesIn(answer: DescribeInstancesCommandOutput): readonly SdkInstance[] {
  const reservations = listed(answer.Reservations, "list of reservations");
  return reservations.flatMap((one) => listed(one.Instances, "list of instances"));
}

// Within 5 to 500, which every one of these calls takes.
const pageSize = 200;

function tagged(seat: string): Filter {
  return { Name: `tag:${tags.seat}`, Values: [seat] };
}
