// What the planner says comes next, as data: what `ec2-ha-agent plan` prints and what `perform`
// does. Every decision carries its reason in words; every wait says what it waits for, how long at
// most, and what is looked at then.

import type { AssociationId, SnapshotId, VolumeId } from "./ids.ts";
import type { Member } from "./mark.ts";
import type { Created, Step } from "./steps.ts";

/** What a look covers: the whole world, or only what a pending step can change. */
export type Scope =
  | { readonly kind: "all" }
  | { readonly kind: "volumes"; readonly volumeIds: readonly VolumeId[] }
  | { readonly kind: "snapshots"; readonly snapshotIds: readonly SnapshotId[] }
  /** This machine's own disks, mounts and units; no call leaves it. */
  | { readonly kind: "local" }
  /** Instances and the group. */
  | { readonly kind: "group" };

/** How fast the first and the following looks of a wait come; measured curves, see `plan/pace.ts`. */
export type Pace =
  | "now"
  | "ready"
  | "volume"
  | "attachment"
  | "snapshot"
  | "device"
  | "hook"
  | "slow";

export type Decision =
  | {
      readonly kind: "perform";
      /** Performed side by side. */
      readonly steps: readonly [Step, ...Step[]];
      readonly why: string;
      /** What is looked at afterwards. */
      readonly look: Scope;
      /** The opening as it stands once these steps are done; null ends it. */
      readonly opening: Opening | null;
    }
  | {
      readonly kind: "wait";
      readonly why: string;
      readonly pace: Pace;
      readonly look: Scope;
      readonly opening: Opening | null;
    }
  | { readonly kind: "done"; readonly why: string }
  | { readonly kind: "refuse"; readonly refusal: Refusal };

/** A stable code, and the sentence for the operator: found, wanted, what to do. */
export interface Refusal {
  readonly code: RefusalCode;
  readonly message: string;
}

export type RefusalCode =
  | "EHA-ADDRESS-AMBIGUOUS"
  | "EHA-ADDRESS-HELD"
  | "EHA-ADDRESS-MISSING"
  | "EHA-ATTACH-STUCK"
  | "EHA-AWS-LIMIT"
  | "EHA-AWS-REFUSED"
  | "EHA-AWS-SILENT"
  | "EHA-BROKEN"
  | "EHA-CREDENTIALS"
  | "EHA-DENIED"
  | "EHA-DISK-CHECK"
  | "EHA-DISK-DAMAGED"
  | "EHA-DISK-NOT-BLANK"
  | "EHA-FALLBACK-UNSUPPORTED"
  | "EHA-FIRST-UNSET"
  | "EHA-HANDOVER-UNSUPPORTED"
  | "EHA-HOOK-AMBIGUOUS"
  | "EHA-HOOK-MISSING"
  | "EHA-IMDS"
  | "EHA-INIT-FAILED"
  | "EHA-MOUNT-BUSY"
  | "EHA-MOUNT-OWNER"
  | "EHA-MOUNT-POINT"
  | "EHA-MOUNT-REFUSED"
  | "EHA-NOT-READY"
  | "EHA-PROGRAM-MISSING"
  | "EHA-TAG-MALFORMED"
  | "EHA-TIP-FORK"
  | "EHA-TIP-INCOMPLETE"
  | "EHA-TIP-LOST"
  | "EHA-TIP-SPLIT"
  | "EHA-TIP-UNPROVEN"
  | "EHA-UNIT-GUARD"
  | "EHA-UNIT-STUCK"
  | "EHA-VOLUME-ADDED"
  | "EHA-VOLUME-ERROR"
  | "EHA-VOLUME-REMOVED"
  | "EHA-VOLUME-VANISHED"
  | "EHA-WATCH-UNSUPPORTED";

/** Where the volumes of an opening come from. */
export type Base =
  | { readonly kind: "attach"; readonly members: readonly Member[] }
  | {
      readonly kind: "restore";
      readonly setId: string;
      /** The generation it holds: the tip's `written`. */
      readonly of: number;
    }
  | { readonly kind: "create" };

/**
 * An opening under way, known to this process alone and lost with it: evidence that cannot be read
 * back from a world whose reads may be old. A process without one starts over, with a new
 * generation (R4).
 */
