// The rows of Auto Scaling: groups, their hooks, their members, the lifecycle actions that members
// wait for, and the record of what each group did.

import type {
  InstanceRefreshStatus,
  LifecycleState,
  MixedInstancesPolicy,
  ScalingActivityStatusCode,
  WarmPoolState,
} from "@aws-sdk/client-auto-scaling";

export type Transition =
  | "autoscaling:EC2_INSTANCE_LAUNCHING"
  | "autoscaling:EC2_INSTANCE_TERMINATING";

export type ActionResult = "CONTINUE" | "ABANDON";

export interface GroupTag {
  readonly key: string;
  readonly value: string;
  readonly propagate: boolean;
}

export interface TemplateChoice {
  readonly id: string;
  readonly name: string;
  readonly version: string;
}

export interface Group {
  /** The group's name. */
  readonly id: string;
  readonly arn: string;
  readonly sizeMin: number;
  readonly sizeMax: number;
  readonly desired: number;
  readonly subnetIds: readonly string[];
  readonly template: TemplateChoice;
  /** Given in place of a template: then it is what the group shows. */
  readonly mixed: MixedInstancesPolicy | null;
  readonly healthCheckType: string;
  readonly graceS: number;
  readonly cooldownS: number;
  readonly protectNew: boolean;
  readonly capacityRebalance: boolean;
  readonly terminationPolicies: readonly string[];
  /** An instance whose terminate hook was abandoned is kept, outside of the desired capacity. */
  readonly retainAbandoned: boolean;
  readonly warmPool: WarmPool | null;
  /** Why the desired capacity is what it is: told in the activities until the group has it. */
  readonly reason: string | null;
  readonly suspended: readonly string[];
  /** When each of them was. */
  readonly suspendedAtMs: Readonly<Record<string, number>>;
  readonly tags: readonly GroupTag[];
  readonly createdAtMs: number;
  readonly deleting: boolean;
  /** Launches in a row that a hook abandoned, and when the last one was. */
  readonly launchFailures: number;
  readonly launchFailedAtMs: number;
  /** Launch before terminate: the one that leaves once the other is in service. */
  readonly swap: { readonly oldId: string; readonly newId: string } | null;
}

export interface WarmPool {
  readonly sizeMin: number;
  /** Together with the members in service; null: the group's own maximum. */
  readonly preparedMax: number | null;
  readonly state: WarmPoolState;
  readonly deleting: boolean;
}

/** A replacement of all members, one after the other. */
export interface Refresh {
  readonly id: string;
  readonly groupName: string;
  readonly status: InstanceRefreshStatus;
  /** The members that it replaces, as they were found at its start. */
  readonly oldIds: readonly string[];
  readonly template: TemplateChoice | null;
  readonly warmupS: number;
  readonly healthyMinPercent: number;
  readonly healthyMaxPercent: number;
  readonly skipMatching: boolean;
  readonly startAtMs: number;
  readonly endAtMs: number | null;
}

export interface Hook {
  /** `group/hook`: names are unique in their group. */
  readonly id: string;
  readonly groupName: string;
  readonly name: string;
  readonly transition: Transition;
  readonly heartbeatS: number;
  readonly defaultResult: ActionResult;
  readonly metadata: string | null;
  readonly targetArn: string | null;
  readonly roleArn: string | null;
}

export interface Member {
  /** The instance's id. */
  readonly id: string;
  readonly groupName: string;
  readonly lifecycle: LifecycleState;
  readonly healthy: boolean;
  /** What was found wrong with it, as the activity tells it; null while it is healthy. */
  readonly complaint: string | null;
  readonly zone: string;
  readonly template: TemplateChoice;
  readonly protectedFromScaleIn: boolean;
  readonly inServiceAtMs: number | null;
  readonly activityId: string;
}

/** One hook of one member's transition, still to be answered. */
export interface LifecycleAction {
  /** The lifecycle action token. */
  readonly id: string;
  readonly groupName: string;
  readonly hookName: string;
  readonly instanceId: string;
  readonly transition: Transition;
  readonly heartbeatMs: number;
  readonly endsAtMs: number;
  /** Heartbeats do not reach beyond this. */
  readonly limitAtMs: number;
  readonly defaultResult: ActionResult;
  readonly result: ActionResult | null;
}

export interface Activity {
  readonly id: string;
  readonly groupName: string;
  readonly groupArn: string;
  readonly instanceId: string | null;
  readonly status: ScalingActivityStatusCode;
  readonly progress: number;
  readonly description: string;
  readonly cause: string;
  readonly message: string | null;
  readonly subnetId: string;
  readonly zone: string;
  readonly startAtMs: number;
  readonly endAtMs: number | null;
}
