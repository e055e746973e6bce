// A world of a few instances and one seat, kept in tags as AWS keeps it, in which every step of a plan
// succeeds at once and every look is true. It has no ports: it shows the planner's own logic alone.

import type { Memory } from "../../agent/domain/decision.ts";
import type { DiskContent, Facts, InstanceFact, UnitFact } from "../../agent/domain/facts.ts";
import type { AssociationId, InstanceId, VolumeId } from "../../agent/domain/ids.ts";
import { readMark, readSets, readVolumes } from "../../agent/domain/readings.ts";
import type { Snapshot, Volume } from "../../agent/domain/resources.ts";
import type { Settings } from "../../agent/domain/settings.ts";
import type { Step } from "../../agent/domain/steps.ts";
import type { Tags } from "../../agent/domain/tags.ts";
import { blankMemory } from "../../agent/plan/memory.ts";
import { eipalloc, eni, i, startMs } from "./seat.ts";
import { group } from "./world.ts";

export interface Machine {
  readonly instanceId: InstanceId;
  readonly number: number;
  readonly zone: string;
  state: InstanceFact["state"];
  lifecycleState: string;
  target: string | null;
  readonly mounts: Map<VolumeId, string>;
  readonly units: Map<string, UnitFact["state"]>;
  memory: Memory;
  facts: Facts | null;
}

export interface SmallWorld {
  readonly settings: Settings;
  timeMs: number;
  readonly volumes: Map<VolumeId, Volume>;
  readonly tokens: Map<string, VolumeId>;
  readonly contents: Map<VolumeId, DiskContent>;
  readonly snapshots: Snapshot[];
  readonly machines: Machine[];
  readonly address: { associationId: AssociationId | null; holder: InstanceId | null; tags: Tags };
  groupTags: Tags;
  counter: number;
  /** Every step that was applied, with who took it. */
  readonly log: { readonly by: number; readonly step: Step }[];
}

export function newWorld(settings: Settings): SmallWorld {
  return {
    settings,
    timeMs: 0,
    volumes: new Map(),
    tokens: new Map(),
    contents: new Map(),
    snapshots: [],
    machines: [],
    address: { associationId: null, holder: null, tags: {} },
    groupTags: {},
    counter: 1,
    log: [],
  };
}

/** A new member of the group, in its launch hook. */
export function launch(world: SmallWorld, number: number, zone: string): Machine {
  const machine: Machine = {
    instanceId: i(number),
    number,
    zone,
    state: "running",
    lifecycleState: "Pending:Wait",
    target: "InService",
    mounts: new Map(),
    units: new Map(world.settings.units.map((unit) => [unit, "inactive"])),
    memory: blankMemory,
    facts: null,
  };
  world.machines.push(machine);
  return machine;
}

export function terminating(machine: Machine): void {
  machine.lifecycleState = "Terminating:Wait";
  machine.target = "Terminated";
}

/** The end of a machine: what it had comes free, as EC2 does it. */
export function die(world: SmallWorld, machine: Machine): void {
  machine.state = "terminated";
  machine.lifecycleState = "Terminated";
  machine.mounts.clear();
  if (world.address.holder === machine.instanceId) {
    Object.assign(world.address, { associationId: null, holder: null });
  }
  for (const [id, volume] of world.volumes) {
    const attachments = volume.attachments.filter(
      (entry) => entry.instanceId !== machine.instanceId,
    );
    const state =
      attachments.length === 0 && volume.state === "in-use" ? "available" : volume.state;
    world.volumes.set(id, { ...volume, attachments, state });
  }
}

/** A whole look. */
export function lookAt(world: SmallWorld, machine: Machine, look: number): Facts {
  const volumes = readVolumes([...world.volumes.values()]);
  const sets = readSets(world.snapshots);
  const { associationId, holder, tags } = world.address;
  const living = world.machines.filter((entry) => entry !== machine);
  return {
    look,
    nowMs: startMs + world.timeMs,
    monotonicMs: world.timeMs,
    me: {
      instanceId: machine.instanceId,
      zone: machine.zone,
      interfaceId: eni(machine.number),
      target: machine.target,
      group: group(machine.lifecycleState),
    },
    address: {
      allocationId: eipalloc,
      publicIp: "203.0.113.9",
      associationId,
      instanceId: holder,
      mark: readMark("address", tags).facts[0] ?? null,
    },
    groupMark: readMark("group", world.groupTags).facts[0] ?? null,
    volumes: volumes.facts,
    notFound: [],
    sets: sets.facts,
    instances: living.map((entry) => ({
      instanceId: entry.instanceId,
      state: entry.state,
      group:
        entry.state === "running" ? { name: "asg", lifecycleState: entry.lifecycleState } : null,
      member: true,
      taking: null,
    })),
    disks: disksOf(world, machine),
    units: [...machine.units].map(([name, state]) => ({ name, state })),
    malformed: [...volumes.malformed, ...sets.malformed],
  };
}

function disksOf(world: SmallWorld, machine: Machine): Facts["disks"] {
  return [...world.volumes.values()]
    .filter((volume) => volume.attachments.some((entry) => entry.instanceId === machine.instanceId))
    .map((volume) => {
      const mount = machine.mounts.get(volume.volumeId);
      return {
        volumeId: volume.volumeId,
        path: `/dev/${volume.volumeId}`,
        content: mount === undefined ? (world.contents.get(volume.volumeId) ?? null) : null,
        mountedAt: mount === undefined ? [] : [mount],
        free: mount === undefined,
      };
    });
}

/** Time passes: what is being made becomes ready. */
export function pass(world: SmallWorld, durationMs: number): void {
  world.timeMs += durationMs;
  for (const [id, volume] of world.volumes) {
    if (volume.state === "creating") world.volumes.set(id, { ...volume, state: "available" });
  }
  for (const [k, snapshot] of world.snapshots.entries()) {
    const due = startMs + world.timeMs - snapshot.startedMs > 5_000;
    if (due) world.snapshots[k] = { ...snapshot, state: "completed", progressPercent: 100 };
  }
}
