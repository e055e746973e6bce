// What is done to volumes and snapshots. The contract is that of the other writes: sent once, and only
// a look tells what a lost reply meant. CreateVolume alone may be repeated, for its token; every call
// that makes a snapshot makes another one.

import { createHash } from "node:crypto";
import {
  AttachVolumeCommand,
  CreateSnapshotCommand,
  CreateSnapshotsCommand,
  CreateVolumeCommand,
  type CreateVolumeCommandInput,
  DeleteSnapshotCommand,
  DeleteVolumeCommand,
  DetachVolumeCommand,
} from "@aws-sdk/client-ec2";
import { Failure } from "../domain/failure.ts";
import {
  type InstanceId,
  type SnapshotId,
  snapshotId,
  type VolumeId,
  volumeId,
} from "../domain/ids.ts";
import type { StepArguments } from "../domain/steps.ts";
import type { Tags } from "../domain/tags.ts";
import type { Aws, Clients } from "./aws.ts";
import { listed, must, tagging, unless } from "./ec2-answers.ts";

export interface Ec2Disks {
  /** The same token and wish return the same volume. `conflict`: the token was used for another wish. */
  createVolume(wish: StepArguments["createVolume"]): Promise<VolumeId>;
  deleteVolume(volumeId: VolumeId): Promise<void>;
  snapshotVolume(volumeId: VolumeId, tags: Tags): Promise<SnapshotId>;
  /** One point in time over all volumes of the instance but the root and those left out. */
  snapshotSet(wish: SetWish): Promise<readonly SnapshotId[]>;
  deleteSnapshot(snapshotId: SnapshotId): Promise<void>;
  /** `conflict` when another has it, or it is not available. */
  attach(volumeId: VolumeId, instanceId: InstanceId, device: string): Promise<void>;
  /** Of a volume that is not attached to this instance any more: done. */
  detach(volumeId: VolumeId, instanceId: InstanceId): Promise<void>;
}

export interface SetWish {
  readonly instanceId: InstanceId;
  readonly excluded: readonly VolumeId[];
  readonly tags: Tags;
}

export function ec2Disks({ writing }: Aws): Ec2Disks {
  return {
    createVolume: (wish) => createVolume(writing, wish),
    deleteVolume: (id) => deleteVolume(writing, id),
    snapshotVolume: (id, tags) => snapshotVolume(writing, id, tags),
    snapshotSet: (wish) => snapshotSet(writing, wish),
    deleteSnapshot: (id) => deleteSnapshot(writing, id),
    async attach(VolumeId, InstanceId, Device) {
      const subject = `"${VolumeId}" to "${InstanceId}" as ${Device}`;
      const deed = { action: "attach", subject, permission: "ec2:AttachVolume" };
      await writing.ec2(deed, (client, options) =>
        client.send(new AttachVolumeCommand({ VolumeId, InstanceId, Device }), options),
      );
    },
    async detach(VolumeId, InstanceId) {
      const subject = `"${VolumeId}" from "${InstanceId}"`;
      const deed = { action: "detach", subject, permission: "ec2:DetachVolume" };
      const send = () =>
        writing.ec2(deed, (client, options) =>
          client.send(new DetachVolumeCommand({ VolumeId, InstanceId }), options),
        );
      await unless("missing", () => unless("conflict", send));
    },
  };
}

async function createVolume(
  clients: Clients,
  wish: StepArguments["createVolume"],
): Promise<VolumeId> {
  const subject = `volume "${wish.name}" in ${wish.zone}`;
  const deed = { action: "create", subject, permission: "ec2:CreateVolume" };
  const answer = await clients.ec2(deed, (client, options) =>
    client.send(new CreateVolumeCommand(volumeInput(wish)), options),
  );
  return must(volumeId(answer.VolumeId), "VolumeId");
}

