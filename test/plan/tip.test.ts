// Where the newest data is, as the facts show it: R1, R2 and R3, each kept and each offended.

import { describe, expect, it } from "vitest";
import { findTip, lookOrRefuse, type Tip } from "../../agent/plan/tip.ts";
import { gist } from "./decisions.ts";
import { eipassoc, i, settings, twoVolumes, vol, volumeSettings } from "./seat.ts";
import { address, malformed, markOf, opened, setOf, silentFor, view, volume } from "./world.ts";

function tellOf(tip: Tip): string {
  if (tip.kind === "refuse") return tip.refusal.code;
  if (tip.kind === "volumes") return tip.volumes.map((entry) => entry.volumeId).join(" ");
  return tip.kind === "look" ? `look, then ${tip.otherwise.code}` : tip.kind;
}

const old = opened(1, 2);
const new_ = opened(2, 3);
const lost = (...looks: readonly [number, number][]) =>
  looks.map(([n, count]) => ({ volumeId: vol(n), sinceMs: 0, looks: count, look: 9 }));

describe("R1: the tip", () => {
  it("is the copy with the highest `written`", () => {
    const at = view({ volumes: [old, new_], address: address({ mark: markOf(3, [new_]) }) });
    expect(tellOf(findTip(at))).toBe(vol(2));
  });

  it("is the highest `written` even above a mark that fell behind", () => {
    const at = view({ volumes: [old, new_], address: address({ mark: markOf(2, [old]) }) });
    expect(tellOf(findTip(at))).toBe(vol(2));
  });

  it("is what a higher mark names, though it was never written", () => {
    const restored = opened(2, 3, { written: 0 });
    const at = view({
      volumes: [old, restored],
      address: address({ mark: markOf(3, [restored]) }),
    });
    const tip = findTip(at);
    expect(tellOf(tip)).toBe(vol(2));
    // It started from what the mark's opening left, and the old copy is no rival of it.
    expect(tip).toMatchObject({ from: 3 });
  });

  it("is the old copy where the mark names an unwritten fallback", () => {
    const restored = opened(2, 3, { written: 0 });
    const mark = markOf(3, [restored], { fallback: true });
    const at = view({ volumes: [old, restored], address: address({ mark }) });
    expect(tellOf(findTip(at))).toBe(vol(1));
  });

  it("is looked for again while a volume of a higher mark is out of sight", () => {
    const at = view({ volumes: [old], address: address({ mark: markOf(3, [new_]) }) });
    expect(tellOf(findTip(at))).toBe("look, then EHA-TIP-INCOMPLETE");
  });

  it("is lost only once EC2 has denied it again and again, for as long as patience", () => {
    const facts = { volumes: [old], address: address({ mark: markOf(3, [new_]) }) };
    const seldom = view({ ...facts, memory: { lost: lost([2, 2]) } });
    expect(tellOf(findTip(seldom))).toBe("look, then EHA-TIP-INCOMPLETE");
    const often = view({ ...facts, memory: { lost: lost([2, 3]) } });
    expect(tellOf(findTip(often))).toBe("EHA-TIP-LOST");
  });

  it("is the lowest `written` of a copy's volumes", () => {
    const data = opened(1, 3, { written: 2 });
    const wal = opened(2, 3, { name: "wal" });
    const at = view({ settings: twoVolumes, volumes: [data, wal] });
    expect(findTip(at)).toMatchObject({ kind: "volumes", from: 2 });
  });

  it("counts as of the mark's generation where the mark is ahead: no older set stands in for it", () => {
    const put = opened(1, 3, { written: 2 });
    const at = view({ volumes: [put], address: address({ mark: markOf(3, [put]) }) });
    expect(findTip(at)).toMatchObject({ kind: "volumes", from: 3 });
  });

  it("is a fork where the mark names one copy and another has its number", () => {
    const named = opened(1, 3, { written: 0 });
    const at = view({ volumes: [named, new_], address: address({ mark: markOf(3, [named]) }) });
    expect(tellOf(findTip(at))).toBe("EHA-TIP-FORK");
  });

  it("is looked for while what the mark names cannot be seen, though another has its number", () => {
    const at = view({ volumes: [new_], address: address({ mark: markOf(3, [old]) }) });
    expect(tellOf(findTip(at))).toBe("look, then EHA-TIP-INCOMPLETE");
  });

  it("that is lost is a fallback's affair only where something may be lost", () => {
    const facts = { volumes: [old], address: address({ mark: markOf(3, [new_]) }) };
    const may = settings({ maxDataLossMs: 1_200_000 });
    const at = view({ ...facts, settings: may, memory: { lost: lost([2, 3]) } });
    expect(tellOf(findTip(at))).toBe("EHA-FALLBACK-UNSUPPORTED");
  });

  it("failure mode 18: is not an older whole copy while a part of a newer one can be seen", () => {
    const whole = [opened(1, 2), opened(2, 2, { name: "wal" })];
    const at = view({ settings: twoVolumes, volumes: [...whole, opened(3, 3)] });
    expect(tellOf(findTip(at))).toBe("look, then EHA-TIP-INCOMPLETE");
  });

  it("is read from the group where Terraform erased it from the address", () => {
    const at = view({ volumes: [old], groupMark: markOf(3, [new_]) });
    expect(tellOf(findTip(at))).toBe("look, then EHA-TIP-INCOMPLETE");
  });
});

