// What a caller can do to one member of a group: call it unhealthy, end it, protect it. Putting one
// aside, taking one out and bringing one in are in group-moves.ts.

import type {
  ActivityType,
  SetInstanceHealthQuery,
  SetInstanceProtectionQuery,
  TerminateInstanceInAutoScalingGroupType,
} from "@aws-sdk/client-auto-scaling";
import { ApiError } from "../contract.ts";
import { activityShape } from "./activities.ts";
import { requiredMember, validationError } from "./errors.ts";
import { findGroup, findMember } from "./group-lookup.ts";
import type { Group, Member } from "./group-resources.ts";
import { graceLeftMs, isAside, isRetained, isWarm } from "./member-states.ts";
import { dismiss } from "./members.ts";
import type { Region } from "./region.ts";
import { soon } from "./scaling.ts";

/** Within the grace period the report is not heard, unless the caller says so. */
export function setInstanceHealth(region: Region, input: SetInstanceHealthQuery): object {
  const member = findMember(region, input.InstanceId);
  const status = requiredMember(input.HealthStatus, "HealthStatus");
  if (status !== "Healthy" && status !== "Unhealthy") {
    throw validationError("Valid values for HealthStatus are Healthy and Unhealthy");
  }
  const group = findGroup(region, member.groupName);
  const isGraced =
    input.ShouldRespectGracePeriod !== false && graceLeftMs(region, group, member) > 0;
  if (status === "Unhealthy" && isGraced) return {};
  const isHealthy = status === "Healthy";
  const complaint = isHealthy ? null : "user health-check";
  region.members.change(member.id, { healthy: isHealthy, complaint });
  soon(region, group.id);
  return {};
}

/** While something is done to a member, nothing else can be: not even ending it once more. */
export function terminateMember(
  region: Region,
  input: TerminateInstanceInAutoScalingGroupType,
): ActivityType {
  const member = findMember(region, input.InstanceId);
  const shrink = requiredMember(
    input.ShouldDecrementDesiredCapacity,
    "ShouldDecrementDesiredCapacity",
  );
  const group = findGroup(region, member.groupName);
  if (isWarm(member)) {
    throw validationError(`The instance ${member.id} is in the warm pool of ${group.id}.`);
  }
  refuseBusy(region, member);
  const counts = !isAside(member) && !isRetained(member);
  if (shrink && counts) shrinkByOne(region, group);
  const taken = `instance ${member.id} was taken out of service in response to a user request`;
  const shrinking = `, shrinking the capacity from ${group.desired} to ${group.desired - 1}`;
  const cause = shrink && counts ? taken + shrinking : taken;
  const activity = dismiss(region, member, { cause, hooks: "ask" });
  soon(region, group.id);
  return { Activity: activityShape(region, activity) };
}

/**
 * kubernetes/kops issue 6900, keikoproj/upgrade-manager issue 77, LeanerCloud/AutoSpotting pull
 * request 354: reported of members that were being launched, moved and ended.
 */
function refuseBusy(region: Region, { activityId }: Member): void {
  if (region.rules.terminateBusy === "ends-it") return;
  if (region.activities.get(activityId)?.endAtMs !== null) return;
  throw new ApiError("ScalingActivityInProgress", `Activity ${activityId} is in progress.`);
}

export function setInstanceProtection(region: Region, input: SetInstanceProtectionQuery): object {
  const group = findGroup(region, input.AutoScalingGroupName);
  const protectedFromScaleIn = requiredMember(input.ProtectedFromScaleIn, "ProtectedFromScaleIn");
  const ids = requiredMember(input.InstanceIds, "InstanceIds");
  const members = ids.map((id) => findMember(region, id));
  const stray = members.find((member) => member.groupName !== group.id);
  if (stray !== undefined) {
    throw validationError(
      `The instance ${stray.id} is not part of Auto Scaling group ${group.id}.`,
    );
  }
  for (const member of members) region.members.change(member.id, { protectedFromScaleIn });
  return {};
}

function shrinkByOne(region: Region, group: Group): void {
  const desired = group.desired - 1;
  if (desired < group.sizeMin) {
    throw validationError(
      `Currently, desiredSize equals minSize (${group.sizeMin}). Terminating instance without replacement will violate group's min size constraint. Either set shouldDecrementDesiredCapacity flag to false or lower group's min size.`,
    );
  }
  region.groups.change(group.id, { desired });
}
