// Letting go: units in reverse, then mounts, then attachments, the lock last.

import { describe, expect, it } from "vitest";
import { attachedHere, detachHere, letGo, quiet, stopUnits } from "../../agent/plan/letgo.ts";
import { gist, stepOf, stepsOf } from "./decisions.ts";
import { me, settings, twoVolumes, vol } from "./seat.ts";
import { attachedTo, disk, opened, view } from "./world.ts";

const data = opened(1, 3, { attachments: attachedTo(me) });
const wal = opened(2, 3, { name: "wal", attachments: attachedTo(me) });
const both = { settings: twoVolumes, volumes: [wal, data] };

describe("units", () => {
  it("are stopped one at a time, the last first", () => {
    const units = [
      { name: "db.service", state: "active" },
      { name: "api.service", state: "activating" },
    ] as const;
    expect(stepOf(stopUnits(view({ units }), "why"), "stopUnit").with.unit).toBe("api.service");
  });

  it("get a third of a release at most, and never more than 90 s", () => {
    const units = [{ name: "db.service", state: "active" }] as const;
    const timeout = (releaseWithinMs: number) =>
      stepOf(stopUnits(view({ units, settings: settings({ releaseWithinMs }) }), ""), "stopUnit")
        .with.timeoutMs;
    expect(timeout(90_000)).toBe(30_000);
    expect(timeout(900_000)).toBe(90_000);
  });

  it("that are down, failed or missing need no stop", () => {
    const units = (["inactive", "failed", "missing"] as const).map((state) => ({
      name: "x",
      state,
    }));
    expect(stopUnits(view({ units }), "why")).toBeNull();
  });
});

describe("mounts", () => {
  const disks = [disk(1, { mountedAt: ["/data"] }), disk(2, { mountedAt: ["/data/wal"] })];

  it("go once the units are down, the innermost first", () => {
    const points = stepsOf(quiet(view({ ...both, disks }), "why")).map((step) => step.with);
    expect(points).toMatchObject([{ mountPoint: "/data/wal" }, { mountPoint: "/data" }]);
  });

  it("that are to be kept stay, and so do the units above them", () => {
    const units = [{ name: "db.service", state: "active" }] as const;
    expect(quiet(view({ ...both, disks, units }), "why", [vol(1), vol(2)])).toBeNull();
  });
});

describe("attachments", () => {
  it("are listed in name order", () => {
    expect(attachedHere(view(both))).toEqual([data, wal]);
  });

  it("go with the lock last", () => {
    const first = detachHere(view(both), "why");
    expect(stepsOf(first)).toMatchObject([{ with: { volumeId: vol(2) } }]);
    const detaching = { ...wal, attachments: attachedTo(me, "detaching") };
    const waiting = detachHere(view({ ...both, volumes: [data, detaching] }), "why");
    expect(gist(waiting)).toBe("wait");
    const last = detachHere(view({ ...both, volumes: [data] }), "why");
    expect(stepsOf(last)).toMatchObject([{ with: { volumeId: vol(1) } }]);
  });

  it("that are going are waited for", () => {
    const going = { ...data, attachments: attachedTo(me, "detaching") };
    expect(gist(detachHere(view({ volumes: [going] }), "why"))).toBe("wait");
  });

  it("of others are left alone", () => {
    expect(letGo(view({ volumes: [opened(1, 3)] }), "why")).toBeNull();
  });
});
