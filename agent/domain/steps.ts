// Every deed this program can do to the world, by name, with its arguments and what it reports.
// Everything else is derived from these two maps: the step union, the executors' type, the journal
// and the tests that kill the agent at each of them. A step is small enough to be done, not done, or
// settled by looking; none leaves anything half done that a look cannot see.

import type { RefusalCode } from "./decision.ts";
import type {
  AllocationId,
  AssociationId,
  InstanceId,
  InterfaceId,
  SnapshotId,
  VolumeId,
} from "./ids.ts";
import type { Mark, Opened, Releasing } from "./mark.ts";
import type { FilesystemType, ReadyCheck } from "./settings.ts";
import type { Tags } from "./tags.ts";

export interface StepArguments {
  /** Takes the address only if nobody has it. */
  readonly associate: {
    readonly allocationId: AllocationId;
    readonly interfaceId: InterfaceId;
  };
  /** Cuts one association, and no later one, off. */
  readonly disassociate: { readonly associationId: AssociationId; readonly from: InstanceId };
  /** The lease, proven by a write where AWS makes it one (R7). */
  readonly prove: {
    readonly allocationId: AllocationId;
    readonly interfaceId: InterfaceId;
    readonly instanceId: InstanceId;
  };
  readonly createVolume: {
    readonly name: string;
    readonly zone: string;
    readonly source: { readonly snapshotId: SnapshotId | null; readonly sizeGib: number | null };
    readonly type: string;
    readonly iops: number | null;
    readonly throughputMibps: number | null;
    readonly initializationMibps: number | null;
    readonly encryption: { readonly encrypted: boolean; readonly kmsKeyId: string | null };
    /** Derived, so that a repeated call returns the same volume. */
    readonly token: string;
    readonly tags: Tags;
  };
  readonly deleteVolume: { readonly volumeId: VolumeId };
  readonly snapshotVolume: {
    readonly volumeId: VolumeId;
    readonly purpose: string;
    readonly tags: Tags;
  };
  /** All of them at one point in time, other volumes of the instance left out. */
  readonly snapshotSet: {
    readonly instanceId: InstanceId;
    readonly volumeIds: readonly VolumeId[];
    readonly purpose: string;
    readonly tags: Tags;
  };
  readonly validateSet: { readonly setId: string; readonly snapshotIds: readonly SnapshotId[] };
  readonly deleteSnapshots: { readonly snapshotIds: readonly SnapshotId[] };
  readonly attach: { readonly volumeId: VolumeId; readonly instanceId: InstanceId };
  readonly detach: { readonly volumeId: VolumeId; readonly instanceId: InstanceId };
  readonly claim: {
    readonly volumeIds: readonly VolumeId[];
    readonly generation: number;
    readonly opened: Opened;
  };
  readonly mark: {
    readonly allocationId: AllocationId;
    /** The group that carries a copy; null where there is none. */
    readonly group: string | null;
    readonly mark: Mark;
  };
  readonly write: { readonly volumeIds: readonly VolumeId[]; readonly generation: number };
  readonly announce: { readonly volumeIds: readonly VolumeId[]; readonly releasing: Releasing };
  readonly format: {
    readonly volumeId: VolumeId;
    readonly path: string;
    readonly type: FilesystemType;
    readonly label: string;
  };
  readonly check: { readonly volumeId: VolumeId; readonly path: string };
  readonly mount: {
    readonly volumeId: VolumeId;
    readonly path: string;
    readonly mountPoint: string;
    readonly type: FilesystemType;
    readonly options: readonly string[];
  };
  /** Grows the file system to its volume, and sets owner and mode of its root. */
  readonly settle: {
    readonly volumeId: VolumeId;
    readonly path: string;
    readonly mountPoint: string;
    readonly type: FilesystemType;
    readonly owner: string | null;
    readonly mode: string | null;
  };
  readonly initialise: {
    readonly volumeId: VolumeId;
    readonly command: string;
    readonly mountPoint: string;
    readonly attempt: number;
  };
  readonly unmount: { readonly mountPoint: string; readonly units: readonly string[] };
  readonly guardUnits: {
    readonly units: readonly string[];
    readonly mountPoints: readonly string[];
  };
  readonly startUnit: { readonly unit: string; readonly timeoutMs: number };
  readonly stopUnit: { readonly unit: string; readonly timeoutMs: number };
  readonly checkReady: { readonly check: ReadyCheck; readonly timeoutMs: number };
  readonly runCommand: { readonly command: string; readonly timeoutMs: number };
  readonly completeHook: {
    readonly group: string;
    readonly hook: string;
    readonly instanceId: InstanceId;
    readonly result: "CONTINUE" | "ABANDON";
  };
  /** Ends a silent instance, through its group where it has one. */
  readonly fence: { readonly instanceId: InstanceId; readonly grouped: boolean };
}

export interface Created {
  /** What it was made for: a volume's token, or a snapshot set's id and a volume's name. */
  readonly purpose: string;
  readonly volumeId: VolumeId | null;
  readonly snapshotIds: readonly SnapshotId[];
}

export type StepName = keyof StepArguments;

export type Step = {
  [Name in StepName]: { readonly name: Name; readonly with: StepArguments[Name] };
}[StepName];

/**
 * What a step found out, where the plan depends on it:
 * - `done`: it happened, or had already.
 * - `lease`: the address is mine, under this association.
 * - `created`: a resource exists under this id now, though no list may show it yet.
 * - `refused`: the world is in another state than the step needs; let go and look again. With a code,
 *   only an operator can change that, and nothing is tried again.
 */
export type Outcome =
  | { readonly kind: "done" }
  | { readonly kind: "lease"; readonly associationId: AssociationId }
  | { readonly kind: "created"; readonly created: Created }
  | { readonly kind: "refused"; readonly why: string; readonly code: RefusalCode | null };

export type StepOf<Name extends StepName> = Extract<Step, { name: Name }>;
