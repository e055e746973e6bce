// The rehearsal region, assembled: the state machines, the two servers in front of them and the
// machines behind them. It is what `npm run region`, the demo, the drills and the flow tests start.
// Time is the wall clock; only AWS's own delays can be scaled, never anybody's timeouts.

import type { Duplex } from "node:stream";
import { AutoScalingClient } from "@aws-sdk/client-auto-scaling";
import { EC2Client } from "@aws-sdk/client-ec2";
import { type CallListener, type CallLog, createCallLog } from "./call-log.ts";
import type { Api, Machines, RoleCredentials } from "./contract.ts";
import { metadataFaults } from "./faults/metadata.ts";
import type { FaultHandle } from "./faults/settings.ts";
import { createRoles, type Roles } from "./iam/roles.ts";
import { createMetadata, type Metadata } from "./imds/metadata.ts";
import { realClock } from "./state/clock.ts";
import { createNoMachines } from "./state/no-machines.ts";
import { createWorld, type World, type WorldOptions } from "./state/world.ts";
import { type CredentialBook, createCredentialBook, type StaticKey } from "./wire/credentials.ts";
import { either, type Intercept, letPass } from "./wire/intercept.ts";
import { createWire, type Wire } from "./wire/wire.ts";

/** Where a machines backend brings the connections that come out of instances. */
export interface Seams {
  readonly serveApi: (socket: Duplex) => void;
  /** Cuts the connection of an address that no running instance has. */
  readonly serveMetadata: (socket: Duplex, privateIp: string) => void;
}

export interface ClosableMachines extends Machines {
  close?(): void | Promise<void>;
}

/** The world's own settings, each with a default here, and what stands around the world. */
export interface RegionOptions
  extends Partial<Omit<WorldOptions, "machines" | "intercept" | "authorize">> {
  /** Makes the backend; without it, instances and disks exist in the region's tables only. */
  readonly machines?: (seams: Seams) => Promise<ClosableMachines>;
  /** Port 0, which is the default, takes any free one. */
  readonly port?: number;
  readonly host?: string;
  /** Faults between the callers and the two servers. */
  readonly intercept?: Intercept;
  /** What stands between the wire and the world: authorization, throttling. */
  readonly guard?: (world: Api) => Api;
}

export interface Region {
  readonly name: string;
  readonly endpoint: string;
  readonly operatorKey: StaticKey;
  readonly world: World;
  /** What goes wrong here: see faults/settings.ts. */
  readonly faults: FaultHandle;
  /** What the roles of instances may do: nothing, until they are given policies. */
  readonly roles: Roles;
  /** The operator's own clients, against the listening port. */
  readonly ec2: EC2Client;
  readonly autoScaling: AutoScalingClient;
  /** The keys that IMDS shows the instance. */
  credentialsOf(instanceId: string): RoleCredentials;
  /** Serves an instance's IMDS on a loopback port, for an agent that runs in no machine. */
  listenMetadata(instanceId: string): Promise<string>;
  /** Calls `listener` after each call that was understood; the returned function ends that. */
  onCall(listener: CallListener): () => void;
  close(): Promise<void>;
}

/** Made up: AWS keeps this number for examples. */
export const defaultAccountId = "123456789012";

const defaultName = "eu-west-1";

/** Reachable from this host alone. */
const loopback = "127.0.0.1";

/** Rejects where the port cannot be had. */
export async function createRegion(options: RegionOptions = {}): Promise<Region> {
  const parts = await assemble(options);
  const { world, metadata, book } = parts;
  const { port = 0, host = loopback, regionName = defaultName } = options;
  const listening = await parts.wire.listen(port, host);
  const endpoint = `http://${host}:${listening.port}`;
  const settings = { endpoint, region: regionName, credentials: book.operator };
  const ec2 = new EC2Client(settings);
  const autoScaling = new AutoScalingClient(settings);
  return {
    name: regionName,
    endpoint,
    operatorKey: book.operator,
    world,
    faults: world.faults,
    roles: parts.roles,
    ec2,
    autoScaling,
    credentialsOf: (instanceId) => book.current(instanceId),
    async listenMetadata(instanceId) {
      const { port: metadataPort } = await metadata.listen(instanceId, 0, loopback);
      return `http://${loopback}:${metadataPort}`;
    },
    onCall: (listener) => parts.log.on(listener),
    async close() {
      ec2.destroy();
      autoScaling.destroy();
      await Promise.all([parts.wire.close(), metadata.close()]);
      await world.close();
      await parts.machines.close?.();
    },
  };
}

interface Parts {
  readonly machines: ClosableMachines;
  readonly world: World;
  readonly roles: Roles;
  readonly book: CredentialBook;
  readonly log: CallLog;
  readonly wire: Wire;
  readonly metadata: Metadata;
}

async function assemble(options: RegionOptions): Promise<Parts> {
  // The machines bring connections to servers that stand before a world made of those machines.
  const doors: { seams: Seams | null } = { seams: null };
  const machines = await (options.machines ?? withoutMachines)({
    serveApi: (socket) => doors.seams?.serveApi(socket),
    serveMetadata: (socket, privateIp) => doors.seams?.serveMetadata(socket, privateIp),
  });
  const roles = createRoles();
  const world = createWorld({ ...worldOptions(options, machines), authorize: roles.authorize });
  const fronts = createFronts(world, options);
  doors.seams = createSeams(world, fronts);
  return { machines, world, roles, ...fronts };
}

async function withoutMachines(): Promise<ClosableMachines> {
  return createNoMachines();
}

function worldOptions(options: RegionOptions, machines: Machines): WorldOptions {
  // The world has an intercept of its own kind, which `guard` stands in for.
  const { intercept: _outside, ...settings } = options;
  const regionName = options.regionName ?? defaultName;
  return {
    clock: realClock,
    accountId: defaultAccountId,
    regionName,
    zones: [
      { name: `${regionName}a`, id: "euw1-az1" },
      { name: `${regionName}b`, id: "euw1-az2" },
    ],
    ...settings,
    machines,
  };
}

type Fronts = Pick<Parts, "book" | "log" | "wire" | "metadata">;

function createFronts(world: World, options: RegionOptions): Fronts {
  const { clock = realClock, accountId = defaultAccountId, intercept = letPass } = options;
  const { faults } = world;
  const nowMs = (): number => clock.nowMs();
  // What AWS's servers believe the time to be; the region itself lives by its clock.
  const serverNowMs = (): number => nowMs() + (faults.strike("clockSkew", {})?.skewMs ?? 0);
  const book = createCredentialBook({
    accountId,
    nowMs: serverNowMs,
    roleName: (instanceId) => world.metadata(instanceId)?.roleName ?? "unknown",
    term: (instanceId) => faults.aimed("shortCredentials", { ids: [instanceId] }),
  });
  const log = createCallLog(options.guard?.(world) ?? world, nowMs);
  const wire = createWire({
    api: log.api,
    credentials: book,
    nowMs: serverNowMs,
    regionName: options.regionName ?? defaultName,
    intercept,
  });
  const metadata = createMetadata({
    view: (instanceId) => world.metadata(instanceId),
    credentials: (instanceId) => book.current(instanceId),
    nowMs,
    intercept: either(intercept, metadataFaults(faults)),
  });
  return { book, log, wire, metadata };
}

function createSeams(world: World, { wire, metadata }: Fronts): Seams {
  return {
    serveApi: (socket) => wire.accept(socket),
    serveMetadata(socket, privateIp) {
      const instanceId = world.instanceByPrivateIp(privateIp);
      if (instanceId === null) socket.destroy();
      else metadata.accept(socket, instanceId);
    },
  };
}
