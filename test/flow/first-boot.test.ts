// A seat's first life, from an empty account to an instance in service, as the region saw it; and the
// same life with the agent ended in its middle and started again.

import { afterEach, describe, expect, it } from "vitest";
import type { StepName } from "../../agent/domain/steps.ts";
import { type Executors, executorsOf } from "../../agent/flow/executors.ts";
import { settings } from "../plan/seat.ts";
import { openStage, type PaperAgent, patiently, type Stage } from "./stage.ts";
import { storyOf } from "./story.ts";

let stage: Stage;
afterEach(() => stage.close());

const opened = [
  "AssociateAddress eipalloc-1 eni-1",
  "CreateVolume eu-west-1a volume=data parent=blank init=done",
  "AttachVolume vol-1 i-1 /dev/sdf",
  "AssociateAddress eipalloc-1 eni-1: Resource.AlreadyAssociated",
  "CreateTags vol-1 generation=1 opened=i-1 TIME eipassoc-1",
  "CreateTags eipalloc-1 mark=1 i-1 TIME eipassoc-1 data=vol-1",
  "CreateOrUpdateTags mark=1 i-1 TIME eipassoc-1 data=vol-1",
  "CreateTags vol-1 written=1",
  "AssociateAddress eipalloc-1 eni-1: Resource.AlreadyAssociated",
  "CompleteLifecycleAction launch i-1 CONTINUE",
];

it("opens a new seat in one order, and calls nothing twice but the proof of its lease", async () => {
  stage = await openStage();
  const agent = await stage.boot(await stage.arrival(), settings());
  void agent.run();
  await inService(agent);
  expect(storyOf(stage.calls)).toEqual(opened);
  expect(agent.machine.deeds).toEqual(["mkfs", "fsck", "mount /data", "start db.service"]);
});

describe("an agent that is ended after a step and started again", () => {
  it.each<StepName>(["createVolume", "mark", "mount", "startUnit"])(
    "%s: makes one volume, formats it once and comes into service",
    async (step) => {
      stage = await openStage();
      const first = await stage.boot(await stage.arrival(), settings());
      await first.run(stopAfter(first, step));
      const { instanceId, machine } = first;
      const second = await stage.boot(instanceId, settings(), machine);
      void second.run();
      await inService(second);
      const story = storyOf(stage.calls);
      const count = (action: string) => story.filter((line) => line.startsWith(action)).length;
      expect(["CreateVolume", "AttachVolume", "CompleteLifecycleAction"].map(count)).toEqual([
        1, 1, 1,
      ]);
      expect(machine.deeds.filter((deed) => deed === "mkfs")).toHaveLength(1);
      expect(machine.deeds.filter((deed) => deed === "start db.service")).toHaveLength(1);
    },
  );
});

/** The agent's own executors; the named step, once done, is the last. */
function stopAfter(agent: PaperAgent, last: StepName): Executors {
  const executors = executorsOf(agent.observer.ports);
  const perform = executors[last] as (args: never) => ReturnType<Executors[StepName]>;
  return {
    ...executors,
    async [last](args: never) {
      const outcome = await perform(args);
      void agent.stop();
      return outcome;
    },
  };
}

async function inService(agent: PaperAgent): Promise<void> {
  await expect.poll(() => stage.lifecycleOf(agent.instanceId), patiently).toBe("InService");
}
