// A race told step by step, since chance rarely finds it: a taker has chosen the set that it will restore
// and stands still right before it asks for the lease. Meanwhile another opens the newest volumes,
// serves, and dies. The lease is free when the first goes on, and what it chose is old (R6, R7).

import { expect, it } from "vitest";
import { createPaperDisks } from "../flow/paper-disks.ts";
import { createHazards, type Hazards } from "./hazards.ts";
import { createTimeline } from "./timeline.ts";
import { createUniverse } from "./universe.ts";

const operator = { accountId: "123456789012", arn: "arn:aws:iam::123456789012:user/operator" };

it("a taker that was overtaken before it had the lease restores nothing that is old", async () => {
  const timeline = createTimeline();
  const violations: string[] = [];
  const story: string[] = [];
  const gate = holdBack();
  const universe = await createUniverse({
    // One volume, and zones as the group chooses them.
    seed: "2",
    timeline,
    hazards: gate.hazards,
    disks: createPaperDisks(),
    say: (line) => story.push(line),
    violate: (invariant, found) => violations.push(`${invariant}: ${found}`),
  });
  const { world, client, groupName } = universe;
  const write = (): void => {
    client.write();
    timeline.after(1_000, write);
  };
  write();
  const call = (action: string, input: object): void => {
    const caller = { ...operator, instanceId: null };
    void world.call({ service: "autoscaling", action, input: { ...input }, caller });
  };
  const until = async (what: string, isSo: () => boolean): Promise<void> => {
    await timeline.run(timeline.nowMs() + 600_000, () => isSo() || violations.length > 0);
    if (violations.length === 0 && !isSo()) throw new Error(`Cannot see ${what} within 10 minutes`);
  };
  const servedBy = (isIt: (instanceId: string) => boolean) => () =>
    isIt(client.server) && timeline.nowMs() - client.lastMs < 2_000;

  await until("the first holder", () => client.acknowledged >= 50);
  const first = client.server;
  world.on(({ kind, id, to }) => {
    if (kind === "instance" && to === "pending") gate.holdFirst(id);
  });
  call("TerminateInstanceInAutoScalingGroup", {
    InstanceId: first,
    ShouldDecrementDesiredCapacity: false,
  });
  await until("a taker before the lease", () => gate.held() !== null);
  const slow = gate.held() ?? "";
  call("SetDesiredCapacity", { AutoScalingGroupName: groupName, DesiredCapacity: 2 });
  const isOther = (id: string): boolean => id !== first && id !== slow;
  await until("another that serves", servedBy(isOther));
  const before = client.acknowledged;
  await until("what it writes", () => client.acknowledged >= before + 10);
  const crashed = world.crash(client.server);
  gate.open();
  await until(
    "the slow one, serving",
    servedBy((id) => id === slow),
  );
  await crashed;

  expect(violations).toEqual([]);
  expect(story.some((line) => line.startsWith(`${slow} associate done`))).toBe(true);
  expect(client.acknowledged).toBeGreaterThanOrEqual(before + 10);
});

/** No fault but one: the first request for the address by one instance waits until the gate opens. */
function holdBack() {
  const say = (): void => undefined;
  const calm = createHazards({ seed: "calm", muted: new Set(), say, staleMsMax: 0 });
  calm.calm();
  let chosen: string | null = null;
  let held: string | null = null;
  let isOpen = false;
  const hazards: Hazards = {
    ...calm,
    onCall(asked) {
      const passage = calm.onCall(asked);
      if (asked.what !== "AssociateAddress" || asked.by !== chosen || held !== null) return passage;
      held = asked.by;
      const isHeld = (): boolean => {
        if (!isOpen) asked.disturb("agent paused", 0, 1_100);
        return !isOpen;
      };
      return { ...passage, isHeld };
    },
  };
  return {
    hazards,
    held: () => held,
    holdFirst(instanceId: string): void {
      chosen ??= instanceId;
    },
    open(): void {
      isOpen = true;
    },
  };
}
