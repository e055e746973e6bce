// The life of an instance after launch: stopping, starting, ending, and dying without having been
// asked. However it ends, its Elastic IP is taken off and its volumes are freed only once the
// machine is really off: that order is what a successor relies on.

import { releaseAddresses } from "./addresses.ts";
import { releaseVolumes } from "./attachments.ts";
import { powerOff, powerOn, removeMachine } from "./machine.ts";
import { nothingShown, publicIpsOf, showCredentials } from "./metadata.ts";
import { pace, type Region, sleep } from "./region.ts";
import type { Instance, StateReason } from "./resources.ts";

export const userShutdown: StateReason = {
  code: "Client.UserInitiatedShutdown",
  message: "Client.UserInitiatedShutdown: User initiated shutdown",
};

const ownShutdown: StateReason = {
  code: "Client.InstanceInitiatedShutdown",
  message: "Client.InstanceInitiatedShutdown: Instance initiated shutdown",
};

const hostLost: StateReason = {
  code: "Server.InternalError",
  message: "Server.InternalError: Internal error on launch or host failure",
};

export interface Ending {
  readonly how: "os" | "cut";
  readonly reason: StateReason;
}

export function isEnding(instance: Instance): boolean {
  return instance.state === "shutting-down" || instance.state === "terminated";
}

export function terminate(region: Region, instance: Instance, ending: Ending): void {
  if (isEnding(instance)) return;
  become(region, instance.id, { state: "shutting-down", reason: ending.reason });
  region.spawn(async () => {
    await Promise.all([
      powerOff(region, instance.id, ending.how),
      pace(region, { kind: "terminate", id: instance.id }, region.delays.instanceShuttingDownMs),
    ]);
    await region.outages.working(instance.zone);
    await end(region, instance.id, ending.reason);
  });
}

export function stop(region: Region, instance: Instance, ending: Ending): void {
  if (instance.state === "stopping" || instance.state === "stopped") return;
  become(region, instance.id, { state: "stopping", reason: ending.reason });
  region.spawn(async () => {
    await Promise.all([
      powerOff(region, instance.id, ending.how),
      sleep(region, region.delays.instanceStoppingMs),
    ]);
    await region.outages.working(instance.zone);
    if (region.instances.get(instance.id)?.state !== "stopping") return;
    become(region, instance.id, { state: "stopped", reason: ending.reason });
  });
}

export function start(region: Region, instance: Instance): void {
  become(region, instance.id, { state: "pending", reason: null });
  if (instance.autoPublicIp !== null) {
    region.instances.change(instance.id, { autoPublicIp: region.nextPublicIp() });
  }
  region.spawn(async () => {
    await sleep(region, region.delays.instancePendingMs);
    await region.outages.working(instance.zone);
    const row = region.instances.get(instance.id);
    if (row?.state !== "pending") return;
    region.spawn(() => powerOn(region, instance.id));
    region.instances.change(instance.id, {
      launchedAtMs: region.clock.nowMs(),
      shown: { ...nothingShown, publicIps: publicIpsOf(region, row) },
    });
    become(region, instance.id, { state: "running", reason: null });
    showCredentials(region, instance.id);
  });
}

/** The host is lost: no shutdown, no phases; resolves when the machine is dead. */
export async function crash(region: Region, instanceId: string): Promise<void> {
  await powerOff(region, instanceId, "cut");
  const instance = region.instances.get(instanceId);
  if (instance === undefined || isEnding(instance)) return;
  region.spawn(() => end(region, instanceId, hostLost));
}

/** The machine switched itself off; what follows is the instance's own setting. */
export function poweredItselfOff(region: Region, instanceId: string): void {
  const instance = region.instances.get(instanceId);
  if (instance === undefined || instance.machine !== "on") return;
  if (instance.state !== "running" || instance.impaired) return;
  region.instances.change(instanceId, { machine: "off" });
  const ending: Ending = { how: "os", reason: ownShutdown };
  if (instance.onShutdown === "terminate") terminate(region, instance, ending);
  else stop(region, instance, ending);
}

/** The zone is out: its machines lose power, while the API goes on saying `running`. */
export async function loseZone(region: Region, zone: string): Promise<void> {
  const hit = region.instances.all().filter((each) => each.zone === zone && !isEnding(each));
  await Promise.all(
    hit.map(async ({ id }) => {
      region.instances.change(id, { impaired: true });
      await powerOff(region, id, "cut");
    }),
  );
}

/** The zone is back: what was running boots again, with whatever it believed before. */
export function regainZone(region: Region, zone: string): void {
  for (const instance of region.instances.all()) {
    if (instance.zone !== zone || !instance.impaired) continue;
    region.instances.change(instance.id, { impaired: false });
    if (instance.state === "running") region.spawn(() => powerOn(region, instance.id));
  }
}

async function end(region: Region, instanceId: string, reason: StateReason): Promise<void> {
  const instance = region.instances.get(instanceId);
  if (instance === undefined || instance.state === "terminated") return;
  releaseAddresses(region, instanceId);
  region.interfaces.remove(instance.interfaceId);
  become(region, instanceId, { state: "terminated", reason });
  await releaseVolumes(region, instanceId);
  await removeMachine(region, instanceId);
  await sleep(region, region.delays.instanceVisibleMs);
  region.instances.remove(instanceId);
}

interface Became {
  readonly state: Instance["state"];
  readonly reason: StateReason | null;
}

function become(region: Region, instanceId: string, { state, reason }: Became): void {
  region.instances.change(instanceId, { state, reason, changedAtMs: region.clock.nowMs() });
}
