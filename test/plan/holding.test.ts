// Whether the seat is held: what is mounted here, proven, and not outranked.

import { describe, expect, it } from "vitest";
import { classify, mountedHere, openedHere, rewriteMark } from "../../agent/plan/holding.ts";
import { gist, stepOf } from "./decisions.ts";
import { eipassoc, i, me, twoVolumes, vol } from "./seat.ts";
import { address, attachedTo, disk, markOf, opened, openingAt, serving } from "./world.ts";

const mine = [opened(1, 4, { by: me, attachments: attachedTo(me) })];
const own = markOf(4, mine, { opener: me });

function tell(at: Parameters<typeof classify>[0]): string {
  const holding = classify(at);
  return holding.kind === "next" ? gist(holding.decision) : holding.kind;
}

describe("a seat", () => {
  it("is mine when opened here, mounted in its place, marked, and proven since", () => {
    expect(classify(serving())).toMatchObject({
      kind: "mine",
      opening: { generation: 4, stage: "settle", members: [{ volumeId: vol(1) }] },
    });
  });

  it("is none of mine where nothing is mounted", () => {
    expect(tell(serving({ disks: [disk(1)] }))).toBe("nothing");
  });

  it("is none of mine where a volume is mounted elsewhere than its place", () => {
    expect(tell(serving({ disks: [disk(1, { mountedAt: ["/mnt"] })] }))).toBe("nothing");
  });

  it("is none of mine where only one of its volumes is mounted: a restart cut the mount short", () => {
    const wal = opened(2, 4, { name: "wal", by: me, attachments: attachedTo(me) });
    const volumes = [...mine, wal];
    expect(tell(serving({ settings: twoVolumes, volumes }))).toBe("nothing");
  });

  it("is looked at again where it was opened a moment ago and is seen as it was before", () => {
    const volumes = [opened(1, 3, { by: me, attachments: attachedTo(me) })];
    const at = (wroteMs: number) =>
      tell(serving({ volumes, memory: { opening: openingAt("opened", { wroteMs }) } }));
    expect(at(990_000)).toBe("wait");
    expect(at(900_000)).toBe("lost");
  });

  it("is proven first, and believed only in a later look", () => {
    expect(tell(serving({ memory: { proven: null } }))).toBe("prove");
    const fresh = { proven: { associationId: eipassoc(4), look: 10 } };
    expect(tell(serving({ memory: fresh }))).toBe("wait");
  });

  it("is proven again where the address seems to have moved since", () => {
    expect(tell(serving({ address: address({ holder: i(2), mark: own }) }))).toBe("prove");
  });

  it("is looked at again where the address is not seen: an empty answer moves nothing", () => {
    expect(tell(serving({ address: null }))).toBe("wait");
  });

  it("is lost when the proof found another at the address", () => {
    expect(tell(serving({ memory: { proven: { associationId: null, look: 9 } } }))).toBe("lost");
  });

  it("is lost when the mark has moved on, on the address or on the group", () => {
    const later = markOf(5, [opened(2, 5)]);
    const moved = address({ holder: me, association: 4, mark: later });
    expect(tell(serving({ address: moved }))).toBe("lost");
    expect(tell(serving({ groupMark: later }))).toBe("lost");
  });

  it("is lost when the same number is another opener's", () => {
    const twin = address({ holder: me, association: 4, mark: markOf(4, mine) });
    expect(tell(serving({ address: twin }))).toBe("lost");
  });

  it("is lost when the volumes mounted here were not opened by me, or never written by me", () => {
    const others = [opened(1, 4, { by: i(2), attachments: attachedTo(me) })];
    expect(tell(serving({ volumes: others }))).toBe("lost");
    const claimed = [opened(1, 4, { by: me, written: 3, attachments: attachedTo(me) })];
    expect(tell(serving({ volumes: claimed }))).toBe("lost");
  });

  it("whose mark was erased or has an earlier association is marked again, after the proof", () => {
    const erased = address({ holder: me, association: 4 });
    expect(tell(serving({ address: erased, groupMark: null }))).toBe("mark");
    const retaken = address({ holder: me, association: 9, mark: own });
    const proven = { associationId: eipassoc(9), look: 9 };
    expect(tell(serving({ address: retaken, memory: { proven } }))).toBe("mark");
  });

  it("whose group lacks the mark is marked again", () => {
    expect(tell(serving({ groupMark: null }))).toBe("mark");
  });
});

describe("a mark", () => {
  it("is rewritten for the same opening, under the association just proven", () => {
    const held = { volumes: mine, mark: own, associationId: eipassoc(9) };
    const decision = rewriteMark(serving(), held);
    expect(stepOf(decision, "mark").with.mark).toMatchObject({
      generation: 4,
      opener: me,
      associationId: eipassoc(9),
      fallback: false,
    });
  });
});

describe("volumes here", () => {
  it("are those with a mount", () => {
    expect(mountedHere(serving()).map((volume) => volume.volumeId)).toEqual([vol(1)]);
    expect(mountedHere(serving({ disks: [disk(1)] }))).toEqual([]);
  });

  it("were opened here only if this instance wrote them last", () => {
    expect(openedHere(serving(), mine)).toBe(true);
    expect(openedHere(serving(), [opened(1, 4, { attachments: attachedTo(me) })])).toBe(false);
    expect(openedHere(serving(), [])).toBe(false);
  });
});
