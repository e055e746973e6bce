// Derived names: the same after a restart, and another where another thing is meant.

import { describe, expect, it } from "vitest";
import { readSets, readVolumes } from "../../agent/domain/readings.ts";
import {
  finalSetId,
  recoverySetId,
  scheduledSetId,
  setTags,
  volumeTags,
  volumeToken,
} from "../../agent/plan/names.ts";
import { me, snap, startMs, twoVolumes, vol } from "./seat.ts";
import { opened, view, volume } from "./world.ts";

describe("a set's id", () => {
  it("says what it is for, and a recovery set's also whose it is", () => {
    expect(finalSetId("orders", 4, "clean")).toBe("orders/4/final");
    expect(finalSetId("orders", 4, "unclean")).toBe("orders/4/final-unclean");
    expect(scheduledSetId("orders", startMs)).toBe("orders/2026-11-22T09:00:00Z");
    expect(recoverySetId(view(), 4, 0)).toBe(`orders/4/recovery/${me}/0`);
  });
});

describe("a set's tags", () => {
  const pending = opened(2, 4, { name: "wal", init: { kind: "pending", attempts: 1 } });
  const volumes = [pending, opened(1, 4)];
  const wish = { setId: "orders/4/final", of: 4, reason: "final", clean: true } as const;

  it("are read back as what they were written for, in name order", () => {
    const tags = setTags(view({ settings: twoVolumes }), volumes, wish);
    const snapshots = volumes.map((entry, k) => ({
      snapshotId: snap(k + 1),
      volumeId: entry.volumeId,
      state: "completed" as const,
      archived: false,
      progressPercent: 100,
      sizeGib: 10,
      startedMs: startMs,
      tags,
    }));
    const { facts, malformed } = readSets(snapshots);
    expect(malformed).toEqual([]);
    expect(facts).toMatchObject([
      {
        ...wish,
        valid: false,
        initPending: ["wal"],
        members: [{ name: "data" }, { name: "wal" }],
      },
    ]);
  });
});

describe("a volume's tags", () => {
  it("are read back as what they were written for", () => {
    const { attachments, state, zone, sizeGib, createdMs } = volume(1);
    const tags = volumeTags(view(), { name: "data", parent: "blank", initPending: true });
    const plain = {
      volumeId: vol(1),
      multiAttach: false,
      attachments,
      state,
      zone,
      sizeGib,
      createdMs,
    };
    const { facts } = readVolumes([{ ...plain, tags }]);
    expect(facts).toMatchObject([
      { name: "data", parent: "blank", written: 0, init: { kind: "pending", attempts: 0 } },
    ]);
  });
});

describe("a volume's token", () => {
  const wish = { name: "data", parent: "blank", base: { kind: "create" } } as const;

  it("is the same for the same wish", () => {
    expect(volumeToken(view(), wish)).toBe(volumeToken(view(), wish));
  });

  it("is another for another name, parent, zone or generation", () => {
    const tokens = [
      volumeToken(view(), wish),
      volumeToken(view(), { ...wish, name: "wal" }),
      volumeToken(view(), { ...wish, parent: "snap-1" }),
      volumeToken(view({ me: { zone: "b" } }), wish),
      volumeToken(view({ volumes: [opened(1, 4)] }), wish),
    ];
    expect(new Set(tokens).size).toBe(tokens.length);
  });

  it("is another once one has burned", () => {
    const token = volumeToken(view(), wish);
    const burned = [{ token, atMs: 0, vanished: true }];
    expect(volumeToken(view({ memory: { burned } }), wish)).not.toBe(token);
  });
});
