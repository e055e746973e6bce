// What Auto Scaling offers, as it lists it: processes, hooks, policies, and how many groups there
// may be. The lists are those of the API reference and of the guide to suspending processes.

import type {
  DescribeAccountLimitsAnswer,
  DescribeAdjustmentTypesAnswer,
  DescribeAutoScalingNotificationTypesAnswer,
  DescribeLifecycleHookTypesAnswer,
  DescribeMetricCollectionTypesAnswer,
  DescribeTerminationPolicyTypesAnswer,
  ProcessesType,
} from "@aws-sdk/client-auto-scaling";
import type { Region } from "./region.ts";

export const scalingProcesses: readonly string[] = [
  "AZRebalance",
  "AddToLoadBalancer",
  "AlarmNotification",
  "HealthCheck",
  "InstanceRefresh",
  "Launch",
  "ReplaceUnhealthy",
  "ScheduledActions",
  "Terminate",
];

export function describeScalingProcessTypes(): ProcessesType {
  return { Processes: scalingProcesses.map((ProcessName) => ({ ProcessName })) };
}

export function describeLifecycleHookTypes(): DescribeLifecycleHookTypesAnswer {
  return {
    LifecycleHookTypes: [
      "autoscaling:EC2_INSTANCE_LAUNCHING",
      "autoscaling:EC2_INSTANCE_TERMINATING",
    ],
  };
}

export function describeTerminationPolicyTypes(): DescribeTerminationPolicyTypesAnswer {
  return {
    TerminationPolicyTypes: [
      "AllocationStrategy",
      "ClosestToNextInstanceHour",
      "Default",
      "NewestInstance",
      "OldestInstance",
      "OldestLaunchConfiguration",
      "OldestLaunchTemplate",
    ],
  };
}

export function describeAdjustmentTypes(): DescribeAdjustmentTypesAnswer {
  const types = ["ChangeInCapacity", "ExactCapacity", "PercentChangeInCapacity"];
  return { AdjustmentTypes: types.map((AdjustmentType) => ({ AdjustmentType })) };
}

export function describeNotificationTypes(): DescribeAutoScalingNotificationTypesAnswer {
  return {
    AutoScalingNotificationTypes: [
      "autoscaling:EC2_INSTANCE_LAUNCH",
      "autoscaling:EC2_INSTANCE_LAUNCH_ERROR",
      "autoscaling:EC2_INSTANCE_TERMINATE",
      "autoscaling:EC2_INSTANCE_TERMINATE_ERROR",
      "autoscaling:TEST_NOTIFICATION",
    ],
  };
}

export function describeMetricCollectionTypes(): DescribeMetricCollectionTypesAnswer {
  const metrics = [
    "GroupMinSize",
    "GroupMaxSize",
    "GroupDesiredCapacity",
    "GroupInServiceInstances",
    "GroupPendingInstances",
    "GroupTerminatingInstances",
    "GroupStandbyInstances",
    "GroupTotalInstances",
  ];
  return {
    Metrics: metrics.map((Metric) => ({ Metric })),
    Granularities: [{ Granularity: "1Minute" }],
  };
}

/** The quotas of a new account, of which none is enforced here. */
export function describeAccountLimits(region: Region): DescribeAccountLimitsAnswer {
  return {
    MaxNumberOfAutoScalingGroups: 500,
    MaxNumberOfLaunchConfigurations: 200,
    NumberOfAutoScalingGroups: region.groups.all().length,
    NumberOfLaunchConfigurations: 0,
  };
}
