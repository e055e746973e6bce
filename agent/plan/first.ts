// What may be used as if it were nothing: volumes born blank, or from the seed that the settings name,
// and never written. Everything else may hold data, and is never formatted.

import type { Refusal } from "../domain/decision.ts";
import type { VolumeFact } from "../domain/facts.ts";
import type { Mark } from "../domain/mark.ts";
import type { Settings } from "../domain/settings.ts";
import { isLiving, keyOf, listOf } from "./copies.ts";
import type { View } from "./view.ts";

/** There has never been any data. */
export interface First {
  readonly kind: "first";
  readonly from: 0;
  readonly key: string;
}

export type NeverWritten =
  | First
  | { readonly kind: "look"; readonly why: string; readonly otherwise: Refusal }
  | { readonly kind: "refuse"; readonly refusal: Refusal };

/**
 * R3: the first boot, only where every visible volume was born blank and never written, no snapshot
 * of the seat exists, and two looks some seconds apart agree.
 */
export function neverWritten(view: View, mark: Mark | null): NeverWritten {
  const { facts, memory, settings } = view;
  if (!isFirstBorn(view)) {
    const found = facts.volumes.filter((volume) => !isFirstBornVolume(settings, volume));
    return unproven(
      `${listOf(found)} carry the seat's tag and no generation was ever written`,
      'remove the tag "ec2-ha:seat" from what is not this seat\'s',
    );
  }
  // One that cannot be read may hold the data as well as one that can.
  const saved = facts.sets[0]?.setId ?? facts.malformed[0]?.subject;
  if (saved !== undefined) {
    return unproven(
      `snapshots of the seat exist ("${saved}"), but no volume that was ever written`,
      'nothing says which is the newest: remove their tag "ec2-ha:seat" to begin anew',
    );
  }
  const unplanned = settings.volumes
    .filter((volume) => volume.first === null)
    .map((volume) => volume.name);
  if (unplanned.length > 0) {
    const message = `there is no data for "${unplanned.join('", "')}": say under "first" how large it should be`;
    return { kind: "refuse", refusal: { code: "EHA-FIRST-UNSET", message } };
  }
  const { nothing } = memory;
  const agreed =
    nothing !== null &&
    facts.look > nothing.sinceLook &&
    facts.monotonicMs - nothing.sinceMs >= twoLooksApartMs;
  if (!agreed) {
    return unproven("no data is seen; one empty answer is never none", "looking again");
  }
  return { kind: "first", from: 0, key: keyOf(mark, []) };
}

// Two empty answers this far apart are believed: a list by tags may lag by a second or two.
const twoLooksApartMs = 3_000;

function unproven(why: string, next: string): NeverWritten {
  const message = `${why}: ${next}`;
  return { kind: "look", why, otherwise: { code: "EHA-TIP-UNPROVEN", message } };
}

/** Every volume that is seen is first-born. */
export function isFirstBorn(view: View): boolean {
  return view.facts.volumes
    .filter(isLiving)
    .every((volume) => isFirstBornVolume(view.settings, volume));
}

/** Never written, and made blank or from the seed that the settings name. */
export function isFirstBornVolume(settings: Settings, volume: VolumeFact): boolean {
  const first = settings.volumes.find((entry) => entry.name === volume.name)?.first ?? null;
  const seeded = first?.kind === "snapshot" && first.snapshotId === volume.parent;
  return volume.written === 0 && (volume.parent === "blank" || seeded);
}
