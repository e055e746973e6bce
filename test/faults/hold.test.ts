// Holding and releasing the seat while the world fails: who cannot see the API watches IMDS instead, who
// is told to stop does so at once whatever hangs, and who is told to end saves everything first.

import { DescribeSnapshotsCommand, DisassociateAddressCommand } from "@aws-sdk/client-ec2";
import { afterEach, describe, expect, it, vi } from "vitest";
import { settings, volumeSettings } from "../plan/seat.ts";
import type { FaultSettings } from "../region/faults/settings.ts";
import {
  callsOf,
  longer,
  type Rehearsal,
  refusals,
  rehearse,
  scheduled,
  serving,
  terminate,
} from "./rehearsal.ts";

let rehearsal: Rehearsal;
afterEach(() => rehearsal.stage.close());
vi.setConfig({ testTimeout: 60_000 });

const patienceMs = 60_000;
const noApi: FaultSettings = { serverErrors: { kind: "unavailable" } };

async function rehearseHolding(): Promise<Rehearsal> {
  rehearsal = await rehearse({ settings: scheduled({ patienceMs }) });
  await serving(rehearsal);
  return rehearsal;
}

/** The operator takes the address away. */
async function takeAddress({ stage, agent }: Rehearsal): Promise<void> {
  const AssociationId = agent.mind.facts?.address?.associationId ?? "";
  await stage.region.ec2.send(new DisassociateAddressCommand({ AssociationId }));
}

describe("a holder that is restarted while the API is silent", () => {
  it("serves on as long as IMDS shows its address", async () => {
    const { stage, agent, wanted } = await rehearseHolding();
    await agent.stop();
    rehearsal.fail(noApi);
    const second = await stage.boot(agent.instanceId, wanted, agent.machine);
    void second.run();
    await stage.clock.sleep(3.5 * patienceMs);
    expect(agent.machine.mountPoints()).toEqual(["/data"]);
    expect(refusals(second)).toEqual(["EHA-AWS-SILENT"]);
  });

  it("stops and unmounts when IMDS does not show it any more", async () => {
    const { stage, agent, wanted } = await rehearseHolding();
    await agent.stop();
    rehearsal.fail(noApi);
    const second = await stage.boot(agent.instanceId, wanted, agent.machine);
    void second.run();
    await stage.clock.sleep(patienceMs);
    expect(agent.machine.mountPoints()).toEqual(["/data"]);
    await takeAddress(rehearsal);
    const sinceMs = stage.clock.monotonicMs();
    await expect.poll(() => agent.machine.mountPoints(), longer).toEqual([]);
    // IMDS shows it some seconds later; then half of patience, and a turn of the watch.
    expect(stage.clock.monotonicMs() - sinceMs).toBeLessThan(patienceMs);
    expect(agent.machine.activeUnits()).toEqual([]);
  });
});

it("a first.init that runs for an hour is ended when the address goes away under it", async () => {
  const first = volumeSettings("data").first;
  const init = first?.kind === "blank" ? { ...first, init: "/bin/import" } : null;
  const volumes = [volumeSettings("data", { first: init })];
  rehearsal = await rehearse({ settings: settings({ patienceMs, volumes }) });
  const { agent, stage } = rehearsal;
  const { promise: ended, resolve: end } = Promise.withResolvers<void>();
  agent.machine.onCommand = async () => {
    await ended;
    return { exitCode: null, output: "killed" };
  };
  void agent.run();
  await expect.poll(() => agent.machine.deeds, longer).toContain("run /bin/import");
  // The watch is armed once IMDS has shown the address, and looks have become rare.
  await stage.clock.sleep(patienceMs);
  await takeAddress(rehearsal);
  const unit = /^stop ec2-ha-init-vol-/;
  await expect.poll(() => agent.machine.deeds.some((deed) => unit.test(deed)), longer).toBe(true);
  end();
  await expect.poll(() => agent.machine.mountPoints(), longer).toEqual([]);
});

