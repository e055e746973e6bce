// The group under faults: an instance that it does not list yet, a hook that ends whatever is done, a name
// that no hook has. A hook is answered when it is known to wait, and never for want of an answer.

import { afterEach, describe, expect, it, vi } from "vitest";
import { settings } from "../plan/seat.ts";
import {
  callsOf,
  expectServed,
  longer,
  type Rehearsal,
  refusals,
  rehearse,
  replaced,
  told,
  toldOnce,
  untilServed,
  volumesOf,
} from "./rehearsal.ts";

let rehearsal: Rehearsal;
afterEach(() => rehearsal.stage.close());
vi.setConfig({ testTimeout: 60_000 });

it("failure mode 28: an instance that its group does not list yet answers its hook once it does", async () => {
  rehearsal = await rehearse();
  const { agent, stage } = rehearsal;
  rehearsal.fail({ emptyLists: { actions: ["DescribeAutoScalingInstances"], durationMs: 2_000 } });
  void agent.run();
  await untilServed(stage, agent);
  await expectServed(rehearsal, agent);
  expect(callsOf(stage, "CompleteLifecycleAction")).toBe(1);
});

describe("failure mode 31: a hook that ends with ABANDON whatever heartbeats come", () => {
  it("costs one instance, and the next one uses the volume that it left", async () => {
    rehearsal = await rehearse({
      settings: settings({ patienceMs: 30_000 }),
      region: { faults: { hookTimeouts: { afterMs: 4_000, count: 1 } } },
    });
    const { agent, stage } = rehearsal;
    agent.machine.onStart = () => stage.clock.sleep(150_000);
    void agent.run();
    await expect.poll(() => stage.lifecycleOf(agent.instanceId), longer).toMatch(/^Term|none/);
    await agent.stop();
    const second = await replaced(rehearsal);
    await expectServed(rehearsal, second);
    expect(second.machine.deeds).not.toContain("mkfs");
    expect((await volumesOf(stage)).length).toBeLessThan(3);
    expect(refusals(second)).toEqual([]);
  });
});

it("a hook's name that the group has not is told, and no other hook is answered", async () => {
  const hooks = { launch: "lanch", terminate: null };
  rehearsal = await rehearse({ settings: settings({ hooks }) });
  const { agent, stage } = rehearsal;
  void agent.run();
  await toldOnce(stage, agent, "EHA-HOOK-MISSING");
  expect(told(agent, "EHA-HOOK-MISSING")).toContain('wanted "lanch": put its name right');
  expect(callsOf(stage, "CompleteLifecycleAction")).toBe(0);
  expect(agent.machine.mountPoints()).toEqual(["/data"]);
});
