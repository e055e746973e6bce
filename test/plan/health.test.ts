// When the group is told that a service is unhealthy: late, seldom, and only if asked to.

import { describe, expect, it } from "vitest";
import { healthy, isCold, weigh } from "../../agent/plan/health.ts";
import { snap, startMs } from "./seat.ts";
import { disk, facts, volume } from "./world.ts";

const limit = { failures: 3, replace: true };

/** One failure a minute, from each of these minutes; whether each was reported. */
function failing(minutes: readonly number[], rule = limit): readonly boolean[] {
  let health = healthy;
  return minutes.map((minute) => {
    const weighed = weigh(health, { ok: false, nowMs: minute * 60_000 }, rule);
    health = weighed.health;
    return weighed.report;
  });
}

describe("a service", () => {
  it("is reported after so many failures in a row, and then counted anew", () => {
    expect(failing([0, 1, 2, 3, 4, 5])).toEqual([false, false, true, false, false, true]);
  });

  it("is reported at most twice an hour", () => {
    const minutes = Array.from({ length: 63 }, (_, minute) => minute);
    const reported = failing(minutes).flatMap((report, minute) => (report ? [minute] : []));
    expect(reported).toEqual([2, 5, 62]);
  });

  it("is never reported without `replace`", () => {
    expect(failing([0, 1, 2, 3], { ...limit, replace: false })).not.toContain(true);
  });

  it("that answers begins anew", () => {
    const failed = { failuresInRow: 2, reportedMs: [] };
    expect(weigh(failed, { ok: true, nowMs: 0 }, limit)).toEqual({
      health: healthy,
      report: false,
    });
  });
});

describe("a service on a volume restored hours ago", () => {
  const at = (over: Parameters<typeof volume>[1], mountedAt: readonly string[] = ["/data"]) =>
    isCold(facts({ volumes: [volume(1, over)], disks: [disk(1, { mountedAt })] }), startMs);
  const restored = { parent: snap(1), createdMs: startMs - 3_600_000 };

  it("failure mode 12: may be slow because its blocks are still being fetched", () => {
    expect(at(restored)).toBe(true);
  });

  it("has no such excuse on an old volume, a blank one, or one that is not mounted", () => {
    expect(at({ ...restored, createdMs: startMs - 86_400_000 })).toBe(false);
    expect(at({ ...restored, parent: "blank" })).toBe(false);
    expect(at(restored, [])).toBe(false);
  });
});
