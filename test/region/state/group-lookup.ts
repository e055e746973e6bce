// Finding a group, a member or a group's own view of an instance by name; Auto Scaling answers
// everything unknown with a ValidationError.

import { validationError } from "./errors.ts";
import { groupNameFrom, instanceIdFrom } from "./group-constraints.ts";
import type { Group, Member } from "./group-resources.ts";
import type { Region } from "./region.ts";

export function findGroup(region: Region, name: string | undefined): Group {
  const given = groupNameFrom(name);
  const group = region.groups.get(given);
  if (group === undefined) {
    throw validationError(
      `AutoScalingGroup name not found - AutoScalingGroup '${given}' not found`,
    );
  }
  if (!group.deleting) return group;
  throw validationError("The AutoScaling group may not be modified while it is pending delete");
}

export function findMember(region: Region, instanceId: string | undefined): Member {
  const given = instanceIdFrom(instanceId);
  const member = region.members.get(given);
  if (member !== undefined) return member;
  throw validationError(
    `Instance Id not found - No managed instance found for instance ID: ${given}`,
  );
}
