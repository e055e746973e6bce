// Groups and their members as callers see them.

import type {
  AutoScalingGroup,
  AutoScalingGroupNamesType,
  AutoScalingGroupsType,
  AutoScalingInstancesType,
  DescribeAutoScalingInstancesType,
  LaunchTemplateSpecification,
  Instance as MemberShape,
} from "@aws-sdk/client-auto-scaling";
import { filtered } from "./filters.ts";
import type { Group, Member, TemplateChoice } from "./group-resources.ts";
import { tagDescription } from "./group-tags.ts";
import { records } from "./pages.ts";
import type { Region } from "./region.ts";
import { membersOf } from "./scaling.ts";

export function describeGroups(
  region: Region,
  input: AutoScalingGroupNamesType,
): AutoScalingGroupsType {
  const names = input.AutoScalingGroupNames ?? [];
  const rows = region.groups.all().filter((row) => names.length === 0 || names.includes(row.id));
  const matching = filtered(rows, {
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
        ? membersOf(region, group.id).map((row) => memberShape(region, row))
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
  const ids = input.InstanceIds ?? [];
  const rows = region.members.all().filter((row) => ids.length === 0 || ids.includes(row.id));
  const { rows: shown, next } = records(rows, input);
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
    LaunchTemplate: templateShape(group.template),
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
      SuspensionReason: "User suspended",
    })),
    VPCZoneIdentifier: group.subnetIds.join(","),
    EnabledMetrics: [],
    Status: group.deleting ? "Delete in progress" : undefined,
    Tags: group.tags.map((tag) => tagDescription(group, tag)),
    TerminationPolicies: ["Default"],
    NewInstancesProtectedFromScaleIn: group.protectNew,
    CapacityRebalance: group.capacityRebalance,
  };
}

function memberShape(region: Region, member: Member): MemberShape {
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
