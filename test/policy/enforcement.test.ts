// The region asks IAM: what it refuses an instance's role, in which words, and that it refuses the
// operator nothing. A key that EC2 may not use fails no creation, and leaves no volume.

import { setTimeout as sleep } from "node:timers/promises";
import { DescribeImagesCommand } from "@aws-sdk/client-ec2";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { PolicyDocument } from "../../agent/policy/document.ts";
import { ApiError } from "../region/contract.ts";
import { printedFor, wholeSettings } from "../region/iam/printed.ts";
import { autoscaling, ec2 } from "./attacks.ts";
import { keyArn } from "./cases.ts";
import { type Call, callerOf, disguise, type Field, openField, tagging } from "./field.ts";
import { withoutCondition } from "./removals.ts";

let field: Field;
beforeEach(async () => {
  field = await openField();
});
afterEach(() => field.close());

const seatTag = { Key: "ec2-ha:seat", Value: "orders" };
const keysOfWhatIsMade = {
  sid: "TagWhatIsMade",
  operator: "ForAllValues:StringEquals",
  key: "aws:TagKeys",
};
const everything = statement({ Action: ["*"], Resource: ["*"] });

describe("a role without policies", () => {
  beforeEach(() => allow());

  it("is refused by EC2 in its words, with what it may not do on what", async () => {
    const { instanceId, volumeId } = field.mine;
    const attach = { VolumeId: volumeId, InstanceId: instanceId, Device: "/dev/sdg" };
    const error = await errorOf(ec2("AttachVolume", attach));
    expect(error).toMatchObject({ code: "UnauthorizedOperation", status: 403 });
    const arn = `arn:aws:sts::123456789012:assumed-role/ec2-ha-orders/${instanceId}`;
    const instance = `arn:aws:ec2:eu-west-1:123456789012:instance/${instanceId}`;
    expect(error?.message.split(" Encoded ")[0]).toBe(
      `You are not authorized to perform this operation. User: ${arn} is not authorized to perform: ec2:AttachVolume on resource: ${instance} because no identity-based policy allows the ec2:AttachVolume action.`,
    );
    expect(error?.message).toMatch(/Encoded authorization failure message: [\w-]+$/);
  });

  it("is refused by Auto Scaling in its words", async () => {
    const error = await errorOf(autoscaling("DescribeAutoScalingGroups", {}));
    expect(error).toMatchObject({ code: "AccessDenied", status: 403 });
    expect(error?.message).toMatch(
      /^User: arn:\S+ is not authorized to perform: autoscaling:DescribeAutoScalingGroups because no identity-based policy allows the autoscaling:DescribeAutoScalingGroups action$/,
    );
  });

  it("is refused a dry run as well", async () => {
    const { volumeId: VolumeId } = field.mine;
    const error = await errorOf(ec2("DeleteVolume", { VolumeId, DryRun: true }));
    expect(error?.code).toBe("UnauthorizedOperation");
    allow(everything);
    const allowed = await errorOf(ec2("CreateSnapshot", { VolumeId, DryRun: true }));
    expect(allowed?.code).toBe("DryRunOperation");
  });

  it("is told of a resource that is missing before anything else", async () => {
    const VolumeId = "vol-0123456789abcdef0";
    const error = await errorOf(ec2("DeleteVolume", { VolumeId }));
    expect(error?.code).toBe("InvalidVolume.NotFound");
  });
});

it("tags of what is in no seat are asked about as well", async () => {
  allow(printedFor(wholeSettings("orders")));
  const { launchTemplateId, subnetIds, rootVolumeId } = field.mine;
  const { Images: images = [] } = await field.region.ec2.send(new DescribeImagesCommand({}));
  const ids = [images[0]?.ImageId, launchTemplateId, rootVolumeId, ...subnetIds];
  for (const id of ids) {
    const error = await errorOf(ec2("CreateTags", { Resources: [id], Tags: [seatTag] }));
    expect(error).toMatchObject({ code: "UnauthorizedOperation" });
    expect(error?.message).toContain(`/${id}`);
  }
});

