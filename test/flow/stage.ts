// Where flows are rehearsed: a region whose machines hold paper disks, a seat in two zones, and agents
// that are wired as the program wires itself, but for the host's ports. An agent is started and ended
// by the test; the region believes that its instance runs all the while.

import {
  DescribeAutoScalingInstancesCommand,
  type DescribeAutoScalingInstancesCommandOutput,
} from "@aws-sdk/client-auto-scaling";
import type { Settings } from "../../agent/domain/settings.ts";
import { newMind, runDaemon } from "../../agent/flow/daemon.ts";
import type { Executors } from "../../agent/flow/executors.ts";
import type { Observer } from "../../agent/flow/ports.ts";
import type { Mind } from "../../agent/flow/pursue.ts";
import { autoScalingPort } from "../../agent/port/auto-scaling.ts";
import { awsPort } from "../../agent/port/aws.ts";
import { systemClock } from "../../agent/port/clock.ts";
import { roleKeys } from "../../agent/port/credentials.ts";
import { ec2Disks } from "../../agent/port/ec2-disks.ts";
import { ec2Reads } from "../../agent/port/ec2-reads.ts";
import { ec2Writes } from "../../agent/port/ec2-writes.ts";
import { imdsPort } from "../../agent/port/imds.ts";
import { readIdentity } from "../../agent/port/imds-readings.ts";
import type { CallRecord } from "../region/call-log.ts";
import { printedFor } from "../region/iam/printed.ts";
import { createRegion, type Region, type RegionOptions } from "../region/region.ts";
import { type SeatWish, type SeededSeat, seedTwoZones } from "../region/scenario/two-az.ts";
import { awsDelays, type Delays, scaled } from "../region/state/delays.ts";
import { type FastClock, fastClock } from "./fast-clock.ts";
import { held } from "./held.ts";
import { instanceKeysAt } from "./instance-keys.ts";
import { createPaperDisks, type PaperDisks } from "./paper-disks.ts";
import { createPaperJournal, type PaperJournal } from "./paper-journal.ts";
import { createPaperMachine, type PaperMachine } from "./paper-machine.ts";
import { eventually } from "./waiting.ts";

export interface Stage {
  readonly region: Region;
  readonly seat: SeededSeat;
  readonly disks: PaperDisks;
  readonly clock: FastClock;
  /** Every call but the operator's, in the order in which they ended. */
  readonly calls: readonly CallRecord[];
  /** Waits for the one member that is arriving and whose machine runs. */
  arrival(): Promise<string>;
  lifecycleOf(instanceId: string): Promise<string>;
  /** Waits until the instance's machine is off, and ends its agent with it. */
  ending(agent: PaperAgent): Promise<void>;
  boot(instanceId: string, settings: Settings, machine?: PaperMachine): Promise<PaperAgent>;
  close(): Promise<void>;
}

export interface PaperAgent {
  readonly instanceId: string;
  readonly observer: Observer;
  readonly machine: PaperMachine;
  readonly journal: PaperJournal;
  readonly mind: Mind;
  /** Makes the schedule due, as cron would. */
  due(atMs: number): void;
  run(executors?: Executors): Promise<void>;
  /** Ends the daemon, as `systemctl stop` does. */
  stop(): Promise<void>;
  /** Lets it release the seat, as the end of the machine does. */
  powerOff(): Promise<void>;
}

export interface StageOptions extends Partial<SeatWish> {
  readonly region?: Partial<RegionOptions>;
}

/** A hundredth of AWS's. */
const stageDelays: Delays = scaled(awsDelays, 0.01);

/** Long enough for anything here on a busy machine. */
export const patiently = { timeout: 15_000, interval: 20 };

export async function openStage(options: StageOptions = {}): Promise<Stage> {
  const { region: regionOptions, ...wish } = options;
  const disks = createPaperDisks();
  const region = await createRegion({
    delays: stageDelays,
    machines: async () => disks.machines,
    ...regionOptions,
  });
  const calls: CallRecord[] = [];
  region.onCall((record) => {
    if (record.caller.instanceId !== null) calls.push(record);
  });
  const seat = await seedTwoZones(region, { seat: "orders", ...wish });
  const clock = fastClock();
  const agents: PaperAgent[] = [];
  const metadata = new Map<string, string>();
  const grant = granter(region, seat, options.policies);
  return {
    region,
    seat,
    disks,
    clock,
    calls,
    arrival: () => arrival(region, disks),
    lifecycleOf: async (instanceId) =>
      (await members(region)).find((member) => member.InstanceId === instanceId)?.LifecycleState ??
      "none",
    async ending(agent) {
      const { instanceId } = agent;
      const isOff = () => !disks.machines.isOn(instanceId);
      await eventually(`"${instanceId}" off`, isOff, (off) => off);
      await agent.stop();
    },
    async boot(instanceId, settings, machine = createPaperMachine(disks, instanceId)) {
      grant(settings);
      const agent = await boot({ region, metadata, clock, machine, instanceId }, settings);
      agents.push(agent);
      return agent;
    },
    async close() {
      const stopped = agents.map((agent) => agent.stop());
      // First, so that no agent waits out a call that hangs.
      await region.close();
      await Promise.all(stopped);
      clock.close();
    },
  };
}

