// A take-over under each fault: the holder died or was told to end, and whatever fails on the way, its
// successor in the other zone has every line that was written, on one volume, under the next number.

import { afterEach, describe, expect, it, vi } from "vitest";
import type { PaperAgent } from "../flow/stage.ts";
import { settings } from "../plan/seat.ts";
import type { FaultSettings } from "../region/faults/settings.ts";
import {
  crash,
  expectServed,
  longer,
  type Rehearsal,
  refusals,
  rehearse,
  replaced,
  serving,
  terminate,
} from "./rehearsal.ts";

let rehearsal: Rehearsal;
afterEach(() => rehearsal.stage.close());
vi.setConfig({ testTimeout: 60_000 });

// A take-over without any fault takes some ninety, waiting on the dead included.
const callsMax = 700;

type End = "crash" | "terminate";

/** One holder ends, and the next serves what it wrote. */
async function takenOver(end: End, faults: FaultSettings): Promise<PaperAgent> {
  rehearsal = await rehearse({ settings: settings({ patienceMs: 60_000 }) });
  const { stage } = rehearsal;
  const first = await serving(rehearsal);
  const from = stage.calls.length;
  rehearsal.fail(faults);
  await (end === "crash" ? crash(stage, first) : terminate(stage, first));
  const second = await replaced(rehearsal);
  rehearsal.heal();
  await expectServed(rehearsal, second);
  expect(second.machine.read("/data")).toEqual(["order 1", "order 2"]);
  expect([...refusals(first), ...refusals(second)]).toEqual([]);
  expect(stage.calls.length - from).toBeLessThan(callsMax);
  return second;
}

const writes = ["Associate*", "Disassociate*", "Attach*", "Detach*", "Create*", "Complete*"];

const passing: readonly (readonly [string, FaultSettings])[] = [
  ["failure mode 21: while throttled", { throttling: { startShare: 0 } }],
  ["with calls that fail", { serverErrors: { chance: 0.25 } }],
  [
    "with replies that are cut off after the effect",
    { lostReplies: { actions: writes, chance: 0.4 } },
  ],
  [
    "with calls that take effect after their caller gave up",
    { lateCalls: { actions: writes, count: 3, delayMs: 1_700 } },
  ],
  ["failure mode 4: with reads that are behind", { staleReads: { lagMs: 150 } }],
  [
    "failure mode 4: with lists that lack a row or all of them now and then",
    { missingRows: { chance: 0.2 }, emptyLists: { chance: 0.1 } },
  ],
  ["failure mode 4: with NotFound for what was just made", { lateVisibility: { lagMs: 200 } }],
  ["failure mode 15: with a restored volume that vanishes", { vanishingVolumes: { count: 1 } }],
  [
    "failure mode 13: with snapshots that stay pending for minutes",
    { slowTransitions: { kinds: ["snapshot"], extraMs: 5_000 } },
  ],
  [
    "failure mode 17: with too many snapshots pending in the account",
    { snapshotLimits: { intervalMs: 0, pendingMax: 0, durationMs: 2_000 } },
  ],
  ["with a snapshot that ends in error", { snapshotErrors: { count: 1 } }],
  [
    "failure mode 17: with snapshots refused for their rate",
    { snapshotLimits: { intervalMs: 1_000 } },
  ],
];

describe("failure mode 35: the seat of an instance that died is taken over whole", () => {
  it.each(passing)("%s", async (_how, faults) => {
    await takenOver("crash", faults);
  });
});

/** What an instance meets that saves before it goes. */
const releasing = ["cut off", "gave up", "error", "their rate"];

describe("the seat of an instance that was told to end is taken over whole", () => {
  it.each([
    ...passing.filter(([how]) => releasing.some((words) => how.includes(words))),
    [
      "with a detach that stays busy for a while",
      { busyDetaches: { busyMs: 2_000, count: 1 } },
    ] as const,
  ])("%s", async (_how, faults) => {
    await takenOver("terminate", faults);
  });
});

describe("failure mode 6: the old instance still has the volume", () => {
  it("is waited for with heartbeats while it saves, however slowly", async () => {
    rehearsal = await rehearse({ settings: settings({ patienceMs: 60_000 }) });
    const { stage } = rehearsal;
    const first = await serving(rehearsal);
    first.machine.onStart = async () => undefined;
    rehearsal.fail({ busyDetaches: { busyMs: 4_000 } });
    await terminate(stage, first);
    const second = await replaced(rehearsal);
    expect(second.machine.read("/data")).toEqual(["order 1", "order 2"]);
    expect(callsByHeart(second)).toBeGreaterThan(0);
  });

  it("is answered for once it has been silent for patience, and ended", async () => {
    rehearsal = await rehearse({ settings: settings({ patienceMs: 30_000 }) });
    const { stage } = rehearsal;
    const first = await serving(rehearsal);
    // Its agent is dead, its machine runs on: nobody saves, and nobody answers its hook.
    await first.stop();
    await terminate(stage, first);
    const second = await replaced(rehearsal);
    expect(second.machine.read("/data")).toEqual(["order 1", "order 2"]);
    await expect.poll(() => stage.disks.machines.isOn(first.instanceId), longer).toBe(false);
    await expectServed(rehearsal, second);
  });
});

function callsByHeart(agent: PaperAgent): number {
  return rehearsal.stage.calls.filter(
    ({ action, caller }) =>
      action === "RecordLifecycleActionHeartbeat" && caller.instanceId === agent.instanceId,
  ).length;
}
