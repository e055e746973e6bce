// One world for one seed: the region's state machines under virtual time, machines of paper with the
// unmodified agent on each, a client that writes, and an oracle at the door.

import type { Settings } from "../../agent/domain/settings.ts";
import type { PaperDisks } from "../flow/paper-disks.ts";
import { settings, volumeSettings } from "../plan/seat.ts";
import type { Machines } from "../region/contract.ts";
import { createRoles } from "../region/iam/roles.ts";
import { seedTwoZones } from "../region/scenario/two-az.ts";
import { awsDelays } from "../region/state/delays.ts";
import { createWorld, type World } from "../region/state/world.ts";
import { createChance } from "./chance.ts";
import { type Client, createClient } from "./client.ts";
import type { Cloud } from "./cloud.ts";
import { type Computer, createComputer } from "./computer.ts";
import type { Hazards } from "./hazards.ts";
import { createOracle } from "./oracle.ts";
import type { Timeline } from "./timeline.ts";

export interface Universe {
  readonly world: World;
  readonly settings: Settings;
  readonly computers: ReadonlyMap<string, Computer>;
  readonly client: Client;
  readonly groupName: string;
}

export interface UniverseOptions {
  readonly seed: string;
  readonly timeline: Timeline;
  readonly hazards: Hazards;
  readonly disks: PaperDisks;
  readonly say: (line: string) => void;
  readonly violate: (invariant: string, found: string) => void;
}

export const zones = [
  { name: "eu-test-1a", id: "eut1-az1" },
  { name: "eu-test-1b", id: "eut1-az2" },
] as const;

export async function createUniverse(options: UniverseOptions): Promise<Universe> {
  const { seed, timeline, hazards, violate } = options;
  const chance = createChance(`${seed}/universe`);
  const { disks } = options;
  const computers = new Map<string, Computer>();
  const wanted = settingsOf(seed);
  const late: { client: Client | null; cloud: Cloud | null } = { client: null, cloud: null };
  const client = (): Client => {
    if (late.client === null) throw new Error("the client comes after the world");
    return late.client;
  };
  const launch = (instanceId: string): Computer => {
    if (late.cloud === null) throw new Error("machines come after the world");
    const { cloud } = late;
    const onDefect = (error: unknown): void => {
      const found = error instanceof Error ? (error.stack ?? error.message) : String(error);
      violate("the agent never ends by an error", found);
    };
    const common = { cloud, disks, instanceId, settings: wanted, seed, say: options.say, onDefect };
    const computer = createComputer(common);
    computers.set(instanceId, computer);
    return computer;
  };
  const oracle = createOracle({ settings: wanted, disks, computers, client, violate });
  const world = createWorld({
    clock: timeline,
    machines: machinesOf(disks, computers, launch),
    accountId: "123456789012",
    regionName: "eu-test-1",
    zones,
    delays: awsDelays,
    seed: chance.between(1, 1e9),
    rules: {
      associateToSelf: chance.pick(["already-associated", "succeeds-same-association"]),
    },
    intercept: oracle.onArrival,
    staleMs: ({ action, caller }) => (caller.instanceId === null ? 0 : hazards.staleMs(action)),
    extraMs: ({ kind, id }) => hazards.extraMs(`${kind} ${id}`),
  });
  late.cloud = { timeline, world, hazards, onSend: oracle.onSend };
  narrate(world, options);
  const seat = await seeded(timeline, world);
  late.client = createClient({
    world,
    disks,
    settings: wanted,
    publicIp: seat.publicIp,
    computerOf: (instanceId) => computers.get(instanceId),
    nowMs: timeline.nowMs,
    say: options.say,
    violate,
  });
  return { world, settings: wanted, computers, client: late.client, groupName: seat.groupName };
}

function settingsOf(seed: string): Settings {
  const chance = createChance(`${seed}/settings`);
  const names = chance.pick([["data"], ["data"], ["data", "wal"], ["data", "index", "wal"], []]);
  const volumes = names.map((name) => volumeSettings(name));
  const schedule = chance.isHit(0.5) ? "*/5 * * * *" : null;
  const keep = { latest: chance.between(1, 3), hourly: 0, daily: 0 };
  const snapshots = { schedule, keep };
  const keepOldVolumesMs = chance.pick([60_000, 86_400_000]);
  return settings({
    volumes,
    snapshots,
    keepOldVolumesMs,
    patienceMs: chance.pick([30_000, 120_000]),
  });
}

/** The paper machines of the region, with a computer in each. */
function machinesOf(
  disks: PaperDisks,
  computers: ReadonlyMap<string, Computer>,
  launch: (instanceId: string) => Computer,
): Machines {
  const paper = disks.machines;
  return {
    ...paper,
    async launch(machine) {
      await paper.launch(machine);
      launch(machine.instanceId).boot();
    },
    async powerOff(instanceId, how) {
      const computer = computers.get(instanceId);
      if (how === "os") await computer?.shutDown();
      else computer?.cut();
      if (paper.isOn(instanceId)) await paper.powerOff(instanceId, "cut");
    },
    async powerOn(instanceId) {
      await paper.powerOn(instanceId);
      computers.get(instanceId)?.boot();
    },
    async reboot(instanceId) {
      const computer = computers.get(instanceId);
      computer?.cut();
      await paper.reboot(instanceId);
      computer?.boot();
    },
  };
}

/** The scenario's calls need time to pass, which only the timeline makes. */
async function seeded(timeline: Timeline, world: World) {
  const caller = {
    accountId: "123456789012",
    arn: "arn:aws:iam::123456789012:user/operator",
    instanceId: null,
  };
  const client = (service: "ec2" | "autoscaling") => ({
    send: (command: { readonly input: object }) => {
      const action = command.constructor.name.replace(/Command$/, "");
      return world.call({ service, action, input: { ...command.input }, caller });
    },
  });
  // Nobody asks these roles: what the role may do is proven elsewhere, and asking takes its time.
  const roles = createRoles();
  const operator = { ec2: client("ec2"), autoScaling: client("autoscaling"), roles };
  let isDone = false;
  const seeding = seedTwoZones(operator as unknown as Parameters<typeof seedTwoZones>[0], {
    seat: "orders",
  }).finally(() => {
    isDone = true;
  });
  await timeline.run(timeline.nowMs() + 60_000, () => isDone);
  const seat = await seeding;
  const input = { AutoScalingGroupName: seat.groupName, MaxSize: 3 };
  void world.call({ service: "autoscaling", action: "UpdateAutoScalingGroup", input, caller });
  return seat;
}

function narrate(world: World, { say, violate }: UniverseOptions): void {
  world.on((event) => {
    if (event.kind === "defect") violate("the region works", event.detail["cause"] ?? "");
    else say(`${event.kind} ${event.id}: ${event.from ?? "-"} -> ${event.to ?? "-"}`);
  });
}
