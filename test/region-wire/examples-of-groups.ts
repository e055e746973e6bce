// The examples of the Auto Scaling actions that the agent uses, from the Amazon EC2 Auto Scaling API
// Reference. The pages write the namespace with https; the service itself answers with http, as older
// editions of the pages had it and as recorded answers show it.

import { anything, boolean, type Example, number, time, uuid } from "./example.ts";

const autoScaling = { service: "autoscaling" } as const;

const template = { LaunchTemplateId: anything, LaunchTemplateName: anything, Version: anything };

const none = {
  LaunchConfigurationName: "launch configurations cannot be made any more",
  WeightedCapacity: "the example's element is empty: it has no weights",
};

const member = {
  ProtectedFromScaleIn: "false",
  AvailabilityZone: "{zone}",
  LaunchTemplate: template,
  InstanceId: "{member}",
  InstanceType: "t3.micro",
  HealthStatus: "Healthy",
  LifecycleState: "InService",
} satisfies Example["answer"];

const group = {
  AutoScalingGroupName: "my-asg",
  AutoScalingGroupARN:
    /^arn:aws:autoscaling:[a-z0-9-]+:\d{12}:autoScalingGroup:[0-9a-f-]{36}:autoScalingGroupName\/my-asg$/,
  LaunchTemplate: template,
  MinSize: number,
  MaxSize: number,
  DesiredCapacity: number,
  DefaultCooldown: "300",
  AvailabilityZones: ["{zone}"],
  LoadBalancerNames: "",
  TargetGroupARNs: "",
  HealthCheckType: /^(EC2|ELB)$/,
  HealthCheckGracePeriod: number,
  Instances: [member],
  CreatedTime: time,
  SuspendedProcesses: "",
  VPCZoneIdentifier: /^subnet-[0-9a-f]+(,subnet-[0-9a-f]+)*$/,
  EnabledMetrics: "",
  Tags: [
    {
      ResourceId: "my-asg",
      PropagateAtLaunch: "true",
      Value: "test",
      Key: "environment",
      ResourceType: "auto-scaling-group",
    },
  ],
  TerminationPolicies: ["Default"],
  NewInstancesProtectedFromScaleIn: "false",
  ServiceLinkedRoleARN:
    /^arn:aws:iam::\d{12}:role\/aws-service-role\/autoscaling\.amazonaws\.com\//,
  CapacityRebalance: boolean,
  TrafficSources: "",
} satisfies Example["answer"];

const hook = {
  AutoScalingGroupName: "my-asg",
  RoleARN: "arn:aws:iam::1234567890:role/my-auto-scaling-role",
  LifecycleTransition: "autoscaling:EC2_INSTANCE_LAUNCHING",
  GlobalTimeout: "172800",
  LifecycleHookName: "my-launch-hook",
  HeartbeatTimeout: "3600",
  DefaultResult: "ABANDON",
  NotificationTargetARN: "arn:aws:sqs:us-east-1:123456789012:my-queue",
} satisfies Example["answer"];

const target = ["AutoScalingGroupName=my-asg", "LifecycleHookName=my-launch-hook"];

