// Instance refresh: all members of a group replaced, one after the other. A group of one has its
// member terminated first, since nine of ten healthy is the default and less than one is none; only a
// healthy maximum above 100 percent launches the new one first (StartInstanceRefresh in the API
// reference). A replacement counts once it has been in service for the warm-up.

import type { Group, Member, Refresh } from "./group-resources.ts";
import { countedOf } from "./member-states.ts";
import { dismiss } from "./members.ts";
import { type Region, sleep } from "./region.ts";
import { beginSwap } from "./swaps.ts";

export function activeRefresh(region: Region, groupName: string): Refresh | undefined {
  return region.refreshes
    .all()
    .find((refresh) => refresh.groupName === groupName && refresh.endAtMs === null);
}

/** What the group launches at this moment: a refresh may have brought another template. */
export function templateNow(region: Region, group: Group): Group {
  const template = activeRefresh(region, group.id)?.template ?? group.template;
  return { ...group, template };
}

/** How many of the old members are still there. */
export function leftOf(region: Region, { oldIds, groupName }: Refresh): readonly Member[] {
  return countedOf(region, groupName).filter((member) => oldIds.includes(member.id));
}

/** One look at a group's refresh: ends it, waits, or takes the next old member out. */
export function advanceRefresh(region: Region, group: Group): void {
  const refresh = activeRefresh(region, group.id);
  if (refresh === undefined || group.suspended.includes("InstanceRefresh")) return;
  if (refresh.status === "Cancelling") {
    endRefresh(region, refresh, "Cancelled");
    return;
  }
  const members = countedOf(region, group.id);
  const serving = members.filter((member) => member.lifecycle === "InService" && member.healthy);
  if (serving.length < group.desired || group.swap !== null) return;
  const warmMs = warmInMs(region, refresh, serving);
  if (warmMs > 0) {
    lookAgain(region, group.id, warmMs);
    return;
  }
  const [next] = leftOf(region, refresh);
  if (next === undefined) endRefresh(region, refresh, "Successful");
  else replace(region, { group, refresh, next });
}

interface Replacement {
  readonly group: Group;
  readonly refresh: Refresh;
  readonly next: Member;
}

function replace(region: Region, { group, refresh, next }: Replacement): void {
  if (refresh.status === "Pending") region.refreshes.change(refresh.id, { status: "InProgress" });
  const most = Math.ceil((group.desired * refresh.healthyMaxPercent) / 100);
  const fewest = Math.floor((group.desired * refresh.healthyMinPercent) / 100);
  if (most > group.desired) {
    beginSwap(region, group.id);
    return;
  }
  if (group.desired - 1 < fewest) return;
  const cause = "an instance was taken out of service in response to an instance refresh";
  dismiss(region, next, { cause, hooks: "ask" });
}

/** How long the newest replacement is still warming up. */
function warmInMs(region: Region, refresh: Refresh, serving: readonly Member[]): number {
  const since = serving
    .filter((member) => !refresh.oldIds.includes(member.id))
    .map((member) => member.inServiceAtMs ?? region.clock.nowMs());
  if (since.length === 0) return 0;
  return Math.max(...since) + refresh.warmupS * 1000 - region.clock.nowMs();
}

function lookAgain(region: Region, groupName: string, delayMs: number): void {
  region.spawn(async () => {
    await sleep(region, delayMs);
    const group = region.groups.get(groupName);
    if (group !== undefined) advanceRefresh(region, group);
  });
}

function endRefresh(region: Region, refresh: Refresh, status: "Cancelled" | "Successful"): void {
  region.refreshes.change(refresh.id, { status, endAtMs: region.clock.nowMs() });
  const { template } = refresh;
  if (status === "Successful" && template !== null) {
    region.groups.change(refresh.groupName, { template });
  }
}
