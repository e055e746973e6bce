// The rows of Auto Scaling: groups, their hooks, their members, the lifecycle actions that members
// wait for, and the record of what each group did.

import type { LifecycleState, ScalingActivityStatusCode } from "@aws-sdk/client-auto-scaling";

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
  readonly healthCheckType: string;
  readonly graceS: number;
  readonly cooldownS: number;
  readonly protectNew: boolean;
  readonly capacityRebalance: boolean;
  readonly suspended: readonly string[];
  readonly tags: readonly GroupTag[];
  readonly createdAtMs: number;
  readonly deleting: boolean;
  /** Launch before terminate: the one that leaves once the other is in service. */
  readonly swap: { readonly oldId: string; readonly newId: string } | null;
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
  readonly instanceId: string | null;
  readonly status: ScalingActivityStatusCode;
  readonly description: string;
  readonly cause: string;
  readonly message: string | null;
  readonly details: string;
  readonly startAtMs: number;
  readonly endAtMs: number | null;
}
