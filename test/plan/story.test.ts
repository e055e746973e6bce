// Whole launches and releases in the small world: where they end, and in which order.

import { describe, expect, it } from "vitest";
import type { StepName } from "../../agent/domain/steps.ts";
import { run } from "./run.ts";
import { settings, twoVolumes, volumeSettings } from "./seat.ts";
import { launch, type Machine, newWorld, type SmallWorld, terminating } from "./small-world.ts";
import {
  crashAway,
  crashHere,
  expectServed,
  firstBoot,
  moveAway,
  moveHere,
  releasing,
  seatOfAddress,
  tell,
} from "./tales.ts";

function stepsBy(world: SmallWorld, machine: Machine): readonly StepName[] {
  return world.log.filter(({ by }) => by === machine.number).map(({ step }) => step.name);
}

/** The names in the order of their first appearance, of those asked for. */
function orderOf(names: readonly StepName[], wanted: readonly StepName[]): readonly StepName[] {
  return [...new Set(names.filter((name) => wanted.includes(name)))];
}

const openingOrder: readonly StepName[] = [
  "associate",
  "attach",
  "prove",
  "claim",
  "mark",
  "write",
  "check",
  "mount",
  "settle",
  "startUnit",
  "completeHook",
];

describe("a first boot", () => {
  it("makes, formats and serves both volumes, in R7's order", () => {
    const { world, machine } = tell(firstBoot);
    expectServed(world, machine);
    const names = stepsBy(world, machine);
    expect(orderOf(names, [...openingOrder, "createVolume", "format"])).toEqual([
      "associate",
      "createVolume",
      "attach",
      "prove",
      "claim",
      "mark",
      "format",
      "write",
      "check",
      "mount",
      "settle",
      "startUnit",
      "completeHook",
    ]);
  });

  it("proves the lease once before the claim, and again between `written` and the mount", () => {
    const { world, machine } = tell(firstBoot);
    const names = stepsBy(world, machine).filter((name) =>
      ["prove", "claim", "write", "mount"].includes(name),
    );
    expect(orderless(names)).toEqual(["prove", "claim", "write", "prove", "mount"]);
  });

  it("attaches the first volume by name alone, before the other", () => {
    const { world } = tell(firstBoot);
    const attached = world.log.flatMap(({ step }) =>
      step.name === "attach" ? [step.with.volumeId] : [],
    );
    const nameOf = (id: (typeof attached)[number]) => world.volumes.get(id)?.tags["ec2-ha:volume"];
    expect(attached.map(nameOf)).toEqual(["data", "wal"]);
  });

  it("runs first.init once", () => {
    const first = volumeSettings("data").first;
    if (first?.kind !== "blank") throw new Error("the builder makes blank volumes");
    const data = volumeSettings("data", { first: { ...first, init: "/bin/init" } });
    const { world, machine } = tell({ ...firstBoot, settings: settings({ volumes: [data] }) });
    expectServed(world, machine);
    const runs = stepsBy(world, machine).filter((name) => name === "initialise");
    expect(runs).toHaveLength(1);
  });
});

describe("a move to another zone", () => {
  it("after a release restores the final set, and leaves the old volumes", () => {
    const { world, machine } = tell(moveAway);
    expectServed(world, machine);
    const names = stepsBy(world, machine);
    expect(names).not.toContain("snapshotVolume");
    expect(names).not.toContain("format");
    expect(orderOf(names, ["createVolume", "attach", "mount"])).toEqual([
      "createVolume",
      "attach",
      "mount",
    ]);
  });

  it("after a crash takes a recovery set, validates it, and restores that", () => {
    const { world, machine } = tell(crashAway);
    expectServed(world, machine);
    const wanted: readonly StepName[] = [
      "snapshotVolume",
      "associate",
      "validateSet",
      "createVolume",
      "attach",
    ];
    expect(orderOf(stepsBy(world, machine), wanted)).toEqual(wanted);
  });
});

describe("a move within the zone", () => {
  it("attaches the volumes as they are, after a crash as after a release", () => {
    for (const tale of [crashHere, moveHere]) {
      const { world, machine } = tell(tale);
      expectServed(world, machine);
      const names = stepsBy(world, machine);
      expect(names).not.toContain("createVolume");
      expect(names).not.toContain("snapshotVolume");
      expect(orderOf(names, openingOrder)).toEqual(openingOrder);
    }
  });
});

describe("a release", () => {
  it("announces, stops, unmounts, proves, saves, detaches the lock last, and then answers the hook", () => {
    const { world, machine } = tell(releasing);
    const from = world.log.findIndex(({ step }) => step.name === "announce");
    const names = world.log.slice(from).map(({ step }) => step.name);
    expect(orderOf(names, names)).toEqual([
      "announce",
      "stopUnit",
      "unmount",
      "prove",
      "snapshotSet",
      "detach",
      "completeHook",
    ]);
    const detached = world.log.flatMap(({ step }) =>
      step.name === "detach" ? [world.volumes.get(step.with.volumeId)?.tags["ec2-ha:volume"]] : [],
    );
    expect(detached).toEqual(["wal", "data"]);
    expect(machine.state).toBe("terminated");
  });
});

describe("a seat with an address only", () => {
  it("failure mode 42: starts the service before it takes the address", () => {
    const { world, machine } = tell(seatOfAddress);
    expectServed(world, machine);
    expect(stepsBy(world, machine)).toEqual(["startUnit", "associate", "completeHook"]);
  });
});

/** Repeats of a step on its neighbours count once. */
function orderless(names: readonly StepName[]): readonly StepName[] {
  return names.filter((name, k) => name !== names[k - 1]);
}

describe("one that stands in the way and goes silent", () => {
  it("as a taker with the address is fenced after patience, and seen dead before its address is taken", () => {
    const world = newWorld(twoVolumes);
    const hung = launch(world, 1, "a");
    run(world, hung, { dieAfter: { round: 4, steps: 9, hang: true } });
    expect(world.address.holder).toBe(hung.instanceId);
    const next = launch(world, 2, "b");
    run(world, next);
    expectServed(world, next);
    expect(hung.state).toBe("terminated");
    expect(stepsBy(world, next)[0]).toBe("fence");
    expect(world.timeMs).toBeGreaterThan(world.settings.patienceMs);
  });

  it("as a holder that is leaving has its hook answered for it, after patience", () => {
    const world = newWorld(twoVolumes);
    const hung = launch(world, 1, "a");
    run(world, hung);
    terminating(hung);
    const next = launch(world, 2, "b");
    run(world, next);
    expectServed(world, next);
    expect(stepsBy(world, next).slice(0, 3)).toEqual([
      "completeHook",
      "snapshotVolume",
      "snapshotVolume",
    ]);
  });

  it("failure mode 34: as a healthy holder is left alone", () => {
    const world = newWorld(twoVolumes);
    run(world, launch(world, 1, "a"));
    const next = launch(world, 2, "b");
    const { last } = run(world, next);
    expect(last).toMatchObject({ refusal: { code: "EHA-HANDOVER-UNSUPPORTED" } });
    expect(stepsBy(world, next)).toEqual([]);
  });
});

describe("a holder whose address was taken away by hand", () => {
  it("takes it back and marks again, without letting go of anything", () => {
    const world = newWorld(twoVolumes);
    const holder = launch(world, 1, "a");
    run(world, holder);
    const before = world.log.length;
    Object.assign(world.address, { associationId: null, holder: null });
    holder.memory = { ...holder.memory, proven: null };
    run(world, holder);
    expectServed(world, holder);
    expect(world.log.slice(before).map(({ step }) => step.name)).toEqual(["prove", "mark"]);
  });
});
