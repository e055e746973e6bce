// What the stages of an opening have in common: how one passes on to the next, and how any of them
// gives up. Giving up is always the same: let go, look again, and open under another number.

import type { Decision, Opening, StageName } from "../domain/decision.ts";
import type { VolumeId } from "../domain/ids.ts";
import { type View, wait } from "./view.ts";

/** What a stage answers: what to do, or the opening at its next stage where nothing is to be done. */
export type Stage = (view: View, opening: Opening) => Decision | Opening;

export function enter(stage: StageName, view: View, opening: Opening): Opening {
  return { ...opening, stage, sinceLook: view.facts.look };
}

export function idsOf(opening: Opening): readonly VolumeId[] {
  return opening.members.map((member) => member.volumeId);
}

/** Lets go of this opening and looks again. */
export function again(why: string): Decision {
  return wait(`${why}: letting go and looking again`, { pace: "now" });
}
