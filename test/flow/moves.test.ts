// The seat follows the instance: an instance that is told to end saves and lets go, one that dies does
// neither, and the replacement in the other zone has every line that was written either way.

import { TerminateInstanceInAutoScalingGroupCommand } from "@aws-sdk/client-auto-scaling";
import { afterEach, expect, it } from "vitest";
import type { Settings } from "../../agent/domain/settings.ts";
import { addressOnly, settings } from "../plan/seat.ts";
import { openStage, type PaperAgent, patiently, type Stage } from "./stage.ts";
import { storyOf } from "./story.ts";

let stage: Stage;
afterEach(() => stage.close());

const opensSecond = [
  "CreateTags vol-2 generation=2 opened=i-2 TIME eipassoc-2",
  "CreateTags eipalloc-1 mark=2 i-2 TIME eipassoc-2 data=vol-2",
  "CreateOrUpdateTags mark=2 i-2 TIME eipassoc-2 data=vol-2",
  "CreateTags vol-2 written=2",
  "AssociateAddress eipalloc-1 eni-2: Resource.AlreadyAssociated",
  "CompleteLifecycleAction launch i-2 CONTINUE",
];

it("an instance that the group ends saves everything, and its replacement restores it", async () => {
  const first = await serving(settings());
  first.machine.write("/data", "order 1");
  const from = stage.calls.length;
  await terminate(first);
  await stage.ending(first);
  expect(storyOf(stage.calls, from)).toEqual([
    expect.stringMatching(/^CreateTags vol-1 releasing=stopping /),
    "AssociateAddress eipalloc-1 eni-1: Resource.AlreadyAssociated",
    "CreateSnapshots set=orders/1/final members=data=vol-1 of=1 reason=final clean=true",
    "DetachVolume vol-1 i-1",
    "CompleteLifecycleAction terminate i-1 CONTINUE",
  ]);
  // Until EC2 has freed the address of the terminated one, so that the story is always the same.
  await expect.poll(() => stage.lifecycleOf(first.instanceId), patiently).toBe("none");
  const restoring = stage.calls.length;
  const second = await replaced(settings());
  expect(second.machine.read("/data")).toEqual(["order 1"]);
  await expect
    .poll(() => storyOf(stage.calls, restoring), patiently)
    .toEqual([
      "AssociateAddress eipalloc-1 eni-2",
      "CreateVolume snap-1 eu-west-1b volume=data parent=snap-1 init=done",
      "AttachVolume vol-2 i-2 /dev/sdf",
      "AssociateAddress eipalloc-1 eni-2: Resource.AlreadyAssociated",
      ...opensSecond,
    ]);
});

it("a replacement that starts at once waits for what its predecessor is saving", async () => {
  const first = await serving(settings());
  await terminate(first);
  const second = await replaced(settings());
  expect(first.machine.mountPoints()).toEqual([]);
  expect(second.machine.mountPoints()).toEqual(["/data"]);
  const story = storyOf(stage.calls);
  expect(story.filter((line) => line.startsWith("CreateSnapshots"))).toHaveLength(1);
  expect(story.filter((line) => line.startsWith("CreateVolume"))).toHaveLength(2);
});

it("failure mode 35: an instance that dies leaves its volume, and the replacement takes a recovery set of it", async () => {
  const first = await serving(settings());
  first.machine.write("/data", "order 1");
  first.machine.write("/data", "order 2");
  const from = stage.calls.length;
  await Promise.all([stage.region.world.crash(first.instanceId), first.stop()]);
  const second = await replaced(settings());
  expect(second.machine.read("/data")).toEqual(["order 1", "order 2"]);
  await expect
    .poll(() => storyOf(stage.calls, from), patiently)
    .toEqual([
      "CreateSnapshot vol-1 set=orders/1/recovery/i-2/0 members=data=vol-1 of=1 reason=recovery clean=false",
      "AssociateAddress eipalloc-1 eni-2",
      "CreateTags snap-1 valid=true",
      "CreateVolume snap-1 eu-west-1b volume=data parent=snap-1 init=done",
      "AttachVolume vol-2 i-2 /dev/sdf",
      "AssociateAddress eipalloc-1 eni-2: Resource.AlreadyAssociated",
      ...opensSecond,
      // The dead have nothing more to save: the successor answers for them.
      "CompleteLifecycleAction terminate i-1 CONTINUE",
    ]);
});

it("an address without data goes from a dead instance to its replacement", async () => {
  const first = await serving(addressOnly);
  const from = stage.calls.length;
  await Promise.all([stage.region.world.crash(first.instanceId), first.stop()]);
  await replaced(addressOnly);
  await expect
    .poll(() => storyOf(stage.calls, from), patiently)
    .toEqual([
      "AssociateAddress eipalloc-1 eni-2",
      "CompleteLifecycleAction launch i-2 CONTINUE",
      "CompleteLifecycleAction terminate i-1 CONTINUE",
    ]);
});

async function serving(wanted: Settings): Promise<PaperAgent> {
  stage = await openStage();
  return replaced(wanted);
}

/** The next instance of the group, in service. */
async function replaced(wanted: Settings): Promise<PaperAgent> {
  const agent = await stage.boot(await stage.arrival(), wanted);
  void agent.run();
  await expect.poll(() => stage.lifecycleOf(agent.instanceId), patiently).toBe("InService");
  return agent;
}

async function terminate({ instanceId }: PaperAgent): Promise<void> {
  const wish = { InstanceId: instanceId, ShouldDecrementDesiredCapacity: false };
  await stage.region.autoScaling.send(new TerminateInstanceInAutoScalingGroupCommand(wish));
}
