// Readings of the view that everything else rests on: which mark counts, and the next number.

import { describe, expect, it } from "vitest";
import {
  effectiveMark,
  attachedTo as holdersOf,
  instanceOf,
  isAttachedTo,
  lookAgain,
  nextGeneration,
  perform,
  refuse,
  silentMs,
  some,
  wait,
} from "../../agent/plan/view.ts";
import { eipassoc, i, me, vol } from "./seat.ts";
import {
  address,
  attachedTo,
  facts,
  instance,
  markOf,
  opened,
  openingAt,
  setOf,
  silentFor,
  view,
  volume,
} from "./world.ts";

describe("the mark", () => {
  const three = markOf(3, []);
  const four = markOf(4, []);
  const of = (onAddress: typeof three | null, groupMark: typeof three | null) =>
    effectiveMark(facts({ address: address({ mark: onAddress }), groupMark }));

  it("is the higher of the two", () => {
    expect(of(three, four)).toBe(four);
    expect(of(four, three)).toBe(four);
  });

  it("is the address's on a tie, and the only one where one is missing", () => {
    const twin = markOf(3, [], { associationId: eipassoc(9) });
    expect(of(three, twin)).toBe(three);
    expect(of(null, twin)).toBe(twin);
    expect(of(three, null)).toBe(three);
    expect(of(null, null)).toBeNull();
  });
});

describe("the next generation", () => {
  it("is one above all that volumes, marks and sets have seen", () => {
    expect(nextGeneration(facts())).toBe(1);
    expect(nextGeneration(facts({ volumes: [opened(1, 3)] }))).toBe(4);
    expect(nextGeneration(facts({ volumes: [volume(1, { generation: 5 })] }))).toBe(6);
    expect(nextGeneration(facts({ groupMark: markOf(7, []) }))).toBe(8);
    expect(nextGeneration(facts({ address: address({ mark: markOf(8, []) }) }))).toBe(9);
    expect(nextGeneration(facts({ sets: [setOf(1, [], { of: 9 })] }))).toBe(10);
  });
});

describe("silence", () => {
  it("counts from the last change that was seen, and never for who was not watched", () => {
    expect(silentMs(view({ memory: silentFor(i(2), 5_000) }), i(2))).toBe(5_000);
    expect(silentMs(view(), i(2))).toBe(0);
  });
});

describe("who and what", () => {
  it("an attachment in any state counts", () => {
    const detaching = volume(1, { attachments: attachedTo(me, "detaching") });
    expect(isAttachedTo(detaching, me)).toBe(true);
    expect(holdersOf(detaching)).toEqual([me]);
    expect(isAttachedTo(volume(1), me)).toBe(false);
  });

  it("an instance that is not seen is null", () => {
    expect(instanceOf(facts({ instances: [instance(2)] }), i(2))).not.toBeNull();
    expect(instanceOf(facts(), i(2))).toBeNull();
  });
});

describe("a decision", () => {
  const step = { name: "deleteVolume", with: { volumeId: vol(1) } } as const;

  it("ends the opening unless it is kept, and looks at everything unless less is said", () => {
    expect(perform([step], { why: "" })).toMatchObject({ opening: null, look: { kind: "all" } });
    expect(wait("", { pace: "slow" })).toMatchObject({ opening: null, look: { kind: "all" } });
    const opening = openingAt("claim");
    expect(lookAgain("", opening)).toMatchObject({ pace: "now", opening });
  });

  it("has at least one step", () => {
    expect(some([])).toBeNull();
    expect(some([step])).toEqual([step]);
  });

  it("that refuses has a code and a sentence", () => {
    expect(refuse("EHA-DENIED", "no")).toEqual({
      kind: "refuse",
      refusal: { code: "EHA-DENIED", message: "no" },
    });
  });
});
