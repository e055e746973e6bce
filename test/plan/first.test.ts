// What may be used as if it were nothing.

import { describe, expect, it } from "vitest";
import { isFirstBorn, isFirstBornVolume, neverWritten } from "../../agent/plan/first.ts";
import { settings, snap, volumeSettings } from "./seat.ts";
import { malformed, opened, setOf, view, volume } from "./world.ts";

const seed = { kind: "snapshot", snapshotId: snap(7), type: "gp3" } as const;
const seeded = settings({ volumes: [volumeSettings("data", { first: seed })] });

describe("a volume is first-born", () => {
  it("when it was made blank, or from the seed that the settings name, and never written", () => {
    expect(isFirstBornVolume(settings(), volume(1))).toBe(true);
    expect(isFirstBornVolume(seeded, volume(1, { parent: snap(7) }))).toBe(true);
  });

  it("not when it was written, or came from anything else", () => {
    expect(isFirstBornVolume(settings(), volume(1, { written: 1 }))).toBe(false);
    expect(isFirstBornVolume(settings(), volume(1, { parent: snap(7) }))).toBe(false);
    expect(isFirstBornVolume(seeded, volume(1, { parent: snap(8) }))).toBe(false);
    expect(isFirstBornVolume(settings(), volume(1, { parent: null }))).toBe(false);
  });
});

describe("a first boot", () => {
  it("is one only where every living volume is first-born", () => {
    const gone = opened(2, 1, { state: "deleting" });
    expect(isFirstBorn(view({ volumes: [volume(1), gone] }))).toBe(true);
    expect(isFirstBorn(view({ volumes: [volume(1), opened(2, 1)] }))).toBe(false);
  });

  it("is one only where nothing else of the seat exists", () => {
    const kinds = [
      view(),
      view({ sets: [setOf(1, [opened(1, 1)])] }),
      view({ malformed: [malformed({ candidate: false })] }),
      view({ volumes: [opened(1, 1, { written: 0 })] }),
    ].map((at) => neverWritten(at, null).kind);
    expect(kinds).toEqual(["first", "look", "look", "look"]);
  });
});
