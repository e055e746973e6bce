// A take-over, step by step: what the region did and what the agents did, from their journals, in one
// order. Both tell wall time of the same machine.

import type { RegionEvent } from "../region/state/events.ts";
import type { LogLine } from "./stage.ts";

interface Note {
  readonly atMs: number;
  readonly who: string;
  readonly what: string;
}

export interface Story {
  addEvent(event: RegionEvent): void;
  addLog(line: LogLine): void;
  events(): readonly RegionEvent[];
  /** The lines of a time span, each with the seconds since its beginning. */
  tell(fromMs: number, untilMs: number): readonly string[];
}

const agentUnit = "ec2-ha-agent.service";
const whoWidth = 20;
// A refusal is a long sentence; what is longer than that is a dump.
const whatWidth = 240;

export function createStory(): Story {
  const events: RegionEvent[] = [];
  const notes: Note[] = [];
  // Root disks come and go with their instances.
  const rootDisks = new Set<string>();
  return {
    addEvent: (event) => {
      events.push(event);
      const { atMs, kind, id, from, to } = event;
      if (kind === "volume" && from === null && to === "in-use") rootDisks.add(id);
      if (rootDisks.has(id) || from === to) return;
      const what = describeEvent(event);
      if (what !== null) notes.push({ atMs, who: "AWS", what });
    },
    addLog: (line) => {
      const what = line.unit === agentUnit ? describeJournal(line.text) : line.text;
      if (what !== null) notes.push({ atMs: line.atMs, who: line.instanceId, what });
    },
    events: () => events,
    tell: (fromMs, untilMs) =>
      notes
        .filter(({ atMs }) => atMs >= fromMs && atMs <= untilMs)
        .toSorted((left, right) => left.atMs - right.atMs)
        .map(({ atMs, who, what }) => {
          const seconds = ((atMs - fromMs) / 1000).toFixed(3).padStart(8);
          return `  +${seconds} s  ${who.padEnd(whoWidth)} ${what.slice(0, whatWidth)}`;
        }),
  };
}

/** null for what another kind tells better: a lifecycle action shows in its instance's lifecycle. */
const names: Readonly<Record<RegionEvent["kind"], string | null>> = {
  instance: "instance",
  volume: "volume",
  attachment: "attachment of",
  snapshot: "snapshot",
  address: "address",
  route: "traffic to",
  group: "group",
  member: "lifecycle of",
  action: null,
  zone: "zone",
  notice: "notice to",
  defect: "defect of",
};

function describeEvent({ kind, id, from, to }: RegionEvent): string | null {
  const name = names[kind];
  return name === null ? null : `${name} ${id}: ${from ?? "nothing"} -> ${to ?? "nothing"}`;
}

/** null for the start of a step, which its end tells too. A line that is no JSON stands as it is. */
function describeJournal(text: string): string | null {
  const entry = parseEntry(text);
  if (entry === null) return text;
  if (entry["phase"] === "started") return null;
  const code = typeof entry["code"] === "string" ? `${entry["code"]} ` : "";
  return `${code}${String(entry["msg"])}`;
}

function parseEntry(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const entry: unknown = JSON.parse(text);
    return isRecord(entry) ? entry : null;
  } catch {
    return null;
  }
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null;
