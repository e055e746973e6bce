// All instances of the region: each has a root disk for its life, and a machine while it is powered
// on. Ends that the region wanted and ends that came from inside meet here: either way the disks are
// taken back first, and only then does anybody hear of it.

import { rm } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import type { MachineLaunch } from "../contract.ts";
import type { ControlGroups } from "./cgroup.ts";
import { makeDeviceView, rootVolumeId, type ShownDisk } from "./device-view.ts";
import type { InitKind } from "./init-kind.ts";
import { hostnameOf, type Instance, makeInstance } from "./instance.ts";
import { bootMachine, type Machine, type MachineEnd } from "./machine.ts";
import type { Network } from "./network.ts";
import type { Pool } from "./pool.ts";
import type { Volumes } from "./volumes.ts";

export interface Fleet {
  launch(launch: MachineLaunch): Promise<void>;
  powerOff(instanceId: string, how: "os" | "cut"): Promise<void>;
  powerOn(instanceId: string): Promise<void>;
  reboot(instanceId: string): Promise<void>;
  remove(instanceId: string): Promise<void>;
  attach(volumeId: string, instanceId: string): Promise<void>;
  detach(
    volumeId: string,
    instanceId: string,
    how?: "asked" | "forced",
  ): Promise<"detached" | "busy">;
  grow(volumeId: string, sizeGib: number): Promise<void>;
  onPowerOff(listener: (instanceId: string) => void): void;
  /** Throws where it is not powered on. */
  running(instanceId: string): Machine;
  /** Ends every instance at once; nothing of them is wanted any more. */
  end(): void;
}

export interface FleetParts {
  readonly pool: Pool;
  readonly volumes: Volumes;
  readonly network: Network;
  readonly imageFolder: string;
  readonly init: InitKind;
  /** Null where the init wants none. */
  readonly controlGroups: ControlGroups | null;
  readonly hostname: string | null;
  readonly visiblePaths: readonly string[];
  readonly rootDisk: Omit<ShownDisk, "volumeId">;
  /** An instance that takes longer to power off is cut off. */
  readonly powerOffTimeoutMs: number;
  readonly onLine: (instanceId: string, unit: string, line: string) => void;
}

type Listener = (instanceId: string) => void;

interface Aftermath {
  readonly listeners: readonly Listener[];
  /** The end of the region. */
  readonly signal: AbortSignal;
}

export function makeFleet(parts: FleetParts): Fleet {
  const instances = new Map<string, Instance>();
  const listeners: Listener[] = [];
  let cables = 0;
  const get = (instanceId: string): Instance => {
    const instance = instances.get(instanceId);
    if (instance !== undefined) return instance;
    throw new Error(`Cannot use "${instanceId}": it was never launched`);
  };
  const over = new AbortController();
  const after = { listeners, signal: over.signal };
  const on = (instance: Instance) => powerOn(parts, instance, after);
  return {
    async launch(launch) {
      const instance = await makeInstance(parts, launch, cables++);
      instances.set(launch.instanceId, instance);
      await on(instance);
    },
    powerOff: (instanceId, how) => powerOff(parts, get(instanceId), how),
    async powerOn(instanceId) {
      await get(instanceId).settled;
      await on(get(instanceId));
    },
    async reboot(instanceId) {
      await powerOff(parts, get(instanceId), "os");
      await on(get(instanceId));
    },
    async remove(instanceId) {
      const { home, rootDisk } = get(instanceId);
      instances.delete(instanceId);
      await parts.controlGroups?.remove(instanceId);
      for (const folder of [home, rootDisk]) await rm(folder, { recursive: true, force: true });
    },
    attach: (volumeId, instanceId) => attach(parts, volumeId, get(instanceId)),
    detach: (volumeId, instanceId, how = "asked") =>
      detach(parts, { volumeId, how }, get(instanceId)),
    async grow(volumeId, sizeGib) {
      const sizeBytes = await parts.volumes.grow(volumeId, sizeGib);
      for (const { view } of instances.values()) await view?.resize(volumeId, sizeBytes);
    },
    onPowerOff: (listener) => void listeners.push(listener),
    running(instanceId) {
      const { machine } = get(instanceId);
      if (machine === null) throw new Error(`Cannot enter "${instanceId}": it is powered off`);
      return machine;
    },
    end() {
      over.abort();
    },
  };
}

