// The machine behind an instance. All that is done to one machine runs in order, and the row keeps
// whether it is on, so that no backend is asked to switch off what is off or to launch twice.

import { type Region, sleep } from "./region.ts";
import type { Instance } from "./resources.ts";

/** Waits for firmware and kernel first: the machine's own programs start only after them. */
export function launchMachine(region: Region, instance: Instance): Promise<void> {
  const { id: instanceId, privateIp, mac, userData, imageId } = instance;
  return region.effects.run([instanceId], async () => {
    await sleep(region, region.delays.instanceBootMs);
    region.instances.change(instanceId, { machine: "on" });
    await region.machines.launch({ instanceId, privateIp, mac, userData, imageId });
  });
}

/** Does nothing where it is off already, for instance because it powered itself off. */
export function powerOff(region: Region, instanceId: string, how: "os" | "cut"): Promise<void> {
  return region.effects.run([instanceId], async () => {
    if (region.instances.get(instanceId)?.machine !== "on") return;
    await region.machines.powerOff(instanceId, how);
    region.instances.change(instanceId, { machine: "off" });
  });
}

export function powerOn(region: Region, instanceId: string): Promise<void> {
  return region.effects.run([instanceId], async () => {
    if (region.instances.get(instanceId)?.machine !== "off") return;
    await sleep(region, region.delays.instanceBootMs);
    region.instances.change(instanceId, { machine: "on", spoiltDevices: [] });
    await region.machines.powerOn(instanceId);
  });
}

export function reboot(region: Region, instanceId: string): Promise<void> {
  return region.effects.run([instanceId], async () => {
    if (region.instances.get(instanceId)?.machine !== "on") return;
    await region.machines.reboot(instanceId);
    region.instances.change(instanceId, { spoiltDevices: [] });
  });
}

/** Throws the machine away; one that was never launched has nothing to throw away. */
export function removeMachine(region: Region, instanceId: string): Promise<void> {
  return region.effects.run([instanceId], async () => {
    if (region.instances.get(instanceId)?.machine === "off") {
      await region.machines.remove(instanceId);
    }
    region.instances.change(instanceId, { machine: "gone" });
  });
}
