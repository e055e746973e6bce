// Instances for those who are not root: each is an agent as a plain process of this host, with its own
// IMDS endpoint and a `systemctl` that starts commands. There are no disks, so only a seat without
// volumes can be rehearsed. Each instance hangs on a life line, a FIFO that this program holds open:
// however this program ends, the instance kills what it started and removes its folder.

import { execFileSync, spawn } from "node:child_process";
import { closeSync, constants, mkdtempSync, openSync, writeFileSync } from "node:fs";
import { connect as connectTo, createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { MachineLaunch, Machines } from "../contract.ts";

/** What an instance runs; `port` is the one that its service has on 127.0.0.1. */
export interface PlainImage {
  readonly agent: (port: number) => readonly string[];
  readonly environment: (instanceId: string) => Promise<Readonly<Record<string, string>>>;
  /** Command lines for a shell, by unit name. */
  readonly units: (port: number) => Readonly<Record<string, string>>;
}

export interface PlainOptions {
  readonly image: PlainImage;
  /** The port that Elastic IPs have. */
  readonly port: number;
  readonly onLog: (instanceId: string, line: string) => void;
}

interface PlainInstance {
  readonly lifeLine: number;
  readonly ended: Promise<void>;
}

export interface PlainMachines extends Machines {
  close(): Promise<void>;
}

const programs = fileURLToPath(new URL("plain", import.meta.url));

export function createPlainMachines(options: PlainOptions): PlainMachines {
  const running = new Map<string, PlainInstance>();
  const launches = new Map<string, MachineLaunch>();
  const ports = new Map<string, number>();
  const relay = makeRelay(options.port);
  const powerOn = async (instanceId: string): Promise<void> => {
    const launch = launches.get(instanceId);
    if (launch === undefined) {
      throw new Error(`Cannot start "${instanceId}": it was never launched`);
    }
    const port = ports.get(launch.privateIp) ?? (await freePort());
    ports.set(launch.privateIp, port);
    running.set(instanceId, await startInstance(options, instanceId, port));
  };
  const powerOff = async (instanceId: string): Promise<void> => {
    const instance = running.get(instanceId);
    running.delete(instanceId);
    if (instance !== undefined) await endInstance(instance);
  };
  return {
    ...noDisks,
    launch: (launch) => {
      launches.set(launch.instanceId, launch);
      return powerOn(launch.instanceId);
    },
    powerOn,
    powerOff,
    reboot: async (instanceId) => {
      await powerOff(instanceId);
      await powerOn(instanceId);
    },
    remove: async (instanceId) => void launches.delete(instanceId),
    route: (publicIp, privateIp) =>
      relay.route(publicIp, privateIp === null ? null : (ports.get(privateIp) ?? null)),
    // None of them has an init that could.
    onPowerOff: () => undefined,
    close: async () => {
      relay.close();
      await Promise.all([...running.keys()].map(powerOff));
    },
  };
}

async function startInstance(
  { image, onLog }: PlainOptions,
  instanceId: string,
  port: number,
): Promise<PlainInstance> {
  const folder = mkdtempSync(join(tmpdir(), "ec2-ha-plain-"));
  execFileSync("mkfifo", [join(folder, "life")]);
  // For both directions, so that neither end waits for the other.
  const lifeLine = openSync(join(folder, "life"), constants.O_RDWR | constants.O_NONBLOCK);
  for (const [name, command] of Object.entries(image.units(port))) {
    writeFileSync(join(folder, `${name}.command`), command);
  }
  // Nothing else of this program's: whoever rehearses may have keys of a real account there.
  const environment = {
    ...(await image.environment(instanceId)),
    FOLDER: folder,
    HOME: folder,
    TMPDIR: tmpdir(),
    PATH: `${programs}:${process.env["PATH"] ?? ""}`,
  };
  const script = join(programs, "instance.sh");
  // A session of its own: a signal to this program's group must leave it to its life line.
  const child = spawn("sh", [script, ...image.agent(port)], {
    detached: true,
    env: environment,
    stdio: ["ignore", "pipe", "ignore"],
  });
  createInterface({ input: child.stdout }).on("line", (line) => onLog(instanceId, line));
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  return { lifeLine, ended };
}

async function endInstance({ lifeLine, ended }: PlainInstance): Promise<void> {
  closeSync(lifeLine);
  await ended;
}

/** Loopback addresses with a relay to whichever port has the address. */
function makeRelay(port: number) {
  const servers = new Map<string, Server>();
  const clients = new Map<string, Set<Socket>>();
  const cut = (publicIp: string): void => {
    servers.get(publicIp)?.close();
    for (const client of clients.get(publicIp) ?? []) client.destroy();
  };
  return {
    route: async (publicIp: string, target: number | null): Promise<void> => {
      cut(publicIp);
      if (target === null) return;
      const sockets = new Set<Socket>();
      const server = createServer((client) => connectBoth(client, target, sockets));
      servers.set(publicIp, server);
      clients.set(publicIp, sockets);
      await new Promise<void>((resolve) => server.listen(port, publicIp, resolve));
    },
    close: () => {
      for (const publicIp of servers.keys()) cut(publicIp);
    },
  };
}

function connectBoth(client: Socket, port: number, sockets: Set<Socket>): void {
  const server = connectTo(port, "127.0.0.1");
  for (const [one, other] of [
    [client, server],
    [server, client],
  ] as const) {
    sockets.add(one);
    one.on("error", () => undefined);
    one.on("close", () => {
      sockets.delete(one);
      other.destroy();
    });
    one.pipe(other);
  }
}

function freePort(): Promise<number> {
  const server = createServer();
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      const port = typeof address === "object" && address !== null ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}

const refuse = (): Promise<never> =>
  Promise.reject(new Error("Cannot make a disk: not root: rehearse a seat without volumes"));

const noDisks = {
  createVolume: refuse,
  deleteVolume: refuse,
  growVolume: refuse,
  createSnapshots: refuse,
  deleteSnapshot: refuse,
  attach: refuse,
  detach: refuse,
} satisfies Partial<Machines>;
