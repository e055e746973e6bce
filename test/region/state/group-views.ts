// Groups and their members as callers see them.

import type {
  AutoScalingGroup,
  AutoScalingGroupNamesType,
  AutoScalingGroupsType,
  AutoScalingInstancesType,
  DescribeAutoScalingInstancesType,
  InstanceLifecyclePolicy,
  LaunchTemplateSpecification,
  Instance as MemberShape,
  MixedInstancesPolicy,
  WarmPoolConfiguration,
} from "@aws-sdk/client-auto-scaling";
import { refuseLonger } from "./group-constraints.ts";
import { groupFiltered } from "./group-filters.ts";
import { records } from "./group-pages.ts";
import type { Group, Member, TemplateChoice, WarmPool } from "./group-resources.ts";
import { tagDescription } from "./group-tags.ts";
import { isWarm, membersOf, warmOf } from "./member-states.ts";
import type { Region } from "./region.ts";

/** API reference: of instances, 50 a page at most, and as many ids. */
const membersMax = 50;

export function describeGroups(
  region: Region,
  input: AutoScalingGroupNamesType,
): AutoScalingGroupsType {
  refuseLonger(input.AutoScalingGroupNames, "group names", Math.max(50, input.MaxRecords ?? 0));
  const names = input.AutoScalingGroupNames ?? [];
  const rows = region.groups.all().filter((row) => names.length === 0 || names.includes(row.id));
  const matching = groupFiltered(rows, {
    filters: input.Filters,
    table: { "tag-value": (group) => group.tags.map((tag) => tag.value) },
    tagsOf: (group) => Object.fromEntries(group.tags.map((tag) => [tag.key, tag.value])),
  });
  const { rows: shown, next } = records(matching, input);
  const withMembers = input.IncludeInstances !== false;
  return {
    AutoScalingGroups: shown.map((group) => ({
      ...groupShape(region, group),
      Instances: withMembers
        ? membersOf(region, group.id)
            .filter((row) => !isWarm(row))
            .map((row) => memberShape(region, row))
        : [],
    })),
    NextToken: next,
  };
}

/** Unknown ids are left out without an error, as in Auto Scaling. */
export function describeMembers(
  region: Region,
  input: DescribeAutoScalingInstancesType,
): AutoScalingInstancesType {
  refuseLonger(input.InstanceIds, "instance IDs", membersMax);
  const ids = input.InstanceIds ?? [];
  const rows = region.members.all().filter((row) => ids.length === 0 || ids.includes(row.id));
  const { rows: shown, next } = records(rows, input, membersMax);
  return {
    AutoScalingInstances: shown.map((member) => ({
      ...memberShape(region, member),
      AutoScalingGroupName: member.groupName,
      HealthStatus: member.healthy ? "HEALTHY" : "UNHEALTHY",
    })),
    NextToken: next,
  };
}

function groupShape(region: Region, group: Group): AutoScalingGroup {
  const zones = group.subnetIds.flatMap((id) => region.subnets.get(id)?.zone ?? []);
  return {
    AutoScalingGroupName: group.id,
    AutoScalingGroupARN: group.arn,
    LaunchTemplate: group.mixed === null ? templateShape(group.template) : undefined,
    MixedInstancesPolicy: group.mixed === null ? undefined : mixedShape(group, group.mixed),
    MinSize: group.sizeMin,
    MaxSize: group.sizeMax,
    DesiredCapacity: group.desired,
    DefaultCooldown: group.cooldownS,
    AvailabilityZones: [...new Set(zones)],
    LoadBalancerNames: [],
    TargetGroupARNs: [],
    HealthCheckType: group.healthCheckType,
    HealthCheckGracePeriod: group.graceS,
    CreatedTime: new Date(group.createdAtMs),
    SuspendedProcesses: group.suspended.map((name) => ({
      ProcessName: name,
      SuspensionReason: `User suspended at ${wholeSecond(group.suspendedAtMs[name] ?? 0)}`,
    })),
    VPCZoneIdentifier: group.subnetIds.join(","),
    EnabledMetrics: [],
    Status: group.deleting ? "Delete in progress" : undefined,
    Tags: group.tags.map((tag) => tagDescription(group, tag)),
    TerminationPolicies: [...group.terminationPolicies],
    NewInstancesProtectedFromScaleIn: group.protectNew,
    ServiceLinkedRoleARN: `arn:aws:iam::${region.accountId}:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling`,
    CapacityRebalance: group.capacityRebalance,
    ...(group.warmPool === null ? {} : warmShape(region, group, group.warmPool)),
    TrafficSources: [],
    ...(group.retainAbandoned ? { InstanceLifecyclePolicy: retaining } : {}),
  };
}

function wholeSecond(atMs: number): string {
  return `${new Date(atMs).toISOString().slice(0, 19)}Z`;
}

const retaining: InstanceLifecyclePolicy = {
  RetentionTriggers: { TerminateHookAbandon: "retain" },
};

function warmShape(region: Region, group: Group, pool: WarmPool): Partial<AutoScalingGroup> {
  return {
    WarmPoolConfiguration: warmPoolShape(pool),
    WarmPoolSize: warmOf(region, group).length,
  };
}

export function warmPoolShape(pool: WarmPool): WarmPoolConfiguration {
  return {
    MinSize: pool.sizeMin,
    MaxGroupPreparedCapacity: pool.preparedMax ?? undefined,
    PoolState: pool.state,
    Status: pool.deleting ? "PendingDelete" : undefined,
  };
}

/** With the defaults that InstancesDistribution has in the API reference. */
function mixedShape(group: Group, mixed: MixedInstancesPolicy): MixedInstancesPolicy {
  return {
    LaunchTemplate: {
      LaunchTemplateSpecification: templateShape(group.template),
      Overrides: mixed.LaunchTemplate?.Overrides ?? [],
    },
    InstancesDistribution: {
      OnDemandAllocationStrategy: "prioritized",
      OnDemandBaseCapacity: 0,
      OnDemandPercentageAboveBaseCapacity: 100,
      SpotAllocationStrategy: "lowest-price",
      ...mixed.InstancesDistribution,
    },
  };
}

export function memberShape(region: Region, member: Member): MemberShape {
  return {
    InstanceId: member.id,
    InstanceType: region.instances.get(member.id)?.type,
    AvailabilityZone: member.zone,
    LifecycleState: member.lifecycle,
    HealthStatus: member.healthy ? "Healthy" : "Unhealthy",
    LaunchTemplate: templateShape(member.template),
    ProtectedFromScaleIn: member.protectedFromScaleIn,
  };
}

function templateShape(template: TemplateChoice): LaunchTemplateSpecification {
  return {
    LaunchTemplateId: template.id,
    LaunchTemplateName: template.name,
    Version: template.version,
  };
}