export const groups: readonly Example[] = [
  {
    ...autoScaling,
    action: "DescribeAutoScalingGroups",
    page: "API_DescribeAutoScalingGroups, example 1",
    request: ["AutoScalingGroupNames.member.1=my-asg"],
    answer: { AutoScalingGroups: [group] },
    absent: {
      ...none,
      MixedInstancesPolicy: "the example's element is empty: the group has a template",
      PlacementGroup: "the example's element is empty: there is none",
      Status: "the example's element is empty: the group is not being deleted",
      MaxInstanceLifetime: "the example's element is empty: members may live for ever",
      WarmPoolConfiguration: "the example's element is empty: there is no pool",
      WarmPoolSize: "the example's element is empty: there is no pool",
      DesiredCapacityType: "the example's element is empty: it counts units",
      DefaultInstanceWarmup: "the example's element is empty: there is none",
    },
    erratum: "example 3 calls the parameter Filter, which example 2 and the list call Filters",
  },
  {
    ...autoScaling,
    action: "DescribeAutoScalingGroups",
    page: "API_DescribeAutoScalingGroups, example 2",
    request: [
      "Filters.member.1.Name=tag-key",
      "Filters.member.1.Values.member.1=environment",
      "Filters.member.2.Name=tag-value",
      "Filters.member.2.Values.member.1=test",
    ],
    answer: { AutoScalingGroups: [{ AutoScalingGroupName: "my-asg" }] },
  },
  {
    ...autoScaling,
    action: "DescribeAutoScalingInstances",
    page: "API_DescribeAutoScalingInstances, the example",
    request: ["InstanceIds.member.1={member}"],
    answer: {
      AutoScalingInstances: [
        { ...member, AutoScalingGroupName: "my-asg", HealthStatus: "HEALTHY" },
      ],
    },
    absent: none,
  },
  {
    ...autoScaling,
    action: "DescribeLifecycleHooks",
    page: "API_DescribeLifecycleHooks, the example",
    request: ["AutoScalingGroupName=my-asg"],
    answer: { LifecycleHooks: [hook] },
  },
  {
    ...autoScaling,
    action: "CompleteLifecycleAction",
    page: "API_CompleteLifecycleAction, the example",
    request: [...target, "LifecycleActionResult=CONTINUE", "LifecycleActionToken={token}"],
    answer: {},
  },
  {
    ...autoScaling,
    action: "CompleteLifecycleAction",
    page: "API_CompleteLifecycleAction, its parameters",
    request: [...target, "LifecycleActionResult=CONTINUE", "InstanceId={waiting member}"],
    answer: {},
  },
  {
    ...autoScaling,
    action: "RecordLifecycleActionHeartbeat",
    page: "API_RecordLifecycleActionHeartbeat, the example",
    request: [...target, "LifecycleActionToken={token}"],
    answer: {},
  },
  {
    ...autoScaling,
    action: "RecordLifecycleActionHeartbeat",
    page: "API_RecordLifecycleActionHeartbeat, its parameters",
    request: [...target, "InstanceId={waiting member}"],
    answer: {},
  },
  {
    ...autoScaling,
    action: "SetInstanceHealth",
    page: "API_SetInstanceHealth, the example",
    request: ["InstanceId={member}", "HealthStatus=Unhealthy"],
    answer: {},
  },
  {
    ...autoScaling,
    action: "CreateOrUpdateTags",
    page: "API_CreateOrUpdateTags, the example",
    request: [
      "Tags.member.1.ResourceId=my-asg",
      "Tags.member.1.ResourceType=auto-scaling-group",
      "Tags.member.1.Key=environment",
      "Tags.member.1.Value=test",
      "Tags.member.1.PropagateAtLaunch=true",
    ],
    answer: {},
  },
  {
    ...autoScaling,
    action: "TerminateInstanceInAutoScalingGroup",
    page: "API_TerminateInstanceInAutoScalingGroup, the example",
    request: ["InstanceId={member}", "ShouldDecrementDesiredCapacity=true"],
    answer: {
      Activity: {
        AutoScalingGroupName: "my-asg",
        ActivityId: uuid,
        Description: "Terminating EC2 instance: {member}",
        Cause:
          /^At [0-9-]+T[0-9:]+Z instance i-[0-9a-f]+ was taken out of service in response to a user request, shrinking the capacity from 2 to 1\.$/,
        StartTime: time,
        Details: /^\{"Subnet ID":"subnet-[0-9a-f]+","Availability Zone":"[a-z0-9-]+"\}$/,
        Progress: "0",
        StatusCode: "InProgress",
      },
    },
    erratum:
      "this page has SubnetID and another order in the details, the guide's pages have Subnet ID",
  },
];
