// What the stages of an opening have in common: how one passes on to the next, and how any of them
// gives up. Giving up is always the same: let go, look again, and open under another number.

import type { Decision, Opening, StageName } from "../domain/decision.ts";
import type { VolumeId } from "../domain/ids.ts";
import { mayBeOld } from "./unseen.ts";
import { type View, wait } from "./view.ts";

/** What a stage answers: what to do, or the opening at its next stage where nothing is to be done. */
export type Stage = (view: View, opening: Opening) => Decision | Opening;

export function enter(stage: StageName, view: View, opening: Opening): Opening {
  return { ...opening, stage, sinceLook: view.facts.look };
}

export function idsOf(opening: Opening): readonly VolumeId[] {
  return opening.members.map((member) => member.volumeId);
}

/**
 * What the last proof allows must be seen after it, and this look seems to be older: some time passes, the
 * lease is proven once more, and then it is looked at again. What stays as it is, is believed.
 */
export function unlessOld(view: View, opening: Opening, why: string): Decision {
  if (!mayBeOld(view.facts, opening.wroteMs)) return again(why);
  return wait(`${why}, or not seen to be yet`, {
    pace: "volume",
    opening: { ...opening, stage: "prove-again" },
  });
}

/** Lets go of this opening and looks again. */
export function again(why: string): Decision {
  return wait(`${why}: letting go and looking again`, { pace: "now" });
}
