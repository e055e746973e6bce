// Finding a group, a member or a group's own view of an instance by name; Auto Scaling answers
// everything unknown with a ValidationError.

import { requiredMember, validationError } from "./errors.ts";
import type { Group, Member } from "./group-resources.ts";
import type { Region } from "./region.ts";

export function findGroup(region: Region, name: string | undefined): Group {
  const given = requiredMember(name, "AutoScalingGroupName");
  const group = region.groups.get(given);
  if (group === undefined) {
    throw validationError(`AutoScalingGroup name not found - AutoScalingGroup ${given} not found`);
  }
  if (group.deleting) throw validationError(`AutoScalingGroup ${given} is pending delete`);
  return group;
}

export function findMember(region: Region, instanceId: string | undefined): Member {
  const given = requiredMember(instanceId, "InstanceId");
  const member = region.members.get(given);
  if (member !== undefined) return member;
  throw validationError(
    `Instance Id not found - No managed instance found for instance ID: ${given}`,
  );
}
