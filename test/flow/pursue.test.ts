// What the loop does when the world fails: it tries again what may pass, more and more slowly; it says
// once what only an operator can mend, and looks again; a lost reply is settled by looking, so that
// nothing is made twice; and a mistake of the program ends it.

import { DescribeVolumesCommand } from "@aws-sdk/client-ec2";
import { afterEach, expect, it } from "vitest";
import { Failure } from "../../agent/domain/failure.ts";
import type { Settings } from "../../agent/domain/settings.ts";
import { type Executors, executorsOf } from "../../agent/flow/executors.ts";
import { pursue } from "../../agent/flow/pursue.ts";
import { planLaunch } from "../../agent/plan/launch.ts";
import { settings } from "../plan/seat.ts";
import type { Fate } from "../region/wire/intercept.ts";
import { createFaults, denied, type Faults, throttled } from "./faults.ts";
import { openStage, type PaperAgent, patiently, type Stage } from "./stage.ts";
import { storyOf } from "./story.ts";

let stage: Stage;
let faults: Faults;
afterEach(() => stage.close());

const internal: Fate = { kind: "refuse", code: "InternalError", message: "Sorry.", status: 500 };

it.each([
  ["throttled", throttled],
  ["failing", internal],
  ["lost on its way", { kind: "lose request" }],
  ["lost on its way back", { kind: "lose answer" }],
  ["answered with nonsense", { kind: "garble", status: 502, body: "<html>Bad Gateway</html>" }],
] as const)("a CreateVolume that is %s twice ends in one volume", async (_how, fate) => {
  const agent = await arriving();
  const left = faults.next("CreateVolume", fate, 2);
  void agent.run();
  await inService(agent);
  expect(await volumeCount()).toBe(1);
  expect(left()).toBe(fate.kind === "lose answer" ? 1 : 0);
  expect(agent.journal.lines.filter((line) => line.startsWith("refused"))).toEqual([]);
});

it.each(["AssociateAddress", "AttachVolume", "CreateOrUpdateTags", "CompleteLifecycleAction"])(
  "an answer to %s that is lost is settled by looking",
  async (action) => {
    const agent = await arriving();
    faults.next(action, { kind: "lose answer" });
    void agent.run();
    await inService(agent);
    const story = storyOf(stage.calls).filter((line) => !line.includes("AlreadyAssociated"));
    const repeated = story.filter((line, index) => story.indexOf(line) !== index);
    expect(repeated.filter((line) => !line.startsWith("Create"))).toEqual([]);
    expect(await volumeCount()).toBe(1);
  },
);

it("a look that fails is repeated, and nothing is done meanwhile", async () => {
  const agent = await arriving();
  faults.inject(({ what }) => (what === "DescribeSnapshots" ? throttled : null));
  void agent.run();
  await expect.poll(() => troubles(agent), patiently).toBeGreaterThan(1);
  expect(storyOf(stage.calls)).toEqual([]);
  faults.inject(() => null);
  await inService(agent);
});

it("the same step comes again after pauses that grow", async () => {
  const agent = await arriving();
  const triedMs: number[] = [];
  const executors: Executors = {
    ...executorsOf(agent.observer.ports),
    async claim() {
      triedMs.push(stage.clock.monotonicMs());
      throw new Failure({ kind: "transient", action: "claim", subject: "it", found: "busy" });
    },
  };
  void agent.run(executors);
  await expect.poll(() => triedMs.length, patiently).toBe(6);
  const gaps = triedMs.slice(1).map((atMs, index) => atMs - (triedMs[index] ?? 0));
  expect(gaps[2] ?? 0).toBeGreaterThan(gaps[0] ?? 0);
  expect(gaps[4] ?? 0).toBeGreaterThan(gaps[2] ?? 0);
  expect(gaps[4] ?? 0).toBeGreaterThan(4_000);
});

it("a call that is denied is said once, and made again until the operator has allowed it", async () => {
  const agent = await arriving();
  const left = faults.next("CreateVolume", denied, 4);
  void agent.run();
  await inService(agent);
  expect(left()).toBe(0);
  const refusals = agent.journal.lines.filter((line) => line.startsWith("refused"));
  expect(refusals).toEqual(["refused EHA-DENIED"]);
  const said = agent.journal.messages.find((message) => message.includes("denied"));
  expect(said).toBe(
    'Cannot create volume "data" in eu-west-1a: denied ec2:CreateVolume: add it to the instance role',
  );
});

it("a refusal is said once, however often it is found again", async () => {
  const agent = await arriving(withoutFirst());
  const told: string[] = [];
  const { observer, mind } = agent;
  const end = new AbortController();
  const pursuing = pursue({
    observer,
    mind,
    plan: planLaunch,
    signal: end.signal,
    onRefusal: ({ code }) => told.push(code),
  });
  await expect.poll(() => mind.facts?.look ?? 0, patiently).toBeGreaterThan(3);
  end.abort();
  expect(await pursuing).toEqual({ kind: "aborted" });
  expect(told).toEqual(["EHA-FIRST-UNSET"]);
  expect(agent.journal.lines).toContain("refused EHA-FIRST-UNSET");
});

it("a mistake of the program ends the pursuit, and the daemon with it", async () => {
  const agent = await arriving();
  const executors: Executors = {
    ...executorsOf(agent.observer.ports),
    createVolume: () => Promise.reject(new TypeError("no such property")),
  };
  await expect(agent.run(executors)).rejects.toThrow(TypeError);
});

it("an end while a look hangs comes at once, and no step follows it", async () => {
  const agent = await arriving();
  const { observer, mind } = agent;
  const end = new AbortController();
  const { promise: until, resolve } = Promise.withResolvers<void>();
  faults.inject(({ what }) => (what === "DescribeVolumes" ? { kind: "answer late", until } : null));
  const pursuing = pursue({ observer, mind, plan: planLaunch, signal: end.signal });
  await expect.poll(() => stage.calls.length, patiently).toBeGreaterThan(2);
  end.abort();
  resolve();
  expect(await pursuing).toEqual({ kind: "aborted" });
  expect(storyOf(stage.calls)).toEqual([]);
});

async function arriving(wanted: Settings = settings()): Promise<PaperAgent> {
  faults = createFaults();
  stage = await openStage({ region: { intercept: faults.intercept } });
  return stage.boot(await stage.arrival(), wanted);
}

function withoutFirst(): Settings {
  const base = settings();
  return { ...base, volumes: base.volumes.map((volume) => ({ ...volume, first: null })) };
}

function troubles(agent: PaperAgent): number {
  return agent.journal.lines.filter((line) => line === "trouble transient").length;
}

async function volumeCount(): Promise<number> {
  const filter = { Name: "tag:ec2-ha:seat", Values: ["orders"] };
  const found = await stage.region.ec2.send(new DescribeVolumesCommand({ Filters: [filter] }));
  return found.Volumes?.length ?? 0;
}

async function inService(agent: PaperAgent): Promise<void> {
  await expect.poll(() => stage.lifecycleOf(agent.instanceId), patiently).toBe("InService");
}
