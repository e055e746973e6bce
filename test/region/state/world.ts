// The rehearsal region's state machines, put together: the API they answer, the metadata they show,
// and the hand of fate for those who rehearse (crashes, notices, outages). Calls are served one after
// the other as far as state goes; a defect of a backend ends the region, and every later call says so.

import { type Api, type ApiCall, ApiError, type Machines, type MetadataView } from "../contract.ts";
import { instead } from "../faults/actions.ts";
import { callFaults } from "../faults/calls.ts";
import { createFaults, type Faults } from "../faults/faults.ts";
import { type ReadFaults, readFaults } from "../faults/reads.ts";
import type { FaultPlan } from "../faults/settings.ts";
import { extraMsOf } from "../faults/transitions.ts";
import { isRead, perform } from "./actions.ts";
import { closableClock, type RegionClock } from "./clock.ts";
import { closableMachines } from "./closable-machines.ts";
import { awsDelays, type Delays } from "./delays.ts";
import { createEffects } from "./effects.ts";
import { createEvents, type EventListener, type RegionEvent } from "./events.ts";
import { createIds } from "./ids.ts";
import { crash, loseZone, poweredItselfOff, regainZone } from "./instance-life.ts";
import { metadataOf } from "./metadata.ts";
import { rebalanceNotice, spotNotice } from "./notices.ts";
import {
  createTables,
  type Region,
  type Rules,
  type SlowTransition,
  sleep,
  stale,
} from "./region.ts";
import type { Zone } from "./resources.ts";
import { detectDeath, noticeInstance, noticeMember } from "./scaling.ts";
import { plant, type Seeds } from "./seeds.ts";
import { beginSwap } from "./swaps.ts";
import { createZones } from "./zones.ts";

/** Around every call, for faults: withhold, delay, answer otherwise, or do and lose the reply. */
export type Intercept = (
  call: ApiCall,
  next: () => Promise<Record<string, unknown>>,
) => Promise<Record<string, unknown>>;

/** Rejects with the service's own refusal; what it resolves to follows the call, where it is not null. */
export type Authorize = (
  region: Region,
  call: ApiCall,
) => Promise<((output: Readonly<Record<string, unknown>>) => void) | null>;

export interface WorldOptions {
  readonly clock: RegionClock;
  readonly machines: Machines;
  readonly accountId: string;
  readonly regionName: string;
  readonly zones: readonly Zone[];
  readonly delays?: Delays;
  readonly seed?: number;
  readonly seeds?: Seeds;
  readonly rules?: Partial<Rules>;
  readonly intercept?: Intercept;
  /** What goes wrong from the start; all can be changed by the world's `faults` later. */
  readonly faults?: FaultPlan;
  /** Who may do what; the world alone lets everybody do everything. */
  readonly authorize?: Authorize;
  /** How old an answer to a Describe may be; EC2's reads are eventually consistent. */
  readonly staleMs?: (call: ApiCall) => number;
  /** Slow and stuck transitions: added to the usual time; infinity never ends. */
  readonly extraMs?: (transition: SlowTransition) => number;
  /** The n-th Elastic IP, from 1; the backend must be able to route it. */
  readonly elasticIp?: (index: number) => string;
}

export interface World extends Api {
  readonly faults: Faults;
  /** null where the instance does not run. */
  metadata(instanceId: string): MetadataView | null;
  instanceByPrivateIp(privateIp: string): string | null;
  /** Loss of the host: no shutdown. Resolves when the machine is dead. */
  crash(instanceId: string): Promise<void>;
  /** Two minutes later (by the delays) the instance is taken, and no hook holds it. */
  spotNotice(instanceId: string): void;
  rebalanceNotice(instanceId: string): void;
  /**
   * While on: its machines have no power, its disks do not answer, nothing can be launched there, and
   * the API still says `running`. Resolves when the machines are dead; off again, they boot.
   */
  zoneOutage(zone: string, on: boolean): Promise<void>;
  /** Launches a second member in another zone and ends the first once the second serves. */
  rebalance(groupName: string): void;
  on(listener: EventListener): () => void;
  close(): Promise<void>;
}

/** As documented, or else as reported from the field. */
const awsRules: Rules = {
  associateToSelf: "already-associated",
  heartbeatSMin: 30,
  terminateBusy: "activity-in-progress",
};

/** Stale answers reach no further back than this. */
const historyMs = 120_000;

