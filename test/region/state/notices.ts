// Warnings that AWS gives an instance through IMDS: that Spot takes it back in two minutes, that it
// is at a raised risk. Lifecycle hooks do not lengthen the first.

import { terminate } from "./instance-life.ts";
import { showNotice } from "./metadata.ts";
import { type Region, sleep } from "./region.ts";
import type { StateReason } from "./resources.ts";
import { beginSwap } from "./swaps.ts";

const interrupted: StateReason = {
  code: "Server.SpotInstanceTermination",
  message: "Server.SpotInstanceTermination: Spot Instance termination",
};

export function spotNotice(region: Region, instanceId: string): void {
  const { nowMs } = region.clock;
  const time = isoSeconds(nowMs() + region.delays.spotNoticeMs);
  showNotice(region, instanceId, { spotAction: { action: "terminate", time } });
  emit(region, instanceId, "spot");
  region.spawn(async () => {
    await sleep(region, region.delays.spotNoticeMs);
    const instance = region.instances.get(instanceId);
    if (instance !== undefined) terminate(region, instance, { how: "os", reason: interrupted });
  });
}

/** A group with capacity rebalancing launches the replacement at once. */
export function rebalanceNotice(region: Region, instanceId: string): void {
  showNotice(region, instanceId, { rebalanceNotice: isoSeconds(region.clock.nowMs()) });
  emit(region, instanceId, "rebalance");
  const member = region.members.get(instanceId);
  const group = member === undefined ? undefined : region.groups.get(member.groupName);
  if (group?.capacityRebalance === true && group.swap === null) beginSwap(region, group.id);
}

function emit(region: Region, instanceId: string, to: string): void {
  const atMs = region.clock.nowMs();
  region.events.emit({ atMs, kind: "notice", id: instanceId, from: null, to, detail: {} });
}

/** IMDS writes times without fractions of a second. */
function isoSeconds(atMs: number): string {
  return `${new Date(atMs).toISOString().slice(0, 19)}Z`;
}
