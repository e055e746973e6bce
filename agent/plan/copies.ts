// Which volumes belong together. A copy is one state of the seat's data: the volumes that the mark
// names, or those that one opening claimed. Its `written` is the lowest of its volumes', since an
// opening that wrote only some of the tags has not mounted anything yet.

import type { Facts, VolumeFact } from "../domain/facts.ts";
import { formatMark, formatOpened, type Mark, type Member } from "../domain/mark.ts";

export interface Copy {
  /** In name order. */
  readonly volumes: readonly VolumeFact[];
  /** The generation that all of its volumes may have been written under; 0 is never. */
  readonly written: number;
  /** The highest `written` of any of its volumes. */
  readonly highest: number;
  /** Every name of the seat is there. */
  readonly complete: boolean;
  readonly marked: boolean;
}

/** All copies among the visible volumes; volumes that no opening claimed are in none. */
export function findCopies(
  facts: Facts,
  mark: Mark | null,
  names: readonly string[],
): readonly Copy[] {
  const living = facts.volumes.filter(isLiving);
  const markedIds = new Set<string>(mark?.members.map((member) => member.volumeId));
  const groups = new Map<string, VolumeFact[]>();
  for (const volume of living) {
    const key = markedIds.has(volume.volumeId) ? "mark" : claimOf(volume);
    if (key === null) continue;
    groups.set(key, [...(groups.get(key) ?? []), volume]);
  }
  return [...groups].map(([key, volumes]) => copyOf(volumes, key === "mark", names));
}

export function isLiving(volume: VolumeFact): boolean {
  return volume.state !== "deleting" && volume.state !== "deleted";
}

export function membersOf(volumes: readonly VolumeFact[]): readonly Member[] {
  return volumes.map((volume) => ({ name: volume.name, volumeId: volume.volumeId }));
}

/** What R6 and R7 compare: the whole mark, its association too, and the tip's volumes as written. */
export function keyOf(mark: Mark | null, volumes: readonly VolumeFact[]): string {
  const tip = volumes.map((volume) => `${volume.volumeId}:${volume.written}`);
  return `${mark === null ? "no mark" : formatMark(mark)} | ${tip.join(" ")}`;
}

/** Their ids, for a sentence. */
export function listOf(volumes: readonly VolumeFact[]): string {
  return volumes.map((volume) => `"${volume.volumeId}"`).join(", ");
}

export function byName(left: { readonly name: string }, right: { readonly name: string }): number {
  if (left.name === right.name) return 0;
  return left.name < right.name ? -1 : 1;
}

function copyOf(volumes: readonly VolumeFact[], marked: boolean, names: readonly string[]): Copy {
  const written = volumes.map((volume) => volume.written);
  const sorted = volumes.toSorted(byName);
  return {
    volumes: sorted,
    written: Math.min(...written),
    highest: Math.max(...written),
    complete:
      sorted.length === names.length && sorted.every((volume, i) => volume.name === names[i]),
    marked,
  };
}

/** One opening's volumes carry the same claim. One that was written yet claimed by none is its own. */
function claimOf(volume: VolumeFact): string | null {
  if (volume.generation === 0) return volume.written === 0 ? null : `written ${volume.written}`;
  const opened = volume.opened === null ? "unknown" : formatOpened(volume.opened);
  return `${volume.generation} ${opened}`;
}
