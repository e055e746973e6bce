// What an operator may set, after validation: every duration in milliseconds, every default filled
// in. How the file looks is the settings port's affair; this is what the planner reads.

import type { AllocationId, SnapshotId } from "./ids.ts";

export type FilesystemType = "ext4" | "xfs";

/** A plan for a volume that has never existed. Without one, nothing is ever created blank. */
export type FirstVolume =
  | {
      readonly kind: "blank";
      readonly sizeGib: number;
      readonly type: string;
      readonly encrypted: boolean;
      readonly kmsKeyId: string | null;
      readonly iops: number | null;
      readonly throughputMibps: number | null;
      /** The command that fills it, run once as the tag `ec2-ha:init` says. */
      readonly init: string | null;
    }
  | { readonly kind: "snapshot"; readonly snapshotId: SnapshotId; readonly type: string };

export interface VolumeSettings {
  readonly name: string;
  readonly mount: string;
  readonly filesystem: FilesystemType;
  /** Mount options, as mount(8) takes them. */
  readonly options: readonly string[];
  /** `user:group`, applied to the mount's root directory after it is mounted; null leaves it. */
  readonly owner: string | null;
  /** Four octal digits, applied likewise; null leaves it. */
  readonly mode: string | null;
  readonly first: FirstVolume | null;
  readonly restore: {
    readonly type: string;
    readonly iops: number | null;
    readonly throughputMibps: number | null;
    readonly initializationMibps: number | null;
  };
}

export type ReadyCheck =
  | { readonly kind: "tcp"; readonly port: number }
  | { readonly kind: "http"; readonly url: string }
  | { readonly kind: "command"; readonly command: string };

export interface ReadySettings {
  readonly check: ReadyCheck;
  /** How long a service may take after its start. */
  readonly withinMs: number;
  /** Time between two checks. */
  readonly everyMs: number;
  /** Failures in a row that count as one; with `replace` the group is told. */
  readonly failures: number;
  readonly replace: boolean;
}

export interface SnapshotSettings {
  /** A five-field cron expression in UTC; null takes none. */
  readonly schedule: string | null;
  readonly keep: { readonly latest: number; readonly hourly: number; readonly daily: number };
}

export interface Settings {
  readonly seat: string;
  /** `tag` finds the Elastic IP by its tag; an allocation id names it; null is a seat without one. */
  readonly address: "tag" | { readonly allocationId: AllocationId } | null;
  /** In name order. */
  readonly volumes: readonly VolumeSettings[];
  readonly units: readonly string[];
  readonly ready: ReadySettings | null;
  /** Commands run before the final snapshot, once the units have stopped. */
  readonly beforeSnapshot: readonly string[];
  readonly notify: readonly string[];
  readonly snapshots: SnapshotSettings;
  /** What may be lost if an Availability Zone is; null permits no loss at all. */
  readonly maxDataLossMs: number | null;
  /** How long a silent predecessor is waited for. */
  readonly patienceMs: number;
  /** Bound on a whole release. */
  readonly releaseWithinMs: number;
  /** Superseded volumes are kept this long. */
  readonly keepOldVolumesMs: number;
  /** What a refusal does to a launch hook: hold it (heartbeat on), or abandon it. */
  readonly onRefusal: "hold" | "abandon";
  /** Names of the hooks that are ours; null takes the only one of its kind. */
  readonly hooks: { readonly launch: string | null; readonly terminate: string | null };
}
