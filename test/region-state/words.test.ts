// The words of refusals that EC2 is known to use, from many reports in the field. Nothing may decide by
// them, but an operator who searches for one finds what others found on AWS.

import { expect, test } from "vitest";
import { ApiError } from "../region/contract.ts";
import { defaultImageId } from "../region/state/seeds.ts";
import { attachedVolume, type Rehearsal, rehearse, runInstance } from "./rehearsal.ts";

const gone = "00000000000000009";

async function wordsOf(call: Promise<unknown>): Promise<string> {
  try {
    await call;
  } catch (error) {
    if (error instanceof ApiError) return error.message;
    throw error;
  }
  return "success";
}

test.each([
  ["DescribeImages", { ImageIds: [`ami-${gone}`] }, `The image id '[ami-${gone}]' does not exist`],
  ["DescribeVolumes", { VolumeIds: [`vol-${gone}`] }, `The volume 'vol-${gone}' does not exist.`],
  [
    "DescribeSnapshots",
    { SnapshotIds: [`snap-${gone}`] },
    `The snapshot 'snap-${gone}' does not exist.`,
  ],
  [
    "DescribeLaunchTemplates",
    { LaunchTemplateIds: [`lt-${gone}`] },
    `The specified launch template, with template ID lt-${gone}, does not exist.`,
  ],
  [
    "RunInstances",
    { MinCount: 1, MaxCount: 1, LaunchTemplate: { LaunchTemplateName: "none" } },
    "The specified launch template, with template name none, does not exist.",
  ],
])("%s of what is missing", async (action, input, words) => {
  expect(await wordsOf(rehearse().raw("ec2", action, input))).toBe(words);
});

test("a token that comes with another request", async () => {
  const { ec2 } = rehearse();
  const wish = { ImageId: defaultImageId, MinCount: 1, MaxCount: 1, ClientToken: "one" };
  await ec2("RunInstances", wish);
  expect(await wordsOf(ec2("RunInstances", { ...wish, KeyName: "mine" }))).toBe(
    "Arguments on this idempotent request are inconsistent with arguments used in previous request(s).",
  );
});

async function stage(): Promise<
  Rehearsal & { readonly instanceId: string; readonly volumeId: string }
> {
  const rehearsal = rehearse();
  const instanceId = await runInstance(rehearsal);
  return { ...rehearsal, instanceId, volumeId: await attachedVolume(rehearsal, instanceId) };
}

test("a volume that is attached already, and one that is to be deleted", async () => {
  const { ec2, instanceId, volumeId } = await stage();
  const again = { VolumeId: volumeId, InstanceId: instanceId, Device: "/dev/sdz" };
  expect(await wordsOf(ec2("AttachVolume", again))).toBe(
    `${volumeId} is already attached to an instance`,
  );
  expect(await wordsOf(ec2("DeleteVolume", { VolumeId: volumeId }))).toBe(
    `Volume ${volumeId} is currently attached to ${instanceId}`,
  );
});
