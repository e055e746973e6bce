// Tags that others wrote on what carries the seat's name, against the region: what is not understood is
// one refusal that names the resource, the tag and what was wanted, nothing is touched meanwhile, and
// the agent goes on by itself once it is put right. Snapshots of other tools are none of the agent's.

import {
  CreateSnapshotCommand,
  CreateTagsCommand,
  CreateVolumeCommand,
  DeleteTagsCommand,
  DescribeSnapshotsCommand,
  DescribeVolumesCommand,
} from "@aws-sdk/client-ec2";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openStage, type PaperAgent, patiently, type Stage } from "../flow/stage.ts";
import { storyOf } from "../flow/story.ts";
import { settings } from "../plan/seat.ts";

let stage: Stage;
let agent: PaperAgent;
beforeEach(async () => {
  stage = await openStage();
  agent = await stage.boot(await stage.arrival(), settings());
});
afterEach(() => stage.close());

async function tag(id: string, key: string, value: string): Promise<void> {
  const Tags = [{ Key: key, Value: value }];
  await stage.region.ec2.send(new CreateTagsCommand({ Resources: [id], Tags }));
}

async function untag(id: string, key: string): Promise<void> {
  const Tags = [{ Key: key }];
  await stage.region.ec2.send(new DeleteTagsCommand({ Resources: [id], Tags }));
}

async function makeVolume(tags: Readonly<Record<string, string>>): Promise<string> {
  const made = await stage.region.ec2.send(
    new CreateVolumeCommand({ AvailabilityZone: "eu-west-1a", Size: 1, VolumeType: "gp3" }),
  );
  const id = made.VolumeId ?? "";
  await expect.poll(() => stateOf(id), patiently).toBe("available");
  for (const [key, value] of Object.entries(tags)) await tag(id, key, value);
  return id;
}

async function stateOf(id: string): Promise<string | undefined> {
  const found = await stage.region.ec2.send(new DescribeVolumesCommand({ VolumeIds: [id] }));
  return found.Volumes?.[0]?.State;
}

const refusals = () => agent.journal.lines.filter((line) => line.startsWith("refused "));
const inService = () =>
  expect.poll(() => stage.lifecycleOf(agent.instanceId), patiently).toBe("InService");

describe("a tag on the address that is not understood", () => {
  it.each([
    ["ec2-ha:mark", "opened by somebody", "wanted GENERATION INSTANCE TIME"],
    ["ec2-ha:protocol", "2", "wanted 1: upgrade the agent"],
  ])("%s=%s is refused, and gone on with once it is put right", async (key, value, wanted) => {
    const { allocationId } = stage.seat;
    await tag(allocationId, key, value);
    void agent.run();
    await expect.poll(refusals, patiently).toEqual(["refused EHA-TAG-MALFORMED"]);
    const said = agent.journal.messages.find((message) => message.includes(key)) ?? "";
    expect(said).toContain(`"${allocationId}" has ${key}="${value}", ${wanted}`);
    expect(storyOf(stage.calls)).toEqual([]);
    if (key === "ec2-ha:protocol") await tag(allocationId, key, "1");
    else await untag(allocationId, key);
    await inService();
  });
});

describe("a volume with the seat's tag that is not the agent's", () => {
  it.each([
    ["no name", {}, "EHA-TAG-MALFORMED"],
    ["a name of another form", { "ec2-ha:volume": "Data" }, "EHA-TAG-MALFORMED"],
    [
      "a number that is none",
      { "ec2-ha:volume": "data", "ec2-ha:written": "7th" },
      "EHA-TAG-MALFORMED",
    ],
    ["a later protocol", { "ec2-ha:volume": "data", "ec2-ha:protocol": "9" }, "EHA-TAG-MALFORMED"],
  ])("and has %s keeps anything from being made or written", async (_name, tags, code) => {
    const id = await makeVolume({ ...tags, "ec2-ha:seat": "orders" });
    void agent.run();
    await expect.poll(refusals, patiently).toEqual([`refused ${code}`]);
    expect(agent.journal.messages.some((message) => message.includes(`"${id}" has ec2-ha:`))).toBe(
      true,
    );
    expect(storyOf(stage.calls)).toEqual([]);
    expect(agent.machine.deeds).toEqual([]);
    await untag(id, "ec2-ha:seat");
    await inService();
  });
});

it("snapshots to which another tool copied the tags of a volume are neither used nor deleted", async () => {
  const source = await makeVolume({ Name: "backed up by another tool" });
  const made = await stage.region.ec2.send(new CreateSnapshotCommand({ VolumeId: source }));
  const copied = {
    "ec2-ha:seat": "orders",
    "ec2-ha:protocol": "1",
    "ec2-ha:volume": "data",
    "ec2-ha:generation": "4",
    "ec2-ha:written": "4",
    "dlm:managed": "true",
  };
  for (const [key, value] of Object.entries(copied)) await tag(made.SnapshotId ?? "", key, value);
  void agent.run();
  await inService();
  expect(storyOf(stage.calls).filter((line) => line.includes("Snapshot"))).toEqual([]);
  const found = await stage.region.ec2.send(new DescribeSnapshotsCommand({ OwnerIds: ["self"] }));
  expect(found.Snapshots?.map(({ SnapshotId }) => SnapshotId)).toEqual([made.SnapshotId]);
  expect(refusals()).toEqual([]);
});