it("a tag that differs in capitals alone passes for the seat's, unless the keys are counted", async () => {
  const wish = { AvailabilityZone: "eu-west-1a", Size: 1, VolumeType: "gp3" };
  const Tags = disguise(field.mine, field.theirs);
  const call = ec2("CreateVolume", {
    ...wish,
    TagSpecifications: [{ ResourceType: "volume", Tags }],
  });
  const printed = printedFor(wholeSettings("orders"));
  allow(printed);
  expect((await errorOf(call))?.message).toContain("ec2:CreateTags on resource");
  allow(withoutCondition(printed, keysOfWhatIsMade));
  expect(await errorOf(call)).toBeNull();
});

describe("the call that makes something", () => {
  const tagged = { TagSpecifications: tagging("volume", "orders") };
  const wish = { AvailabilityZone: "eu-west-1a", Size: 1, VolumeType: "gp3" };

  it("needs the right to tag as well, where it gives tags", async () => {
    allow(statement({ Action: ["ec2:CreateVolume"], Resource: ["*"] }));
    expect(await errorOf(ec2("CreateVolume", wish))).toBeNull();
    const error = await errorOf(ec2("CreateVolume", { ...wish, ...tagged }));
    expect(error?.message).toContain(
      "ec2:CreateTags on resource: arn:aws:ec2:eu-west-1:123456789012:volume/*",
    );
  });

  it("is asked about its source and its result apart", async () => {
    allow(printedFor(wholeSettings("orders")));
    const SnapshotId = field.mine.snapshotId;
    expect(await errorOf(ec2("CreateVolume", { ...wish, ...tagged, SnapshotId }))).toBeNull();
    const other = { ...wish, ...tagged, SnapshotId: field.theirs.snapshotId };
    const error = await errorOf(ec2("CreateVolume", other));
    expect(error?.message).toContain(`eu-west-1::snapshot/${field.theirs.snapshotId}`);
  });
});

describe("a customer managed key", () => {
  const encrypted = {
    AvailabilityZone: "eu-west-1a",
    Size: 1,
    VolumeType: "gp3",
    Encrypted: true,
    KmsKeyId: keyArn,
  };
  const withoutKeys = statement({ Action: ["ec2:*"], Resource: ["*"] });

  it("that EC2 may not use leaves no volume behind a creation that succeeded", async () => {
    allow(withoutKeys);
    const made = await create(encrypted);
    await expect
      .poll(() => errorOf(ec2("DescribeVolumes", { VolumeIds: [made] })))
      .toMatchObject({
        code: "InvalidVolume.NotFound",
      });
  });

  it("that it may not hand on refuses the attachment", async () => {
    allow(everything);
    const made = await create(encrypted);
    await sleep(50);
    allow(withoutKeys);
    const attach = { VolumeId: made, InstanceId: field.mine.instanceId, Device: "/dev/sdg" };
    expect((await errorOf(ec2("AttachVolume", attach)))?.message).toContain("kms:CreateGrant");
  });

  it("of the account's own asks nobody", async () => {
    allow(withoutKeys);
    const { KmsKeyId: _none, ...wish } = encrypted;
    const made = await create(wish);
    await sleep(50);
    expect(await errorOf(ec2("DescribeVolumes", { VolumeIds: [made] }))).toBeNull();
  });
});

function allow(...policies: readonly PolicyDocument[]): void {
  field.region.roles.setPolicies(field.mine.roleName, policies);
}

function statement(allowed: {
  readonly Action: readonly string[];
  readonly Resource: readonly string[];
}): PolicyDocument {
  return {
    Version: "2012-10-17",
    Statement: [{ Sid: "Allowed", Effect: "Allow", ...allowed }],
  };
}

async function perform(call: Call): Promise<Record<string, unknown>> {
  return field.region.world.call({ ...call, caller: callerOf(field.mine) });
}

async function errorOf(call: Call): Promise<ApiError | null> {
  try {
    await perform(call);
    return null;
  } catch (error) {
    if (error instanceof ApiError) return error;
    throw error;
  }
}

async function create(input: Call["input"]): Promise<string> {
  return String((await perform(ec2("CreateVolume", input)))["VolumeId"]);
}
