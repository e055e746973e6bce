// R6 and R7: each stage of an opening, what lets it pass, and what makes it let go.

import { describe, expect, it } from "vitest";
import type { Opening } from "../../agent/domain/decision.ts";
import { keyOf } from "../../agent/plan/copies.ts";
import { walk } from "../../agent/plan/opening.ts";
import type { View } from "../../agent/plan/view.ts";
import { gist, stepOf } from "./decisions.ts";
import { eipassoc, i, me, vol } from "./seat.ts";
import {
  address,
  attachedTo,
  disk,
  markOf,
  opened,
  openingAt,
  setOf,
  view,
  volume,
} from "./world.ts";

/** Generation 3 of i-2's on vol-1, attached here; the lease is mine under association 4. */
const tip = opened(1, 3, { attachments: attachedTo(me) });
const mark = markOf(3, [tip]);
const mine = address({ holder: me, association: 4, mark });
const tipKey = keyOf(mark, [tip]);

function under(over: Parameters<typeof view>[0] = {}): View {
  return view({ volumes: [tip], disks: [disk(1)], address: mine, ...over });
}

function at(stage: Opening["stage"], over: Partial<Opening> = {}): Opening {
  return openingAt(stage, { tipKey, ...over });
}

/** An opening that lets go: it waits for nothing and is over. */
function letsGo(from: View, opening: Opening): boolean {
  const decision = walk(from, opening);
  return decision?.kind === "wait" && decision.pace === "now" && decision.opening === null;
}

describe("R6: under the lease", () => {
  it("the tip is found again in a later look than the lease's", () => {
    const decision = walk(under(), at("confirm", { sinceLook: 10 }));
    expect(decision).toMatchObject({ kind: "wait", pace: "now", opening: { stage: "confirm" } });
  });

  it("the same tip is brought here", () => {
    expect(gist(walk(under(), at("confirm")))).toBe("prove");
  });

  it("an address that is seen free right after it was taken is looked at again", () => {
    const free = under({ address: address({ mark }) });
    const soon = walk(free, at("confirm", { leasedMs: 990_000 }));
    expect(soon).toMatchObject({ pace: "volume", opening: { stage: "confirm" } });
    expect(letsGo(free, at("confirm", { leasedMs: 900_000 }))).toBe(true);
  });

  it("another tip lets go", () => {
    const moved = opened(1, 5, { attachments: attachedTo(me) });
    expect(letsGo(under({ volumes: [moved] }), at("confirm"))).toBe(true);
  });

  it("the same tip under another association of the mark lets go", () => {
    const again = markOf(3, [tip], { associationId: eipassoc(9) });
    const held = address({ holder: me, association: 4, mark: again });
    expect(letsGo(under({ address: held }), at("confirm"))).toBe(true);
  });

  it("an address that is another's, or mine under another association, lets go", () => {
    const others = address({ holder: i(2), association: 8, mark });
    expect(letsGo(under({ address: others }), at("confirm"))).toBe(true);
    const retaken = address({ holder: me, association: 5, mark });
    expect(letsGo(under({ address: retaken }), at("confirm"))).toBe(true);
  });

  it("a seat whose address vanished is refused", () => {
    expect(gist(walk(under({ address: null }), at("lease")))).toBe("EHA-ADDRESS-MISSING");
  });
});

describe("R7: a restore", () => {
  const source = opened(2, 3, { zone: "b" });
  const final = setOf(1, [source]);
  const base = { kind: "restore", setId: final.setId, of: 3 } as const;
  const made = volume(1, {
    parent: final.snapshots[0]?.snapshotId ?? null,
    attachments: tip.attachments,
  });
  const key = keyOf(markOf(3, [source]), [source]);
  const held = address({ holder: me, association: 4, mark: markOf(3, [source]) });
  const from = (sets: readonly ReturnType<typeof setOf>[], over: Partial<typeof source> = {}) =>
    under({ volumes: [made, { ...source, ...over }], address: held, sets });

  it("goes on while its final set is the tip's", () => {
    const opening = at("compare", { base, tipKey: key });
    expect(gist(walk(from([final]), opening))).toBe("claim");
  });

  it("waits until reads are younger than the lease", () => {
    const opening = at("compare", { base, tipKey: key, leasedMs: 1_000_000 - 2_999 });
    expect(gist(walk(from([final]), opening))).toBe("wait");
  });

  it("lets go once the final set no longer holds everything", () => {
    const opening = at("compare", { base, tipKey: key });
    expect(letsGo(from([setOf(1, [source], { clean: false })]), opening)).toBe(true);
  });

  it("from a recovery set goes on only while its volumes are free", () => {
    const recovery = setOf(1, [source], { reason: "recovery", clean: false, valid: true });
    const opening = at("compare", { base, tipKey: key });
    expect(gist(walk(from([recovery]), opening))).toBe("claim");
    const taken = { attachments: attachedTo(i(3)), state: "in-use" } as const;
    expect(letsGo(from([recovery], taken), opening)).toBe(true);
  });
});

