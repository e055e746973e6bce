// What the region keeps of an instance from its launch to its removal: a root disk of its own, which
// is the upper layer of an overlay, and what it is doing now.

import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { MachineLaunch } from "../contract.ts";
import type { DeviceView } from "./device-view.ts";
import { writeInto } from "./image.ts";
import type { Machine } from "./machine.ts";
import type { Pool } from "./pool.ts";

export interface Instance {
  readonly launch: MachineLaunch;
  /** The cable's end at the bridge. */
  readonly interfaceName: string;
  readonly home: string;
  readonly rootDisk: string;
  machine: Machine | null;
  view: DeviceView | null;
  /** The region itself is ending it: its end is no news. */
  wanted: boolean;
  /** Its last end, with everything that follows from it; pending while it runs. */
  settled: Promise<void>;
}

interface InstancePlace {
  readonly pool: Pool;
  /** The same for all, or null: named after the address. */
  readonly hostname: string | null;
}

/** `cable` is a number that no other instance has. */
export async function makeInstance(
  place: InstancePlace,
  launch: MachineLaunch,
  cable: number,
): Promise<Instance> {
  const { instanceId, privateIp } = launch;
  const rootDisk = join(place.pool.folder, `root-${instanceId}`);
  const upper = join(rootDisk, "upper");
  await mkdir(upper, { recursive: true });
  const hostname = hostnameOf(place, launch);
  const machineId = instanceId
    .replaceAll(/[^0-9a-f]/g, "")
    .padStart(32, "0")
    .slice(-32);
  await writeInto(upper, { path: "/etc/hostname", text: `${hostname}\n` });
  await writeInto(upper, {
    path: "/etc/hosts",
    text: `127.0.0.1 localhost\n${privateIp} ${hostname}\n`,
  });
  await writeInto(upper, { path: "/etc/machine-id", text: `${machineId}\n` });
  const home = join(place.pool.privateFolder, "instances", instanceId);
  const interfaceName = `v${String(cable)}`;
  return { launch, interfaceName, home, rootDisk, ...blank };
}

const blank = { machine: null, view: null, wanted: false, settled: Promise.resolve() };

export function hostnameOf(
  { hostname }: Pick<InstancePlace, "hostname">,
  { privateIp }: MachineLaunch,
): string {
  return hostname ?? `ip-${privateIp.replaceAll(".", "-")}`;
}
