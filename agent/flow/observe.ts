// Looks at the world and writes down what it sees, nothing more. A whole look asks for everything; a
// narrow one refreshes, on top of what is known, only what a pending step can change.

import type { Memory, Scope } from "../domain/decision.ts";
import type { Facts, Malformed, Me } from "../domain/facts.ts";
import type { VolumeId } from "../domain/ids.ts";
import { readVolumes } from "../domain/readings.ts";
import type { Snapshot } from "../domain/resources.ts";
import { readTargetState } from "../port/imds-readings.ts";
import { lookAtAll } from "./observe-all.ts";
import { lookAtMembers } from "./observe-group.ts";
import { observeDisks, observeUnits } from "./observe-local.ts";
import type { Observer } from "./ports.ts";

/** A look of this scope on top of what is known; without facts every look is a whole one. */
export function observe(
  observer: Observer,
  memory: Memory,
  known: { facts: Facts | null; scope: Scope },
): Promise<Facts> {
  const { facts, scope } = known;
  if (facts === null || scope.kind === "all") {
    return lookAtAll(observer, memory, (facts?.look ?? 0) + 1);
  }
  switch (scope.kind) {
    case "volumes":
      return lookAtVolumes(observer, facts, scope.volumeIds);
    case "snapshots":
      return lookAtSnapshots(observer, facts, scope.snapshotIds);
    case "local":
      return lookAtMachine(observer, facts);
    case "group":
      return lookAtGroup(observer, facts);
  }
}

async function lookAtVolumes(
  observer: Observer,
  facts: Facts,
  ids: readonly VolumeId[],
): Promise<Facts> {
  const { ports, identity } = observer;
  const asked = await Promise.all(
    ids.map(async (id) => ({ id, volume: await ports.reads.volume(id) })),
  );
  const read = readVolumes(asked.flatMap(({ volume }) => (volume === null ? [] : [volume])));
  const others = facts.volumes.filter((volume) => !ids.includes(volume.volumeId));
  const volumes = [...others, ...read.facts].toSorted((a, b) => (a.volumeId < b.volumeId ? -1 : 1));
  const notFound = asked.flatMap(({ id, volume }) => (volume === null ? [id] : []));
  const disks = await observeDisks(ports, identity, volumes);
  const malformed: readonly Malformed[] = [
    ...facts.malformed.filter((entry) => !ids.some((id) => id === entry.subject)),
    ...read.malformed,
  ];
  return { ...facts, ...(await timely(observer, facts.me)), volumes, notFound, disks, malformed };
}

async function lookAtSnapshots(
  observer: Observer,
  facts: Facts,
  ids: readonly Snapshot["snapshotId"][],
): Promise<Facts> {
  const found = await observer.ports.reads.snapshots(ids);
  const fresh = new Map(found.map((snapshot) => [snapshot.snapshotId, snapshot]));
  const sets = facts.sets.map((set) => ({
    ...set,
    snapshots: set.snapshots.map((snapshot) => {
      const now = fresh.get(snapshot.snapshotId);
      if (now === undefined) return snapshot;
      const { tags: _tags, startedMs: _startedMs, ...fact } = now;
      return fact;
    }),
  }));
  return { ...facts, ...(await timely(observer, facts.me)), sets };
}

async function lookAtMachine(observer: Observer, facts: Facts): Promise<Facts> {
  const { ports, identity, settings } = observer;
  const disks = await observeDisks(ports, identity, facts.volumes);
  return {
    ...facts,
    ...(await timely(observer, facts.me)),
    disks,
    units: await observeUnits(ports, settings),
  };
}

async function lookAtGroup(observer: Observer, facts: Facts): Promise<Facts> {
  const group = await lookAtMembers(observer);
  const instances = facts.instances.map((instance) => {
    const state = group?.states.get(instance.instanceId) ?? null;
    const inGroup =
      group !== null && state !== null ? { name: group.fact.name, lifecycleState: state } : null;
    return { ...instance, group: inGroup };
  });
  const now = await timely(observer, facts.me);
  return { ...facts, ...now, me: { ...now.me, group: group?.fact ?? null }, instances };
}

/** What every look brings along: the time, and the target state, which ends a launch at once. */
async function timely(
  observer: Observer,
  me: Me,
): Promise<Pick<Facts, "nowMs" | "monotonicMs"> & { readonly me: Me }> {
  const { ports } = observer;
  const target = await readTargetState(ports.imds);
  return {
    nowMs: ports.clock.nowMs(),
    monotonicMs: ports.clock.monotonicMs(),
    me: { ...me, target },
  };
}
