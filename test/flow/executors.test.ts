// Executors against the region, one deed at a time: what each makes of the answers that EC2 gives to
// say no, or to say that it is so already.

import {
  AttachVolumeCommand,
  CreateVolumeCommand,
  DescribeAddressesCommand,
  DescribeSnapshotsCommand,
  DescribeVolumesCommand,
  DisassociateAddressCommand,
} from "@aws-sdk/client-ec2";
import { afterEach, describe, expect, it } from "vitest";
import {
  allocationId,
  associationId,
  instanceId as parseInstanceId,
  type VolumeId,
  volumeId,
} from "../../agent/domain/ids.ts";
import type { StepArguments } from "../../agent/domain/steps.ts";
import { type Executors, executorsOf } from "../../agent/flow/executors.ts";
import { settings } from "../plan/seat.ts";
import type { RegionOptions } from "../region/region.ts";
import { openStage, type PaperAgent, patiently, type Stage } from "./stage.ts";
import { storyOf } from "./story.ts";

let stage: Stage;
let agent: PaperAgent;
let executors: Executors;
afterEach(() => stage.close());

async function open(region: Partial<RegionOptions> = {}): Promise<void> {
  stage = await openStage({ region });
  // With a schedule, so that its role may delete.
  const keep = { latest: 1, hourly: 0, daily: 0 };
  const wanted = settings({ snapshots: { schedule: "* * * * *", keep } });
  agent = await stage.boot(await stage.arrival(), wanted);
  executors = executorsOf(agent.observer.ports);
}

describe("attach", () => {
  it("tries the next device name when EC2 refuses one", async () => {
    await open();
    await attachByHand(await makeVolume(), "/dev/sdf");
    const ours = await makeVolume();
    const { instanceId } = agent.observer.identity;
    expect(await executors.attach({ volumeId: ours, instanceId })).toEqual({ kind: "done" });
    expect(storyOf(stage.calls)).toEqual([
      "AttachVolume vol-1 i-1 /dev/sdf: InvalidParameterValue",
      "AttachVolume vol-1 i-1 /dev/sdg",
    ]);
  });

  it("never uses a name again, whatever became of the attachment", async () => {
    await open();
    const { instanceId } = agent.observer.identity;
    for (let count = 0; count < 2; count += 1) {
      const made = await makeVolume();
      expect(await executors.attach({ volumeId: made, instanceId })).toEqual({ kind: "done" });
      await executors.detach({ volumeId: made, instanceId });
      await expect.poll(() => stateOf(made), patiently).toBe("available");
    }
    const attached = storyOf(stage.calls).filter((line) => line.startsWith("Attach"));
    expect(attached.map((line) => line.slice(-3))).toEqual(["sdf", "sdg"]);
  });

  it("of a volume that another has is refused, to look again", async () => {
    await open();
    const taken = await makeVolume();
    await attachByHand(taken, "/dev/sdh");
    const { instanceId } = agent.observer.identity;
    expect(await executors.attach({ volumeId: taken, instanceId })).toMatchObject({
      kind: "refused",
      code: null,
    });
  });
});

describe("the proof of the lease", () => {
  it("on an address that nobody has is a new association", async () => {
    await open();
    const outcome = await executors.prove(await lease());
    expect(outcome).toEqual({ kind: "lease", associationId: await associated() });
  });

  it.each(["already-associated", "succeeds-same-association"] as const)(
    "names the association that is there, when EC2's answer to the holder is %s",
    async (associateToSelf) => {
      await open({ rules: { associateToSelf } });
      await executors.associate(await lease());
      const before = await associated();
      const outcome = await executors.prove(await lease());
      expect(outcome).toEqual({ kind: "lease", associationId: before });
      expect(await associated()).toBe(before);
    },
  );

  it("names a new association after the old one was taken away", async () => {
    await open();
    await executors.associate(await lease());
    const before = await associated();
    await stage.region.ec2.send(
      new DisassociateAddressCommand({ AssociationId: before ?? undefined }),
    );
    const outcome = await executors.prove(await lease());
    expect(outcome).toMatchObject({ kind: "lease" });
    expect(outcome).not.toEqual({ kind: "lease", associationId: before });
  });

  it("is refused when another has the address", async () => {
    await open();
    await executors.associate(await lease());
    const instanceId = known(parseInstanceId("i-00000000000000009"));
    const outcome = await executors.prove({ ...(await lease()), instanceId });
    expect(outcome).toEqual({
      kind: "refused",
      why: `"${stage.seat.publicIp}" is associated to "${agent.instanceId}"`,
      code: null,
    });
  });
});

describe("a fence", () => {
  const inGroup = "TerminateInstanceInAutoScalingGroup";
  it.each([
    ["activity-in-progress", [`${inGroup}: ScalingActivityInProgress`, "TerminateInstances"]],
    ["ends-it", [inGroup]],
  ] as const)("ends a member that is being launched, by the rule %s", async (rule, calls) => {
    await open({ rules: { terminateBusy: rule } });
    const { instanceId } = agent.observer.identity;
    expect(await executors.fence({ instanceId, grouped: true })).toEqual({ kind: "done" });
    const told = stage.calls.map(({ action, refusal }) =>
      refusal === null ? action : `${action}: ${refusal}`,
    );
    expect(told.filter((line) => line.startsWith("Terminate"))).toEqual(calls);
  });
});

