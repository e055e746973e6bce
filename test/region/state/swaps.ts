// Launch before terminate, as when zones are rebalanced or an instance is at risk: the old member
// leaves once the new one serves. A group of one has two members in service for a moment.

import { validationError } from "./errors.ts";
import { launchOne } from "./group-launch.ts";
import type { Group } from "./group-resources.ts";
import { countedOf } from "./member-states.ts";
import { dismiss } from "./members.ts";
import type { Region } from "./region.ts";

export interface MemberChange {
  readonly instanceId: string;
  readonly groupName: string;
  /** null: it is gone. */
  readonly lifecycle: string | null;
}

export function beginSwap(region: Region, groupName: string): void {
  const group = region.groups.get(groupName);
  const old = countedOf(region, groupName).find((member) => member.lifecycle === "InService");
  if (group === undefined || old === undefined || group.swap !== null) {
    throw validationError(
      `Cannot rebalance "${groupName}": no member is in service to be replaced`,
    );
  }
  const cause = `an instance was launched to rebalance the group's zones away from ${old.zone}`;
  const member = launchOne(region, group, { cause, reason: null, into: "service" });
  if (member === null) return;
  region.groups.change(groupName, { swap: { oldId: old.id, newId: member.id } });
}

/** The old one leaves once the new one serves; either one's own end ends the swap. */
export function advanceSwap(region: Region, group: Group, change: MemberChange): void {
  const { instanceId, lifecycle } = change;
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
