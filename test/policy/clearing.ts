// The flow that throws things away: a seat that has moved once, takes sets by its schedule, keeps one of
// them, and deletes the others together with the volume that the move left behind.

import { DescribeSnapshotsCommand, DescribeVolumesCommand } from "@aws-sdk/client-ec2";
import { eventually } from "../flow/waiting.ts";
import type { Flow } from "./flows.ts";
import { holding, type Scene, serving, terminate } from "./scene.ts";

const minuteMs = 60_000;
const dueMs = Date.UTC(2026, 10, 22, 9);

export const clearing: Flow = {
  name: "scheduled snapshots, and what they supersede is deleted",
  async play(scene) {
    const first = await serving(scene);
    const [old = ""] = await volumes(scene);
    await terminate(scene, first);
    const second = await serving(scene);
    await holding(second);
    for (const run of [0, 1, 2]) {
      second.due(dueMs + run * minuteMs);
      const set = `${scene.settings.seat}/2026-11-22T09:0${run}:00Z`;
      await eventually(
        `the set "${set}"`,
        () => setState(scene, set),
        (state) => state === "completed",
      );
      await holding(second);
      // EC2 orders sets by the second in which they began, and so does the agent.
      await scene.stage.clock.sleep(22_000);
    }
    const gone = `${scene.settings.seat}/2026-11-22T09:00:00Z`;
    await eventually(
      `the set "${gone}" deleted`,
      () => setState(scene, gone),
      (state) => state === "",
    );
    await eventually(
      `"${old}" deleted`,
      () => volumes(scene),
      (ids) => !ids.includes(old),
    );
  },
};

async function volumes({ stage, settings }: Scene): Promise<readonly string[]> {
  const Filters = [{ Name: "tag:ec2-ha:seat", Values: [settings.seat] }];
  const found = await stage.region.ec2.send(new DescribeVolumesCommand({ Filters }));
  return (found.Volumes ?? []).map(({ VolumeId: id = "" }) => id);
}

/** Empty where there is none of it. */
async function setState({ stage }: Scene, setId: string): Promise<string> {
  const Filters = [{ Name: "tag:ec2-ha:set", Values: [setId] }];
  const input = { OwnerIds: ["self"], Filters };
  const found = await stage.region.ec2.send(new DescribeSnapshotsCommand(input));
  return found.Snapshots?.[0]?.State ?? "";
}
