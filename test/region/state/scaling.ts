// What a group wants, and what it does about it: replace what is unhealthy, launch what is missing,
// end what is too many. A replacement is launched while the old member is still terminating, in the
// zone with the fewest members: for a group of one that is another zone, and both run for a while.

import { ApiError } from "../contract.ts";
import { beginActivity, endActivity } from "./activities.ts";
import { validationError } from "./errors.ts";
import type { Group, Member } from "./group-resources.ts";
import { type LaunchSpec, launchSpec, overTemplate, templateOf } from "./launch-spec.ts";
import { find } from "./lookup.ts";
import { admit, arrive, dismiss, forget, isArriving, isLeaving } from "./members.ts";
import { type Region, sleep } from "./region.ts";
import type { Subnet, Tags } from "./resources.ts";

/** Looks at a group a moment from now; looking once too often does no harm. */
export function soon(region: Region, groupName: string): void {
  region.spawn(async () => {
    await sleep(region, region.delays.groupReactMs);
    reconcile(region, groupName);
  });
}

/** An instance changed its state: its group may have to act on it. */
export function noticeInstance(region: Region, instanceId: string, state: string | null): void {
  const member = region.members.get(instanceId);
  if (member === undefined) return;
  if (state === "running" && member.lifecycle === "Pending") arrive(region, member);
  if (state === "terminated" && member.lifecycle === "Terminating:Proceed") forget(region, member);
  if (state !== "pending" && state !== "running") {
    region.spawn(() => detectDeath(region, instanceId, region.delays.groupDetectMs));
  }
}

export interface MemberChange {
  readonly instanceId: string;
  readonly groupName: string;
  /** null: it is gone. */
  readonly lifecycle: string | null;
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
  if (member === undefined || isLeaving(member) || isStandby(member)) return;
  const group = region.groups.get(member.groupName);
  if (group === undefined || group.suspended.includes("HealthCheck")) return;
  if (isAlive(region, member) && instance?.impaired === false) return;
  region.members.change(instanceId, { healthy: false });
  reconcile(region, group.id);
}

/** Launch before terminate, as when zones are rebalanced: the old one leaves when the new one serves. */
export function beginSwap(region: Region, groupName: string): void {
  const group = region.groups.get(groupName);
  const old = counted(region, groupName).find((member) => member.lifecycle === "InService");
  if (group === undefined || old === undefined || group.swap !== null) {
    throw validationError(
      `Cannot rebalance "${groupName}": no member is in service to be replaced`,
    );
  }
  const cause = `an instance was launched to rebalance the group's zones away from ${old.zone}`;
  const member = launchOne(region, group, cause);
  if (member === null) return;
  region.groups.change(groupName, { swap: { oldId: old.id, newId: member.id } });
}

function reconcile(region: Region, groupName: string): void {
  const group = region.groups.get(groupName);
  if (group === undefined) return;
  if (group.deleting) {
    if (membersOf(region, groupName).length === 0) removeGroup(region, groupName);
    return;
  }
  replaceUnhealthy(region, group);
  const members = counted(region, groupName);
  if (members.length < group.desired) fill(region, group);
  else if (members.length > group.desired + (group.swap === null ? 0 : 1)) shrink(region, group);
}

function replaceUnhealthy(region: Region, group: Group): void {
  if (group.suspended.includes("ReplaceUnhealthy") || group.suspended.includes("Terminate")) return;
  for (const member of counted(region, group.id)) {
    if (member.healthy || (isArriving(member) && isAlive(region, member))) continue;
    dismiss(region, member, {
      cause: "an instance was taken out of service in response to a health check",
      hooks: "ask",
    });
  }
}

function fill(region: Region, group: Group): void {
  if (group.suspended.includes("Launch")) return;
  const cause = `an instance was started in response to a difference between desired and actual capacity`;
  if (launchOne(region, group, cause) !== null) {
    soon(region, group.id);
    return;
  }
  region.spawn(async () => {
    await sleep(region, region.delays.groupRetryMs);
    reconcile(region, group.id);
  });
}

