// What retention never throws away, and the little that it does.

import { describe, expect, it } from "vitest";
import { planRetention, surplusSets, surplusVolumes } from "../../agent/plan/retention.ts";
import { gist, stepsOf } from "./decisions.ts";
import { eipassoc, instantOf, me, settings, snap, startMs, vol } from "./seat.ts";
import { address, attachedTo, markOf, opened, serving, setOf, volume } from "./world.ts";

const dayMs = 86_400_000;
const current = opened(1, 4, { by: me, attachments: attachedTo(me) });
const mark = markOf(4, [current], { opener: me, at: instantOf(-30 * dayMs) });
const scheduled = (n: number, over = {}) => setOf(n, [current], { reason: "scheduled", ...over });

function sets(...some: readonly ReturnType<typeof setOf>[]) {
  const surplus = surplusSets(serving({ sets: some }), mark);
  return surplus.map((set) => set.setId);
}

describe("a set goes", () => {
  it("when newer ones fill every bucket, the oldest first", () => {
    const five = [1, 2, 3, 4, 5].map((n) => scheduled(n));
    expect(sets(...five)).toEqual(["orders/1", "orders/2", "orders/3"]);
  });

  it("when it is not whole and older than the newest complete one", () => {
    expect(sets(scheduled(1, { snapshots: [] }), scheduled(2))).toEqual(["orders/1"]);
  });
});

describe("a set stays", () => {
  it("failure mode 19: when it is the newest complete one, whatever the settings keep", () => {
    const none = settings({
      snapshots: { schedule: null, keep: { latest: 0, hourly: 0, daily: 0 } },
    });
    const at = serving({ settings: none, sets: [scheduled(1)] });
    expect(surplusSets(at, mark)).toEqual([]);
  });

  it("when nothing complete is there at all", () => {
    expect(sets(scheduled(1, { state: "error" }), scheduled(2, { state: "pending" }))).toEqual([]);
  });

  it("when it is newer than the newest complete one: it may be the next", () => {
    expect(sets(scheduled(1), scheduled(2), scheduled(3, { snapshots: [] }))).toEqual([]);
  });

  it("when it is pending", () => {
    const pending = scheduled(1, { state: "pending" });
    expect(sets(pending, scheduled(2), scheduled(3), scheduled(4))).toEqual(["orders/2"]);
  });

  it("when it is the newest of its hour or day", () => {
    const keep = { latest: 1, hourly: 2, daily: 0 };
    const hourly = settings({ snapshots: { schedule: null, keep } });
    const at = (n: number, hours: number) =>
      scheduled(n, { startedMs: startMs + hours * 3_600_000 });
    const view = serving({ settings: hourly, sets: [at(1, 0), at(2, 1), at(3, 1.5), at(4, 2)] });
    expect(surplusSets(view, mark).map((set) => set.setId)).toEqual(["orders/1", "orders/2"]);
  });

  it("when it is the newest of the generation before, however many numbers lie between", () => {
    const before = scheduled(1, { of: 1 });
    expect(sets(before, scheduled(2), scheduled(3), scheduled(4))).toEqual(["orders/2"]);
  });

  it("when a volume not yet written was made from it", () => {
    const made = volume(9, { parent: snap(100) });
    const view = serving({ volumes: [current, made], sets: [1, 2, 3, 4].map((n) => scheduled(n)) });
    expect(surplusSets(view, mark).map((set) => set.setId)).toEqual(["orders/2"]);
  });
});

describe("a volume", () => {
  const old = opened(2, 3);
  const saved = setOf(1, [old]);
  const surplus = (
    volumes: readonly (typeof old)[],
    some: readonly (typeof saved)[] = [saved],
    at = mark,
  ) => surplusVolumes(serving({ volumes: [current, ...volumes], sets: some }), at);

  it("goes when superseded long ago, with its last state in a complete set", () => {
    expect(surplus([old])).toEqual([old]);
    const recovery = { ...saved, reason: "recovery", valid: true } as const;
    expect(surplus([old], [recovery])).toEqual([old]);
  });

  it("goes when it was made for an opening that never wrote", () => {
    const made = volume(3, { parent: snap(100), generation: 3 });
    expect(surplus([made], [])).toEqual([made]);
  });

  it("failure mode 19: stays while no complete, clean set of its very last state exists", () => {
    const insufficient = [
      { ...saved, of: 2 },
      { ...saved, clean: false },
      { ...saved, reason: "recovery" } as const,
      { ...saved, reason: "scheduled" } as const,
      setOf(1, [old], { state: "pending" }),
    ];
    for (const set of insufficient) expect(surplus([old], [set])).toEqual([]);
  });

  it("stays when it is the mark's, attached, or not below the mark's generation", () => {
    expect(surplus([{ ...old, attachments: attachedTo(me), state: "in-use" }])).toEqual([]);
    expect(surplus([opened(2, 5)], [setOf(1, [opened(2, 5)])])).toEqual([]);
    expect(surplus([opened(2, 3, { generation: 4 })])).toEqual([]);
  });

  it("stays for as long as the operator keeps old volumes", () => {
    expect(surplus([old], [saved], { ...mark, at: instantOf(0) })).toEqual([]);
    expect(surplus([{ ...old, createdMs: startMs }])).toEqual([]);
  });

  it("stays when nothing says what it was made from", () => {
    expect(surplus([volume(3, { parent: null })], [])).toEqual([]);
  });
});

describe("retention", () => {
  const many = [1, 2, 3, 4, 5, 6, 7, 8, 9].map((n) => scheduled(n));
  const held = { address: address({ holder: me, association: 4, mark }), groupMark: mark };

  it("throws away a few at a time, right after a proof of the lease", () => {
    const at = serving({ ...held, sets: many });
    expect(stepsOf(planRetention(at))).toHaveLength(5);
    const stale = { proven: { associationId: eipassoc(4), look: 5 } };
    expect(gist(planRetention(serving({ ...held, sets: many, memory: stale })))).toBe("prove");
  });

  it("throws nothing away without the lease, or where another opened last", () => {
    const lost = { proven: { associationId: null, look: 9 } };
    expect(gist(planRetention(serving({ ...held, sets: many, memory: lost })))).toBe("done");
    const later = markOf(5, [opened(2, 5)]);
    expect(gist(planRetention(serving({ groupMark: later, sets: many })))).toBe("done");
    expect(gist(planRetention(serving({ disks: [], sets: many })))).toBe("done");
  });

  it("is done where nothing is surplus", () => {
    expect(gist(planRetention(serving(held)))).toBe("done");
    expect(vol(1)).toBe(current.volumeId);
  });
});
