// Holding the seat: what an idle holder does not do, and what brings it to its feet. Who loses the
// address stops and unmounts, whether or not the API answers; who is told to end saves first; who is
// merely stopped touches nothing.

import {
  AssociateAddressCommand,
  DescribeAddressesCommand,
  DescribeImagesCommand,
  DisassociateAddressCommand,
  RunInstancesCommand,
} from "@aws-sdk/client-ec2";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { settings } from "../plan/seat.ts";
import { createFaults, type Faults } from "./faults.ts";
import { openStage, type PaperAgent, patiently, type Stage } from "./stage.ts";
import { storyOf } from "./story.ts";

const patienceMs = 60_000;
const unavailable = {
  kind: "refuse",
  code: "Unavailable",
  message: "Sorry.",
  status: 503,
} as const;

let stage: Stage;
let faults: Faults;
let agent: PaperAgent;
let metadataReads: number;

beforeEach(async () => {
  faults = createFaults();
  metadataReads = 0;
  stage = await openStage({
    region: {
      intercept: (request) => {
        if (request.server === "metadata") metadataReads += 1;
        return faults.intercept(request);
      },
    },
  });
  agent = await stage.boot(await stage.arrival(), settings({ patienceMs }));
  void agent.run();
  await holding(agent);
});
afterEach(() => stage.close());

it("an idle holder reads IMDS and calls nothing else", async () => {
  const callsBefore = stage.calls.length;
  const readsBefore = metadataReads;
  await stage.clock.sleep(20_000);
  expect(stage.calls.slice(callsBefore)).toEqual([]);
  expect(metadataReads).toBeGreaterThan(readsBefore);
});

describe("failure mode 26: a holder whose address is given to another", () => {
  it("stops its units, unmounts, and does not come back by itself", async () => {
    const from = stage.calls.length;
    await robAddress();
    await expect.poll(() => agent.machine.mountPoints(), patiently).toEqual([]);
    expect(agent.machine.activeUnits()).toEqual([]);
    expect(agent.machine.deeds.slice(-2)).toEqual(["stop db.service", "unmount /data"]);
    expect(storyOf(stage.calls, from).filter((line) => /Snapshot|written/.test(line))).toEqual([]);
  });

  it.each([
    ["refuses", unavailable],
    ["hangs", { kind: "hang" }],
  ] as const)(
    "does so before a successor's patience is over when the API %s",
    async (_how, fate) => {
      faults.inject(({ server }) => (server === "metadata" ? null : fate));
      await robAddress();
      await expect.poll(() => agent.journal.lines, patiently).toContain("info doubt");
      const doubtMs = stage.clock.monotonicMs();
      await expect.poll(() => agent.machine.mountPoints(), patiently).toEqual([]);
      expect(stage.clock.monotonicMs() - doubtMs).toBeLessThan(patienceMs);
      expect(agent.machine.activeUnits()).toEqual([]);
    },
  );
});

it("a holder takes an address back that nobody has, and says so in the mark", async () => {
  const from = stage.calls.length;
  await freeAddress();
  await expect.poll(() => agent.journal.steps().slice(-1), patiently).toEqual(["mark"]);
  await holding(agent);
  expect(agent.machine.activeUnits()).toEqual(["db.service"]);
  expect(storyOf(stage.calls, from)).toEqual([
    "AssociateAddress eipalloc-1 eni-1",
    "CreateTags eipalloc-1 mark=1 i-1 TIME eipassoc-2 data=vol-1",
    "CreateOrUpdateTags mark=1 i-1 TIME eipassoc-2 data=vol-1",
  ]);
});

it("a machine that stood still proves its lease before it goes on", async () => {
  const from = stage.calls.length;
  stage.clock.leap(20_000);
  await expect.poll(() => agent.journal.steps().slice(-1), patiently).toEqual(["prove"]);
  await holding(agent);
  expect(storyOf(stage.calls, from)).toEqual([
    "AssociateAddress eipalloc-1 eni-1: Resource.AlreadyAssociated",
  ]);
  expect(agent.machine.deeds).not.toContain("stop db.service");
});

