// A day's work with Elastic IPs by the real `aws` program: the calls that install a seat, look for its
// address, move it by hand and give it back.

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type AwsRig, startAws, testTimeout, whyNot } from "./rig.ts";

const tags = "ResourceType=elastic-ip,Tags=[{Key=seat,Value=db},{Key=what,Value=a*b?c}]";

describe.skipIf(whyNot !== null)("addresses", testTimeout, () => {
  let rig: AwsRig;
  let allocationId = "";
  let publicIp = "";
  let instanceIds: readonly string[] = [];

  beforeAll(async () => {
    rig = await startAws();
    const run = "ec2 run-instances --image-id ami-00000000000000001 --instance-type t3.micro";
    const made = await rig.json(`${run} --count 2 --query Instances[].InstanceId`);
    instanceIds = Array.isArray(made) ? made.map(String) : [];
  });

  afterAll(() => rig.close());

  test("one is allocated with its tags, and shown as it was made", async () => {
    const made = await rig.json("ec2 allocate-address --tag-specifications", tags);
    expect(made).toEqual({
      AllocationId: expect.stringMatching(/^eipalloc-[0-9a-f]{17}$/),
      PublicIp: "203.0.113.1",
      PublicIpv4Pool: "amazon",
      NetworkBorderGroup: "eu-west-1",
      Domain: "vpc",
    });
    const shown = await rig.json("ec2 describe-addresses");
    expect(shown).toEqual({
      Addresses: [
        {
          ...Object(made),
          Tags: [
            { Key: "seat", Value: "db" },
            { Key: "what", Value: "a*b?c" },
          ],
        },
      ],
    });
    allocationId = await rig.text("ec2 describe-addresses --query Addresses[0].AllocationId");
    publicIp = "203.0.113.1";
  });

  test.each([
    ["by a wildcard in the tag's value", "Name=tag:seat,Values=d?", 1],
    ["by stars and question marks that mean themselves", "Name=tag:what,Values=a\\*b\\?c", 1],
    ["not by another text with the same shape", "Name=tag:what,Values=a\\*bxc", 0],
    ["by one value of two", "Name=public-ip,Values=192.0.2.9,203.0.113.*", 1],
    ["not where a second filter fails", "Name=domain,Values=vpc Name=tag:seat,Values=web", 0],
  ])("it is found %s", async (_how, filters, count) => {
    const found = await rig.json(
      "ec2 describe-addresses --query length(Addresses) --filters",
      ...filters.split(" "),
    );
    expect(found).toBe(count);
  });

  test("it is associated, and shows who has it", async () => {
    const [first = ""] = instanceIds;
    const associationId = await rig.text(
      `ec2 associate-address --allocation-id ${allocationId} --instance-id ${first} --query AssociationId`,
    );
    expect(associationId).toMatch(/^eipassoc-[0-9a-f]{17}$/);
    expect(await rig.json(`ec2 describe-addresses --allocation-ids ${allocationId}`)).toMatchObject(
      {
        Addresses: [
          {
            AllocationId: allocationId,
            AssociationId: associationId,
            InstanceId: first,
            NetworkInterfaceId: expect.stringMatching(/^eni-[0-9a-f]{17}$/),
            NetworkInterfaceOwnerId: "123456789012",
            PrivateIpAddress: expect.stringMatching(/^10\.0\.1\./),
          },
        ],
      },
    );
  });

  test("it moves where it may, under a new association, and stays where it may not", async () => {
    const [, second = ""] = instanceIds;
    const associate = `ec2 associate-address --allocation-id ${allocationId} --instance-id ${second}`;
    expect(await rig.refused(`${associate} --no-allow-reassociation`)).toEqual({
      code: "Resource.AlreadyAssociated",
      status: 400,
    });
    const query = "ec2 describe-addresses --query Addresses[0].[InstanceId,AssociationId]";
    const before = await rig.json(query);
    const associationId = await rig.text(
      `${associate} --allow-reassociation --query AssociationId`,
    );
    expect(before).not.toContain(associationId);
    expect(await rig.json(query)).toEqual([second, associationId]);
  });

  test("it cannot be released while it is associated, nor a stale association taken off", async () => {
    expect(await rig.refused(`ec2 release-address --allocation-id ${allocationId}`)).toEqual({
      code: "InvalidIPAddress.InUse",
      status: 400,
    });
    const stale = "ec2 disassociate-address --association-id eipassoc-00000000000000009";
    expect(await rig.refused(stale)).toEqual({
      code: "InvalidAssociationID.NotFound",
      status: 400,
    });
  });

  test("it is taken off by its association and released", async () => {
    const associationId = await rig.text(
      `ec2 describe-addresses --public-ips ${publicIp} --query Addresses[0].AssociationId`,
    );
    expect(await rig.json(`ec2 disassociate-address --association-id ${associationId}`)).toBeNull();
    expect(await rig.json(`ec2 release-address --allocation-id ${allocationId}`)).toBeNull();
    const gone = `ec2 describe-addresses --allocation-ids ${allocationId}`;
    expect(await rig.refused(gone)).toEqual({ code: "InvalidAllocationID.NotFound", status: 400 });
  });
});
