// Machines with an end: closing waits for the effects under way, and nothing new is begun after it,
// so that a backend can be taken apart without the region reaching into it once more.

import type { Machines } from "../contract.ts";

export interface ClosableMachines extends Machines {
  close(): Promise<void>;
}

export function closableMachines(machines: Machines): ClosableMachines {
  const underWay = new Set<Promise<unknown>>();
  let closed = false;

  const effect = <T>(begin: () => Promise<T>): Promise<T> => {
    if (closed) return new Promise<T>(() => undefined);
    const running = begin();
    underWay.add(running);
    const done = () => underWay.delete(running);
    running.then(done, done);
    return running;
  };

  return {
    createVolume: (volume) => effect(() => machines.createVolume(volume)),
    deleteVolume: (volumeId) => effect(() => machines.deleteVolume(volumeId)),
    growVolume: (volumeId, sizeGib) => effect(() => machines.growVolume(volumeId, sizeGib)),
    createSnapshots: (parts) => effect(() => machines.createSnapshots(parts)),
    deleteSnapshot: (snapshotId) => effect(() => machines.deleteSnapshot(snapshotId)),
    attach: (volumeId, instanceId) => effect(() => machines.attach(volumeId, instanceId)),
    detach: (volumeId, instanceId, how) => effect(() => machines.detach(volumeId, instanceId, how)),
    launch: (machine) => effect(() => machines.launch(machine)),
    powerOff: (instanceId, how) => effect(() => machines.powerOff(instanceId, how)),
    powerOn: (instanceId) => effect(() => machines.powerOn(instanceId)),
    reboot: (instanceId) => effect(() => machines.reboot(instanceId)),
    remove: (instanceId) => effect(() => machines.remove(instanceId)),
    route: (publicIp, privateIp) => effect(() => machines.route(publicIp, privateIp)),
    onPowerOff: (listener) => machines.onPowerOff(listener),
    close: async () => {
      closed = true;
      await Promise.allSettled(underWay);
    },
  };
}
