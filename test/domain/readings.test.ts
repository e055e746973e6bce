// From tagged resources to facts: a malformed tag makes its resource malformed, a missing one has a
// plain meaning, and nothing is guessed.

import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatMark, formatMembers } from "../../agent/domain/mark.ts";
import { readMark, readSets, readVolumes } from "../../agent/domain/readings.ts";
import type { Snapshot, Volume } from "../../agent/domain/resources.ts";
import { type Tags, tags } from "../../agent/domain/tags.ts";
import { snap, startMs, vol } from "../plan/seat.ts";
import { markOf, opened } from "../plan/world.ts";

function volume(over: Tags = {}, plain: Partial<Volume> = {}): Volume {
  return {
    volumeId: vol(1),
    zone: "a",
    state: "available",
    sizeGib: 10,
    attachments: [],
    multiAttach: false,
    createdMs: startMs,
    tags: { [tags.seat]: "orders", [tags.volume]: "data", ...over },
    ...plain,
  };
}

const data = opened(1, 3);
const wal = opened(2, 3, { name: "wal" });
const setTags: Tags = {
  [tags.set]: "orders/3/final",
  [tags.members]: formatMembers([
    { name: "data", volumeId: vol(1) },
    { name: "wal", volumeId: vol(2) },
  ]),
  [tags.of]: "3",
  [tags.reason]: "final",
  [tags.clean]: "true",
};

function snapshot(n: number, over: Tags = {}, plain: Partial<Snapshot> = {}): Snapshot {
  return {
    snapshotId: snap(n),
    volumeId: vol(n),
    state: "completed",
    archived: false,
    progressPercent: 100,
    sizeGib: 10,
    startedMs: startMs + n,
    tags: { ...setTags, ...over },
    ...plain,
  };
}

const reported = (found: { readonly malformed: readonly { readonly tag: string }[] }) =>
  found.malformed.map((entry) => entry.tag);

describe("a mark", () => {
  const text = formatMark(markOf(3, [data, wal]));

  it("is read, or is not there", () => {
    expect(readMark("address", { [tags.mark]: text }).facts).toEqual([markOf(3, [data, wal])]);
    expect(readMark("address", {})).toEqual({ facts: [], malformed: [] });
  });

  it("that cannot be read is reported, and never taken for a missing one", () => {
    const read = readMark("address", { [tags.mark]: `${text} and more` });
    expect(read).toMatchObject({ facts: [], malformed: [{ subject: "address", candidate: true }] });
  });

  it("of a later protocol is refused", () => {
    const read = readMark("address", { [tags.mark]: text, [tags.protocol]: "2" });
    expect(read).toMatchObject({ facts: [], malformed: [{ wanted: "1: upgrade the agent" }] });
  });
});

describe("a volume", () => {
  it("without further tags was never claimed nor written, and nobody knows what it came from", () => {
    expect(readVolumes([volume()]).facts).toMatchObject([
      { name: "data", parent: null, generation: 0, opened: null, written: 0, releasing: null },
    ]);
  });

  it("with one malformed tag is no fact, and the tag is reported", () => {
    const bad: readonly Tags[] = [
      { [tags.volume]: "DATA" },
      { [tags.parent]: "nothing" },
      { [tags.generation]: "0" },
      { [tags.opened]: "me" },
      { [tags.written]: "three" },
      { [tags.releasing]: "soon" },
      { [tags.init]: "perhaps" },
      { [tags.protocol]: "2" },
    ];
    for (const one of bad) {
      const read = readVolumes([volume(one)]);
      expect(read.facts).toEqual([]);
      expect(reported(read)).toEqual(Object.keys(one));
    }
  });

  it("without a name, or that two instances may attach, is refused", () => {
    const unnamed = volume({}, { tags: { [tags.seat]: "orders" } });
    expect(reported(readVolumes([unnamed]))).toEqual([tags.volume]);
    expect(reported(readVolumes([volume({}, { multiAttach: true })]))).toEqual([
      "MultiAttachEnabled",
    ]);
  });

  it("stands in id order, whatever order EC2 answered in", () => {
    const read = readVolumes([volume({}, { volumeId: vol(2) }), volume()]);
    expect(read.facts.map((entry) => entry.volumeId)).toEqual([vol(1), vol(2)]);
  });
});

describe("a set", () => {
  it("is the snapshots that carry its tag, from the earliest", () => {
    expect(readSets([snapshot(2), snapshot(1)]).facts).toMatchObject([
      {
        setId: "orders/3/final",
        of: 3,
        clean: true,
        valid: false,
        startedMs: startMs + 1,
        snapshots: [{ snapshotId: snap(1) }, { snapshotId: snap(2) }],
      },
    ]);
  });

  it("is not made of snapshots that another tool tagged by copying", () => {
    const copied = snapshot(1, {}, { tags: { [tags.seat]: "orders", [tags.written]: "3" } });
    expect(readSets([copied])).toEqual({ facts: [], malformed: [] });
  });

  it("is clean and valid only where all of its snapshots say so", () => {
    const one = readSets([snapshot(1, { [tags.valid]: "true" }), snapshot(2)]);
    expect(one.facts).toMatchObject([{ valid: false }]);
    const both = [1, 2].map((n) => snapshot(n, { [tags.valid]: "true" }));
    expect(readSets(both).facts).toMatchObject([{ valid: true }]);
    const unclean = readSets([snapshot(1), snapshot(2, { [tags.clean]: "false" })]);
    expect(unclean.facts).toMatchObject([{ clean: false }]);
  });

  it("whose snapshots contradict each other has no members, and so never serves", () => {
    for (const over of [{ [tags.of]: "4" }, { [tags.reason]: "scheduled" }]) {
      expect(readSets([snapshot(1), snapshot(2, over)]).facts).toMatchObject([{ members: [] }]);
    }
  });

  it("lacks a snapshot with a malformed or missing tag, which is reported but stops nothing", () => {
    const bad: readonly Tags[] = [
      { [tags.of]: "0" },
      { [tags.members]: "" },
      { [tags.reason]: "?" },
    ];
    for (const one of bad) {
      const read = readSets([snapshot(1, one)]);
      expect(read).toMatchObject({ facts: [], malformed: [{ candidate: false }] });
    }
    const missing = snapshot(1, {}, { tags: { [tags.set]: "orders/3/final" } });
    expect(reported(readSets([missing]))).toEqual([tags.members, tags.of, tags.reason]);
  });
});

describe("any tags at all", () => {
  it("are read without a throw, and a volume is either a fact or reported", () => {
    const keys = fc.constantFrom(...Object.values(tags));
    const some = fc.dictionary(keys, fc.oneof(fc.string(), fc.constantFrom("1", "true", "blank")));
    fc.assert(
      fc.property(some, (text) => {
        const read = readVolumes([volume(text)]);
        expect(read.facts.length === 1).toBe(read.malformed.length === 0);
        readSets([snapshot(1, text)]);
        readMark("address", text);
      }),
    );
  });
});
