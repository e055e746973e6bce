// A service that does not come up: what was reached is kept, the group is not told that all is well, and
// the launch ends well by itself as soon as the service answers.

import { afterEach, describe, expect, it } from "vitest";
import { openStage, type PaperAgent, patiently, type Stage } from "../flow/stage.ts";
import { storyOf } from "../flow/story.ts";
import { settings } from "../plan/seat.ts";

let stage: Stage;
afterEach(() => stage.close());

const ready = {
  check: { kind: "tcp", port: 5432 },
  withinMs: 5_000,
  everyMs: 1_000,
  failures: 3,
  replace: false,
} as const;

async function arriving(): Promise<PaperAgent> {
  stage = await openStage();
  return await stage.boot(await stage.arrival(), settings({ ready }));
}

const refusals = (agent: PaperAgent) =>
  agent.journal.lines.filter((line) => line.startsWith("refused "));

describe("failure mode 27: a service that is half configured", () => {
  it("is never reported as launched, keeps its data mounted, and comes into service once it answers", async () => {
    const agent = await arriving();
    agent.machine.answer = { ok: false, why: "port 5432: ECONNREFUSED" };
    void agent.run();
    await expect.poll(() => refusals(agent), patiently).toEqual(["refused EHA-NOT-READY"]);
    expect(await stage.lifecycleOf(agent.instanceId)).toBe("Pending:Wait");
    expect(storyOf(stage.calls).filter((line) => line.startsWith("Complete"))).toEqual([]);
    expect(agent.machine.mountPoints()).toEqual(["/data"]);
    agent.machine.answer = { ok: true };
    await expect.poll(() => stage.lifecycleOf(agent.instanceId), patiently).toBe("InService");
  });
});
