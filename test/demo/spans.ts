// AWS's operations as spans of time, read from the region's events: each begins with the state that
// the call led to and ends with the state that the next step waits for. Only what a take-over waits
// for is listed; an old instance that is shutting down beside it is not. The time of single calls
// (tenths of a second) counts as ours.

import type { RegionEvent } from "../region/state/events.ts";
import type { Span } from "./failovers.ts";

interface Operation {
  readonly what: string;
  readonly kind: RegionEvent["kind"];
  readonly begins: string;
  /** null: with the resource's end. */
  readonly ends: string | null;
}

const operations: readonly Operation[] = [
  { what: "launch", kind: "instance", begins: "pending", ends: "running" },
  { what: "snapshot", kind: "snapshot", begins: "pending", ends: "completed" },
  { what: "create volume", kind: "volume", begins: "creating", ends: "available" },
  { what: "attach", kind: "attachment", begins: "attaching", ends: "attached" },
  { what: "detach", kind: "attachment", begins: "detaching", ends: null },
];

/** Times are the region's wall time. */
export function spansOf(events: readonly RegionEvent[]): readonly Span[] {
  return [
    ...operations.flatMap((operation) => spansOfOne(operation, events)),
    ...replacements(events),
    ...moves(events),
  ];
}

function spansOfOne({ what, kind, begins, ends }: Operation, events: readonly RegionEvent[]) {
  const own = events.filter((event) => event.kind === kind);
  return own
    .filter((event) => event.to === begins)
    .flatMap((start) => {
      const end = own.find(
        (event) => event.id === start.id && event.atMs >= start.atMs && event.to === ends,
      );
      return end === undefined ? [] : [span(`${what} ${start.id}`, start, end)];
    });
}

/**
 * From the first sign of an instance's end (it stopped running, or its group let go of it) to the next
 * launch: what the group takes to see it and to act.
 */
function replacements(events: readonly RegionEvent[]): readonly Span[] {
  const ends = new Map<string, RegionEvent>();
  for (const event of events) {
    const dies = event.kind === "instance" && event.from === "running";
    const leaves = event.kind === "member" && event.from === "InService";
    if ((dies || leaves) && !ends.has(event.id)) ends.set(event.id, event);
  }
  return [...ends.values()].flatMap((start) => {
    const launch = events.find(
      (event) => event.kind === "instance" && event.to === "pending" && event.atMs >= start.atMs,
    );
    return launch === undefined ? [] : [span(`replacement of ${start.id}`, start, launch)];
  });
}

/** From the association to traffic at the new holder. */
function moves(events: readonly RegionEvent[]): readonly Span[] {
  return events
    .filter((event) => event.kind === "address" && event.to !== null)
    .flatMap((start) => {
      const end = events.find(
        (event) => event.kind === "route" && event.to !== null && event.atMs >= start.atMs,
      );
      return end === undefined ? [] : [span("move of the address", start, end)];
    });
}

const span = (what: string, start: RegionEvent, end: RegionEvent): Span => ({
  what,
  fromMs: start.atMs,
  untilMs: end.atMs,
});
