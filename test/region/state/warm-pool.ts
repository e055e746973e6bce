// The warm pool of a group: instances that were launched and prepared beforehand, and that come into
// service faster. The pool is kept at its size, and gives a member to the group before the group
// launches one afresh. Such a member meets the launch hooks twice (Auto Scaling guide, "Use lifecycle
// hooks with a warm pool"): when it enters the pool and when it leaves it for service.

import { beginActivity } from "./activities.ts";
import { launchOne } from "./group-launch.ts";
import type { Group, Member, WarmPool } from "./group-resources.ts";
import { start } from "./instance-life.ts";
import { isAlive, isWarm, membersOf, warmOf } from "./member-states.ts";
import { arrive, dismiss, type Launching } from "./members.ts";
import type { Region } from "./region.ts";

const resting = ["Warmed:Stopped", "Warmed:Running", "Warmed:Hibernated"];

/** How many instances the pool is to hold. */
function warmSize(group: Group): number {
  const { warmPool } = group;
  if (warmPool === null || warmPool.deleting) return 0;
  const prepared = warmPool.preparedMax ?? group.sizeMax;
  return Math.max(warmPool.sizeMin, prepared - group.desired, 0);
}

/** Takes a rested instance out of the pool into service; null where the pool has none. */
export function wakeOne(region: Region, group: Group, launching: Launching): Member | null {
  const member = warmOf(region, group).find(({ lifecycle }) => resting.includes(lifecycle));
  const instance = region.instances.get(member?.id ?? "");
  if (member === undefined || instance === undefined) return null;
  const activity = beginActivity(region, {
    groupName: group.id,
    instanceId: member.id,
    description: `Launching a new EC2 instance from warm pool: ${member.id}`,
    cause: launching.cause,
    reason: launching.reason,
    zone: member.zone,
    subnetId: instance.subnetId,
    status: "PreInService",
    progress: 30,
  });
  const patch = { lifecycle: "Pending", activityId: activity.id } as const;
  const woken = region.members.change(member.id, patch);
  if (instance.state === "running") arrive(region, woken);
  else start(region, instance);
  return woken;
}

/** Launches what the pool lacks, ends what it has too many or what died in it. */
export function stockWarmPool(region: Region, group: Group): void {
  const { warmPool } = group;
  if (warmPool === null) return;
  const members = warmOf(region, group);
  const dead = members.filter((member) => !isAlive(region, member) && !isAsleep(region, member));
  for (const member of dead) end(region, member, "did not run any more");
  const alive = members.filter((member) => !dead.includes(member));
  const size = warmSize(group);
  for (const member of alive.slice(size)) end(region, member, "was not needed any more");
  if (alive.length < size && !group.suspended.includes("Launch")) launchOne(region, group, warming);
  if (warmPool.deleting && membersOf(region, group.id).every((member) => !isWarm(member))) {
    region.groups.change(group.id, { warmPool: null });
  }
}

const warming = {
  cause: "a difference between desired and actual capacity was found in the warm pool",
  reason: null,
  into: "warm pool",
} as const;

/** Stopped, or on its way there, as the pool wants it. */
function isAsleep(region: Region, member: Member): boolean {
  const state = region.instances.get(member.id)?.state;
  return state === "stopping" || state === "stopped";
}

function end(region: Region, member: Member, why: string): void {
  const cause = `instance ${member.id} was taken out of the warm pool: it ${why}`;
  dismiss(region, member, { cause, hooks: "ask" });
}

/** Without waiting for hooks where `how` is by force. */
export function emptyWarmPool(
  region: Region,
  group: Group,
  how: "asking hooks" | "by force",
): void {
  const pool: WarmPool | null = group.warmPool;
  if (pool === null) return;
  region.groups.change(group.id, { warmPool: { ...pool, deleting: true } });
  for (const member of warmOf(region, group)) {
    const cause = `instance ${member.id} was taken out of the warm pool: the pool is being deleted`;
    dismiss(region, member, { cause, hooks: how === "by force" ? "skip" : "ask" });
  }
}
