// The role's keys and the clocks: late, short-lived, ended, or refused because this machine's clock is
// wrong. None of it is told to the operator while it passes, and the launch ends in service.

import { afterEach, describe, expect, it, vi } from "vitest";
import type { FaultSettings } from "../region/faults/settings.ts";
import {
  expectServed,
  type Rehearsal,
  refusals,
  rehearse,
  scheduled,
  untilServed,
} from "./rehearsal.ts";

let rehearsal: Rehearsal;
afterEach(() => rehearsal.stage.close());
vi.setConfig({ testTimeout: 60_000 });

const iam = ["latest/meta-data/iam/*"];

describe("a launch goes on by itself", () => {
  it.each<readonly [string, FaultSettings]>([
    [
      "failure mode 24: once the role's keys are there, a minute after the boot",
      { refusedMetadata: { paths: iam, status: 404, durationMs: 2_500 } },
    ],
    [
      "failure mode 24: once IMDS shows keys that can be read",
      { garbledMetadata: { paths: iam, durationMs: 1_500 } },
    ],
    [
      "failure mode 24: once IMDS answers at all about the role",
      { absentMetadata: { paths: iam, how: "cut", durationMs: 1_500 } },
    ],
    [
      "with keys that end every few seconds",
      { shortCredentials: { lifetimeMs: 1_000, renewalMs: 300 } },
    ],
    [
      "with keys that IMDS shows for a while after they have ended",
      { shortCredentials: { lifetimeMs: 600, renewalMs: -200 } },
    ],
    ["failure mode 25: with a clock that is behind", { clockSkew: { skewMs: 900_000 } }],
    ["failure mode 25: with a clock that is ahead", { clockSkew: { skewMs: -900_000 } }],
  ])("%s", async (_how, faults) => {
    rehearsal = await rehearse();
    const { agent, stage } = rehearsal;
    rehearsal.fail(faults);
    void agent.run();
    await untilServed(stage, agent);
    await expectServed(rehearsal, agent);
    expect(refusals(agent)).toEqual([]);
  });
});

it("an idle holder asks for keys anew when it needs them, however long it was idle", async () => {
  rehearsal = await rehearse({ settings: scheduled() });
  const { agent, stage } = rehearsal;
  rehearsal.fail({ shortCredentials: { lifetimeMs: 1_500, renewalMs: 500 } });
  void agent.run();
  await untilServed(stage, agent);
  await stage.clock.sleep(120_000);
  const from = stage.calls.length;
  agent.due(stage.clock.nowMs());
  await expect
    .poll(() => stage.calls.slice(from).map((call) => call.action), { timeout: 20_000 })
    .toContain("CreateSnapshots");
  expect(agent.machine.mountPoints()).toEqual(["/data"]);
});