it("a holder that cannot ask the API goes on while IMDS shows the address here", async () => {
  faults.inject(({ server }) => (server === "metadata" ? null : unavailable));
  stage.clock.leap(20_000);
  await expect.poll(() => agent.journal.lines, patiently).toContain("trouble transient");
  await stage.clock.sleep(patienceMs);
  expect(agent.machine.activeUnits()).toEqual(["db.service"]);
  faults.inject(() => null);
  await holding(agent);
  expect(agent.machine.deeds).not.toContain("unmount /data");
});

it("a spot notice releases the seat", async () => {
  const from = stage.calls.length;
  stage.region.world.spotNotice(agent.instanceId);
  await expect.poll(() => agent.journal.steps(), patiently).toContain("detach");
  expect(savedIn(from)).toEqual(["CreateSnapshots", "DetachVolume"]);
});

it("the end of the machine releases the seat, and then the agent ends", async () => {
  const from = stage.calls.length;
  await agent.powerOff();
  expect(agent.machine.mountPoints()).toEqual([]);
  expect(savedIn(from)).toEqual(["CreateSnapshots", "DetachVolume"]);
  expect(agent.journal.lines).toContain("info the seat is released");
});

it("the end of the agent alone releases nothing, and the next one goes on with the same opening", async () => {
  const from = stage.calls.length;
  await agent.stop();
  expect(agent.machine.activeUnits()).toEqual(["db.service"]);
  const next = await stage.boot(agent.instanceId, settings(), agent.machine);
  void next.run();
  await holding(next);
  expect(storyOf(stage.calls, from)).toEqual([
    "AssociateAddress eipalloc-1 eni-1: Resource.AlreadyAssociated",
  ]);
  expect(agent.machine.deeds).toEqual(["mkfs", "fsck", "mount /data", "start db.service"]);
});

/** Holding, and IMDS has shown the address here, which arms the watch. */
async function holding(holder: PaperAgent): Promise<void> {
  await expect.poll(() => holder.mind.phase, patiently).toBe("holding the seat");
  const { publicIp } = stage.seat;
  const shown = () => stage.region.world.metadata(holder.instanceId)?.publicIps;
  await expect.poll(shown, patiently).toEqual([publicIp]);
  await stage.clock.sleep(8_000);
}

function savedIn(from: number): readonly string[] {
  const actions = storyOf(stage.calls, from).map((line) => line.split(" ")[0] ?? "");
  return actions.filter((action) => /Snapshot|Detach/.test(action));
}

async function freeAddress(): Promise<void> {
  const { ec2 } = stage.region;
  const AllocationIds = [stage.seat.allocationId];
  const { Addresses = [] } = await ec2.send(new DescribeAddressesCommand({ AllocationIds }));
  const AssociationId = Addresses[0]?.AssociationId;
  await ec2.send(new DisassociateAddressCommand({ AssociationId }));
}

/** An operator gives the address to an instance that is no member of the seat. */
async function robAddress(): Promise<void> {
  const { ec2 } = stage.region;
  const { Images = [] } = await ec2.send(new DescribeImagesCommand({}));
  const ImageId = Images[0]?.ImageId;
  const [SubnetId] = stage.seat.subnetIds;
  const wish = { ImageId, InstanceType: "t3.small", MinCount: 1, MaxCount: 1, SubnetId } as const;
  const { Instances = [] } = await ec2.send(new RunInstancesCommand(wish));
  const InstanceId = Instances[0]?.InstanceId;
  const { allocationId: AllocationId } = stage.seat;
  const rob = () =>
    ec2.send(new AssociateAddressCommand({ AllocationId, InstanceId, AllowReassociation: true }));
  await expect.poll(() => rob().then(() => "done", String), patiently).toBe("done");
}
