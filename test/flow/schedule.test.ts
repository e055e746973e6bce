// Scheduled sets: each run that is due makes one set under the name of its minute, however often it is
// said and whatever becomes of the call; what is no longer kept goes, and the newest never does.

import { DescribeSnapshotsCommand } from "@aws-sdk/client-ec2";
import { afterEach, beforeEach, expect, it } from "vitest";
import { settings } from "../plan/seat.ts";
import { createFaults, type Faults } from "./faults.ts";
import { openStage, type PaperAgent, patiently, type Stage } from "./stage.ts";

const minuteMs = 60_000;
const dueMs = Date.UTC(2026, 10, 22, 9);

let stage: Stage;
let faults: Faults;
let agent: PaperAgent;

beforeEach(async () => {
  faults = createFaults();
  stage = await openStage({ region: { intercept: faults.intercept } });
  const keep = { latest: 1, hourly: 0, daily: 0 };
  const wanted = settings({ snapshots: { schedule: "* * * * *", keep } });
  agent = await stage.boot(await stage.arrival(), wanted);
  void agent.run();
  await holding();
});
afterEach(() => stage.close());

it("a run that is due makes one set, named by its minute, of the generation that is open", async () => {
  agent.due(dueMs);
  await expect.poll(sets, patiently).toEqual([
    {
      set: "orders/2026-11-22T09:00:00Z",
      of: "1",
      reason: "scheduled",
      clean: "false",
      state: "completed",
    },
  ]);
});

it("a run that is said twice makes no second set", async () => {
  agent.due(dueMs);
  await taken("2026-11-22T09:00:00Z");
  agent.due(dueMs);
  await expect.poll(() => ended().length, patiently).toBe(2);
  expect(await sets()).toHaveLength(1);
});

it("a call whose answer is lost made the set, and is not repeated", async () => {
  faults.next("CreateSnapshots", { kind: "lose answer" });
  agent.due(dueMs);
  await taken("2026-11-22T09:00:00Z");
  expect(agent.journal.lines).toContain("failed snapshotSet");
  expect(await sets()).toHaveLength(1);
});

it("retention keeps the newest sets and deletes the others", async () => {
  for (const minute of [0, 1, 2]) {
    agent.due(dueMs + minute * minuteMs);
    const name = `2026-11-22T09:0${minute}:00Z`;
    await taken(name);
    await expect.poll(() => stateOf(`orders/${name}`), patiently).toBe("completed");
    // EC2 orders sets by the second in which they began, and so does the agent.
    await stage.clock.sleep(22_000);
  }
  // The one that was being made is no reason to throw the newest complete one away.
  expect((await sets()).map((found) => found["set"])).toEqual([
    "orders/2026-11-22T09:01:00Z",
    "orders/2026-11-22T09:02:00Z",
  ]);
});

/** The run is over when its set is there and the agent holds on. */
async function taken(name: string): Promise<void> {
  const said = `info the set "orders/${name}" is taken`;
  await expect.poll(() => agent.journal.lines, patiently).toContain(said);
  await expect.poll(() => agent.mind.phase, patiently).toBe("holding the seat");
}

function ended(): readonly string[] {
  return agent.journal.lines.filter((line) => line.endsWith("is taken"));
}

async function holding(): Promise<void> {
  await expect.poll(() => agent.mind.phase, patiently).toBe("holding the seat");
}

async function sets(): Promise<readonly Readonly<Record<string, string>>[]> {
  const found = await stage.region.ec2.send(new DescribeSnapshotsCommand({ OwnerIds: ["self"] }));
  const snapshots = (found.Snapshots ?? []).toSorted(
    (left, right) => (left.StartTime?.getTime() ?? 0) - (right.StartTime?.getTime() ?? 0),
  );
  return snapshots.map(({ Tags: tags = [], State: state = "" }) => {
    const wanted = ["set", "of", "reason", "clean"];
    const of = (key: string) => tags.find((tag) => tag.Key === `ec2-ha:${key}`)?.Value ?? "";
    return { ...Object.fromEntries(wanted.map((key) => [key, of(key)])), state };
  });
}

async function stateOf(setId: string): Promise<string | undefined> {
  return (await sets()).find(({ set }) => set === setId)?.["state"];
}
