// The client of the seat's service: it writes numbered lines through the Elastic IP, to every volume
// of the seat at once, and remembers what was acknowledged. Each write sees the whole history of the
// volume that it lands on, so that lost data and forks show at the first write after them.

import type { Settings } from "../../agent/domain/settings.ts";
import type { PaperDisks } from "../flow/paper-disks.ts";
import type { World } from "../region/state/world.ts";
import type { Computer } from "./computer.ts";

export interface Client {
  /** One write, where the address leads to a service that runs. */
  write(): void;
  readonly acknowledged: number;
  /** When a write last succeeded. */
  readonly lastMs: number;
  /** The instance that answered last; empty before the first. */
  readonly server: string;
  /** How often the service came back at another instance. */
  readonly failovers: number;
}

export interface ClientOptions {
  readonly world: World;
  readonly disks: PaperDisks;
  readonly settings: Settings;
  readonly publicIp: string;
  readonly computerOf: (instanceId: string) => Computer | undefined;
  readonly nowMs: () => number;
  readonly say: (line: string) => void;
  readonly violate: (invariant: string, found: string) => void;
}

export function createClient(options: ClientOptions): Client {
  let acknowledged = 0;
  let lastMs = 0;
  let failovers = 0;
  let server = "";
  return {
    get acknowledged() {
      return acknowledged;
    },
    get lastMs() {
      return lastMs;
    },
    get server() {
      return server;
    },
    get failovers() {
      return failovers;
    },
    write() {
      const computer = serving(options);
      if (computer === null) return;
      if (!isWhole(options, computer, acknowledged)) return;
      acknowledged += 1;
      for (const { mount } of options.settings.volumes) {
        computer.machine.write(mount, String(acknowledged));
      }
      lastMs = options.nowMs();
      if (computer.instanceId === server) return;
      if (server !== "") failovers += 1;
      server = computer.instanceId;
      options.say(`the client is served by ${server}, after ${acknowledged - 1} writes`);
    },
  };
}

/** The instance that answers at the address now; null where nobody does. */
function serving(options: ClientOptions): Computer | null {
  const { world, disks, settings, publicIp, violate } = options;
  const privateIp = disks.machines.routeOf(publicIp);
  const instanceId = privateIp === null ? null : world.instanceByPrivateIp(privateIp);
  const computer = instanceId === null ? undefined : options.computerOf(instanceId);
  if (computer === undefined || !computer.isOn() || computer.isFrozen()) return null;
  const { machine } = computer;
  if (!settings.units.every((unit) => machine.activeUnits().includes(unit))) return null;
  const bare = settings.volumes.filter(({ mount }) => !machine.mountPoints().includes(mount));
  if (bare.length === 0) return computer;
  violate(
    "a unit runs only on its mounts",
    `${computer.instanceId} serves without ${bare[0]?.mount}`,
  );
  return null;
}

function isWhole(options: ClientOptions, computer: Computer, acknowledged: number): boolean {
  for (const { mount } of options.settings.volumes) {
    const lines = computer.machine.read(mount);
    const last = Number(lines.at(-1) ?? "0");
    if (lines.length === acknowledged && last === acknowledged) continue;
    const found = `${computer.instanceId} serves ${mount} with ${lines.length} writes, the last ${last}`;
    options.violate(
      "every acknowledged write is there before the next",
      `${found}, wanted ${acknowledged}`,
    );
    return false;
  }
  return true;
}
