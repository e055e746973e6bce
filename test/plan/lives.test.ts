// What counts as a sign of life, and what does not.

import { describe, expect, it } from "vitest";
import { livesOf } from "../../agent/plan/lives.ts";
import { blankMemory } from "../../agent/plan/memory.ts";
import { i, vol } from "./seat.ts";
import { attachedTo, facts, inGroup, opened, volume } from "./world.ts";

const held = opened(1, 3, { attachments: attachedTo(i(2)) });

/** When the life of an instance was last seen to change: known before at 0, looked at again at 9. */
function changedMs(before: Parameters<typeof facts>[0], after: Parameters<typeof facts>[0]) {
  const first = livesOf(facts({ ...before, monotonicMs: 0 }), blankMemory);
  const lives = livesOf(facts({ ...after, monotonicMs: 9 }), { ...blankMemory, lives: first });
  return lives.find((life) => life.subject === i(2))?.sinceMs;
}

describe("an instance in the way", () => {
  const same = { volumes: [held], instances: [inGroup(2, "Terminating:Wait")] };

  it("that shows the same as before has been silent since then", () => {
    expect(changedMs(same, same)).toBe(0);
  });

  it("shows life by its state, its sign, its release and its volumes", () => {
    const changes = [
      { ...same, instances: [inGroup(2, "Terminating:Proceed")] },
      { ...same, instances: [{ ...inGroup(2, "Terminating:Wait"), taking: "attach 9" }] },
      { ...same, volumes: [{ ...held, releasing: { phase: "stopping", atMs: 1, deadlineMs: 2 } }] },
      { ...same, volumes: [{ ...held, attachments: attachedTo(i(2), "detaching") }] },
    ];
    for (const change of changes) expect(changedMs(same, change)).toBe(9);
  });

  it("that is this one is not watched", () => {
    expect(livesOf(facts({ instances: [inGroup(1, "InService")] }), blankMemory)).toEqual([]);
  });
});

describe("an attachment", () => {
  it("that is attaching is watched, since it may be stuck", () => {
    const stuck = volume(1, { attachments: attachedTo(i(1), "attaching") });
    expect(livesOf(facts({ volumes: [stuck] }), blankMemory)).toMatchObject([{ subject: vol(1) }]);
  });
});
