// What time does not heal is told to the operator: once, under one code, in words that say what AWS found
// and what to do. Meanwhile the hook is held and the agent looks again, ever more slowly; when the
// operator has mended it, the launch goes on by itself.

import { afterEach, describe, expect, it, vi } from "vitest";
import type { Settings } from "../../agent/domain/settings.ts";
import { settings, snap, volumeSettings } from "../plan/seat.ts";
import type { FaultSettings } from "../region/faults/settings.ts";
import {
  callsOf,
  expectServed,
  longer,
  type Rehearsal,
  refusals,
  rehearse,
  scheduled,
  serving,
  told,
  toldOnce,
  untilServed,
} from "./rehearsal.ts";

let rehearsal: Rehearsal;
afterEach(() => rehearsal.stage.close());
vi.setConfig({ testTimeout: 60_000 });

async function begun(faults: FaultSettings, wanted?: Settings): Promise<Rehearsal> {
  rehearsal = await rehearse(wanted === undefined ? {} : { settings: wanted });
  rehearsal.fail(faults);
  void rehearsal.agent.run();
  return rehearsal;
}

const refused = (code: string, actions: readonly string[], message = "It may not be.") => ({
  refusals: { code, actions, message, status: 400 },
});

interface Lasting {
  readonly what: string;
  readonly code: string;
  readonly faults: FaultSettings;
  /** Of what the operator is told. */
  readonly words: string;
}

const lasting: readonly Lasting[] = [
  {
    what: "a limit of volumes",
    code: "EHA-AWS-LIMIT",
    faults: { volumeLimit: { volumesMax: 0 } },
    words: "raise this limit, or delete what counts towards it",
  },
  {
    what: "what AWS does not allow",
    code: "EHA-AWS-REFUSED",
    faults: refused("OperationNotPermitted", ["AttachVolume"]),
    words: "OperationNotPermitted: It may not be.",
  },
  {
    what: "a denied action",
    code: "EHA-DENIED",
    faults: { refusals: { actions: ["DescribeVolumes"] } },
    words: "denied ec2:DescribeVolumes: add it to the instance role",
  },
  {
    what: "failure mode 25: a clock, or keys, that AWS never accepts",
    code: "EHA-CREDENTIALS",
    faults: {
      refusals: { code: "AuthFailure", message: "AWS was not able to validate.", status: 401 },
    },
    words: "AuthFailure",
  },
  {
    what: "failure mode 24: keys that never come",
    code: "EHA-CREDENTIALS",
    faults: { refusedMetadata: { paths: ["latest/meta-data/iam/*"], status: 404 } },
    words: "status 404, which is no role or no keys (for 3 minutes): see the instance profile",
  },
];

describe("failure mode 32: is told once, with the hook held, and the launch goes on when it is mended", () => {
  it.each(lasting)("$what: $code", async ({ code, faults, words }) => {
    const { agent, stage } = await begun(faults);
    await toldOnce(stage, agent, code);
    expect(told(agent, code)).toContain(words);
    rehearsal.heal();
    await untilServed(stage, agent);
    await expectServed(rehearsal, agent);
    expect(refusals(agent)).toEqual([code]);
  });
});

it("what fails while the seat is held is told by the operator's own commands too", async () => {
  const notify = ["/bin/page"];
  rehearsal = await rehearse({ settings: scheduled({ notify }) });
  const { agent, stage } = rehearsal;
  const pages: string[] = [];
  agent.machine.onCommand = async ({ environment }) => {
    pages.push(`${environment["EC2_HA_EVENT"]} ${environment["EC2_HA_MESSAGE"]}`);
    return { exitCode: 0, output: "" };
  };
  await serving(rehearsal);
  rehearsal.fail({ refusals: { actions: ["CreateSnapshots"] } });
  agent.due(stage.clock.nowMs());
  const wanted = expect.stringMatching(/^refused .*denied ec2:CreateSnapshots/);
  await expect.poll(() => pages, longer).toContainEqual(wanted);
});

it("a heartbeat that is denied is told once, since a long launch would end without it", async () => {
  const { agent, stage } = await begun({
    refusals: { actions: ["RecordLifecycleActionHeartbeat"] },
    emptyLists: { actions: ["DescribeAddresses"] },
  });
  await expect.poll(() => refusals(agent), longer).toContain("EHA-DENIED");
  await stage.clock.sleep(60_000);
  expect(refusals(agent).filter((code) => code === "EHA-DENIED")).toHaveLength(1);
  expect(told(agent, "EHA-DENIED")).toContain("denied autoscaling:RecordLifecycleActionHeartbeat");
});

it("a seed snapshot that does not exist is named, and asked for ever more slowly", async () => {
  const first = { kind: "snapshot", snapshotId: snap(77), type: "gp3" } as const;
  const wanted = settings({ volumes: [volumeSettings("data", { first })] });
  const { agent, stage } = await begun({}, wanted);
  await toldOnce(stage, agent, "EHA-AWS-REFUSED");
  expect(told(agent, "EHA-AWS-REFUSED")).toContain("InvalidSnapshot.NotFound");
  const tokens = stage.calls.flatMap((call) => call.input["ClientToken"] ?? []);
  expect(new Set(tokens).size).toBe(1);
  expect(callsOf(stage, "CreateVolume")).toBeLessThan(12);
});

it("failure mode 15: volumes that vanish again and again are told to be the key's, and no more are made", async () => {
  const { agent, stage } = await begun({ vanishingVolumes: {} });
  await toldOnce(stage, agent, "EHA-VOLUME-VANISHED");
  expect(told(agent, "EHA-VOLUME-VANISHED")).toContain("may use their KMS key");
  expect(callsOf(stage, "CreateVolume")).toBe(3);
});

it("failure mode 8: an attachment that never ends is told after three tries, each under its own name", async () => {
  const { agent, stage } = await begun({ stuckAttaching: {} });
  await toldOnce(stage, agent, "EHA-ATTACH-STUCK");
  const names = stage.calls.flatMap((call) => call.input["Device"] ?? []);
  expect(new Set(names).size).toBe(names.length);
  expect(names.length).toBe(4);
});

it("an address that nobody tagged is told after several looks, and taken once it is", async () => {
  const { agent, stage } = await begun({ emptyLists: { actions: ["DescribeAddresses"] } });
  await toldOnce(stage, agent, "EHA-ADDRESS-MISSING");
  rehearsal.heal();
  await untilServed(stage, agent);
  await expectServed(rehearsal, agent);
});
