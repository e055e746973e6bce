// What the lifecycle states of members mean to their group: which are on their way in, on their way
// out, warm, put aside, and which of them the desired capacity counts.

import type { Group, Member } from "./group-resources.ts";
import type { Region } from "./region.ts";

type Lived = Pick<Member, "lifecycle">;

export function isLeaving({ lifecycle }: Lived): boolean {
  return lifecycle.startsWith("Terminat") || lifecycle.startsWith("Warmed:Terminat");
}

export function isArriving({ lifecycle }: Lived): boolean {
  return lifecycle.startsWith("Pending");
}

/** In the warm pool, whatever it does there. */
export function isWarm({ lifecycle }: Lived): boolean {
  return lifecycle.startsWith("Warmed:");
}

export function isRetained({ lifecycle }: Lived): boolean {
  return lifecycle.endsWith("Terminating:Retained");
}

export function isAside({ lifecycle }: Lived): boolean {
  return ["EnteringStandby", "Standby", "Detaching"].includes(lifecycle);
}

type Way =
  | "Pending:Wait"
  | "Pending:Proceed"
  | "Terminating"
  | "Terminating:Wait"
  | "Terminating:Proceed"
  | "Terminating:Retained"
  | "Terminated";

/** The state as a member of the group, or of its warm pool, has it. */
export function stateOf(member: Lived, way: Way): Member["lifecycle"] {
  return isWarm(member) ? `Warmed:${way}` : way;
}

export function membersOf(region: Region, groupName: string): readonly Member[] {
  return region.members.all().filter((member) => member.groupName === groupName);
}

/** The members that the desired capacity counts: neither leaving, warm nor put aside. */
export function countedOf(region: Region, groupName: string): readonly Member[] {
  return membersOf(region, groupName).filter(
    (member) => !isLeaving(member) && !isAside(member) && !isWarm(member),
  );
}

/** Those in the pool that stay there. */
export function warmOf(region: Region, group: Group): readonly Member[] {
  return membersOf(region, group.id).filter((member) => isWarm(member) && !isLeaving(member));
}

export function isAlive(region: Region, member: Member): boolean {
  const state = region.instances.get(member.id)?.state;
  return state === "running" || state === "pending";
}

/** Of the health check grace period, which begins when the member is in service. */
export function graceLeftMs(region: Region, { graceS }: Group, { inServiceAtMs }: Member): number {
  return inServiceAtMs === null ? 0 : inServiceAtMs + graceS * 1000 - region.clock.nowMs();
}
