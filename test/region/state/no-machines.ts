// Machines that do not exist: every effect returns at once and nothing is kept but what is attached
// to what, so that the region can run anywhere, without root, and under virtual time. It holds the
// state machines to the contract: whatever they must never ask a backend for throws.

import type { Machines } from "../contract.ts";

export interface NoMachines extends Machines, Probes {}

/** What a test can see and do from inside of a machine. */
interface Probes {
  /** The instance that has a volume's device now. */
  attachedTo(volumeId: string): string | null;
  /** While true, detaching answers `busy`, as when the volume is mounted. */
  setBusy(volumeId: string, busy: boolean): void;
  /** The machine switches itself off. */
  powerSelfOff(instanceId: string): void;
  isOn(instanceId: string): boolean;
  routeOf(publicIp: string): string | null;
  hasVolume(volumeId: string): boolean;
  hasSnapshot(snapshotId: string): boolean;
}

interface Kept {
  /** For each volume, the instance that has it. */
  readonly volumes: Map<string, string | null>;
  readonly snapshots: Set<string>;
  readonly machines: Map<string, "on" | "off">;
  readonly busy: Set<string>;
  readonly routes: Map<string, string | null>;
  readonly listeners: ((instanceId: string) => void)[];
}

export function createNoMachines(): NoMachines {
  const kept: Kept = {
    volumes: new Map(),
    snapshots: new Set(),
    machines: new Map(),
    busy: new Set(),
    routes: new Map(),
    listeners: [],
  };
  return { ...diskEffects(kept), ...attachEffects(kept), ...powerEffects(kept), ...probes(kept) };
}

type DiskEffects = Pick<
  Machines,
  "createVolume" | "deleteVolume" | "growVolume" | "createSnapshots" | "deleteSnapshot"
>;

function diskEffects({ volumes, snapshots }: Kept): DiskEffects {
  return {
    createVolume: async ({ volumeId, snapshotId }) => {
      const hasSource = snapshotId === null || snapshots.has(snapshotId);
      demand(!volumes.has(volumeId), `make "${volumeId}"`, "it exists");
      demand(hasSource, `copy "${snapshotId}"`, "no such snapshot");
      volumes.set(volumeId, null);
    },
    deleteVolume: async (volumeId) => {
      demand(volumes.get(volumeId) === null, `delete "${volumeId}"`, "it is attached or unknown");
      volumes.delete(volumeId);
    },
    growVolume: async (volumeId) => {
      demand(volumes.has(volumeId), `grow "${volumeId}"`, "no such volume");
    },
    createSnapshots: async (parts) => {
      for (const { snapshotId, volumeId } of parts) {
        demand(volumes.has(volumeId), `snapshot "${volumeId}"`, "no such volume");
        snapshots.add(snapshotId);
      }
    },
    deleteSnapshot: async (snapshotId) => {
      demand(snapshots.delete(snapshotId), `delete "${snapshotId}"`, "no such snapshot");
    },
  };
}

function attachEffects({ volumes, machines, busy }: Kept): Pick<Machines, "attach" | "detach"> {
  return {
    attach: async (volumeId, instanceId) => {
      demand(volumes.get(volumeId) === null, `attach "${volumeId}"`, "it is attached or unknown");
      demand(machines.has(instanceId), `attach to "${instanceId}"`, "no such machine");
      volumes.set(volumeId, instanceId);
    },
    detach: async (volumeId, instanceId, how) => {
      const isThere = volumes.get(volumeId) === instanceId;
      demand(isThere, `detach "${volumeId}" from "${instanceId}"`, "it is not attached there");
      const isHeld = busy.has(volumeId) && machines.get(instanceId) === "on";
      if (isHeld && how !== "forced") return "busy";
      volumes.set(volumeId, null);
      return "detached";
    },
  };
}

type PowerEffects = Pick<
  Machines,
  "launch" | "powerOff" | "powerOn" | "reboot" | "remove" | "route" | "onPowerOff"
>;

function powerEffects({ machines, routes, listeners }: Kept): PowerEffects {
  const demandPower = (instanceId: string, deed: string, power: "on" | "off") => {
    demand(machines.get(instanceId) === power, `${deed} "${instanceId}"`, `it is not ${power}`);
  };
  return {
    launch: async ({ instanceId }) => {
      demand(!machines.has(instanceId), `launch "${instanceId}"`, "it exists");
      machines.set(instanceId, "on");
    },
    powerOff: async (instanceId) => {
      demandPower(instanceId, "power off", "on");
      machines.set(instanceId, "off");
    },
    powerOn: async (instanceId) => {
      demandPower(instanceId, "power on", "off");
      machines.set(instanceId, "on");
    },
    reboot: async (instanceId) => demandPower(instanceId, "reboot", "on"),
    remove: async (instanceId) => {
      demandPower(instanceId, "remove", "off");
      machines.delete(instanceId);
    },
    route: async (publicIp, privateIp) => {
      routes.set(publicIp, privateIp);
    },
    onPowerOff: (listener) => {
      listeners.push(listener);
    },
  };
}

function probes(kept: Kept): Probes {
  return {
    attachedTo: (volumeId) => kept.volumes.get(volumeId) ?? null,
    setBusy: (volumeId, isBusy) => {
      if (isBusy) kept.busy.add(volumeId);
      else kept.busy.delete(volumeId);
    },
    powerSelfOff: (instanceId) => {
      kept.machines.set(instanceId, "off");
      for (const listener of kept.listeners) listener(instanceId);
    },
    isOn: (instanceId) => kept.machines.get(instanceId) === "on",
    routeOf: (publicIp) => kept.routes.get(publicIp) ?? null,
    hasVolume: (volumeId) => kept.volumes.has(volumeId),
    hasSnapshot: (snapshotId) => kept.snapshots.has(snapshotId),
  };
}

function demand(holds: boolean, deed: string, found: string): void {
  if (!holds) throw new Error(`Cannot ${deed}: ${found}`);
}