describe("R2: a set", () => {
  const facts = {
    volumes: [],
    address: address({ mark: markOf(3, [new_]) }),
    memory: { lost: lost([2, 3]) },
  };

  it("that is final and clean stands in for volumes that are lost", () => {
    expect(tellOf(findTip(view({ ...facts, sets: [setOf(1, [new_])] })))).toBe("set");
  });

  it("failure mode 18: that is older, unclean or scheduled does not", () => {
    const sets = [
      setOf(1, [new_], { of: 2 }),
      setOf(2, [new_], { clean: false }),
      setOf(3, [new_], { reason: "scheduled" }),
    ];
    for (const set of sets) {
      expect(tellOf(findTip(view({ ...facts, sets: [set] })))).toBe("EHA-TIP-LOST");
    }
  });
});

describe("R3: a first boot", () => {
  it("is one where nothing was ever seen, in two looks some seconds apart", () => {
    expect(tellOf(findTip(view()))).toBe("first");
    const once = view({ memory: { nothing: { sinceMs: 0, sinceLook: 10 } } });
    expect(tellOf(findTip(once))).toBe("look, then EHA-TIP-UNPROVEN");
    const soon = view({ memory: { nothing: { sinceMs: 999_000, sinceLook: 9 } } });
    expect(tellOf(findTip(soon))).toBe("look, then EHA-TIP-UNPROVEN");
  });

  it("goes on where another's first boot never wrote, whatever its mark says", () => {
    const blank = opened(1, 1, { parent: "blank", written: 0, zone: "b" });
    const at = view({ volumes: [blank], address: address({ mark: markOf(1, [blank]) }) });
    expect(tellOf(findTip(at))).toBe("first");
  });

  it("is none where a volume out of the mark may have been written", () => {
    const blank = opened(1, 1, { parent: "blank", written: 0 });
    const mark = markOf(1, [blank, volume(2, { name: "wal" })]);
    const at = view({ settings: twoVolumes, volumes: [blank], address: address({ mark }) });
    expect(tellOf(findTip(at))).toBe("look, then EHA-TIP-INCOMPLETE");
  });

  it("is none where a volume was restored from something", () => {
    const at = view({ volumes: [volume(1, { parent: null })] });
    expect(tellOf(findTip(at))).toBe("look, then EHA-TIP-UNPROVEN");
  });

  it("is none where snapshots of the seat exist, readable or not", () => {
    const read = view({ sets: [setOf(1, [old])] });
    expect(tellOf(findTip(read))).toBe("look, then EHA-TIP-UNPROVEN");
    const unread = view({ malformed: [malformed({ subject: "snap-1", candidate: false })] });
    expect(tellOf(findTip(unread))).toBe("look, then EHA-TIP-UNPROVEN");
  });

  it("is refused where the settings do not say how large", () => {
    const bare = settings({ volumes: [volumeSettings("data", { first: null })] });
    expect(tellOf(findTip(view({ settings: bare })))).toBe("EHA-FIRST-UNSET");
  });

  it("never follows from a mark that names a volume the settings lack", () => {
    const wal = opened(2, 3, { name: "wal" });
    const at = view({ volumes: [new_, wal], address: address({ mark: markOf(3, [new_, wal]) }) });
    expect(tellOf(findTip(at))).toBe("EHA-VOLUME-REMOVED");
  });
});

describe("a tip is refused", () => {
  const left = opened(1, 3);
  const right = opened(2, 3, { by: i(3), opened: { ...openedBy(), associationId: eipassoc(9) } });

  it("where two copies were written under one number", () => {
    expect(tellOf(findTip(view({ volumes: [left, right] })))).toBe("EHA-TIP-FORK");
  });

  it("but not where one of the two was opened under the current association", () => {
    const held = address({ holder: i(3), association: 9 });
    expect(tellOf(findTip(view({ volumes: [left, right], address: held })))).toBe(vol(2));
  });

  it("where its volumes lie in two zones", () => {
    const volumes = [opened(1, 3), opened(2, 3, { name: "wal", zone: "b" })];
    expect(tellOf(findTip(view({ settings: twoVolumes, volumes })))).toBe("EHA-TIP-SPLIT");
  });

  it("where a volume of it is in error", () => {
    const at = view({ volumes: [opened(1, 3, { state: "error" })] });
    expect(tellOf(findTip(at))).toBe("EHA-VOLUME-ERROR");
  });

  it("where the settings name a volume that it was opened without", () => {
    const at = view({
      settings: twoVolumes,
      volumes: [new_],
      address: address({ mark: markOf(3, [new_]) }),
    });
    expect(tellOf(findTip(at))).toBe("EHA-VOLUME-ADDED");
  });

  it("where a tag cannot be read", () => {
    expect(tellOf(findTip(view({ volumes: [new_], malformed: [malformed()] })))).toBe(
      "EHA-TAG-MALFORMED",
    );
  });
});

describe("a puzzle", () => {
  const tip = findTip(view({ address: address({ mark: markOf(3, [new_]) }) }));
  if (tip.kind !== "look") throw new Error("the tip is hidden here");

  it("is looked at again for as long as patience", () => {
    const soon = view({ memory: { hiddenSinceMs: 900_000, ...silentFor("", 0) } });
    expect(gist(lookOrRefuse(soon, tip, null))).toBe("wait");
  });

  it("is refused after that", () => {
    const late = view({ memory: { hiddenSinceMs: 800_000 } });
    expect(gist(lookOrRefuse(late, tip, null))).toBe("EHA-TIP-INCOMPLETE");
  });
});

function openedBy() {
  return { opener: i(3), at: "2026-11-22T09:00:00Z", associationId: eipassoc(3) };
}
