// From tagged resources to facts. Strict: a tag that is there but not understood makes its resource
// malformed, never a guess; a tag that is not there has a plain meaning. A higher protocol number
// than ours is malformed too, since we would not know what its tags mean.

import type { Malformed, SetReason, SnapshotSet, VolumeFact } from "./facts.ts";
import { snapshotId } from "./ids.ts";
import { legible } from "./legible.ts";
import {
  type Mark,
  type Member,
  parseGeneration,
  parseInit,
  parseMark,
  parseMembers,
  parseOpened,
  parseReleasing,
} from "./mark.ts";
import type { Snapshot, Volume } from "./resources.ts";
import { protocolVersion, type Tags, tags } from "./tags.ts";

export interface Reading<T> {
  readonly facts: readonly T[];
  readonly malformed: readonly Malformed[];
}

/** A mark is missing or understood; anything else is malformed. */
export function readMark(subject: string, from: Tags): Reading<Mark> {
  const bad = foreignProtocol(subject, from);
  if (bad !== null) return { facts: [], malformed: [bad] };
  const text = from[tags.mark];
  if (text === undefined) return { facts: [], malformed: [] };
  const mark = parseMark(text);
  if (mark !== null) return { facts: [mark], malformed: [] };
  return {
    facts: [],
    malformed: [
      { subject, tag: tags.mark, found: legible(text), wanted: wantedMark, candidate: true },
    ],
  };
}

export function readVolumes(volumes: readonly Volume[]): Reading<VolumeFact> {
  const facts: VolumeFact[] = [];
  const malformed: Malformed[] = [];
  for (const volume of volumes) {
    const reader = readTags(volume.volumeId, volume.tags);
    const fact = readVolume(volume, reader);
    if (reader.malformed.length === 0) facts.push(fact);
    malformed.push(...reader.malformed);
  }
  return { facts: facts.toSorted((a, b) => (a.volumeId < b.volumeId ? -1 : 1)), malformed };
}

/** Snapshots of one set together. One without the set tag is another tool's, and none of ours. */
export function readSets(snapshots: readonly Snapshot[]): Reading<SnapshotSet> {
  const sets = new Map<string, SnapshotSet>();
  const malformed: Malformed[] = [];
  const ordered = snapshots.toSorted(
    (a, b) => a.startedMs - b.startedMs || (a.snapshotId < b.snapshotId ? -1 : 1),
  );
  for (const snapshot of ordered) {
    const setId = snapshot.tags[tags.set];
    if (setId === undefined) continue;
    const reader = readTags(snapshot.snapshotId, snapshot.tags);
    const read = readSet(setId, snapshot, reader);
    malformed.push(...reader.malformed.map((entry) => ({ ...entry, candidate: false })));
    if (reader.malformed.length > 0) continue;
    const known = sets.get(setId);
    sets.set(setId, known === undefined ? read : joined(known, read));
  }
  return { facts: [...sets.values()], malformed };
}

const wantedMark = "GENERATION INSTANCE TIME ASSOCIATION NAME=VOLUME...";

function readVolume(volume: Volume, reader: Reader): VolumeFact {
  const { multiAttach, tags: from, ...plain } = volume;
  if (multiAttach) {
    reader.report("MultiAttachEnabled", "true", "false: two instances must never write");
  }
  const parent = reader.read(
    tags.parent,
    (text) => (text === "blank" ? text : snapshotId(text)),
    '"blank" or a snapshot id',
  );
  const name = reader.read(
    tags.volume,
    (text) => (/^[a-z0-9-]{1,16}$/.test(text) ? text : null),
    "a name of [a-z0-9-]{1,16}",
  );
  if (from[tags.volume] === undefined) {
    reader.report(tags.volume, "", "the volume's name in the seat");
  }
  return {
    ...plain,
    name: name ?? "",
    parent: parent ?? null,
    generation: reader.read(tags.generation, parseGeneration, wantedGeneration) ?? 0,
    opened: reader.read(tags.opened, parseOpened, "INSTANCE TIME ASSOCIATION") ?? null,
    written: reader.read(tags.written, parseGeneration, wantedGeneration) ?? 0,
    releasing: reader.read(tags.releasing, parseReleasing, "PHASE TIME DEADLINE") ?? null,
    init: reader.read(tags.init, parseInit, '"pending", "pending N" or "done"') ?? { kind: "done" },
  };
}