/** The role may do what is printed for the settings that agents were booted with, and no more. */
function granter(
  region: Region,
  { roleName }: SeededSeat,
  given: StageOptions["policies"],
): (settings: Settings) => void {
  const printed = new Map<string, ReturnType<typeof printedFor>>();
  return (settings) => {
    if (given !== undefined) return;
    const policy = printedFor(settings, region.name);
    printed.set(JSON.stringify(policy), policy);
    region.roles.setPolicies(roleName, [...printed.values()]);
  };
}

type Members = NonNullable<DescribeAutoScalingInstancesCommandOutput["AutoScalingInstances"]>;

async function members({ autoScaling }: Region): Promise<Members> {
  const found = await autoScaling.send(new DescribeAutoScalingInstancesCommand({}));
  return found.AutoScalingInstances ?? [];
}

async function arrival(region: Region, disks: PaperDisks): Promise<string> {
  const look = async (): Promise<string> => {
    const arriving = (await members(region)).find(
      ({ LifecycleState: state, InstanceId: id = "" }) =>
        state?.startsWith("Pending") === true && disks.machines.isOn(id),
    );
    return arriving?.InstanceId ?? "nobody yet";
  };
  return eventually("an arriving instance", look, (found) => found.startsWith("i-"));
}

interface Place {
  readonly region: Region;
  /** Where each instance's IMDS is served. */
  readonly metadata: Map<string, string>;
  readonly clock: FastClock;
  readonly machine: PaperMachine;
  readonly instanceId: string;
}

async function boot(place: Place, settings: Settings): Promise<PaperAgent> {
  const { instanceId, machine } = place;
  const schedule: { onDue: (atMs: number) => void } = { onDue: () => undefined };
  const journal = createPaperJournal();
  const observer = await observerOf(place, { settings, journal, schedule });
  const mind = newMind();
  const stop = new AbortController();
  const powerOff = new AbortController();
  let running: Promise<void> = Promise.resolve();
  return {
    instanceId,
    observer,
    machine,
    journal,
    mind,
    due: (atMs) => schedule.onDue(atMs),
    run(executors) {
      const own = executors === undefined ? {} : { executors };
      const daemon = { observer, stop: stop.signal, powerOff: powerOff.signal, ...own };
      running = runDaemon(daemon, mind);
      return running;
    },
    async stop() {
      stop.abort();
      // How it ended is for the test that started it to say.
      await running.catch(() => undefined);
    },
    async powerOff() {
      powerOff.abort();
      await running;
    },
  };
}

/** Real time, of which an agent's 25 s pass in one: a call that hangs takes as long as on AWS. */
const attemptLimit = { connectionTimeout: 1_000, requestTimeout: 1_500 } as const;

interface Equipment {
  readonly settings: Settings;
  readonly journal: PaperJournal;
  readonly schedule: { onDue: (atMs: number) => void };
}

/** The SDK finds endpoints by the environment, which all agents of this process share. */
async function observerOf(place: Place, equipment: Equipment): Promise<Observer> {
  const { region, clock, machine, instanceId } = place;
  const metadata = place.metadata.get(instanceId) ?? (await region.listenMetadata(instanceId));
  place.metadata.set(instanceId, metadata);
  process.env["AWS_ENDPOINT_URL_EC2"] = region.endpoint;
  process.env["AWS_ENDPOINT_URL_AUTO_SCALING"] = region.endpoint;
  const link = imdsPort({ clock: systemClock(), endpoint: metadata });
  const imds = held(clock, link);
  const { read } = held(clock, { read: instanceKeysAt(metadata) });
  const aws = awsPort({
    region: region.name,
    keys: roleKeys({ read, clock }),
    limit: attemptLimit,
  });
  const identity = await readIdentity(link);
  const { devices, contents, filesystems, mounts, units, checks } = machine;
  return {
    identity,
    settings: equipment.settings,
    ports: {
      clock,
      journal: equipment.journal,
      imds,
      reads: held(clock, ec2Reads(aws)),
      writes: held(clock, ec2Writes(aws)),
      volumes: held(clock, ec2Disks(aws)),
      autoScaling: held(clock, autoScalingPort(aws)),
      renewConnections: aws.renew,
      abandonCalls: aws.abandon,
      ...{ devices, contents, filesystems, mounts, units, checks },
      schedules: {
        start(_expression, onDue) {
          equipment.schedule.onDue = onDue;
          return { stop: () => undefined, nextDueMs: () => null };
        },
      },
    },
  };
}
