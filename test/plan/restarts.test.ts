// An agent that is restarted, or an instance that dies, after any round and any step of it: the seat
// ends where it should, with nothing doubled and nothing stuck.

import { describe, expect, it } from "vitest";
import { type Interruption, run } from "./run.ts";
import { die, launch, newWorld } from "./small-world.ts";
import {
  crashAway,
  crashHere,
  expectServed,
  firstBoot,
  moveAway,
  moveHere,
  releasing,
  seatOfAddress,
  setsOf,
  tell,
} from "./tales.ts";

describe("failure modes 29 and 30: an agent restarted after any round", () => {
  const launches = { firstBoot, crashHere, crashAway, moveHere, moveAway, seatOfAddress };
  for (const [name, tale] of Object.entries(launches)) {
    it(`of ${name} serves the seat, with nothing doubled`, () => {
      const { rounds } = tell(tale).told;
      for (const interruption of everyCut(rounds)) {
        const { world, machine } = tell(tale, interruption);
        expectServed(world, machine);
        expect([world.volumes.size, setsOf(world), interruption]).toEqual([
          tale.volumes,
          tale.sets,
          interruption,
        ]);
      }
    });
  }

  it("of a release lets go, with one final set and nothing mounted", () => {
    const { rounds } = tell(releasing).told;
    for (const interruption of everyCut(rounds)) {
      const { world, machine } = tell(releasing, interruption);
      expect(machine.state).toBe("terminated");
      expect([world.volumes.size, setsOf(world), interruption]).toEqual([2, 1, interruption]);
      expect(world.snapshots.map((snapshot) => snapshot.tags["ec2-ha:clean"])).toEqual([
        "true",
        "true",
      ]);
    }
  });
});

describe("an instance that dies after any round of its launch", () => {
  const launches = { firstBoot, crashHere, crashAway, moveHere, moveAway };
  for (const [name, tale] of Object.entries(launches)) {
    for (const zone of ["a", "b"]) {
      it(`(${name}) is followed by one in zone ${zone} that serves all that was written`, () => {
        const { rounds } = tell(tale).told;
        for (const { round, steps } of everyCut(rounds)) {
          const world = newWorld(tale.settings);
          const first = tale.before(world);
          run(world, first, { dieAfter: { round, steps } });
          if (first.state !== "terminated") die(world, first);
          const next = launch(world, 3, zone);
          const { last } = run(world, next);
          expect([last.kind, round, steps]).toEqual(["done", round, steps]);
          expectServed(world, next);
        }
      });
    }
  }
});

function everyCut(rounds: number): readonly Interruption[] {
  return Array.from({ length: rounds }, (_, round) => round).flatMap((round) => [
    { round, steps: Number.POSITIVE_INFINITY },
    { round, steps: 2 },
    { round, steps: 1 },
    { round, steps: 0 },
  ]);
}
