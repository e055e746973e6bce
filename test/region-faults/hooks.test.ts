// Lifecycle hooks that run out: by themselves, earlier than they should, or in spite of heartbeats.

import { describe, expect, test } from "vitest";
import type { FaultSettings } from "../region/faults/settings.ts";
import {
  launchHook,
  makeGroup,
  memberIds,
  members,
  type Rehearsal,
  rehearse,
  settleGroup,
} from "../region-state/rehearsal.ts";

/** A group whose first member waits for a launch hook of 300 seconds that ends in CONTINUE. */
async function waiting(faults: FaultSettings = {}): Promise<Rehearsal> {
  const rehearsal = rehearse({ faults: { callers: "everybody", ...faults } });
  await makeGroup(rehearsal, { hooks: [{ ...launchHook, DefaultResult: "CONTINUE" }] });
  await settleGroup(rehearsal);
  expect(await stateOf(rehearsal)).toBe("Pending:Wait");
  return rehearsal;
}

async function stateOf(rehearsal: Rehearsal): Promise<string | undefined> {
  return (await members(rehearsal))[0]?.split(" ")[0];
}

async function heartbeat(rehearsal: Rehearsal): Promise<void> {
  const [InstanceId = ""] = await memberIds(rehearsal);
  await rehearsal.group("RecordLifecycleActionHeartbeat", {
    AutoScalingGroupName: "seat",
    LifecycleHookName: "launch",
    InstanceId,
  });
}

describe("a hook that nobody answers", () => {
  test("ends with its default result after its own seconds, without any fault", async () => {
    const rehearsal = await waiting();
    await rehearsal.clock.advance(290_000);
    expect(await stateOf(rehearsal)).toBe("Pending:Wait");
    await rehearsal.clock.advance(20_000);
    expect(await stateOf(rehearsal)).toBe("InService");
  });

  test("ends early where so set, whatever heartbeats come", async () => {
    const rehearsal = await waiting({ hookTimeouts: { afterMs: 60_000 } });
    await rehearsal.clock.advance(50_000);
    await heartbeat(rehearsal);
    expect(await stateOf(rehearsal)).toBe("Pending:Wait");
    await rehearsal.clock.advance(20_000);
    expect(await stateOf(rehearsal)).toBe("InService");
  });

  test("of another name is left alone", async () => {
    const rehearsal = await waiting({ hookTimeouts: { afterMs: 60_000, ids: ["terminate"] } });
    await rehearsal.clock.advance(120_000);
    expect(await stateOf(rehearsal)).toBe("Pending:Wait");
  });
});

describe("heartbeats", () => {
  test("keep a member waiting, as long as they are heard", async () => {
    const rehearsal = await waiting();
    await rehearsal.clock.advance(200_000);
    await heartbeat(rehearsal);
    await rehearsal.clock.advance(200_000);
    expect(await stateOf(rehearsal)).toBe("Pending:Wait");
  });

  test("that are lost succeed and change nothing", async () => {
    const rehearsal = await waiting({ lostHeartbeats: {} });
    await rehearsal.clock.advance(200_000);
    await heartbeat(rehearsal);
    await rehearsal.clock.advance(120_000);
    expect(await stateOf(rehearsal)).toBe("InService");
    expect(rehearsal.world.faults.counts()).toMatchObject({ lostHeartbeats: 1 });
  });
});
