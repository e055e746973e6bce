// What befalls the group besides faults: terminations, crashes, outages, notices, reboots, pauses of
// whole machines, an operator's own doing. Drawn from the seed, and spread over the run.

import { ApiError } from "../region/contract.ts";
import type { World } from "../region/state/world.ts";
import { type Chance, createChance } from "./chance.ts";
import type { Computer } from "./computer.ts";
import type { Timeline } from "./timeline.ts";

export interface OperatorOptions {
  readonly seed: string;
  readonly timeline: Timeline;
  readonly world: World;
  readonly groupName: string;
  readonly zones: readonly string[];
  readonly computers: ReadonlyMap<string, Computer>;
  /** The instance that answered the client last. */
  readonly serving: () => string;
  readonly muted: ReadonlySet<string>;
  /** Nothing befalls anybody after that. */
  readonly untilMs: number;
  readonly say: (line: string) => void;
}

export interface Operator {
  /** What befell, by name and number, as in "crash 2". */
  readonly done: readonly string[];
  /** Ends what still lasts. */
  calm(): Promise<void>;
}

type Deed = (
  options: OperatorOptions,
  target: Computer,
  chance: Chance,
) => Promise<string> | string;

const minuteMs = 60_000;

/** Each says what it did; the number is how likely it is beside the others. */
const deeds: Readonly<Record<string, readonly [number, Deed]>> = {
  "end in group": [4, endInGroup],
  crash: [4, crash],
  "terminate directly": [2, terminate],
  "power off": [1, powerOff],
  reboot: [2, reboot],
  "kill agent": [2, killAgent],
  "freeze machine": [3, freezeMachine],
  "cut off": [2, cutOff],
  "zone outage": [2, zoneOutage],
  "spot notice": [1, spotNotice],
  rebalance: [2, rebalance],
  stop: [1, stop],
  unhealthy: [1, unhealthy],
  "second member": [3, secondMember],
};

/** Some come close together: a second failover in the middle of the first is where things go wrong. */
export function createOperator(options: OperatorOptions): Operator {
  const { timeline, world, zones, computers, untilMs } = options;
  const chance = createChance(`${options.seed}/operator`);
  const done: string[] = [];
  let number = 0;
  const plan = (delayMs: number, target: (mine: Chance) => Computer | null, what?: Named): void => {
    number += 1;
    const mine = chance.fork(`${number}`);
    const [name, deed] = what ?? choose(mine);
    const label = `${name} ${number}`;
    timeline.after(delayMs, () => {
      if (timeline.nowMs() > untilMs || options.muted.has(label)) return;
      const found = target(mine);
      if (found === null) return;
      done.push(label);
      void perform(options, { deed, target: found, chance: mine, label });
    });
  };
  // In some runs several take the seat at once from the start.
  const several: Named = ["second member", secondMember];
  if (chance.isHit(0.7)) plan(30_000, (mine) => anyOn(options, mine), several);
  const serving = (): Computer | null => computers.get(options.serving()) ?? null;
  // Some runs let nobody serve for long.
  const isHunt = chance.isHit(0.7);
  for (let atMs = gapMs(chance); timeline.nowMs() + atMs < untilMs; atMs += gapMs(chance)) {
    plan(atMs, (mine) => (isHunt ? serving() : anyOn(options, mine)));
  }
  return {
    done,
    async calm() {
      for (const zone of zones) await world.zoneOutage(zone, false);
      const call = asOperator(world, "autoscaling", "SetDesiredCapacity");
      await call({ AutoScalingGroupName: options.groupName, DesiredCapacity: 1 });
    },
  };
}

function gapMs(chance: Chance): number {
  const [low, high] = chance.pick([
    [500, 20_000],
    [20_000, 90_000],
    [90_000, 4 * minuteMs],
  ]);
  return chance.between(low, high);
}

interface Performance {
  readonly deed: Deed;
  readonly target: Computer;
  readonly chance: Chance;
  readonly label: string;
}

/** What the region refuses, an operator cannot do either. */
async function perform(options: OperatorOptions, { deed, target, chance, label }: Performance) {
  try {
    options.say(`operator: ${await deed(options, target, chance)} (${label})`);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    options.say(`operator: ${error.message} (${label})`);
  }
}

type Named = readonly [string, Deed];

function choose(chance: Chance): Named {
  const all = Object.entries(deeds);
  const total = all.reduce((sum, [, [weight]]) => sum + weight, 0);
  let left = chance.next() * total;
  for (const [name, [weight, deed]] of all) {
    left -= weight;
    if (left < 0) return [name, deed];
  }
  return ["crash", crash];
}

