// What is watched while a pursuit is busy or blind: a release that takes its time is let be, one that hears
// nothing lets go as orderly as it can, and what was under way when the seat was let go of does not
// stay mounted behind it.

import { DisassociateAddressCommand } from "@aws-sdk/client-ec2";
import { afterEach, describe, expect, it, vi } from "vitest";
import { settings, volumeSettings } from "../plan/seat.ts";
import type { FaultSettings } from "../region/faults/settings.ts";
import { longer, type Rehearsal, rehearse, serving, terminate } from "./rehearsal.ts";

let rehearsal: Rehearsal;
afterEach(() => rehearsal.stage.close());
vi.setConfig({ testTimeout: 60_000 });

const patienceMs = 60_000;
const noApi: FaultSettings = { serverErrors: { kind: "unavailable" } };
const flush = "/bin/flush";

/** A holder of which each stop of a unit is noted with its time, and takes so long. */
async function holder(stopMs: number, beforeSnapshot: readonly string[] = []) {
  rehearsal = await rehearse({ settings: settings({ patienceMs, beforeSnapshot }) });
  const { agent, stage } = rehearsal;
  await serving(rehearsal);
  const { units } = agent.machine;
  const stop = units.stop.bind(units);
  const givenMs: number[] = [];
  units.stop = async (unit, timeoutMs) => {
    givenMs.push(timeoutMs);
    await stage.clock.sleep(Math.min(stopMs, timeoutMs));
    await stop(unit, timeoutMs);
  };
  return { ...rehearsal, givenMs };
}

/** The operator takes the address away. */
async function takeAddress({ stage, agent }: Rehearsal): Promise<void> {
  const AssociationId = agent.mind.facts?.address?.associationId ?? "";
  await stage.region.ec2.send(new DisassociateAddressCommand({ AssociationId }));
}

describe("a release", () => {
  it("gives a service the minute that it takes to stop, since the API answers", async () => {
    const { agent, stage, givenMs } = await holder(70_000, [flush]);
    await terminate(stage, agent);
    await expect.poll(() => stage.disks.machines.isOn(agent.instanceId), longer).toBe(false);
    expect(givenMs).toEqual([90_000]);
    const deeds = agent.machine.deeds.filter((deed) => /^(?:stop|run|unmount)/.test(deed));
    expect(deeds).toEqual(["stop db.service", `run ${flush}`, "unmount /data"]);
  });

  it("gives it as long where the API is silent, and runs each command once", async () => {
    const { agent, stage, givenMs } = await holder(70_000, [flush]);
    rehearsal.fail(noApi);
    await terminate(stage, agent);
    await expect.poll(() => agent.machine.mountPoints(), longer).toEqual([]);
    expect(givenMs).toEqual([90_000]);
    rehearsal.heal();
    await expect.poll(() => stage.disks.machines.isOn(agent.instanceId), longer).toBe(false);
    expect(agent.machine.deeds.filter((deed) => deed === `run ${flush}`)).toHaveLength(1);
  });
});

it("a release that is blind runs each command once, however often it has to unmount", async () => {
  const { agent, stage } = await holder(0, [flush]);
  const { mounts } = agent.machine;
  const unmount = mounts.unmount.bind(mounts);
  let busy = 30;
  mounts.unmount = async (target) => {
    busy -= 1;
    return busy > 0 ? { kind: "busy", holders: [], below: [], detail: "busy" } : unmount(target);
  };
  rehearsal.fail(noApi);
  await terminate(stage, agent);
  await expect.poll(() => agent.machine.mountPoints(), longer).toEqual([]);
  rehearsal.heal();
  await expect.poll(() => stage.disks.machines.isOn(agent.instanceId), longer).toBe(false);
  expect(agent.machine.deeds.filter((deed) => deed === `run ${flush}`)).toHaveLength(1);
});

it("the address is missed that goes away just after the doubt about it was sat out", async () => {
  const { agent, stage } = await holder(0);
  rehearsal.fail(noApi);
  stage.clock.leap(30_000);
  await expect.poll(() => agent.journal.lines, longer).toContain("info the lease is in doubt");
  // Half of patience for finding out, and a moment for looking at IMDS.
  await stage.clock.sleep(patienceMs / 2 + 4_000);
  await takeAddress(rehearsal);
  await expect.poll(() => agent.machine.mountPoints(), longer).toEqual([]);
  expect(agent.machine.activeUnits()).toEqual([]);
});

it("a mount that comes through after the seat was let go of does not stay", async () => {
  const volumes = [volumeSettings("data"), volumeSettings("wal")];
  rehearsal = await rehearse({ settings: settings({ patienceMs, volumes }) });
  const { agent, stage } = rehearsal;
  const { mounts } = agent.machine;
  const mount = mounts.mount.bind(mounts);
  const { promise: ended, resolve: end } = Promise.withResolvers<void>();
  mounts.mount = async (request) => {
    if (request.mountPoint === "/wal") await ended;
    return mount(request);
  };
  void agent.run();
  await expect.poll(() => agent.machine.mountPoints(), longer).toEqual(["/data"]);
  await stage.clock.sleep(patienceMs);
  await takeAddress(rehearsal);
  await expect.poll(() => agent.machine.deeds, longer).toContain("unmount /data");
  rehearsal.fail(noApi);
  end();
  await expect.poll(() => agent.machine.deeds, longer).toContain("unmount /wal");
  expect(agent.machine.mountPoints()).toEqual([]);
});