export function createWorld(options: WorldOptions): World {
  const machines = closableMachines(options.machines);
  const { region, end } = createRegion({ ...options, machines });
  plant(region, options.seeds ?? {});
  region.events.on((event) => notice(region, event));
  options.machines.onPowerOff((instanceId) => poweredItselfOff(region, instanceId));
  const intercept = options.intercept ?? ((_call, next) => next());
  const around = callFaults(region.faults, region.clock.nowMs);
  const reads = readFaults(region.faults, region);

  return {
    faults: region.faults,
    call: (call) =>
      intercept(call, () =>
        around(call, async () => {
          if (end.message !== null) throw new ApiError("Unavailable", end.message, 503);
          return serve({ region, reads, options }, call);
        }),
      ),
    metadata: (instanceId) => metadataOf(region, instanceId),
    instanceByPrivateIp: (privateIp) =>
      region.instances.all().find((each) => each.privateIp === privateIp && each.machine === "on")
        ?.id ?? null,
    crash: (instanceId) => crash(region, instanceId),
    spotNotice: (instanceId) => spotNotice(region, instanceId),
    rebalanceNotice: (instanceId) => rebalanceNotice(region, instanceId),
    zoneOutage: (zone, on) => zoneOutage(region, zone, on),
    rebalance: (groupName) => beginSwap(region, groupName),
    on: region.events.on,
    close: async () => {
      end.message ??= "Cannot call this region: it is closed: start a new one";
      region.clock.close();
      await machines.close();
    },
  };
}

interface Serving {
  readonly region: Region;
  readonly reads: ReadFaults;
  readonly options: Pick<WorldOptions, "staleMs" | "authorize">;
}

async function serve(
  { region, reads, options }: Serving,
  call: ApiCall,
): Promise<Record<string, unknown>> {
  const isReading = isRead(call.action);
  const delayMs = isReading ? region.delays.describeMs : region.delays.changeMs;
  if (delayMs > 0) await sleep(region, delayMs);
  const lagMs = isReading ? (options.staleMs?.(call) ?? 0) : 0;
  const sequel = await options.authorize?.(region, call);
  const seen = lagMs > 0 ? stale(region, lagMs) : reads.view(call);
  const without = instead(region, call);
  if (without !== null) return without;
  const output = await perform(seen, call);
  sequel?.(output);
  return reads.thin(call, output);
}

function createRegion(options: WorldOptions): {
  readonly region: Region;
  readonly end: { message: string | null };
} {
  const clock = closableClock(options.clock);
  const events = createEvents();
  const end: { message: string | null } = { message: null };
  let publicIps = 0;

  const fail = (error: unknown) => {
    const cause = error instanceof Error ? error.message : String(error);
    end.message ??= `Cannot go on with this region: ${cause}: start a new one`;
    const detail = { cause };
    events.emit({
      atMs: clock.nowMs(),
      kind: "defect",
      id: "region",
      from: null,
      to: null,
      detail,
    });
  };
  const tables = createTables(clock, events, historyMs);
  const faults = createFaults(clock, options.faults);
  const region: Region = {
    ...tables,
    faults,
    accountId: options.accountId,
    name: options.regionName,
    zones: options.zones,
    clock,
    delays: options.delays ?? awsDelays,
    machines: options.machines,
    effects: createEffects(),
    events,
    ids: createIds(options.seed ?? 1),
    rules: { ...awsRules, ...options.rules },
    outages: createZones(),
    elasticIp: options.elasticIp ?? ((index) => `203.0.113.${index}`),
    extraMs: (transition) =>
      (options.extraMs?.(transition) ?? 0) + extraMsOf(faults, tables, transition),
    nextPublicIp: () => {
      publicIps += 1;
      return `198.51.${100 + Math.floor(publicIps / 250)}.${1 + (publicIps % 250)}`;
    },
    spawn: (work) => {
      work().catch(fail);
    },
  };
  return { region, end };
}

/** The groups live by what happens to instances and members. */
function notice(region: Region, event: RegionEvent): void {
  if (event.kind === "instance") noticeInstance(region, event.id, event.to);
  if (event.kind === "member") {
    const groupName = event.detail["group"] ?? "";
    noticeMember(region, { instanceId: event.id, groupName, lifecycle: event.to });
  }
}

async function zoneOutage(region: Region, zone: string, on: boolean): Promise<void> {
  if (region.outages.isOut(zone) === on) return;
  region.outages.set(zone, on);
  const [from, to] = on ? ["available", "out"] : ["out", "available"];
  region.events.emit({ atMs: region.clock.nowMs(), kind: "zone", id: zone, from, to, detail: {} });
  if (!on) {
    regainZone(region, zone);
    return;
  }
  for (const member of region.members.all()) {
    if (member.zone !== zone) continue;
    region.spawn(() => detectDeath(region, member.id, region.delays.groupImpairedMs));
  }
  await loseZone(region, zone);
}