export interface Opening {
  readonly base: Base;
  /** What the tip was when the base was chosen (R6 and R7 compare). */
  readonly tipKey: string;
  /** The tip's generation: what this opening started from. */
  readonly from: number;
  readonly stage: StageName;
  /** The look in which the stage was entered: a comparison needs a later one. */
  readonly sinceLook: number;
  readonly associationId: AssociationId | null;
  /** When the lease was seen to be mine, by the monotonic clock; null before that. */
  readonly leasedMs: number | null;
  /** When `written` was put on, by the monotonic clock; null before that. */
  readonly wroteMs: number | null;
  /** 0 until it is chosen. */
  readonly generation: number;
  /** The volumes being opened, once they are known; in name order. */
  readonly members: readonly Member[];
}

/** R7's order. The planner walks it from left to right, and back only to prove the lease once more. */
export type StageName =
  | "lease"
  | "confirm"
  | "bring"
  | "attach"
  | "prove"
  | "compare"
  | "claim"
  | "mark"
  | "rival"
  | "format"
  | "write"
  | "check"
  | "prove-again"
  | "inspect"
  | "mount"
  | "settle"
  | "initialise"
  | "opened";

/** What this process has seen over time; pure functions keep it, and losing it costs only time. */
export interface Memory {
  readonly opening: Opening | null;
  /** How each instance in the way last changed, as seen from here, by the monotonic clock. */
  readonly lives: readonly Life[];
  /** Since when every look found nothing of the seat's data; null when the last one found some. */
  readonly nothing: { readonly sinceMs: number; readonly sinceLook: number } | null;
  /** Volumes of the mark that EC2 says do not exist. */
  readonly lost: readonly (Unseen & { readonly volumeId: VolumeId })[];
  /** The seat's address, while no look shows it; null once one did. */
  readonly addressless: Unseen | null;
  /** This instance in its group, while IMDS says that it is in one and the group does not list it. */
  readonly unlisted: Unseen | null;
  /** Since when the mark or a volume of it has been out of sight. */
  readonly hiddenSinceMs: number | null;
  /** What the last proof of the lease found, and in which look; no association means another's. */
  readonly proven: { readonly associationId: AssociationId | null; readonly look: number } | null;
  /** Since when this instance has been releasing the seat; a release that began is never taken back. */
  readonly releasingSinceMs: number | null;
  /** Commands run since the units stopped; a restart runs them again. */
  readonly commandsRun: readonly string[];
  /** Volumes whose `first.init` this process has seen to its end: their tags may still be old. */
  readonly initialised: readonly VolumeId[];
  /** What this process made, found by id as long as lists may lag. */
  readonly created: readonly (Created & { readonly sinceMs: number })[];
  /** Tokens that are never used again. */
  readonly burned: readonly Burned[];
  /** Volumes detached from here because they never became usable: what is repeated is counted. */
  readonly reattached: readonly { readonly volumeId: VolumeId; readonly atMs: number }[];
  /** Instances whose hook was answered for them: once is enough to see whether that moves anything. */
  readonly helped: readonly string[];
  /** Since when the plan has refused, without a step in between. */
  readonly refusedSinceMs: number | null;
  /** A refusal of a step that trying again would not heal; a restart of the agent tries again. */
  readonly stuck: Refusal | null;
  /** The readiness of the service, as last checked. */
  readonly readiness: Readiness | null;
}

/** What looks did not show, again and again: one empty answer is never none. */
export interface Unseen {
  readonly sinceMs: number;
  /** Whole looks that found so, and the last of them. */
  readonly looks: number;
  readonly look: number;
}

export interface Burned {
  readonly token: string;
  readonly atMs: number;
  /** Its volume failed or vanished after the call had succeeded; otherwise the token was refused. */
  readonly vanished: boolean;
}

export interface Readiness {
  readonly ready: boolean;
  /** When it was first asked for. */
  readonly sinceMs: number;
  readonly checkedMs: number;
  readonly why: string;
}

export interface Life {
  /** An instance, or a volume while it is attaching. */
  readonly subject: string;
  readonly fingerprint: string;
  readonly sinceMs: number;
}