const wantedGeneration = "a whole number from 1";

function readSet(setId: string, snapshot: Snapshot, reader: Reader): SnapshotSet {
  const { tags: from, startedMs, ...fact } = snapshot;
  const members = reader.read(tags.members, parseMembers, "NAME=VOLUME...");
  const of = reader.read(tags.of, parseGeneration, wantedGeneration);
  const reason = reader.read(
    tags.reason,
    parseReason,
    '"scheduled", "final", "recovery" or "manual"',
  );
  if (from[tags.members] === undefined) reader.report(tags.members, "", "NAME=VOLUME...");
  if (from[tags.of] === undefined) reader.report(tags.of, "", wantedGeneration);
  if (from[tags.reason] === undefined) reader.report(tags.reason, "", "a reason");
  return {
    setId,
    of: of ?? 0,
    reason: reason ?? "scheduled",
    clean: reader.read(tags.clean, parseFlag, '"true" or "false"') ?? false,
    valid: reader.read(tags.valid, parseFlag, '"true" or "false"') ?? false,
    members: members ?? [],
    initPending: reader.read(tags.init, parseNames, "names") ?? [],
    snapshots: [fact],
    startedMs,
  };
}

/** Valid only when every snapshot says so; what one says of the set must be what all say. */
function joined(known: SnapshotSet, read: SnapshotSet): SnapshotSet {
  const same =
    known.of === read.of &&
    known.reason === read.reason &&
    sameMembers(known.members, read.members);
  if (!same) return { ...known, members: [], snapshots: [...known.snapshots, ...read.snapshots] };
  return {
    ...known,
    clean: known.clean && read.clean,
    valid: known.valid && read.valid,
    snapshots: [...known.snapshots, ...read.snapshots],
    startedMs: Math.min(known.startedMs, read.startedMs),
  };
}

function sameMembers(left: readonly Member[], right: readonly Member[]): boolean {
  return JSON.stringify(left) === JSON.stringify(right);
}

interface Reader {
  readonly malformed: readonly Malformed[];
  /** undefined when the tag is not there, or malformed and reported. */
  read<T>(tag: string, parse: (text: string) => T | null, wanted: string): T | undefined;
  report(tag: string, found: string, wanted: string): void;
}

function readTags(subject: string, from: Tags): Reader {
  const malformed: Malformed[] = [];
  const report = (tag: string, found: string, wanted: string) => {
    malformed.push({ subject, tag, found: legible(found), wanted, candidate: true });
  };
  const foreign = foreignProtocol(subject, from);
  if (foreign !== null) malformed.push(foreign);
  return {
    malformed,
    report,
    read(tag, parse, wanted) {
      const text = from[tag];
      if (text === undefined) return undefined;
      const value = parse(text);
      if (value !== null) return value;
      report(tag, text, wanted);
      return undefined;
    },
  };
}

function foreignProtocol(subject: string, from: Tags): Malformed | null {
  const found = from[tags.protocol];
  if (found === undefined || found === protocolVersion) return null;
  return {
    subject,
    tag: tags.protocol,
    found: legible(found),
    wanted: `${protocolVersion}: upgrade the agent`,
    candidate: true,
  };
}

function parseReason(text: string): SetReason | null {
  switch (text) {
    case "scheduled":
    case "final":
    case "recovery":
    case "manual":
      return text;
    default:
      return null;
  }
}

function parseFlag(text: string): boolean | null {
  if (text === "true") return true;
  return text === "false" ? false : null;
}

function parseNames(text: string): readonly string[] | null {
  const names = text.split(" ");
  return names.every((name) => /^[a-z0-9-]{1,16}$/.test(name)) ? names : null;
}
