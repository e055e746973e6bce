// R2: which sets hold everything, and which only seem to.

import { describe, expect, it } from "vitest";
import {
  finalSet,
  isCompleted,
  isWhole,
  namesOf,
  recoverySet,
  snapshotIdsOf,
  snapshotOf,
} from "../../agent/plan/sets.ts";
import { i, me, snap, twoVolumes, vol } from "./seat.ts";
import { markOf, opened, setOf, view } from "./world.ts";

const data = opened(1, 3);
const wal = opened(2, 3, { name: "wal" });
const names = ["data", "wal"];
const both = setOf(1, [data, wal]);
const [first] = both.snapshots;
if (first === undefined) throw new Error("the builder makes a snapshot of each volume");

describe("a set is whole", () => {
  it("when every name has a snapshot, done or on its way", () => {
    expect(isWhole(both, names)).toBe(true);
    expect(isWhole(setOf(1, [data, wal], { state: "pending" }), names)).toBe(true);
  });

  it("not when one is missing, in error, in the recycle bin or in the archive", () => {
    expect(isWhole({ ...both, snapshots: [first] }, names)).toBe(false);
    for (const state of ["error", "recoverable", "recovering"] as const) {
      expect(isWhole(setOf(1, [data, wal], { state }), names)).toBe(false);
    }
    const archived = both.snapshots.map((entry) => ({ ...entry, archived: true }));
    expect(isWhole({ ...both, snapshots: archived }, names)).toBe(false);
  });

  it("not when its members are other than the seat's names", () => {
    expect(isWhole(both, ["data"])).toBe(false);
    expect(isWhole(setOf(1, [data]), names)).toBe(false);
  });
});

describe("a set is complete", () => {
  it("when each of its snapshots is", () => {
    expect(isCompleted(both)).toBe(true);
    expect(isCompleted(setOf(1, [data, wal], { state: "pending" }))).toBe(false);
  });
});

describe("a volume's snapshot", () => {
  it("is the first that did not fail, should a lost reply have doubled it", () => {
    const failed = { ...first, state: "error" } as const;
    const doubled = { ...both, snapshots: [failed, { ...first, snapshotId: snap(7) }] };
    expect(snapshotOf(doubled, "data")?.snapshotId).toBe(snap(7));
    expect(snapshotOf(both, "logs")).toBeNull();
    expect(snapshotIdsOf(both)).toEqual([snap(100), snap(101)]);
  });
});

describe("R2: a final set", () => {
  const at = (over: Partial<typeof both> = {}) =>
    view({ settings: twoVolumes, sets: [{ ...both, ...over }] });

  it("holds everything while it is clean and the mark is at its generation", () => {
    expect(finalSet(at(), 3, markOf(3, [data, wal]))?.setId).toBe(both.setId);
  });

  it("does not once a later opening began, or where there is no mark", () => {
    expect(finalSet(at(), 3, markOf(4, [data, wal]))).toBeNull();
    expect(finalSet(at(), 3, null)).toBeNull();
  });

  it("does not when unclean, of another generation, or of another kind", () => {
    const mark = markOf(3, [data, wal]);
    for (const over of [{ clean: false }, { of: 2 }, { reason: "scheduled" } as const]) {
      expect(finalSet(at(over), 3, mark)).toBeNull();
    }
  });
});

describe("R2: a recovery set", () => {
  const ids = [vol(1), vol(2)];
  const recovery = { ...both, reason: "recovery", clean: false } as const;
  const find = (over: Partial<typeof recovery>, written = 3) =>
    recoverySet(view({ settings: twoVolumes, sets: [{ ...recovery, ...over }] }), ids, written);

  it("serves when it is valid, whoever took it", () => {
    expect(find({ valid: true })).not.toBeNull();
  });

  it("serves unchecked only when it is my own, to be checked", () => {
    expect(find({ setId: `orders/3/recovery/${me}/0` })).not.toBeNull();
    expect(find({ setId: `orders/3/recovery/${i(3)}/0` })).toBeNull();
  });

  it("does not serve for other volumes or another `written`", () => {
    expect(find({ valid: true }, 4)).toBeNull();
    const members = [
      { name: "data", volumeId: vol(8) },
      { name: "wal", volumeId: vol(2) },
    ];
    expect(find({ valid: true, members })).toBeNull();
  });
});

describe("the seat's names", () => {
  it("are the settings'", () => {
    expect(namesOf(view({ settings: twoVolumes }))).toEqual(names);
  });
});