async function deleteVolume(clients: Clients, VolumeId: VolumeId): Promise<void> {
  const deed = { action: "delete", subject: `"${VolumeId}"`, permission: "ec2:DeleteVolume" };
  const send = () =>
    clients.ec2(deed, (client, options) =>
      client.send(new DeleteVolumeCommand({ VolumeId }), options),
    );
  await unless("missing", send);
}

async function snapshotVolume(
  clients: Clients,
  VolumeId: VolumeId,
  tags: Tags,
): Promise<SnapshotId> {
  const deed = { action: "snapshot", subject: `"${VolumeId}"`, permission: "ec2:CreateSnapshot" };
  const input = { VolumeId, TagSpecifications: tagging("snapshot", tags) };
  const answer = await clients.ec2(deed, (client, options) =>
    client.send(new CreateSnapshotCommand(input), options),
  );
  return must(snapshotId(answer.SnapshotId), "SnapshotId");
}

async function snapshotSet(clients: Clients, wish: SetWish): Promise<readonly SnapshotId[]> {
  const subject = `the volumes of "${wish.instanceId}"`;
  const deed = { action: "snapshot", subject, permission: "ec2:CreateSnapshots" };
  const input = {
    InstanceSpecification: {
      InstanceId: wish.instanceId,
      ExcludeBootVolume: true,
      ExcludeDataVolumeIds: [...wish.excluded],
    },
    TagSpecifications: tagging("snapshot", wish.tags),
  };
  const answer = await clients.ec2(deed, (client, options) =>
    client.send(new CreateSnapshotsCommand(input), options),
  );
  const snapshots = listed(answer.Snapshots, "list of snapshots");
  return snapshots.map((snapshot) => must(snapshotId(snapshot.SnapshotId), "SnapshotId"));
}

async function deleteSnapshot(clients: Clients, SnapshotId: SnapshotId): Promise<void> {
  const deed = { action: "delete", subject: `"${SnapshotId}"`, permission: "ec2:DeleteSnapshot" };
  const send = () =>
    clients.ec2(deed, (client, options) =>
      client.send(new DeleteSnapshotCommand({ SnapshotId }), options),
    );
  await unless("missing", send);
}

/** A restore keeps its snapshot's encryption and key, which is EC2's own default. */
function volumeInput(wish: StepArguments["createVolume"]): CreateVolumeCommandInput {
  const { source, encryption } = wish;
  return {
    // EC2 takes at most 64 characters, and a digest is exactly that many.
    ClientToken: createHash("sha256").update(wish.token).digest("hex"),
    AvailabilityZone: wish.zone,
    VolumeType: volumeType(wish.type),
    TagSpecifications: tagging("volume", wish.tags),
    ...(source.snapshotId === null ? {} : { SnapshotId: source.snapshotId }),
    ...(source.sizeGib === null ? {} : { Size: source.sizeGib }),
    ...(wish.iops === null ? {} : { Iops: wish.iops }),
    ...(wish.throughputMibps === null ? {} : { Throughput: wish.throughputMibps }),
    ...(wish.initializationMibps === null
      ? {}
      : { VolumeInitializationRate: wish.initializationMibps }),
    ...(encryption.encrypted ? { Encrypted: true } : {}),
    ...(encryption.kmsKeyId === null ? {} : { KmsKeyId: encryption.kmsKeyId }),
  };
}

type VolumeTypeName = NonNullable<CreateVolumeCommandInput["VolumeType"]>;
const volumeTypes: readonly VolumeTypeName[] = [
  "gp2",
  "gp3",
  "io1",
  "io2",
  "sc1",
  "st1",
  "standard",
];

function volumeType(text: string): VolumeTypeName {
  const known = volumeTypes.find((type) => type === text);
  if (known !== undefined) return known;
  const found = `type "${text}", wanted one of ${volumeTypes.join(", ")}`;
  throw new Failure({ kind: "broken", action: "create", subject: "a volume", found });
}
