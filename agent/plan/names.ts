// Names that are derived, so that an agent that was killed and looks again finds what it began: set
// ids, and the tags that go on what is created, always in the call that creates it. A name never says
// two things: another purpose, generation or attempt has another name.

import type { Burned } from "../domain/decision.ts";
import type { SetReason, VolumeFact } from "../domain/facts.ts";
import { formatInit, formatMembers, instant } from "../domain/mark.ts";
import { protocolVersion, type Tags, tags } from "../domain/tags.ts";
import { byName, membersOf } from "./copies.ts";
import { nextGeneration, type View } from "./view.ts";

/** An unclean set and a clean one of the same generation are two sets. */
export function finalSetId(seat: string, generation: number, state: "clean" | "unclean"): string {
  return `${seat}/${generation}/final${state === "clean" ? "" : "-unclean"}`;
}

export function scheduledSetId(seat: string, dueMs: number): string {
  return `${seat}/${instant(dueMs)}`;
}

/** With the taker's id, so that two takers never mix their snapshots in one set. */
export function recoverySetId(view: View, written: number, attempt: number): string {
  const { settings, facts } = view;
  return `${settings.seat}/${written}/recovery/${facts.me.instanceId}/${attempt}`;
}

export interface SetTags {
  readonly setId: string;
  readonly of: number;
  readonly reason: SetReason;
  readonly clean: boolean;
}

/** One call gives all its snapshots the same tags; the members tell each one's name. */
export function setTags(view: View, volumes: readonly VolumeFact[], set: SetTags): Tags {
  const sorted = volumes.toSorted(byName);
  const pending = sorted
    .filter((volume) => volume.init.kind === "pending")
    .map((volume) => volume.name);
  return {
    [tags.seat]: view.settings.seat,
    [tags.protocol]: protocolVersion,
    [tags.set]: set.setId,
    [tags.members]: formatMembers(membersOf(sorted)),
    [tags.of]: String(set.of),
    [tags.reason]: set.reason,
    [tags.clean]: String(set.clean),
    ...(pending.length > 0 ? { [tags.init]: pending.join(" ") } : {}),
  };
}

export function volumeTags(
  view: View,
  volume: { name: string; parent: string; initPending: boolean },
): Tags {
  return {
    [tags.seat]: view.settings.seat,
    [tags.protocol]: protocolVersion,
    [tags.volume]: volume.name,
    [tags.parent]: volume.parent,
    [tags.init]: formatInit(
      volume.initPending ? { kind: "pending", attempts: 0 } : { kind: "done" },
    ),
  };
}

export interface VolumeWish {
  readonly name: string;
  readonly parent: string;
}

/** The same for the same wish, and another once one has burned (an asynchronous failure kills it for hours). */
export function volumeToken(view: View, wish: VolumeWish): string {
  return `${stemOf(view, wish)}/${burnedFor(view, wish).length}`;
}

/** The tokens of this wish that are never used again. */
export function burnedFor(view: View, wish: VolumeWish): readonly Burned[] {
  const stem = stemOf(view, wish);
  return view.memory.burned.filter(({ token }) => token.startsWith(`${stem}/`));
}

function stemOf({ facts, settings }: View, { name, parent }: VolumeWish): string {
  return [settings.seat, name, nextGeneration(facts), facts.me.zone, parent].join("/");
}
