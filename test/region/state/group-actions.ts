// Every action of Auto Scaling that the region knows, by name. Those of EC2 are in actions.ts.

import type { Caller } from "../contract.ts";
import { describeScalingActivities } from "./activities.ts";
import { setInstanceHealth, setInstanceProtection, terminateMember } from "./group-commands.ts";
import { attachInstances, detachInstances, enterStandby, exitStandby } from "./group-moves.ts";
import { createOrUpdateGroupTags, deleteGroupTags, describeGroupTags } from "./group-tags.ts";
import {
  describeAccountLimits,
  describeAdjustmentTypes,
  describeLifecycleHookTypes,
  describeMetricCollectionTypes,
  describeNotificationTypes,
  describeScalingProcessTypes,
  describeTerminationPolicyTypes,
} from "./group-types.ts";
import { describeGroups, describeMembers } from "./group-views.ts";
import {
  createGroup,
  deleteGroup,
  resumeProcesses,
  setDesiredCapacity,
  suspendProcesses,
  updateGroup,
} from "./groups.ts";
import { completeAction, deleteHook, describeHooks, putHook, recordHeartbeat } from "./hooks.ts";
import {
  cancelInstanceRefresh,
  describeInstanceRefreshes,
  startInstanceRefresh,
} from "./refresh-commands.ts";
import type { Region } from "./region.ts";
import { deleteWarmPool, describeWarmPool, putWarmPool } from "./warm-pool-commands.ts";

/** Takes its own input shape: `never` stands for all of them in one table. */
export type Action = (region: Region, input: never, caller: Caller) => object | Promise<object>;

export const groupActions: Readonly<Record<string, Action>> = {
  AttachInstances: attachInstances,
  CancelInstanceRefresh: cancelInstanceRefresh,
  CompleteLifecycleAction: completeAction,
  CreateAutoScalingGroup: createGroup,
  CreateOrUpdateTags: createOrUpdateGroupTags,
  DeleteAutoScalingGroup: deleteGroup,
  DeleteLifecycleHook: deleteHook,
  DeleteTags: deleteGroupTags,
  DeleteWarmPool: deleteWarmPool,
  DescribeAccountLimits: describeAccountLimits,
  DescribeAdjustmentTypes: describeAdjustmentTypes,
  DescribeAutoScalingGroups: describeGroups,
  DescribeAutoScalingInstances: describeMembers,
  DescribeAutoScalingNotificationTypes: describeNotificationTypes,
  DescribeInstanceRefreshes: describeInstanceRefreshes,
  DescribeLifecycleHookTypes: describeLifecycleHookTypes,
  DescribeLifecycleHooks: describeHooks,
  DescribeMetricCollectionTypes: describeMetricCollectionTypes,
  DescribeScalingActivities: describeScalingActivities,
  DescribeScalingProcessTypes: describeScalingProcessTypes,
  DescribeTags: describeGroupTags,
  DescribeTerminationPolicyTypes: describeTerminationPolicyTypes,
  DescribeWarmPool: describeWarmPool,
  DetachInstances: detachInstances,
  EnterStandby: enterStandby,
  ExitStandby: exitStandby,
  PutLifecycleHook: putHook,
  PutWarmPool: putWarmPool,
  RecordLifecycleActionHeartbeat: recordHeartbeat,
  ResumeProcesses: resumeProcesses,
  SetDesiredCapacity: setDesiredCapacity,
  SetInstanceHealth: setInstanceHealth,
  SetInstanceProtection: setInstanceProtection,
  StartInstanceRefresh: startInstanceRefresh,
  SuspendProcesses: suspendProcesses,
  TerminateInstanceInAutoScalingGroup: terminateMember,
  UpdateAutoScalingGroup: updateGroup,
};
