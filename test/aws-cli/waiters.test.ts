// Every waiter of `aws ec2 wait` that a region like this one can satisfy: each must see what it waits
// for in the answers, or go on until it gives up. Zones, the network and images are described here too.

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type AwsRig, startAws, testTimeout, whyNot } from "./rig.ts";

describe.skipIf(whyNot !== null)("waiters and what is there from the start", testTimeout, () => {
  let rig: AwsRig;
  let instanceId = "";
  let volumeId = "";
  let snapshotId = "";

  beforeAll(async () => {
    rig = await startAws();
    const run = "ec2 run-instances --image-id ami-00000000000000001 --instance-type t3.micro";
    const create = "ec2 create-volume --availability-zone eu-west-1a --size 1";
    [instanceId, volumeId] = await Promise.all([
      rig.text(`${run} --query Instances[0].InstanceId`),
      rig.text(`${create} --query VolumeId`),
    ]);
    const snapshot = `ec2 create-snapshot --volume-id ${volumeId}`;
    snapshotId = await rig.text(`${snapshot} --query SnapshotId`);
  });

  afterAll(() => rig.close());

  test.each([
    ["instance-exists", () => `--instance-ids ${instanceId}`],
    ["instance-running", () => `--instance-ids ${instanceId}`],
    ["instance-status-ok", () => `--instance-ids ${instanceId}`],
    ["system-status-ok", () => `--instance-ids ${instanceId}`],
    ["volume-available", () => `--volume-ids ${volumeId}`],
    ["volume-in-use", () => "--filters Name=attachment.device,Values=/dev/xvda"],
    ["snapshot-completed", () => `--snapshot-ids ${snapshotId}`],
    ["image-available", () => "--filters Name=name,Values=debian-*"],
    ["image-exists", () => "--image-ids ami-00000000000000001"],
    ["subnet-available", () => "--filters Name=availability-zone,Values=eu-west-1b"],
    ["vpc-available", () => "--filters Name=is-default,Values=true"],
    ["vpc-exists", () => "--vpc-ids vpc-00000000000000001"],
  ])("%s ends", async (waiter, argumentsOf) => {
    expect(await rig.aws(`ec2 wait ${waiter} ${argumentsOf()}`)).toMatchObject({ exitCode: 0 });
  });

  test("volume-deleted, instance-stopped and instance-terminated end", async () => {
    await rig.json(`ec2 delete-volume --volume-id ${volumeId}`);
    await rig.json(`ec2 wait volume-deleted --volume-ids ${volumeId}`);
    await rig.json(`ec2 stop-instances --instance-ids ${instanceId}`);
    await rig.json(`ec2 wait instance-stopped --instance-ids ${instanceId}`);
    await rig.json(`ec2 terminate-instances --instance-ids ${instanceId}`);
    await rig.json(`ec2 wait instance-terminated --instance-ids ${instanceId}`);
  });

  test("a waiter for what can never come true gives up at once", async () => {
    const wait = await rig.aws(`ec2 wait instance-running --instance-ids ${instanceId}`);
    expect(wait.exitCode).toBe(255);
    expect(wait.stderr).toContain("terminal failure state");
  });

  test("zones, a network and an image are there", async () => {
    const [zones, subnets, images] = await Promise.all([
      rig.json("ec2 describe-availability-zones --zone-names eu-west-1b"),
      rig.json("ec2 describe-subnets --filters Name=vpc-id,Values=vpc-00000000000000001"),
      rig.json("ec2 describe-images --owners 136693071363 --filters Name=name,Values=debian-12*"),
    ]);
    expect(zones).toMatchObject({
      AvailabilityZones: [{ ZoneName: "eu-west-1b", ZoneId: "euw1-az2", State: "available" }],
    });
    expect(subnets).toMatchObject({
      Subnets: [
        { AvailabilityZone: "eu-west-1a", AvailableIpAddressCount: 251 },
        { AvailabilityZone: "eu-west-1b", AvailableIpAddressCount: 251 },
      ],
    });
    expect(images).toMatchObject({
      Images: [{ ImageId: "ami-00000000000000001", RootDeviceType: "ebs", State: "available" }],
    });
  });
});
