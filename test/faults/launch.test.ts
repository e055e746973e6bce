// A first launch under each fault that passes. However AWS fails, the seat ends in service on one volume
// that was formatted once, nobody is told of what heals by itself, and the calls stay bounded.

import { afterEach, describe, expect, it, vi } from "vitest";
import type { FaultSettings } from "../region/faults/settings.ts";
import {
  callsOf,
  expectServed,
  type Rehearsal,
  refusals,
  rehearse,
  untilServed,
  volumesOf,
} from "./rehearsal.ts";

let rehearsal: Rehearsal;
afterEach(() => rehearsal.stage.close());
vi.setConfig({ testTimeout: 60_000 });

// A launch without any fault takes some forty; waiting out a fault costs looks, and never hundreds.
const callsMax = 400;

async function launched(faults: FaultSettings): Promise<Rehearsal> {
  rehearsal = await rehearse();
  const { agent, stage } = rehearsal;
  rehearsal.fail(faults);
  void agent.run();
  await untilServed(stage, agent);
  rehearsal.heal();
  await expectServed(rehearsal, agent);
  expect(agent.machine.deeds.filter((deed) => deed === "mkfs")).toHaveLength(1);
  expect(refusals(agent)).toEqual([]);
  expect(stage.calls.length).toBeLessThan(callsMax);
  return rehearsal;
}

async function volumeCount(): Promise<number> {
  return (await volumesOf(rehearsal.stage)).length;
}

const writes = ["Associate*", "Attach*", "Create*", "Complete*"];

describe("a launch ends in service on one volume", () => {
  it.each<readonly [string, FaultSettings]>([
    ["failure mode 21: with the account's buckets empty", { throttling: { startShare: 0 } }],
    [
      "failure mode 21: while others use what the buckets give",
      { throttling: { startShare: 0, othersPerS: 2 } },
    ],
    ["with every third call failing", { serverErrors: { chance: 0.3 } }],
    ["with every third call unavailable", { serverErrors: { chance: 0.3, kind: "unavailable" } }],
    ["with calls that are never answered", { timeouts: { actions: writes, count: 3 } }],
    ["with requests that are lost", { lostRequests: { chance: 0.2 } }],
    [
      "with replies that are cut off after the effect",
      { lostReplies: { actions: writes, chance: 0.4 } },
    ],
    [
      "with replies that never come after the effect",
      { lostReplies: { actions: writes, how: "silence", count: 3 } },
    ],
    [
      "with replies that come after their caller gave up",
      { lateReplies: { actions: writes, count: 2, delayMs: 2_000 } },
    ],
    [
      "with calls that take effect after their caller gave up",
      {
        lateCalls: {
          actions: ["CreateVolume", "AttachVolume", "CreateTags"],
          count: 3,
          delayMs: 1_700,
        },
      },
    ],
    ["with answers of a proxy", { garbledReplies: { chance: 0.2 } }],
    ["failure mode 4: with reads that are behind", { staleReads: { lagMs: 150 } }],
    [
      "failure mode 4: with lists that are behind, and answers by id that are not",
      { staleReads: { lagMs: 400, lookups: ["by tag", "by filter", "all"] } },
    ],
    [
      "failure mode 4: with answers by id that are behind, and lists that are not",
      { staleReads: { lagMs: 300, lookups: ["by id"] } },
    ],
    [
      "failure mode 4: with one row missing from lists now and then",
      { missingRows: { chance: 0.3 } },
    ],
    ["failure mode 4: with lists that are empty now and then", { emptyLists: { chance: 0.3 } }],
    ["failure mode 4: with NotFound for what was just made", { lateVisibility: { lagMs: 300 } }],
    [
      "failure mode 3: with device names refused that look free",
      { refusedDevices: { devices: ["/dev/sdf", "/dev/sdg", "/dev/sdh"] } },
    ],
    ["failure mode 2: with an attachment that is stuck", { stuckAttaching: { count: 1 } }],
  ])("%s", async (_how, faults) => {
    await launched(faults);
    expect(await volumeCount()).toBe(1);
  });
});

describe("failure mode 16: a token that is burned", () => {
  it("is never used again, and the volume is made under another", async () => {
    await launched({ burnedTokens: { count: 2 } });
    expect(await volumeCount()).toBe(1);
    const asked = rehearsal.stage.calls.filter((call) => call.action === "CreateVolume");
    const tokens = asked.map((call) => call.input["ClientToken"]);
    expect(new Set(tokens).size).toBe(3);
  });
});

describe("failure mode 15: a volume that goes away after it was made", () => {
  it.each(["gone", "error"] as const)("is made once more when it is %s", async (becomes) => {
    await launched({ vanishingVolumes: { count: 1, becomes } });
    expect(callsOf(rehearsal.stage, "CreateVolume")).toBe(2);
  });
});
