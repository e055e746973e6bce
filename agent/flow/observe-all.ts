// A whole look: everything at once, then, by id, what a list may lack. An error in any part is an error
// of the look: half a look is never taken for a whole one.

import type { Memory } from "../domain/decision.ts";
import type { Facts } from "../domain/facts.ts";
import type { VolumeId } from "../domain/ids.ts";
import { type Reading, readMark, readSets, readVolumes } from "../domain/readings.ts";
import type { Snapshot, Volume } from "../domain/resources.ts";
import type { Settings } from "../domain/settings.ts";
import { readTargetState } from "../port/imds-readings.ts";
import { instancesInTheWay, lookAtInstances, lookAtMembers } from "./observe-group.ts";
import { observeDisks, observeUnits } from "./observe-local.ts";
import type { Observer } from "./ports.ts";

export async function lookAtAll(observer: Observer, memory: Memory, look: number): Promise<Facts> {
  const { ports, settings, identity } = observer;
  // A look is as old as its first read.
  const nowMs = ports.clock.nowMs();
  const monotonicMs = ports.clock.monotonicMs();
  const [target, address, listedVolumes, listedSnapshots, group] = await Promise.all([
    readTargetState(ports.imds),
    settings.address === null ? null : ports.reads.address(addressWanted(settings)),
    ports.reads.volumesOf(settings.seat),
    ports.reads.snapshotsOf(settings.seat),
    lookAtMembers(observer),
  ]);
  const onAddress = address === null ? nothing : readMark(address.allocationId, address.tags);
  const onGroup = group === null ? nothing : readMark(group.fact.name, group.marks);
  const marks = [...onAddress.facts, ...onGroup.facts];
  const wanted = [...marks.flatMap((mark) => mark.members), ...(memory.opening?.members ?? [])].map(
    (member) => member.volumeId,
  );
  const made = memory.created.flatMap((entry) => (entry.volumeId === null ? [] : [entry.volumeId]));
  const volumes = await withMissing(observer, listedVolumes, [...wanted, ...made]);
  const snapshots = await withMade(observer, listedSnapshots, memory);
  const read = readVolumes(volumes.found);
  const sets = readSets(snapshots);
  const ids = instancesInTheWay({
    address,
    volumes: read.facts,
    openers: marks.map((mark) => mark.opener),
    group,
  });
  const instances = await lookAtInstances(observer, group, ids);
  return {
    look,
    nowMs,
    monotonicMs,
    me: { ...identity, target, group: group?.fact ?? null },
    address: address === null ? null : { ...address, mark: onAddress.facts[0] ?? null },
    groupMark: onGroup.facts[0] ?? null,
    volumes: read.facts,
    notFound: volumes.notFound,
    sets: sets.facts,
    instances,
    disks: await observeDisks(ports, identity, read.facts),
    units: await observeUnits(ports, settings),
    malformed: [...onAddress.malformed, ...onGroup.malformed, ...read.malformed, ...sets.malformed],
  };
}

const nothing: Reading<never> = { facts: [], malformed: [] };

function addressWanted(settings: Settings) {
  const { address, seat } = settings;
  return typeof address === "object" && address !== null ? address : { seat };
}

/** Everything asked for by id that the list lacked: found now, or denied by EC2. */
async function withMissing(
  observer: Observer,
  listed: readonly Volume[],
  wanted: readonly VolumeId[],
) {
  const missing = [...new Set(wanted)].filter(
    (id) => !listed.some((volume) => volume.volumeId === id),
  );
  const asked = await Promise.all(
    missing.map(async (id) => ({ id, volume: await observer.ports.reads.volume(id) })),
  );
  return {
    found: [...listed, ...asked.flatMap(({ volume }) => (volume === null ? [] : [volume]))],
    notFound: asked.flatMap(({ id, volume }) => (volume === null ? [id] : [])),
  };
}

async function withMade(
  observer: Observer,
  listed: readonly Snapshot[],
  memory: Memory,
): Promise<readonly Snapshot[]> {
  const made = memory.created.flatMap((entry) => entry.snapshotIds);
  const missing = made.filter((id) => !listed.some((snapshot) => snapshot.snapshotId === id));
  return [...listed, ...(await observer.ports.reads.snapshots(missing))];
}