function shrink(region: Region, group: Group): void {
  if (group.suspended.includes("Terminate")) return;
  const candidates = counted(region, group.id).filter((member) => !member.protectedFromScaleIn);
  const inCrowd = (member: Member) =>
    candidates.filter((other) => other.zone === member.zone).length;
  const victim = candidates.toSorted((one, other) => inCrowd(other) - inCrowd(one))[0];
  if (victim === undefined) return;
  dismiss(region, victim, {
    cause: "an instance was selected for termination to shrink the capacity",
    hooks: "ask",
  });
  soon(region, group.id);
}

/** Tries the zones from the emptiest on; null where none has capacity. */
function launchOne(region: Region, group: Group, cause: string): Member | null {
  for (const subnet of subnetsByCrowd(region, group)) {
    try {
      return admit(region, group, { spec: specFor(region, group, subnet), cause });
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      const { id } = beginActivity(region, {
        groupName: group.id,
        instanceId: null,
        description: "Launching a new EC2 instance",
        cause,
        zone: subnet.zone,
      });
      endActivity(region, id, { status: "Failed", message: error.message });
    }
  }
  return null;
}

/** Members that are leaving count too: so the replacement goes elsewhere. */
function subnetsByCrowd(region: Region, group: Group): readonly Subnet[] {
  const members = membersOf(region, group.id);
  const last = region.activities.all().findLast((each) => each.groupName === group.id);
  const lastZone = last?.details ?? "";
  const weight = ({ zone }: Subnet) =>
    members.filter((member) => member.zone === zone).length * 2 +
    (lastZone.includes(`"${zone}"`) ? 1 : 0);
  return group.subnetIds
    .map((id) => find(region.subnets, "subnet", id))
    .toSorted((one, other) => weight(one) - weight(other));
}

export function specFor(region: Region, group: Group, subnet: Subnet): LaunchSpec {
  const template = templateOf(region, { LaunchTemplateId: group.template.id });
  const own = overTemplate(template.data, {});
  const interfaces = own.NetworkInterfaces?.map((each) => ({ ...each, SubnetId: undefined }));
  const wish = { ...own, NetworkInterfaces: interfaces, SubnetId: subnet.id };
  const spec = launchSpec(region, wish);
  return { ...spec, tags: { ...spec.tags, ...tagsOfMembers(group) } };
}

function tagsOfMembers(group: Group): Tags {
  const propagated = group.tags.filter((tag) => tag.propagate);
  return {
    ...Object.fromEntries(propagated.map((tag) => [tag.key, tag.value])),
    "aws:autoscaling:groupName": group.id,
    "aws:ec2launchtemplate:id": group.template.id,
    "aws:ec2launchtemplate:version": "1",
  };
}

/** The old one leaves once the new one serves; either one's own end ends the swap. */
function advanceSwap(region: Region, group: Group, { instanceId, lifecycle }: MemberChange): void {
  const { swap } = group;
  if (swap === null || ![swap.newId, swap.oldId].includes(instanceId)) return;
  const isEnding = lifecycle === null || lifecycle.startsWith("Terminat");
  const isServing = swap.newId === instanceId && lifecycle === "InService";
  if (!isEnding && !isServing) return;
  region.groups.change(group.id, { swap: null });
  const old = region.members.get(swap.oldId);
  if (isEnding || old === undefined) return;
  dismiss(region, old, {
    cause: "an instance was taken out of service to rebalance the group's zones",
    hooks: "ask",
  });
}

export function membersOf(region: Region, groupName: string): readonly Member[] {
  return region.members.all().filter((member) => member.groupName === groupName);
}

/** The members that the desired capacity counts: neither leaving nor put aside. */
function counted(region: Region, groupName: string): readonly Member[] {
  return membersOf(region, groupName).filter((member) => !isLeaving(member) && !isStandby(member));
}

function isStandby(member: Member): boolean {
  return ["EnteringStandby", "Standby", "Detaching"].includes(member.lifecycle);
}

function isAlive(region: Region, member: Member): boolean {
  const instance = region.instances.get(member.id);
  return instance?.state === "running" || instance?.state === "pending";
}

function removeGroup(region: Region, groupName: string): void {
  for (const hook of region.hooks.all()) {
    if (hook.groupName === groupName) region.hooks.remove(hook.id);
  }
  region.groups.remove(groupName);
}