async function powerOn(parts: FleetParts, instance: Instance, after: Aftermath): Promise<void> {
  const { launch, home, rootDisk, interfaceName } = instance;
  const { instanceId, mac } = launch;
  instance.wanted = false;
  instance.view = await makeDeviceView(home, {
    ...parts.rootDisk,
    volumeId: rootVolumeId(instanceId),
  });
  for (const volumeId of parts.volumes.of(instanceId)) {
    await instance.view.show(await parts.volumes.connect(volumeId));
  }
  const machine = await bootMachine({
    launch,
    home,
    rootDisk,
    imageFolder: parts.imageFolder,
    init: parts.init,
    controlGroup: (await parts.controlGroups?.fresh(instanceId)) ?? null,
    hostname: hostnameOf(parts, launch),
    visiblePaths: parts.visiblePaths,
    plug: (processId) => parts.network.plug({ interfaceName, mac, processId }),
    onLine: (unit, line) => parts.onLine(instanceId, unit, line),
    signal: after.signal,
  }).catch((error: unknown) => {
    if (after.signal.aborted) return null;
    throw error;
  });
  if (machine === null) return;
  instance.machine = machine;
  instance.settled = machine.ended.then((end) => ended(parts, instance, { ...after, end }));
}

/** An end that came from inside. */
async function ended(
  parts: FleetParts,
  instance: Instance,
  { end, ...after }: Aftermath & { readonly end: MachineEnd },
): Promise<void> {
  if (instance.wanted || after.signal.aborted) return;
  instance.machine = null;
  await takeDisksBack(parts, instance);
  if (end === "reboot") return powerOn(parts, instance, after);
  for (const listener of after.listeners) listener(instance.launch.instanceId);
}

async function powerOff(parts: FleetParts, instance: Instance, how: "os" | "cut"): Promise<void> {
  // It may be on its way down, or up again, by itself.
  if (instance.machine === null) await instance.settled;
  const { machine } = instance;
  if (machine === null) return;
  instance.wanted = true;
  if (how === "os" && (await askedToPowerOff(machine, parts.powerOffTimeoutMs))) {
    instance.machine = null;
    return takeDisksBack(parts, instance);
  }
  await parts.network.unplug(instance.interfaceName);
  await machine.cut(() => parts.volumes.breakOff(parts.volumes.of(instance.launch.instanceId)));
  instance.machine = null;
}

/** False where it does not end in time. */
async function askedToPowerOff(machine: Machine, timeoutMs: number): Promise<boolean> {
  const giveUp = new AbortController();
  const late = sleep(timeoutMs, false, { signal: giveUp.signal }).catch(() => false);
  // An instance that is going down may end the program that asked for it.
  void machine.exec(["systemctl", "poweroff"], timeoutMs).catch(() => undefined);
  const inTime = await Promise.race([machine.ended.then(() => true), late]);
  giveUp.abort();
  return inTime;
}

/** After a clean end nothing has them open; where the kernel is not done with one, it stays behind. */
async function takeDisksBack({ volumes }: FleetParts, { launch }: Instance): Promise<void> {
  const left: string[] = [];
  for (const volumeId of volumes.of(launch.instanceId)) {
    if ((await volumes.disconnect(volumeId)) === "busy") left.push(volumeId);
  }
  await volumes.breakOff(left);
}

async function attach(
  { volumes }: FleetParts,
  volumeId: string,
  instance: Instance,
): Promise<void> {
  volumes.give(volumeId, instance.launch.instanceId);
  if (instance.machine !== null) await instance.view?.show(await volumes.connect(volumeId));
}

async function detach(
  { volumes }: FleetParts,
  { volumeId, how }: { readonly volumeId: string; readonly how: "asked" | "forced" },
  { machine, settled, view }: Instance,
): Promise<"detached" | "busy"> {
  if (machine === null) await settled;
  if ((await volumes.disconnect(volumeId)) === "busy") {
    if (how === "asked") return "busy";
    await volumes.breakOff([volumeId]);
  }
  await view?.hide(volumeId);
  volumes.give(volumeId, null);
  return "detached";
}
