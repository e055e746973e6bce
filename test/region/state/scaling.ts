// What a group wants, and what it does about it: replace what is unhealthy, launch what is missing,
// end what is too many. A replacement is launched while the old member is still terminating, in the
// zone with the fewest members: for a group of one that is another zone, and both run for a while.

import { launchOne } from "./group-launch.ts";
import type { Group, Member } from "./group-resources.ts";
import {
  countedOf,
  graceLeftMs,
  isAlive,
  isArriving,
  isAside,
  isLeaving,
  isRetained,
  isWarm,
  membersOf,
} from "./member-states.ts";
import { arrive, dismiss, forget, type Launching, rest } from "./members.ts";
import { advanceRefresh, templateNow } from "./refreshes.ts";
import { type Region, sleep } from "./region.ts";
import { advanceSwap, type MemberChange } from "./swaps.ts";
import { stockWarmPool, wakeOne } from "./warm-pool.ts";

/** Looks at a group a moment from now; looking once too often does no harm. */
export function soon(region: Region, groupName: string): void {
  later(region, groupName, region.delays.groupReactMs);
}

/** An instance changed its state: its group may have to act on it. */
export function noticeInstance(region: Region, instanceId: string, state: string | null): void {
  const member = region.members.get(instanceId);
  if (member === undefined) return;
  const { lifecycle } = member;
  if (state === "running" && ["Pending", "Warmed:Pending"].includes(lifecycle)) {
    arrive(region, member);
  }
  if (state === "stopped" && lifecycle === "Warmed:Pending:Proceed") rest(region, member);
  if (state === "terminated" && (lifecycle.endsWith("Terminating:Proceed") || isRetained(member))) {
    forget(region, member);
  }
  if (state !== "pending" && state !== "running" && !isWarm(member)) {
    region.spawn(() => detectDeath(region, instanceId, region.delays.groupDetectMs));
  }
}

/** A member came, went or changed: its group looks at itself. */
export function noticeMember(region: Region, change: MemberChange): void {
  const group = region.groups.get(change.groupName);
  if (group === undefined) return;
  advanceSwap(region, group, change);
  soon(region, group.id);
}

/** Marks a member unhealthy once its instance has not run for as long as detection takes. */
export async function detectDeath(
  region: Region,
  instanceId: string,
  detectMs: number,
): Promise<void> {
  await sleep(region, detectMs);
  const member = region.members.get(instanceId);
  const instance = region.instances.get(instanceId);
  if (member === undefined || isLeaving(member) || isAside(member) || isWarm(member)) return;
  const group = region.groups.get(member.groupName);
  if (group === undefined || group.suspended.includes("HealthCheck")) return;
  const isRunning = isAlive(region, member);
  if (isRunning && instance?.impaired === false) return;
  // Status checks are not heard within the grace period; that an instance does not run always is.
  const graceMs = graceLeftMs(region, group, member);
  if (isRunning && graceMs > 0) return detectDeath(region, instanceId, graceMs);
  // The words of "Troubleshoot unhealthy instances" in the Auto Scaling guide.
  const complaint = isRunning
    ? "EC2 instance status checks failure"
    : "EC2 health check indicating it has been terminated or stopped";
  region.members.change(instanceId, { healthy: false, complaint });
  reconcile(region, group.id);
}

function reconcile(region: Region, groupName: string): void {
  const group = region.groups.get(groupName);
  if (group === undefined) return;
  if (group.deleting) {
    if (membersOf(region, groupName).length === 0) removeGroup(region, groupName);
    return;
  }
  replaceUnhealthy(region, group);
  const members = countedOf(region, groupName);
  if (members.length < group.desired) fill(region, group);
  else if (members.length > group.desired + (group.swap === null ? 0 : 1)) shrink(region, group);
  else if (group.reason !== null) region.groups.change(groupName, { reason: null });
  stockWarmPool(region, templateNow(region, group));
  advanceRefresh(region, region.groups.get(groupName) ?? group);
}

function replaceUnhealthy(region: Region, group: Group): void {
  if (group.suspended.includes("ReplaceUnhealthy") || group.suspended.includes("Terminate")) return;
  for (const member of countedOf(region, group.id)) {
    if (member.healthy || (isArriving(member) && isAlive(region, member))) continue;
    const complaint = member.complaint ?? "user health-check";
    dismiss(region, member, {
      cause: `an instance was taken out of service in response to a ${complaint}`,
      hooks: "ask",
    });
  }
}

function fill(region: Region, group: Group): void {
  if (group.suspended.includes("Launch")) return;
  const waitMs = throttleMs(region, group);
  if (waitMs > 0) {
    later(region, group.id, waitMs);
    return;
  }
  const launching = launchingOf(region, group);
  const now = templateNow(region, group);
  const member = wakeOne(region, now, launching) ?? launchOne(region, now, launching);
  if (member === null) later(region, group.id, region.delays.groupRetryMs);
  else soon(region, group.id);
}

function launchingOf(region: Region, group: Group): Launching {
  const count = countedOf(region, group.id).length;
  const replaces = membersOf(region, group.id).some((member) => !member.healthy);
  const difference =
    "an instance was started in response to a difference between desired and actual capacity, " +
    `increasing the capacity from ${count} to ${count + 1}`;
  return {
    cause: replaces
      ? "an instance was launched in response to an unhealthy instance needing to be replaced"
      : difference,
    reason: group.reason,
    into: "service",
  };
}

/** The first abandoned launch is made up for at once; how long later ones wait is not documented. */
const patientFailures = 1;
const throttleDoublingsMax = 6;

/** AWS limits the rate of launches where "the lifecycle hooks are failing consistently". */
function throttleMs(region: Region, { launchFailures, launchFailedAtMs }: Group): number {
  if (launchFailures <= patientFailures) return 0;
  const doublings = Math.min(launchFailures - patientFailures - 1, throttleDoublingsMax);
  const untilMs = launchFailedAtMs + region.delays.groupRetryMs * 2 ** doublings;
  return untilMs - region.clock.nowMs();
}

function shrink(region: Region, group: Group): void {
  if (group.suspended.includes("Terminate")) return;
  const members = countedOf(region, group.id);
  const candidates = members.filter((member) => !member.protectedFromScaleIn);
  const inCrowd = (member: Member) =>
    candidates.filter((other) => other.zone === member.zone).length;
  const victim = candidates.toSorted((one, other) => inCrowd(other) - inCrowd(one))[0];
  if (victim === undefined) return;
  const count = members.length;
  dismiss(region, victim, {
    cause:
      "an instance was taken out of service in response to a difference between desired and " +
      `actual capacity, shrinking the capacity from ${count} to ${count - 1}`,
    reason: group.reason,
    hooks: "ask",
  });
  soon(region, group.id);
}

function removeGroup(region: Region, groupName: string): void {
  for (const hook of region.hooks.all()) {
    if (hook.groupName === groupName) region.hooks.remove(hook.id);
  }
  region.groups.remove(groupName);
}

function later(region: Region, groupName: string, delayMs: number): void {
  region.spawn(async () => {
    await sleep(region, delayMs);
    reconcile(region, groupName);
  });
}
