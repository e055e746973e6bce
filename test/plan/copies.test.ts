// Which volumes make a copy, and what is said of it.

import { describe, expect, it } from "vitest";
import { byName, findCopies, isLiving, keyOf, listOf, membersOf } from "../../agent/plan/copies.ts";
import { eipassoc, vol } from "./seat.ts";
import { facts, markOf, opened, volume } from "./world.ts";

const data = opened(1, 3);
const wal = opened(2, 3, { name: "wal" });
const names = ["data", "wal"];

describe("a copy", () => {
  it("is what one opening claimed", () => {
    const older = [opened(3, 2), opened(4, 2, { name: "wal" })];
    const copies = findCopies(facts({ volumes: [data, wal, ...older] }), null, names);
    expect(copies.map((copy) => [copy.written, copy.complete])).toEqual([
      [3, true],
      [2, true],
    ]);
  });

  it("is what the mark names, though a later claim reached only one of it", () => {
    const claimed = { ...data, generation: 4 };
    const copies = findCopies(facts({ volumes: [claimed, wal] }), markOf(3, [data, wal]), names);
    expect(copies).toHaveLength(1);
    expect(copies[0]).toMatchObject({ marked: true, complete: true, written: 3 });
  });

  it("is written as far as its least written volume", () => {
    const copies = findCopies(facts({ volumes: [data, { ...wal, written: 0 }] }), null, names);
    expect(copies[0]).toMatchObject({ written: 0, highest: 3 });
  });

  it("lacks volumes that no opening claimed, and those being deleted", () => {
    const volumes = [data, { ...wal, state: "deleting" } as const, volume(5, { name: "wal" })];
    const copies = findCopies(facts({ volumes }), null, names);
    expect(copies.map((copy) => [copy.volumes.length, copy.complete])).toEqual([[1, false]]);
  });

  it("of one number is another where another association opened it", () => {
    const twin = { ...data, volumeId: vol(9), opened: twinOf(data) };
    expect(findCopies(facts({ volumes: [data, twin] }), null, ["data"])).toHaveLength(2);
  });

  it("that was written but claimed by nobody counts all the same", () => {
    const odd = volume(1, { written: 3 });
    expect(findCopies(facts({ volumes: [odd] }), null, ["data"])[0]).toMatchObject({ written: 3 });
  });
});

describe("a key", () => {
  it("differs with the mark, its association, the volumes and what is written", () => {
    const mark = markOf(3, [data]);
    const keys = [
      keyOf(null, [data]),
      keyOf(mark, [data]),
      keyOf({ ...mark, associationId: eipassoc(9) }, [data]),
      keyOf({ ...mark, fallback: true }, [data]),
      keyOf(mark, [{ ...data, written: 4 }]),
      keyOf(mark, [wal]),
    ];
    expect(new Set(keys).size).toBe(keys.length);
  });
});

describe("volumes", () => {
  it("are listed by id, ordered by name, and live unless they are being deleted", () => {
    expect(listOf([data, wal])).toBe(`"${vol(1)}", "${vol(2)}"`);
    expect([wal, data].toSorted(byName)).toEqual([data, wal]);
    expect(membersOf([data])).toEqual([{ name: "data", volumeId: vol(1) }]);
    expect(isLiving(data)).toBe(true);
    expect(isLiving({ ...data, state: "deleted" })).toBe(false);
  });
});

function twinOf(volume: typeof data) {
  return volume.opened === null ? null : { ...volume.opened, associationId: eipassoc(8) };
}
