// What a look did not show although it should be there. One empty answer is never none: a list may lag,
// or lack one entry, for seconds. So absences are counted in whole looks and over time, and only what
// stays unseen through both is believed to be gone.

import type { Memory, Unseen } from "../domain/decision.ts";
import type { Facts } from "../domain/facts.ts";
import type { View } from "./view.ts";

// Lists by tags have been seen to lag by a few seconds; nobody has reported a minute.
const believed = { looks: 3, forMs: 20_000 } as const;
// An instance that its group does not list would miss its launch hook: more patience costs nothing.
const unlistedMs = 120_000;

// Reads that lag by longer have not been reported.
const readsLagMs = 60_000;

/** Whether what is seen now may be older than what this process did at that time. */
export function mayBeOld({ monotonicMs }: Facts, sinceMs: number | null): boolean {
  return sinceMs !== null && monotonicMs - sinceMs < readsLagMs;
}

export function isAddressMissing({ facts, memory }: View): boolean {
  return isOver(memory.addressless, { monotonicMs: facts.monotonicMs, forMs: believed.forMs });
}

/** IMDS says that this instance is in a group, which may still come to list it. */
export function mayBeListed({ facts, memory }: View): boolean {
  const { monotonicMs } = facts;
  return memory.unlisted !== null && !isOver(memory.unlisted, { monotonicMs, forMs: unlistedMs });
}

function isOver(unseen: Unseen | null, now: { monotonicMs: number; forMs: number }): boolean {
  if (unseen === null || unseen.looks < believed.looks) return false;
  return now.monotonicMs - unseen.sinceMs >= now.forMs;
}

export function addresslessOf({ settings, facts, memory }: View): Unseen | null {
  const missing = settings.address !== null && facts.address === null;
  return missing ? oneMore(memory.addressless, facts) : null;
}

/** A target state is there for members of a group alone; one that was detached is in none any more. */
export function unlistedOf(facts: Facts, memory: Memory): Unseen | null {
  const { group, target } = facts.me;
  const missing = group === null && target !== null && target !== "Detached";
  return missing ? oneMore(memory.unlisted, facts) : null;
}

/** A narrow look asks for other volumes: what it does not deny again stays as lost as it was. */
export function lostOf(facts: Facts, memory: Memory): Memory["lost"] {
  const known = memory.lost.filter(
    (entry) => !facts.volumes.some((volume) => volume.volumeId === entry.volumeId),
  );
  const counted = known.map((entry) =>
    facts.notFound.includes(entry.volumeId) ? { ...entry, ...oneMore(entry, facts) } : entry,
  );
  const fresh = facts.notFound.filter((id) => !known.some((entry) => entry.volumeId === id));
  return [...counted, ...fresh.map((volumeId) => ({ volumeId, ...oneMore(null, facts) }))];
}

function oneMore(known: Unseen | null, { look, monotonicMs }: Facts): Unseen {
  if (known === null) return { sinceMs: monotonicMs, looks: 1, look };
  const { sinceMs, looks } = known;
  return known.look < look ? { sinceMs, looks: looks + 1, look } : { sinceMs, looks, look };
}
