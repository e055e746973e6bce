// The tales that the story tests tell of the small world: what came before, who runs, and what there
// must be in the end, however often the agent was restarted on the way.

import { expect } from "vitest";
import type { Settings } from "../../agent/domain/settings.ts";
import { type Interruption, run } from "./run.ts";
import { addressOnly, twoVolumes } from "./seat.ts";
import {
  die,
  launch,
  type Machine,
  newWorld,
  type SmallWorld,
  terminating,
} from "./small-world.ts";

/** What must be true of every machine that serves. */
export function expectServed(world: SmallWorld, machine: Machine): void {
  expect(world.address.holder).toBe(machine.instanceId);
  expect([...machine.mounts.values()].toSorted()).toEqual(
    world.settings.volumes.map((entry) => entry.mount),
  );
  expect([...machine.units.values()].every((state) => state === "active")).toBe(true);
  expect(machine.lifecycleState).toBe("InService");
  const others = world.machines.filter((entry) => entry !== machine);
  expect(others.flatMap((entry) => [...entry.mounts.keys()])).toEqual([]);
}

export interface Tale {
  readonly settings: Settings;
  /** Everything before the run under test; says who runs. */
  readonly before: (world: SmallWorld) => Machine;
  readonly volumes: number;
  readonly sets: number;
}

export const firstBoot: Tale = {
  settings: twoVolumes,
  before: (world) => launch(world, 1, "a"),
  volumes: 2,
  sets: 0,
};

function served(world: SmallWorld): Machine {
  const first = launch(world, 1, "a");
  run(world, first);
  return first;
}

const crash =
  (zone: string): Tale["before"] =>
  (world) => {
    die(world, served(world));
    return launch(world, 2, zone);
  };

const graceful =
  (zone: string): Tale["before"] =>
  (world) => {
    const first = served(world);
    terminating(first);
    run(world, first);
    return launch(world, 2, zone);
  };

const release: Tale["before"] = (world) => {
  const first = served(world);
  terminating(first);
  return first;
};

export const crashHere: Tale = { settings: twoVolumes, before: crash("a"), volumes: 2, sets: 0 };
export const crashAway: Tale = { settings: twoVolumes, before: crash("b"), volumes: 4, sets: 1 };
export const moveHere: Tale = { settings: twoVolumes, before: graceful("a"), volumes: 2, sets: 1 };
export const moveAway: Tale = { settings: twoVolumes, before: graceful("b"), volumes: 4, sets: 1 };
export const seatOfAddress: Tale = {
  settings: addressOnly,
  before: crash("b"),
  volumes: 0,
  sets: 0,
};
export const releasing: Tale = { settings: twoVolumes, before: release, volumes: 2, sets: 1 };

export function tell(tale: Tale, interruption?: Interruption) {
  const world = newWorld(tale.settings);
  const machine = tale.before(world);
  const told = run(world, machine, interruption === undefined ? {} : { interruption });
  return { world, machine, told };
}

export function setsOf(world: SmallWorld): number {
  return new Set(world.snapshots.map((snapshot) => snapshot.tags["ec2-ha:set"])).size;
}
