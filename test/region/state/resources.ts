// The rows of EC2's resources: what the region remembers, in its own words. The shapes that callers
// see are made from them by the Describe actions. A row is never changed, only replaced.

import type {
  InstanceStateName,
  _InstanceType as InstanceType,
  RequestLaunchTemplateData,
  SnapshotState,
  VolumeAttachmentState,
  VolumeState,
  VolumeType,
} from "@aws-sdk/client-ec2";

export type Tags = Readonly<Record<string, string>>;

export interface Zone {
  readonly name: string;
  readonly id: string;
}

export interface Vpc {
  /** For instance `vpc-…`, as all ids here are the resources' own. */
  readonly id: string;
  readonly cidr: string;
  readonly tags: Tags;
}

export interface Subnet {
  readonly id: string;
  readonly vpcId: string;
  readonly zone: string;
  /** A /24 or larger: instances get their addresses from its start, counted from 10. */
  readonly cidr: string;
  readonly autoPublicIp: boolean;
  readonly tags: Tags;
}

export interface Image {
  readonly id: string;
  readonly name: string;
  readonly rootDevice: string;
  readonly rootSnapshotId: string;
  readonly rootSizeGib: number;
  readonly createdAtMs: number;
  readonly tags: Tags;
}

export interface Volume {
  readonly id: string;
  readonly zone: string;
  readonly sizeGib: number;
  readonly type: VolumeType;
  readonly iops: number | null;
  readonly throughputMibps: number | null;
  readonly encrypted: boolean;
  /** The ARN of its key; null where it is not encrypted. */
  readonly kmsKeyId: string | null;
  readonly snapshotId: string | null;
  readonly state: VolumeState;
  readonly createdAtMs: number;
  /** The root disk belongs to its machine: the backend makes it at launch. */
  readonly root: boolean;
  /** How many snapshots were ever taken of it: the first one carries all of its data. */
  readonly snapshots: number;
  readonly tags: Tags;
}

/** What ModifyVolume can change of a volume. */
export type VolumeMake = Pick<Volume, "sizeGib" | "type" | "iops" | "throughputMibps">;

/** The last change of a volume, named after it. */
export interface Modification {
  readonly id: string;
  readonly state: "modifying" | "optimizing" | "completed";
  readonly original: VolumeMake;
  readonly target: VolumeMake;
  /** Of all changes of the last day, the newest last. */
  readonly startsAtMs: readonly number[];
  readonly endedAtMs: number | null;
}

/** Named after its volume: a volume has one attachment at most (Multi-Attach is not offered). */
export interface Attachment {
  readonly id: string;
  readonly instanceId: string;
  readonly device: string;
  readonly state: VolumeAttachmentState;
  readonly attachedAtMs: number;
  readonly deleteOnTermination: boolean;
}

export interface Snapshot {
  readonly id: string;
  readonly volumeId: string;
  readonly zone: string;
  readonly sizeGib: number;
  readonly encrypted: boolean;
  readonly kmsKeyId: string | null;
  readonly state: SnapshotState;
  readonly startAtMs: number;
  /** When it is expected to be complete; progress is told from it. */
  readonly dueAtMs: number;
  readonly completedAtMs: number | null;
  readonly description: string;
  /** DeleteSnapshot is accepted while pending and takes effect on completion. */
  readonly deleteAsked: boolean;
  readonly tags: Tags;
}

export interface Address {
  readonly id: string;
  readonly publicIp: string;
  readonly association: Association | null;
  readonly tags: Tags;
}

export interface Association {
  readonly id: string;
  readonly instanceId: string;
  readonly interfaceId: string;
  readonly privateIp: string;
}

export interface NetworkInterface {
  readonly id: string;
  readonly attachmentId: string;
  readonly instanceId: string;
  readonly subnetId: string;
  readonly vpcId: string;
  readonly zone: string;
  readonly privateIp: string;
  readonly mac: string;
  readonly createdAtMs: number;
  readonly tags: Tags;
}

export interface StateReason {
  readonly code: string;
  readonly message: string;
}

export interface Instance {
  readonly id: string;
  readonly imageId: string;
  readonly type: InstanceType;
  readonly state: InstanceStateName;
  readonly reason: StateReason | null;
  readonly changedAtMs: number;
  readonly launchedAtMs: number;
  /** Instances of one RunInstances call share it, and are numbered in it from 0. */
  readonly reservationId: string;
  readonly launchIndex: number;
  readonly subnetId: string;
  readonly vpcId: string;
  readonly zone: string;
  readonly privateIp: string;
  readonly mac: string;
  readonly interfaceId: string;
  /** The public address that the subnet gives; hidden while an Elastic IP is associated. */
  readonly autoPublicIp: string | null;
  readonly rootDevice: string;
  readonly rootVolumeId: string;
  /** Device names that a forced detach left unusable until the next start. */
  readonly spoiltDevices: readonly string[];
  readonly userData: string | null;
  readonly roleName: string | null;
  readonly keyName: string | null;
  readonly metadataTags: boolean;
  /** Shown only: here nothing stands between an instance and IMDS. */
  readonly metadataHops: number;
  readonly onShutdown: "stop" | "terminate";
  readonly terminateProtected: boolean;
  readonly stopProtected: boolean;
  readonly ebsOptimized: boolean;
  readonly spot: boolean;
  readonly clientToken: string | null;
  /** The machine behind it: not made yet, powered on, powered off, thrown away. */
  readonly machine: "none" | "on" | "off" | "gone";
  /** The host does not answer: status checks fail, the state still says running. */
  readonly impaired: boolean;
  readonly shown: Shown;
  readonly tags: Tags;
}

/** What IMDS shows by now; it lags behind the truth. */
export interface Shown {
  readonly publicIps: readonly string[];
  readonly target: string | null;
  readonly credentials: boolean;
  readonly spotAction: { readonly action: string; readonly time: string } | null;
  readonly rebalanceNotice: string | null;
}

export interface Template {
  readonly id: string;
  readonly name: string;
  readonly createdAtMs: number;
  readonly createdBy: string;
  /** Numbered from 1; a number that was deleted is never given again. */
  readonly versions: readonly TemplateVersion[];
  readonly defaultVersion: number;
  readonly latestVersion: number;
  readonly tags: Tags;
}

export interface TemplateVersion {
  readonly number: number;
  readonly description: string | null;
  readonly data: RequestLaunchTemplateData;
  readonly createdAtMs: number;
  readonly createdBy: string;
}

/** A ClientToken that was used: the same request again gives the same resource. */
export interface UsedToken {
  readonly id: string;
  readonly request: string;
  readonly resourceIds: readonly string[];
  readonly usedAtMs: number;
}
