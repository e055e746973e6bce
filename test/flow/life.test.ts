// Signs of life beside a launch: heartbeats, spaced by the timeout of the hook that waits for us and
// of no other, and the tag that tells other takers that we progress. Times are the agent's own.

import { PutLifecycleHookCommand, SetDesiredCapacityCommand } from "@aws-sdk/client-auto-scaling";
import { afterEach, expect, it } from "vitest";
import type { Settings } from "../../agent/domain/settings.ts";
import { addressOnly, settings } from "../plan/seat.ts";
import type { CallRecord } from "../region/call-log.ts";
import { createFaults, throttled } from "./faults.ts";
import { openStage, type PaperAgent, patiently, type Stage, type StageOptions } from "./stage.ts";

let stage: Stage;
afterEach(() => stage.close());

interface Sign {
  readonly atMs: number;
  readonly said: string;
}

it("failure mode 31: heartbeats come by the hook's own timeout while a unit starts, and end with the launch", async () => {
  const timeoutMs = 30_000;
  const { agent, beats } = await launching(settings(), {
    launchHook: { heartbeatTimeoutSeconds: timeoutMs / 1_000, defaultResult: "ABANDON" },
  });
  agent.machine.onStart = () => stage.clock.sleep(1.5 * timeoutMs);
  void agent.run();
  await inService(agent);
  expect(beats.length).toBeGreaterThan(2);
  const gaps = beats.slice(1).map(({ atMs }, index) => atMs - (beats[index]?.atMs ?? 0));
  expect(Math.min(...gaps)).toBeGreaterThanOrEqual(timeoutMs / 4);
  expect(Math.max(...gaps)).toBeLessThan(timeoutMs);
  const sofar = beats.length;
  await stage.clock.sleep(timeoutMs / 2);
  expect(beats).toHaveLength(sofar);
});

it("a hook that would time out in a second holds for as long as a slow first.init takes", async () => {
  const wanted = withInit("import-dump");
  const { agent } = await launching(wanted, {
    region: { rules: { heartbeatSMin: 1 } },
    launchHook: { heartbeatTimeoutSeconds: 1, defaultResult: "ABANDON" },
  });
  agent.machine.onCommand = async () => {
    await stage.clock.sleep(40_000);
    return { exitCode: 0, output: "" };
  };
  void agent.run();
  await inService(agent);
  expect(agent.machine.deeds).toContain("run import-dump");
});

it("an agent that starts late in its hook's time sends a heartbeat at once", async () => {
  const { agent, beats } = await launching(settings());
  agent.machine.onStart = () => stage.clock.sleep(10_000);
  void agent.run();
  await inService(agent);
  expect(beats).toHaveLength(1);
});

it("the hook that the settings name is the one that is kept waiting", async () => {
  stage = await openStage({ desiredCapacity: 0 });
  const { groupName } = stage.seat;
  await stage.region.autoScaling.send(
    new PutLifecycleHookCommand({
      AutoScalingGroupName: groupName,
      // Listed first, so that whoever takes the first one takes the wrong one.
      LifecycleHookName: "another",
      LifecycleTransition: "autoscaling:EC2_INSTANCE_LAUNCHING",
      HeartbeatTimeout: 300,
    }),
  );
  await stage.region.autoScaling.send(
    new SetDesiredCapacityCommand({ AutoScalingGroupName: groupName, DesiredCapacity: 1 }),
  );
  const hooks = { launch: "launch", terminate: null };
  const agent = await stage.boot(await stage.arrival(), { ...addressOnly, hooks });
  agent.machine.onStart = () => stage.clock.sleep(10_000);
  const { beats } = listen();
  void agent.run();
  await expect.poll(() => agent.journal.steps(), patiently).toContain("completeHook");
  expect(beats.map(({ said }) => said)).toEqual(["launch"]);
});

it("the sign of life is written at each phase, and again and again within one", async () => {
  const { agent, signs } = await launching(settings({ patienceMs: 20_000 }));
  agent.machine.onStart = () => stage.clock.sleep(40_000);
  void agent.run();
  await inService(agent);
  const phases = signs.map(({ said }) => said.split(" ")[0] ?? "");
  // Once a second at most, so that quick stages may be passed over.
  expect(phases[0]).toBe("looking");
  expect(new Set(phases).size).toBeGreaterThan(3);
  // The last stage before the opening is reported as opened, which it is once its unit runs.
  const starting = signs.filter(({ said }) => said.startsWith("initialise"));
  expect(starting.length).toBeGreaterThan(4);
  const gaps = starting.slice(1).map(({ atMs }, index) => atMs - (starting[index]?.atMs ?? 0));
  expect(Math.max(...gaps)).toBeLessThan(20_000);
});

it("signs of life that cannot be written are said, and hold up nothing", async () => {
  const faults = createFaults();
  faults.inject(({ what }) => (what === "CreateTags" ? throttled : null));
  const { agent } = await launching(addressOnly, { region: { intercept: faults.intercept } });
  void agent.run();
  await inService(agent);
  expect(agent.journal.lines).toContain("trouble transient");
});

function withInit(command: string): Settings {
  const base = settings();
  const volumes = base.volumes.map((volume) => ({
    ...volume,
    first: volume.first?.kind === "blank" ? { ...volume.first, init: command } : volume.first,
  }));
  return { ...base, volumes };
}

async function launching(
  wanted: Settings,
  options: StageOptions = {},
): Promise<{ agent: PaperAgent; beats: readonly Sign[]; signs: readonly Sign[] }> {
  stage = await openStage(options);
  const agent = await stage.boot(await stage.arrival(), wanted);
  return { agent, ...listen() };
}

function listen(): { beats: readonly Sign[]; signs: readonly Sign[] } {
  const beats: Sign[] = [];
  const signs: Sign[] = [];
  stage.region.onCall((call) => {
    const atMs = stage.clock.monotonicMs();
    if (call.action === "RecordLifecycleActionHeartbeat") {
      beats.push({ atMs, said: String(call.input["LifecycleHookName"]) });
    }
    const taking = takingOf(call);
    if (taking !== null) signs.push({ atMs, said: taking });
  });
  return { beats, signs };
}

function takingOf({ action, input }: CallRecord): string | null {
  if (action !== "CreateTags" || !Array.isArray(input["Tags"])) return null;
  const tags: readonly { Key?: string; Value?: string }[] = input["Tags"];
  return tags.find((tag) => tag.Key === "ec2-ha:taking")?.Value ?? null;
}

async function inService(agent: PaperAgent): Promise<void> {
  await expect.poll(() => stage.lifecycleOf(agent.instanceId), patiently).toBe("InService");
}