describe("a set of snapshots", () => {
  it("holds the seat's volumes alone: not the root, and no other volume of the instance", async () => {
    await open();
    const [ours, other] = [await makeVolume(), await makeVolume()];
    await attachByHand(ours, "/dev/sdf");
    await attachByHand(other, "/dev/sdg");
    const { instanceId } = agent.observer.identity;
    const outcome = await executors.snapshotSet({
      instanceId,
      volumeIds: [ours],
      purpose: "orders/1/final",
      tags: { "ec2-ha:seat": "orders" },
    });
    const found = await stage.region.ec2.send(new DescribeSnapshotsCommand({ OwnerIds: ["self"] }));
    const snapshots = found.Snapshots ?? [];
    expect(snapshots.map((snapshot) => snapshot.VolumeId)).toEqual([ours]);
    const snapshotIds = snapshots.map((snapshot) => snapshot.SnapshotId);
    const created = { purpose: "orders/1/final", volumeId: null, snapshotIds };
    expect(outcome).toEqual({ kind: "created", created });
  });
});

describe("failure mode 12: a volume that AWS will not read ahead", () => {
  const wish: Omit<StepArguments["createVolume"], "zone"> = {
    name: "data",
    token: "orders/data/1",
    type: "gp3",
    iops: null,
    throughputMibps: null,
    initializationMibps: 300,
    source: { snapshotId: null, sizeGib: 1 },
    encryption: { encrypted: false, kmsKeyId: null },
    tags: { "ec2-ha:seat": "orders" },
  };

  it("is made without that, under a token of its own, and the journal says so", async () => {
    await open();
    const code = "VolumeInitializationRateExceeded";
    const refusal = { code, message: "No.", status: 400, actions: ["CreateVolume"], count: 1 };
    stage.region.faults.set({ refusals: refusal });
    const { zone } = agent.observer.identity;
    const outcome = await executors.createVolume({ ...wish, zone });
    expect(outcome).toMatchObject({ kind: "created", created: { purpose: "orders/data/1" } });
    const made = stage.calls.filter(({ action }) => action === "CreateVolume");
    expect(made.map(({ input }) => input["VolumeInitializationRate"])).toEqual([300, undefined]);
    expect(new Set(made.map(({ input }) => input["ClientToken"])).size).toBe(2);
    expect(agent.journal.messages.some((text) => text.includes("the first reads are slow"))).toBe(
      true,
    );
  });
});

describe("what has already happened is done", () => {
  it("for a detach, a disassociation and a deletion", async () => {
    await open();
    const made = await makeVolume();
    const { instanceId } = agent.observer.identity;
    const gone = known(associationId("eipassoc-00000000000000001"));
    const done = { kind: "done" };
    expect(await executors.detach({ volumeId: made, instanceId })).toEqual(done);
    const cut = { associationId: gone, from: instanceId };
    expect(await executors.disassociate(cut)).toEqual(done);
    expect(await executors.deleteVolume({ volumeId: made })).toEqual(done);
    await expect.poll(() => stateOf(made), patiently).toBe("gone");
    expect(await executors.deleteVolume({ volumeId: made })).toEqual(done);
  });
});

async function lease(): Promise<StepArguments["prove"]> {
  const { instanceId, interfaceId } = agent.observer.identity;
  return { allocationId: known(allocationId(stage.seat.allocationId)), instanceId, interfaceId };
}

async function associated(): Promise<string | null> {
  const AllocationIds = [stage.seat.allocationId];
  const { Addresses = [] } = await stage.region.ec2.send(
    new DescribeAddressesCommand({ AllocationIds }),
  );
  return Addresses[0]?.AssociationId ?? null;
}

async function makeVolume(): Promise<VolumeId> {
  const AvailabilityZone = agent.observer.identity.zone;
  const made = await stage.region.ec2.send(
    new CreateVolumeCommand({
      AvailabilityZone,
      Size: 1,
      VolumeType: "gp3",
      // The agent's role may touch no other.
      TagSpecifications: [
        { ResourceType: "volume", Tags: [{ Key: "ec2-ha:seat", Value: "orders" }] },
      ],
    }),
  );
  const id = known(volumeId(made.VolumeId));
  await expect.poll(() => stateOf(id), patiently).toBe("available");
  return id;
}

async function attachByHand(VolumeId: VolumeId, Device: string): Promise<void> {
  const wish = { VolumeId, InstanceId: agent.instanceId, Device };
  await stage.region.ec2.send(new AttachVolumeCommand(wish));
  await expect.poll(() => attachmentOf(VolumeId), patiently).toBe("attached");
}

async function stateOf(id: VolumeId): Promise<string | undefined> {
  const found = await stage.region.ec2
    .send(new DescribeVolumesCommand({ VolumeIds: [id] }))
    .catch(() => ({ Volumes: [{ State: "gone" }] }));
  return found.Volumes?.[0]?.State;
}

async function attachmentOf(id: VolumeId): Promise<string | undefined> {
  const found = await stage.region.ec2.send(new DescribeVolumesCommand({ VolumeIds: [id] }));
  return found.Volumes?.[0]?.Attachments?.[0]?.State;
}

function known<T>(id: T | null): T {
  if (id === null) throw new Error("a test made a malformed id");
  return id;
}