describe("R7: the claim", () => {
  it("is one above every number seen, on volumes, marks and sets", () => {
    const stray = volume(5, { generation: 7, zone: "b" });
    const decision = walk(under({ volumes: [tip, stray] }), at("compare"));
    expect(stepOf(decision, "claim").with).toMatchObject({ volumeIds: [vol(1)], generation: 8 });
    const late = under({ sets: [setOf(1, [], { of: 11 })] });
    expect(stepOf(walk(late, at("compare")), "claim").with.generation).toBe(12);
  });

  it("comes only in a look after the proof", () => {
    expect(gist(walk(under(), at("compare", { sinceLook: 10 })))).toBe("wait");
  });

  it("is followed by the mark, with volumes and association", () => {
    const decision = walk(under(), at("mark"));
    expect(stepOf(decision, "mark").with.mark).toMatchObject({
      generation: 4,
      opener: me,
      associationId: eipassoc(4),
      members: [{ name: "data", volumeId: vol(1) }],
    });
  });
});

describe("R7: a rival", () => {
  const opening = at("rival", { from: 3 });

  it("failure mode 7: that claimed above the same start and is attached elsewhere makes it let go", () => {
    const rival = volume(2, { generation: 4, attachments: attachedTo(i(3)) });
    expect(letsGo(under({ volumes: [tip, rival] }), opening)).toBe(true);
  });

  it("that has written above the same start makes it let go", () => {
    expect(letsGo(under({ volumes: [tip, opened(2, 4)] }), opening)).toBe(true);
  });

  it("is none that claimed and never wrote, or that is the older copy itself", () => {
    const claimed = volume(2, { generation: 4 });
    const older = opened(3, 3, { attachments: attachedTo(i(3)) });
    expect(gist(walk(under({ volumes: [tip, claimed, older] }), opening))).toBe("write");
  });

  it("is looked for in a later look than the mark's", () => {
    expect(gist(walk(under(), at("rival", { sinceLook: 10 })))).toBe("wait");
  });
});

describe("R7: between `written` and the mount", () => {
  const own = markOf(4, [tip], { opener: me });
  const held = address({ holder: me, association: 4, mark: own });
  const written = opened(1, 4, { by: me, attachments: attachedTo(me) });
  const ready = { volumes: [written], address: held };

  it("the lease is proven again", () => {
    expect(gist(walk(under(ready), at("prove-again")))).toBe("prove");
  });

  it("a mark that is still mine lets it go on to the mount", () => {
    const decision = walk(under(ready), at("inspect"));
    expect(gist(decision)).toContain("mount");
    expect(decision).toMatchObject({ opening: { stage: "settle" } });
  });

  it("a mark that moved on, on the address or on the group, makes it let go", () => {
    const others = markOf(5, [opened(2, 5)]);
    const onAddress = under({ ...ready, address: { ...held, mark: others } });
    expect(letsGo(onAddress, at("inspect"))).toBe(true);
    expect(letsGo(under({ ...ready, groupMark: others }), at("inspect"))).toBe(true);
  });

  it("the same number by another opener makes it let go", () => {
    const twin = markOf(4, [tip], { opener: i(2) });
    const from = under({ ...ready, address: { ...held, mark: twin } });
    expect(letsGo(from, at("inspect"))).toBe(true);
  });

  it("an address that names me no longer, or under another association, makes it let go", () => {
    for (const lost of [
      address({ holder: i(2), association: 9, mark: own }),
      address({ mark: own }),
    ]) {
      expect(letsGo(under({ ...ready, address: lost }), at("inspect"))).toBe(true);
    }
    const retaken = address({ holder: me, association: 9, mark: own });
    expect(letsGo(under({ ...ready, address: retaken }), at("inspect"))).toBe(true);
  });

  it("a look that shows the mark or the attachment as they were has the lease proven once more", () => {
    const wrote = at("inspect", { wroteMs: 990_000 });
    const before = { ...ready, address: { ...held, mark: markOf(3, [tip]) } };
    const late = { ...ready, volumes: [opened(1, 4, { by: me })] };
    for (const old of [before, late]) {
      const decision = walk(under(old), wrote);
      expect(decision).toMatchObject({ pace: "volume", opening: { stage: "prove-again" } });
      expect(letsGo(under(old), at("inspect", { wroteMs: 900_000 }))).toBe(true);
    }
  });

  it("a look as old as the proof is not enough", () => {
    expect(gist(walk(under(ready), at("inspect", { sinceLook: 10 })))).toBe("wait");
  });
});

describe("an opening", () => {
  it("that is open has nothing left to do", () => {
    expect(walk(under(), at("opened"))).toBeNull();
  });
});