/** Any machine that is on; none where none is. */
function anyOn({ computers }: OperatorOptions, chance: Chance): Computer | null {
  const on = [...computers.values()].filter((computer) => computer.isOn());
  const [first, ...rest] = on;
  return first === undefined ? null : chance.pick([first, ...rest]);
}

const operator = {
  accountId: "123456789012",
  arn: "arn:aws:iam::123456789012:user/operator",
  instanceId: null,
};

function asOperator(world: World, service: "ec2" | "autoscaling", action: string) {
  return (input: Readonly<Record<string, unknown>>) =>
    world.call({ service, action, input, caller: operator });
}

async function endInGroup({ world }: OperatorOptions, { instanceId: InstanceId }: Computer) {
  const call = asOperator(world, "autoscaling", "TerminateInstanceInAutoScalingGroup");
  await call({ InstanceId, ShouldDecrementDesiredCapacity: false });
  return `${InstanceId} is ended by its group`;
}

async function crash({ world }: OperatorOptions, { instanceId }: Computer) {
  await world.crash(instanceId);
  return `the host of ${instanceId} is lost`;
}

async function terminate({ world }: OperatorOptions, { instanceId }: Computer) {
  await asOperator(world, "ec2", "TerminateInstances")({ InstanceIds: [instanceId] });
  return `${instanceId} is terminated`;
}

async function stop({ world }: OperatorOptions, { instanceId }: Computer) {
  await asOperator(world, "ec2", "StopInstances")({ InstanceIds: [instanceId] });
  return `${instanceId} is stopped`;
}

/** What AZ rebalancing, a refresh or a hand on the console do: two at once, for a while. */
async function secondMember(
  { world, timeline, groupName }: OperatorOptions,
  _: Computer,
  chance: Chance,
) {
  const call = asOperator(world, "autoscaling", "SetDesiredCapacity");
  const wish = (DesiredCapacity: number) =>
    call({ AutoScalingGroupName: groupName, DesiredCapacity });
  timeline.after(chance.between(10_000, 20 * minuteMs), () => {
    wish(1).catch(() => undefined);
  });
  const size = chance.between(2, 3);
  await wish(size);
  return `the group wants ${size}`;
}

async function unhealthy({ world }: OperatorOptions, { instanceId: InstanceId }: Computer) {
  const call = asOperator(world, "autoscaling", "SetInstanceHealth");
  await call({ InstanceId, HealthStatus: "Unhealthy" });
  return `${InstanceId} is said to be unhealthy`;
}

async function reboot({ world }: OperatorOptions, { instanceId }: Computer) {
  await asOperator(world, "ec2", "RebootInstances")({ InstanceIds: [instanceId] });
  return `${instanceId} is rebooted`;
}

async function powerOff(_options: OperatorOptions, computer: Computer) {
  await computer.powerSelfOff();
  return `${computer.instanceId} powered itself off`;
}

function killAgent(_options: OperatorOptions, computer: Computer, chance: Chance) {
  computer.killAgent(chance.between(1_000, 10 * minuteMs));
  return `the agent of ${computer.instanceId} is killed, and stays away a while`;
}

function freezeMachine(_options: OperatorOptions, computer: Computer, chance: Chance) {
  const durationMs = chance.between(5_000, 12 * minuteMs);
  computer.freeze(durationMs);
  return `${computer.instanceId} stands still for ${durationMs} ms`;
}

function cutOff(_options: OperatorOptions, computer: Computer, chance: Chance) {
  const durationMs = chance.between(10_000, 12 * minuteMs);
  computer.cutOff(durationMs);
  return `${computer.instanceId} reaches no API for ${durationMs} ms`;
}

async function zoneOutage(options: OperatorOptions, _computer: Computer, chance: Chance) {
  const { timeline, world, zones } = options;
  const zone = zones[chance.between(0, zones.length - 1)] ?? "";
  timeline.after(chance.between(minuteMs, 12 * minuteMs), () => void world.zoneOutage(zone, false));
  await world.zoneOutage(zone, true);
  return `${zone} is out`;
}

function spotNotice({ world }: OperatorOptions, { instanceId }: Computer) {
  world.spotNotice(instanceId);
  return `${instanceId} has two minutes left`;
}

function rebalance({ world, groupName }: OperatorOptions) {
  world.rebalance(groupName);
  return "the group rebalances its zones";
}
