// Scheduled and manual sets: only the holder's, right after a proof, with room left for the final one.

import { describe, expect, it } from "vitest";
import { planSnapshot } from "../../agent/plan/snapshots.ts";
import { gist, stepOf } from "./decisions.ts";
import { eipassoc, vol } from "./seat.ts";
import { markOf, opened, openingAt, serving, setOf } from "./world.ts";

const wish = { setId: "orders/due", reason: "scheduled" } as const;
const current = opened(1, 4);
const tell = (over: Parameters<typeof serving>[0]) => gist(planSnapshot(serving(over), wish));

describe("a scheduled set", () => {
  it("is taken of the generation being written, right after a proof", () => {
    const at = serving({ memory: { opening: openingAt("opened") } });
    const decision = planSnapshot(at, wish);
    expect(stepOf(decision, "snapshotSet").with).toMatchObject({
      volumeIds: [vol(1)],
      purpose: "orders/due",
      tags: { "ec2-ha:of": "4", "ec2-ha:reason": "scheduled", "ec2-ha:clean": "false" },
    });
    expect(decision).toMatchObject({ opening: { stage: "opened" } });
  });

  it("is preceded by a proof of its own", () => {
    expect(tell({ memory: { proven: null } })).toBe("prove");
    expect(tell({ memory: { proven: { associationId: eipassoc(4), look: 5 } } })).toBe("prove");
  });

  it("that is taken is done, once only", () => {
    expect(tell({ sets: [setOf(1, [current], { setId: "orders/due" })] })).toBe("done");
  });

  it("is skipped by who does not hold the seat", () => {
    expect(tell({ memory: { proven: { associationId: null, look: 9 } } })).toBe("done");
    expect(tell({ groupMark: markOf(5, [opened(2, 5)]) })).toBe("done");
    expect(tell({ disks: [] })).toBe("done");
    expect(tell({ address: null })).toBe("done");
  });

  it("is skipped while four are pending, so that a final one has room", () => {
    const pending = [1, 2, 3, 4].map((n) => setOf(n, [current], { state: "pending" }));
    expect(tell({ sets: pending.slice(1) })).toBe("snapshotSet");
    expect(tell({ sets: pending })).toBe("done");
  });
});
