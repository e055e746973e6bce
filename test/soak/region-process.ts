// The region of a soak, in its own process: a seat in two zones without machines, whose disks are known to
// the other process by messages. It ends with its parent.

import {
  DescribeAutoScalingInstancesCommand,
  TerminateInstanceInAutoScalingGroupCommand,
} from "@aws-sdk/client-auto-scaling";
import { DescribeAddressesCommand, DisassociateAddressCommand } from "@aws-sdk/client-ec2";
import { eventually } from "../flow/waiting.ts";
import { createRegion } from "../region/region.ts";
import { seedTwoZones } from "../region/scenario/two-az.ts";
import { awsDelays, scaled } from "../region/state/delays.ts";
import { createNoMachines, type NoMachines } from "../region/state/no-machines.ts";
import type { Asked, FromRegion, Question } from "./messages.ts";

const below = createNoMachines();
const machines: NoMachines = {
  ...below,
  async createVolume(volume) {
    await below.createVolume(volume);
    tell({ kind: "made", volumeId: volume.volumeId, formatted: volume.snapshotId !== null });
  },
  async deleteVolume(volumeId) {
    await below.deleteVolume(volumeId);
    tell({ kind: "deleted", volumeId });
  },
  async attach(volumeId, instanceId) {
    await below.attach(volumeId, instanceId);
    tell({ kind: "attached", volumeId, instanceId });
  },
  async detach(volumeId, instanceId) {
    const found = await below.detach(volumeId, instanceId);
    tell({ kind: "attached", volumeId, instanceId: null });
    return found;
  },
};

const region = await createRegion({
  delays: scaled(awsDelays, 0.01),
  machines: async () => machines,
});
const seat = await seedTwoZones(region, { seat: "orders" });
process.on("message", (asked: Asked) => void reply(asked));
process.on("disconnect", () => process.exit(0));
tell({ kind: "ready", endpoint: region.endpoint, regionName: region.name });

function tell(message: FromRegion): void {
  process.send?.(message);
}

async function reply({ number, question }: Asked): Promise<void> {
  tell({ kind: "answer", number, text: await answer(question) });
}

async function answer(question: Question): Promise<string> {
  switch (question.ask) {
    case "arrival":
      return eventually("an arriving instance", arriving, (found) => found !== "");
    case "listen":
      return region.listenMetadata(question.instanceId);
    case "end":
      await end(question.instanceId, question.how);
      return "";
    case "isOn":
      return below.isOn(question.instanceId) ? "on" : "off";
    case "fail":
      region.faults.set(question.faults);
      return "";
    case "heal":
      region.faults.clear();
      return String(region.faults.release());
    case "free address":
      await freeAddress();
      return "";
  }
}

async function arriving(): Promise<string> {
  const found = await region.autoScaling.send(new DescribeAutoScalingInstancesCommand({}));
  const members = found.AutoScalingInstances ?? [];
  const next = members.find(
    ({ LifecycleState: state, InstanceId: id = "" }) =>
      state?.startsWith("Pending") === true && below.isOn(id),
  );
  return next?.InstanceId ?? "";
}

async function end(InstanceId: string, how: "crash" | "terminate"): Promise<void> {
  if (how === "crash") return region.world.crash(InstanceId);
  const wish = { InstanceId, ShouldDecrementDesiredCapacity: false };
  await region.autoScaling.send(new TerminateInstanceInAutoScalingGroupCommand(wish));
}

async function freeAddress(): Promise<void> {
  const AllocationIds = [seat.allocationId];
  const found = await region.ec2.send(new DescribeAddressesCommand({ AllocationIds }));
  const AssociationId = found.Addresses?.[0]?.AssociationId;
  if (AssociationId === undefined) return;
  await region.ec2.send(new DisassociateAddressCommand({ AssociationId }));
}
