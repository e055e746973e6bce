// A recovery set: taken of free volumes, and of use only once they were seen unchanged after it.

import { describe, expect, it } from "vitest";
import { keyOf } from "../../agent/plan/copies.ts";
import { recover, stateOf, validate } from "../../agent/plan/recovery.ts";
import { gist, stepOf, stepsOf } from "./decisions.ts";
import { i, me, twoVolumes, vol } from "./seat.ts";
import { address, attachedTo, markOf, opened, openingAt, setOf, silentFor, view } from "./world.ts";

const data = opened(1, 3, { zone: "b" });
const wal = opened(2, 3, { zone: "b", name: "wal" });
const volumes = [data, wal];
const mine = setOf(1, volumes, {
  setId: `orders/3/recovery/${me}/0`,
  reason: "recovery",
  clean: false,
});
const [ofData] = mine.snapshots;

function recovering(over: Parameters<typeof view>[0] = {}) {
  const lives = [vol(1), vol(2)].flatMap((volumeId) => silentFor(volumeId, 3_000).lives);
  const at = view({ settings: twoVolumes, volumes, memory: { lives }, ...over });
  const choice = recover(at, volumes, 3);
  return choice.kind === "next" ? choice.decision : choice.base;
}

describe("taking one", () => {
  it("snapshots each volume, with the generation given and never copied", () => {
    const decision = recovering();
    if (decision.kind !== "perform") throw new Error("snapshots were to be taken");
    expect(stepsOf(decision)).toHaveLength(2);
    const { tags } = stepOf(decision, "snapshotVolume").with;
    expect(tags).toMatchObject({
      "ec2-ha:of": "3",
      "ec2-ha:set": mine.setId,
      "ec2-ha:clean": "false",
    });
  });

  it("goes on with the one that a restart left half taken", () => {
    const half = { ...mine, snapshots: ofData === undefined ? [] : [ofData] };
    const decision = recovering({ sets: [half] });
    if (decision.kind !== "perform") throw new Error("a snapshot was to be taken");
    expect(stepsOf(decision).map((step) => step.with)).toMatchObject([{ volumeId: vol(2) }]);
  });

  it("begins another where a snapshot of the first failed", () => {
    const failed = setOf(1, volumes, { ...mine, snapshots: [] });
    const broken = {
      ...failed,
      snapshots: mine.snapshots.map((entry) => ({ ...entry, state: "error" }) as const),
    };
    const decision = recovering({ sets: [broken] });
    if (decision.kind !== "perform") throw new Error("snapshots were to be taken");
    expect(stepOf(decision, "snapshotVolume").with.tags["ec2-ha:set"]).toBe(
      `orders/3/recovery/${me}/1`,
    );
  });

  it("uses a valid one of any taker's, and an unchecked one only of my own", () => {
    const others = { ...mine, setId: `orders/3/recovery/${i(3)}/0` };
    expect(recovering({ sets: [mine] })).toMatchObject({ kind: "restore" });
    expect(recovering({ sets: [{ ...others, valid: true }] })).toMatchObject({ kind: "restore" });
    expect(recovering({ sets: [others] })).toMatchObject({ kind: "perform" });
  });
});

describe("validating one", () => {
  const mark = markOf(3, volumes);
  const tipKey = keyOf(mark, volumes);
  const checked = { opening: openingAt("bring", { tipKey }), tipKey };
  const at = (over: Parameters<typeof view>[0] = {}) =>
    view({ settings: twoVolumes, volumes, address: address({ mark }), ...over });

  it("marks it valid when its volumes are free and the tip is what it was", () => {
    expect(gist(validate(at(), mine, checked))).toBe("validateSet");
  });

  it("looks once more after it is complete", () => {
    const young = { opening: openingAt("bring", { tipKey, sinceLook: 10 }), tipKey };
    expect(gist(validate(at(), mine, young))).toBe("wait");
  });

  it("lets go where a volume was taken meanwhile", () => {
    const taken = { ...data, attachments: attachedTo(i(3)), state: "in-use" } as const;
    const decision = validate(at({ volumes: [taken, wal] }), mine, checked);
    expect(decision).toMatchObject({ kind: "wait", opening: null });
  });

  it("lets go where the tip has changed", () => {
    const decision = validate(at(), mine, { ...checked, tipKey: "another" });
    expect(decision).toMatchObject({ kind: "wait", opening: null });
  });

  it("has nothing to do for a final set, or one that is valid or still pending", () => {
    const pending = setOf(1, volumes, { reason: "recovery", state: "pending" });
    for (const set of [setOf(1, volumes), { ...mine, valid: true }, pending]) {
      expect(validate(at(), set, checked)).toBeNull();
    }
  });
});

describe("a volume's state", () => {
  it("is null where it cannot be seen", () => {
    expect(stateOf(view({ volumes }), vol(1))).toBe("available");
    expect(stateOf(view({ volumes }), vol(9))).toBeNull();
  });
});
