// An agent under a fault: a stage whose region fails as it is told to, an instance that takes the seat
// there, and what must hold at the end whatever failed: one volume that is open, formatted once, with
// every line on it, and no more told to the operator than the test says.

import { TerminateInstanceInAutoScalingGroupCommand } from "@aws-sdk/client-auto-scaling";
import {
  DescribeVolumesCommand,
  type DescribeVolumesCommandOutput,
  type Filter,
} from "@aws-sdk/client-ec2";
import { expect } from "vitest";
import type { Settings } from "../../agent/domain/settings.ts";
import { openStage, type PaperAgent, type Stage, type StageOptions } from "../flow/stage.ts";
import { settings } from "../plan/seat.ts";
import type { FaultSettings } from "../region/faults/settings.ts";

export interface Rehearsal {
  readonly stage: Stage;
  /** The instance that arrived first; its agent has not been started. */
  readonly agent: PaperAgent;
  readonly wanted: Settings;
  /** Switches faults on, from now. */
  fail(faults: FaultSettings): void;
  /** All faults off; whatever was held back comes through. */
  heal(): void;
}

/** Real time; long enough for a dozen of an agent's own minutes. */
export const longer = { timeout: 40_000, interval: 20 };

export async function rehearse(
  options: StageOptions & { readonly settings?: Settings } = {},
): Promise<Rehearsal> {
  const { settings: wanted = settings(), ...rest } = options;
  const stage = await openStage(rest);
  const agent = await stage.boot(await stage.arrival(), wanted);
  const { faults } = stage.region;
  return {
    stage,
    agent,
    wanted,
    fail: (wish) => faults.set(wish),
    heal() {
      faults.clear();
      faults.release();
    },
  };
}

/** With a schedule, which a test makes due. */
export function scheduled(over: Partial<Settings> = {}): Settings {
  const { snapshots } = settings();
  return settings({ snapshots: { ...snapshots, schedule: "* * * * *" }, ...over });
}

/** The seat served by the first instance, with two lines on its disk. */
export async function serving(rehearsal: Rehearsal): Promise<PaperAgent> {
  const { stage, agent } = rehearsal;
  void agent.run();
  await untilServed(stage, agent);
  agent.machine.write("/data", "order 1");
  agent.machine.write("/data", "order 2");
  return agent;
}

/** The agent's own word first: asking the group all the while would use up what calls it grants. */
export async function untilServed(stage: Stage, agent: PaperAgent): Promise<void> {
  await expect.poll(() => agent.mind.phase, longer).toBe("holding the seat");
  await expect.poll(() => stage.lifecycleOf(agent.instanceId), longer).toBe("InService");
}

/** The next instance of the group, in service. */
export async function replaced({ stage, wanted }: Rehearsal): Promise<PaperAgent> {
  const agent = await stage.boot(await stage.arrival(), wanted);
  void agent.run();
  await untilServed(stage, agent);
  return agent;
}

export async function terminate(stage: Stage, { instanceId }: PaperAgent): Promise<void> {
  const wish = { InstanceId: instanceId, ShouldDecrementDesiredCapacity: false };
  await stage.region.autoScaling.send(new TerminateInstanceInAutoScalingGroupCommand(wish));
}

/** It and its machine end at once, without a word. */
export async function crash(stage: Stage, agent: PaperAgent): Promise<void> {
  await Promise.all([stage.region.world.crash(agent.instanceId), agent.stop()]);
}

/** The codes that the operator was told, in order. */
export function refusals({ journal }: PaperAgent): readonly string[] {
  const told = "refused ";
  return journal.lines.flatMap((line) => (line.startsWith(told) ? [line.slice(told.length)] : []));
}

/** What the journal said with the first refusal of this code. */
export function told({ journal }: PaperAgent, code: string): string {
  return journal.messages[journal.lines.indexOf(`refused ${code}`)] ?? "";
}

/** How many calls of this action the region has had from agents, refused ones too. */
export function callsOf({ calls }: Stage, action: string): number {
  return calls.filter((call) => call.action === action).length;
}

type Volumes = NonNullable<DescribeVolumesCommandOutput["Volumes"]>;

export async function volumesOf({ region, seat }: Stage): Promise<Volumes> {
  const filter: Filter = { Name: "tag:ec2-ha:seat", Values: [seat.seat] };
  const found = await region.ec2.send(new DescribeVolumesCommand({ Filters: [filter] }));
  return found.Volumes ?? [];
}

/**
 * The right state: of all that was ever written, the newest volume is attached to this instance, it is
 * mounted there, and the unit runs.
 */
export async function expectServed({ stage }: Rehearsal, agent: PaperAgent): Promise<void> {
  const volumes = await volumesOf(stage);
  const written = volumes.map((volume) => Number(tagOf(volume, "ec2-ha:written") ?? 0));
  const newest = volumes[written.indexOf(Math.max(...written))];
  const holders = newest?.Attachments?.map((attachment) => attachment.InstanceId);
  expect(holders).toEqual([agent.instanceId]);
  expect(new Set(written).size).toBe(written.length);
  expect(agent.machine.mountPoints()).toEqual(["/data"]);
  expect(agent.machine.activeUnits()).toEqual(["db.service"]);
}

function tagOf(volume: Volumes[number], key: string): string | undefined {
  return volume.Tags?.find((tag) => tag.Key === key)?.Value;
}

/** Waits until the operator was told, and some of the agent's time more: it is told once. */
export async function toldOnce(stage: Stage, agent: PaperAgent, code: string): Promise<void> {
  await expect.poll(() => refusals(agent), longer).toContain(code);
  await stage.clock.sleep(30_000);
  expect(refusals(agent)).toEqual([code]);
}
