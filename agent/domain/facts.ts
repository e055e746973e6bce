// What is known of the world at one moment, as plain data. `observe` fills it in, the planner reads
// it, and nothing else does. Everything here may be stale or partial: EC2's reads are eventually
// consistent. What must not be old is looked at anew, and `look` counts those looks.

import type {
  AllocationId,
  AssociationId,
  InstanceId,
  InterfaceId,
  SnapshotId,
  VolumeId,
} from "./ids.ts";
import type { Init, Mark, Member, Opened, Releasing } from "./mark.ts";

export interface Facts {
  /** Whole looks at the world so far, from 1. A stage that needs a fresh one compares this number. */
  readonly look: number;
  /** Wall time, for tags and ages. */
  readonly nowMs: number;
  /** For waits. */
  readonly monotonicMs: number;
  readonly me: Me;
  /** null for a seat without an address. */
  readonly address: AddressFact | null;
  /** The group's copy of the mark. */
  readonly groupMark: Mark | null;
  /** Every volume tagged for the seat, and those that the mark names, in id order. */
  readonly volumes: readonly VolumeFact[];
  /** Volumes that EC2 said do not exist, asked by id in this look. */
  readonly notFound: readonly VolumeId[];
  readonly sets: readonly SnapshotSet[];
  /** Instances that hold the address or a volume, or opened last. */
  readonly instances: readonly InstanceFact[];
  /** The seat's disks as this machine sees them, one for each volume attached here. */
  readonly disks: readonly DiskFact[];
  /** The units listed in the settings, in their order. */
  readonly units: readonly UnitFact[];
  /** Tags on the seat's resources that could not be read. */
  readonly malformed: readonly Malformed[];
}

export interface Me {
  readonly instanceId: InstanceId;
  readonly zone: string;
  readonly interfaceId: InterfaceId;
  /** Auto Scaling's target state from IMDS; null where there is no group or none is set yet. */
  readonly target: string | null;
  readonly group: GroupFact | null;
}

export interface GroupFact {
  readonly name: string;
  /** This instance's state in its group, as described (IMDS lags). */
  readonly lifecycleState: string;
  readonly hooks: readonly Hook[];
}

export interface Hook {
  readonly name: string;
  readonly transition: "launch" | "terminate";
  readonly heartbeatTimeoutMs: number;
}

export interface AddressFact {
  readonly allocationId: AllocationId;
  readonly publicIp: string;
  readonly associationId: AssociationId | null;
  readonly instanceId: InstanceId | null;
  readonly mark: Mark | null;
}

export type VolumeState = "creating" | "available" | "in-use" | "deleting" | "deleted" | "error";

export interface Attachment {
  readonly instanceId: InstanceId;
  readonly state: "attaching" | "attached" | "detaching" | "busy";
  readonly device: string;
}

export interface VolumeFact {
  readonly volumeId: VolumeId;
  readonly name: string;
  readonly zone: string;
  readonly state: VolumeState;
  readonly sizeGib: number;
  readonly attachments: readonly Attachment[];
  /** The snapshot it was made from; `blank`; null when the tag is not there. */
  readonly parent: SnapshotId | "blank" | null;
  /** The opening that claimed it; 0 when none has. */
  readonly generation: number;
  readonly opened: Opened | null;
  /** The last generation under which it may have been written; 0 is never. */
  readonly written: number;
  readonly releasing: Releasing | null;
  readonly init: Init;
  readonly createdMs: number;
}

export type SetReason = "scheduled" | "final" | "recovery" | "manual";

/** Snapshots taken together: they carry one set tag. */
export interface SnapshotSet {
  readonly setId: string;
  /** The generation whose writes it holds. */
  readonly of: number;
  readonly reason: SetReason;
  readonly clean: boolean;
  readonly valid: boolean;
  /** The volumes it should hold. */
  readonly members: readonly Member[];
  /** Names whose `first.init` had not finished. */
  readonly initPending: readonly string[];
  readonly snapshots: readonly SnapshotFact[];
  /** Of the earliest of its snapshots. */
  readonly startedMs: number;
}

export interface SnapshotFact {
  readonly snapshotId: SnapshotId;
  readonly volumeId: VolumeId;
  readonly state: "pending" | "completed" | "error" | "recoverable" | "recovering";
  readonly archived: boolean;
  readonly progressPercent: number;
  readonly sizeGib: number;
}

export interface InstanceFact {
  readonly instanceId: InstanceId;
  /** `gone`: EC2 does not know it any more. */
  readonly state:
    | "pending"
    | "running"
    | "shutting-down"
    | "terminated"
    | "stopping"
    | "stopped"
    | "gone";
  /** Its state in a group, and which; null when it is in none. */
  readonly group: { readonly name: string; readonly lifecycleState: string } | null;
  /** Tagged for the seat, or in this instance's group: anything else is never fenced. */
  readonly member: boolean;
  /** Its sign of life while it takes the seat, as written. */
  readonly taking: string | null;
}

export type DiskContent =
  | { readonly kind: "blank" }
  /** `ours`: it carries the UUID that our own mkfs derives from the volume's id. */
  | { readonly kind: "filesystem"; readonly type: string; readonly ours: boolean }
  /** Something that is not a file system of ours: a partition table, LVM, md, LUKS, ZFS. */
  | { readonly kind: "foreign"; readonly what: string }
  | { readonly kind: "unreadable"; readonly why: string };

export interface DiskFact {
  readonly volumeId: VolumeId;
  /** The block device whose serial is the volume's id; null while it has not shown up. */
  readonly path: string | null;
  /** What is on it; null where nobody needs to know (it is mounted). */
  readonly content: DiskContent | null;
  /** Where PID 1 sees it mounted. */
  readonly mountedAt: readonly string[];
  /** Nothing has it open: an exclusive open succeeds. */
  readonly free: boolean;
}

export interface UnitFact {
  readonly name: string;
  readonly state:
    | "active"
    | "activating"
    | "deactivating"
    | "inactive"
    | "failed"
    | "missing"
    /** There, and never to be started: masked, or its file is wrong. */
    | "unusable";
}

export interface Malformed {
  readonly subject: string;
  readonly tag: string;
  readonly found: string;
  readonly wanted: string;
  /** On a volume, the address or the group: nothing is decided until it is put right. */
  readonly candidate: boolean;
}