describe("an agent that is told to stop", () => {
  it.each<readonly [string, FaultSettings]>([
    ["a look that hangs", { timeouts: { actions: ["DescribeVolumes"] } }],
    ["a write that hangs", { timeouts: { actions: ["AttachVolume"] } }],
  ])("does so at once, whatever %s", async (_what, faults) => {
    rehearsal = await rehearse();
    const { agent, stage } = rehearsal;
    rehearsal.fail(faults);
    void agent.run();
    await expect.poll(() => stage.region.faults.counts().timeouts, longer).toBeGreaterThan(0);
    const startMs = performance.now();
    await agent.stop();
    expect(performance.now() - startMs).toBeLessThan(1_000);
  });
});

it("one empty answer about the address lets nobody stop serving", async () => {
  const { stage, agent } = await rehearseHolding();
  rehearsal.fail({ emptyLists: { actions: ["DescribeAddresses"], count: 2 } });
  agent.due(stage.clock.nowMs());
  await expect.poll(() => stage.region.faults.counts().emptyLists, longer).toBeGreaterThan(0);
  agent.due(stage.clock.nowMs() + 60_000);
  await expect.poll(() => callsOf(stage, "CreateSnapshots"), longer).toBeGreaterThan(0);
  expect(agent.machine.deeds.filter((deed) => deed.startsWith("unmount"))).toEqual([]);
  expect(refusals(agent)).toEqual([]);
});

it("IMDS that fails is said once, and once when it is over", async () => {
  const { stage, agent } = await rehearseHolding();
  const from = agent.journal.lines.length;
  rehearsal.fail({ refusedMetadata: { status: 503 } });
  await stage.clock.sleep(30_000);
  rehearsal.heal();
  await expect.poll(() => agent.journal.lines, longer).toContain("info IMDS answers again");
  const said = agent.journal.lines.slice(from);
  expect(said.filter((line) => line === "trouble transient")).toHaveLength(1);
  expect(agent.machine.mountPoints()).toEqual(["/data"]);
});

it("a release stops the service in order though the API is silent, and saves once it answers", async () => {
  const { stage, agent } = await rehearseHolding();
  rehearsal.fail(noApi);
  await terminate(stage, agent);
  await expect.poll(() => agent.machine.mountPoints(), longer).toEqual([]);
  expect(agent.machine.activeUnits()).toEqual([]);
  expect(await setsTaken()).toBe(0);
  rehearsal.heal();
  await expect.poll(() => stage.disks.machines.isOn(agent.instanceId), longer).toBe(false);
  expect(await setsTaken()).toBe(1);
});

describe("a release ends with one final set", () => {
  it.each<readonly [string, FaultSettings]>([
    [
      "failure mode 28: with a hook whose completion is lost",
      { lostReplies: { actions: ["CompleteLifecycleAction"], count: 2 } },
    ],
    [
      "failure mode 29: with every third call answered twice over",
      { lostReplies: { chance: 0.3 } },
    ],
    ["with a detach that is busy for a while", { busyDetaches: { busyMs: 1_500 } }],
    ["with heartbeats that are lost", { lostHeartbeats: {} }],
  ])("%s", async (_how, faults) => {
    const { agent } = await rehearseHolding();
    rehearsal.fail(faults);
    await ended();
    expect(await setsTaken()).toBe(1);
    expect(refusals(agent)).toEqual([]);
  });

  it("failure mode 17: however often EC2 refuses it after a scheduled one", async () => {
    const { stage, agent } = await rehearseHolding();
    rehearsal.fail({ snapshotLimits: { intervalMs: 2_000 } });
    agent.due(stage.clock.nowMs());
    await expect.poll(setsTaken, longer).toBe(1);
    await ended();
    expect(await setsTaken()).toBe(2);
    expect(stage.region.faults.counts().snapshotLimits).toBeGreaterThan(0);
    expect(refusals(agent)).toEqual([]);
  });
});

/** The group ends the instance, and its agent releases the seat. */
async function ended(): Promise<void> {
  const { stage, agent } = rehearsal;
  await terminate(stage, agent);
  await expect.poll(() => stage.disks.machines.isOn(agent.instanceId), longer).toBe(false);
}

/** Snapshots of the seat, which has one volume: a set that was taken twice counts twice. */
async function setsTaken(): Promise<number> {
  const { region, seat } = rehearsal.stage;
  const filter = { Name: "tag:ec2-ha:seat", Values: [seat.seat] };
  const found = await region.ec2.send(new DescribeSnapshotsCommand({ Filters: [filter] }));
  return found.Snapshots?.length ?? 0;
}
