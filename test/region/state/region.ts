// The region's whole state in one value: its tables, its clock and the machines it drives. Actions
// change tables synchronously, between two awaits, so that a call is atomic with respect to all
// others; what takes time is started in the background and looks at the tables again when it ends.

import type { Machines } from "../contract.ts";
import { defaults } from "../faults/defaults.ts";
import type { Faults } from "../faults/faults.ts";
import type { SlowKind, StaleTable } from "../faults/settings.ts";
import type { ClosableClock } from "./clock.ts";
import type { Delays } from "./delays.ts";
import type { Effects } from "./effects.ts";
import type { EventKind, Events } from "./events.ts";
import type { Activity, Group, Hook, LifecycleAction, Member, Refresh } from "./group-resources.ts";
import type { Ids } from "./ids.ts";
import type {
  Address,
  Attachment,
  Image,
  Instance,
  Modification,
  NetworkInterface,
  Snapshot,
  Subnet,
  Template,
  UsedToken,
  Volume,
  Vpc,
  Zone,
} from "./resources.ts";
import { createTable, type Row, type Table } from "./table.ts";
import type { Zones } from "./zones.ts";

export interface Tables {
  readonly vpcs: Table<Vpc>;
  readonly subnets: Table<Subnet>;
  readonly images: Table<Image>;
  readonly volumes: Table<Volume>;
  readonly modifications: Table<Modification>;
  readonly attachments: Table<Attachment>;
  readonly snapshots: Table<Snapshot>;
  readonly addresses: Table<Address>;
  readonly interfaces: Table<NetworkInterface>;
  readonly instances: Table<Instance>;
  readonly templates: Table<Template>;
  readonly tokens: Table<UsedToken>;
  readonly groups: Table<Group>;
  readonly hooks: Table<Hook>;
  readonly members: Table<Member>;
  readonly actions: Table<LifecycleAction>;
  readonly activities: Table<Activity>;
  readonly refreshes: Table<Refresh>;
}

/** Where AWS's behaviour is not known for certain, and both answers must be rehearsed, or is too slow. */
export interface Rules {
  /** Associating an address with the interface that has it, reassociation not allowed. */
  readonly associateToSelf: "already-associated" | "succeeds-same-association";
  /** AWS: 30. Less is for tests that wait for a hook's timeout by the wall clock. */
  readonly heartbeatSMin: number;
  /** Terminating a member, in its group, that is being launched, moved or ended already. */
  readonly terminateBusy: "activity-in-progress" | "ends-it";
}

/** What a rehearsal can slow down, or hold for ever: one transition of one resource. */
export interface SlowTransition {
  readonly kind: SlowKind;
  /** Of the instance, the volume, the snapshot; the public address of a route. */
  readonly id: string;
}

export interface Region extends Tables {
  readonly accountId: string;
  readonly name: string;
  readonly zones: readonly Zone[];
  readonly clock: ClosableClock;
  readonly delays: Delays;
  readonly machines: Machines;
  readonly effects: Effects;
  readonly events: Events;
  readonly ids: Ids;
  readonly rules: Rules;
  readonly faults: Faults;
  readonly outages: Zones;
  /** The public address of the n-th Elastic IP, from 1. */
  elasticIp(index: number): string;
  /** A public address as a subnet gives it to an instance, never the same twice. */
  nextPublicIp(): string;
  /** How much longer than usual one transition takes. */
  extraMs(transition: SlowTransition): number;
  /** Starts work that outlives the call; its failure is a defect and ends the region. */
  spawn(work: () => Promise<void>): void;
}

export function createTables(
  clock: { nowMs(): number },
  events: Events,
  historyMs: number,
): Tables {
  const table = <R extends Row>(
    kind: EventKind | null,
    stateOf: (row: R) => string | null,
    detailOf: (row: R) => Readonly<Record<string, string>> = () => ({}),
  ): Table<R> =>
    createTable({ kind, stateOf, detailOf, nowMs: clock.nowMs, emit: events.emit, historyMs });
  const silent = <R extends Row>(): Table<R> => table<R>(null, () => null);

  return {
    vpcs: silent(),
    subnets: silent(),
    images: silent(),
    volumes: table(
      "volume",
      (row) => row.state,
      (row) => ({ zone: row.zone }),
    ),
    modifications: silent(),
    attachments: table(
      "attachment",
      (row) => row.state,
      (row) => ({ instanceId: row.instanceId }),
    ),
    snapshots: table(
      "snapshot",
      (row) => row.state,
      (row) => ({ volumeId: row.volumeId }),
    ),
    addresses: table("address", (row) => row.association?.instanceId ?? null, addressDetail),
    interfaces: silent(),
    instances: table(
      "instance",
      (row) => row.state,
      (row) => ({ zone: row.zone }),
    ),
    templates: silent(),
    tokens: silent(),
    groups: table("group", (row) => (row.deleting ? "deleting" : `desired ${row.desired}`)),
    hooks: silent(),
    members: table(
      "member",
      (row) => row.lifecycle,
      (row) => ({ group: row.groupName }),
    ),
    actions: table(
      "action",
      (row) => row.result ?? "waiting",
      (row) => ({
        hook: row.hookName,
        instanceId: row.instanceId,
      }),
    ),
    activities: silent(),
    refreshes: silent(),
  };
}

/** The region as a call saw it whose named tables were served from a replica `lagMs` behind. */
export function stale(
  region: Region,
  lagMs: number,
  tables: readonly StaleTable[] = defaults.staleReads.tables,
): Region {
  const atMs = region.clock.nowMs() - lagMs;
  const old = <R extends Row>(name: StaleTable, table: Table<R>): Table<R> =>
    tables.includes(name) ? table.asOf(atMs) : table;
  return {
    ...region,
    volumes: old("volumes", region.volumes),
    modifications: old("modifications", region.modifications),
    attachments: old("attachments", region.attachments),
    snapshots: old("snapshots", region.snapshots),
    addresses: old("addresses", region.addresses),
    interfaces: old("interfaces", region.interfaces),
    instances: old("instances", region.instances),
    groups: old("groups", region.groups),
    hooks: old("hooks", region.hooks),
    members: old("members", region.members),
    actions: old("actions", region.actions),
    activities: old("activities", region.activities),
  };
}

/** Resolves after `delayMs` of the region's time; never, once the region is closed. */
export function sleep(region: Region, delayMs: number): Promise<void> {
  return new Promise((resolve) => {
    region.clock.after(delayMs, resolve);
  });
}

/** The usual time of a transition, and what the rehearsal adds to it: infinity holds it for ever. */
export function pace(region: Region, transition: SlowTransition, usualMs: number): Promise<void> {
  const delayMs = usualMs + region.extraMs(transition);
  return Number.isFinite(delayMs) ? sleep(region, delayMs) : new Promise(() => undefined);
}

function addressDetail(row: Address): Readonly<Record<string, string>> {
  const association = row.association;
  return association === null
    ? { publicIp: row.publicIp }
    : { publicIp: row.publicIp, associationId: association.id };
}
