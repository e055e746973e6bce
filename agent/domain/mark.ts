// The words that this program writes into tags, and their strict readers. A tag is input: anyone
// may edit it, so every reader returns null for what it does not understand and never guesses; the
// caller says what was found. Only characters that every AWS service takes in tag values are used.

import {
  type AssociationId,
  associationId,
  type InstanceId,
  instanceId,
  type VolumeId,
  volumeId,
} from "./ids.ts";

/** A volume's name in the seat, and its id. Lists of members stand in name order. */
export interface Member {
  readonly name: string;
  readonly volumeId: VolumeId;
}

/** The record of the last opening, on the lease resource: one tag with one value. */
export interface Mark {
  readonly generation: number;
  readonly opener: InstanceId;
  /** ISO 8601, UTC, whole seconds. */
  readonly at: string;
  /** The association it was opened under. */
  readonly associationId: AssociationId;
  readonly members: readonly Member[];
  /** An opening of less than the newest data, by the operator's `maxDataLoss`. */
  readonly fallback: boolean;
}

/** By whom and under which association a volume was claimed. */
export interface Opened {
  readonly opener: InstanceId;
  readonly at: string;
  readonly associationId: AssociationId;
}

/** How far a release has come: what others wait on. */
export interface Releasing {
  readonly phase: string;
  readonly atMs: number;
  readonly deadlineMs: number;
}

export type Init =
  | { readonly kind: "done" }
  /** `attempts` runs of `first.init` have begun; none has finished. */
  | { readonly kind: "pending"; readonly attempts: number };

export function formatMark(mark: Mark): string {
  const words = [mark.generation, mark.opener, mark.at, mark.associationId];
  const members = formatMembers(mark.members);
  return [...words, members, ...(mark.fallback ? ["fallback"] : [])].join(" ");
}

export function parseMark(text: string): Mark | null {
  const [generationText, openerText, at, associationText, ...rest] = text.split(" ");
  const fallback = rest.at(-1) === "fallback";
  const members = parseMembers((fallback ? rest.slice(0, -1) : rest).join(" "));
  const generation = parseGeneration(generationText);
  const opener = instanceId(openerText);
  const association = associationId(associationText);
  if (generation === null || opener === null || association === null || members === null) {
    return null;
  }
  if (!isInstant(at)) return null;
  return { generation, opener, at, associationId: association, members, fallback };
}

export function formatMembers(members: readonly Member[]): string {
  return members.map((member) => `${member.name}=${member.volumeId}`).join(" ");
}

export function parseMembers(text: string): readonly Member[] | null {
  const members: Member[] = [];
  for (const word of text.split(" ")) {
    const match = /^([a-z0-9-]{1,16})=(vol-[0-9a-f]+)$/.exec(word);
    const id = volumeId(match?.[2]);
    if (match?.[1] === undefined || id === null) return null;
    members.push({ name: match[1], volumeId: id });
  }
  const names = new Set(members.map((member) => member.name));
  return names.size === members.length ? members : null;
}

export function formatOpened(opened: Opened): string {
  return `${opened.opener} ${opened.at} ${opened.associationId}`;
}

export function parseOpened(text: string): Opened | null {
  const [openerText, at, associationText, ...rest] = text.split(" ");
  const opener = instanceId(openerText);
  const association = associationId(associationText);
  if (opener === null || association === null || rest.length > 0 || !isInstant(at)) return null;
  return { opener, at, associationId: association };
}

export function formatReleasing(releasing: Releasing): string {
  return `${releasing.phase} ${instant(releasing.atMs)} ${instant(releasing.deadlineMs)}`;
}

export function parseReleasing(text: string): Releasing | null {
  const [phase, at, deadline, ...rest] = text.split(" ");
  if (phase === undefined || !/^[a-z-]+$/.test(phase) || rest.length > 0) return null;
  if (!isInstant(at) || !isInstant(deadline)) return null;
  return { phase, atMs: Date.parse(at), deadlineMs: Date.parse(deadline) };
}

export function formatInit(init: Init): string {
  if (init.kind === "done") return "done";
  return init.attempts === 0 ? "pending" : `pending ${init.attempts}`;
}

export function parseInit(text: string): Init | null {
  if (text === "done") return { kind: "done" };
  const match = /^pending(?: ([1-9][0-9]{0,5}))?$/.exec(text);
  return match === null ? null : { kind: "pending", attempts: Number(match[1] ?? 0) };
}

/** A generation is a whole number from 1; anything else is malformed. */
export function parseGeneration(text: string | undefined): number | null {
  return text !== undefined && /^[1-9][0-9]{0,8}$/.test(text) ? Number(text) : null;
}

/** Wall time as tags carry it: ISO 8601, UTC, whole seconds. */
export function instant(atMs: number): string {
  return new Date(atMs).toISOString().replace(/\.\d+Z$/, "Z");
}

function isInstant(text: string | undefined): text is string {
  if (text === undefined || !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(text)) return false;
  return !Number.isNaN(Date.parse(text));
}
