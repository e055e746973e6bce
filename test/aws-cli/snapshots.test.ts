// A day's work with snapshots and tags by the real `aws` program: of one volume, of all of an
// instance at one moment, restored in another zone, found by what they are tagged with, deleted.

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { at } from "./answers.ts";
import { type AwsRig, startAws, testTimeout, whyNot } from "./rig.ts";

const own = "--owner-ids self";

describe.skipIf(whyNot !== null)("snapshots and tags", testTimeout, () => {
  let rig: AwsRig;
  let instanceId = "";
  let volumeId = "";
  let snapshotId = "";

  beforeAll(async () => {
    rig = await startAws();
    const run = "ec2 run-instances --image-id ami-00000000000000001 --instance-type t3.micro";
    const mapping = "DeviceName=/dev/sdf,Ebs={VolumeSize=5,VolumeType=gp3}";
    const tags = "ResourceType=volume,Tags=[{Key=seat,Value=db}]";
    const more = `--block-device-mappings ${mapping} --tag-specifications ${tags}`;
    instanceId = await rig.text(`${run} ${more} --query Instances[0].InstanceId`);
    await rig.json(`ec2 wait volume-in-use --filters Name=size,Values=5`);
    volumeId = await rig.text(
      "ec2 describe-volumes --filters Name=size,Values=5 --query Volumes[0].VolumeId",
    );
  });

  afterAll(() => rig.close());

  test("one is pending without progress first, and complete later", async () => {
    const made = await rig.json(
      `ec2 create-snapshot --volume-id ${volumeId} --description`,
      "by hand",
    );
    expect(made).toEqual({
      SnapshotId: expect.stringMatching(/^snap-[0-9a-f]{17}$/),
      VolumeId: volumeId,
      VolumeSize: 5,
      Description: "by hand",
      Encrypted: false,
      OwnerId: "123456789012",
      Progress: "",
      StartTime: expect.any(String),
      State: "pending",
      Tags: [],
    });
    snapshotId = await rig.text(`ec2 describe-snapshots ${own} --query Snapshots[0].SnapshotId`);
    expect(made).toMatchObject({ SnapshotId: snapshotId });
    await rig.json(`ec2 wait snapshot-completed --snapshot-ids ${snapshotId}`);
    const shown = await rig.json(`ec2 describe-snapshots ${own}`);
    expect(at(shown, "Snapshots.0")).toMatchObject({
      SnapshotId: snapshotId,
      StartTime: at(made, "StartTime"),
      Progress: "100%",
      State: "completed",
      StorageTier: "standard",
    });
    expect(at(shown, "Snapshots.0")).not.toHaveProperty("Tags");
  });

  test("a volume in another zone is made from it, as large at least", async () => {
    const create = `ec2 create-volume --availability-zone eu-west-1b --snapshot-id ${snapshotId}`;
    expect(await rig.json(`${create} --query [Size,SnapshotId,VolumeType]`)).toEqual([
      5,
      snapshotId,
      "gp2",
    ]);
    expect(await rig.refused(`${create} --size 4`)).toEqual({
      code: "InvalidParameterValue",
      status: 400,
    });
  });

  test("all volumes of an instance are taken at once, with their tags", async () => {
    const specification = `InstanceId=${instanceId},ExcludeBootVolume=true`;
    const made = await rig.json(
      `ec2 create-snapshots --instance-specification ${specification} --copy-tags-from-source volume`,
    );
    expect(made).toMatchObject({
      Snapshots: [{ VolumeId: volumeId, State: "pending", Tags: [{ Key: "seat", Value: "db" }] }],
    });
    const root = `InstanceId=${instanceId}`;
    const both = `ec2 create-snapshots --instance-specification ${root} --query length(Snapshots)`;
    expect(await rig.json(both)).toBe(2);
  });

  test("tags are put on, listed by what they are on, and taken off by key and by value", async () => {
    await rig.json(
      `ec2 create-tags --resources ${snapshotId} ${instanceId} --tags`,
      "Key=a,Value=b c",
    );
    const sorted = "sort_by(Tags,&ResourceType)[].[ResourceType,Value]";
    const list = `ec2 describe-tags --query ${sorted} --filters Name=key,Values=a`;
    expect(await rig.json(list)).toEqual([
      ["instance", "b c"],
      ["snapshot", "b c"],
    ]);
    await rig.json(`ec2 delete-tags --resources ${instanceId} --tags Key=a,Value=other`);
    await rig.json(`ec2 delete-tags --resources ${snapshotId} --tags Key=a`);
    expect(await rig.json(list)).toEqual([["instance", "b c"]]);
  });

  test("reserved keys and resources of no kind are refused", async () => {
    const tag = "ec2 create-tags --tags Key=aws:x,Value=1 --resources";
    expect(await rig.refused(`${tag} ${snapshotId}`)).toEqual({
      code: "InvalidParameterValue",
      status: 400,
    });
    expect(await rig.refused("ec2 create-tags --tags Key=a,Value=1 --resources moon-1")).toEqual({
      code: "InvalidID",
      status: 400,
    });
  });

  test("it is found among the account's own, not among others', and deleted once", async () => {
    const others = "ec2 describe-snapshots --owner-ids 111122223333 --query Snapshots";
    expect(await rig.json(others)).toEqual([]);
    const filters = `--filters Name=volume-id,Values=${volumeId} Name=description,Values=by*`;
    const found = `ec2 describe-snapshots ${own} ${filters} --query Snapshots[].SnapshotId`;
    expect(await rig.json(found)).toEqual([snapshotId]);
    const deletion = `ec2 delete-snapshot --snapshot-id ${snapshotId}`;
    expect(await rig.json(deletion)).toBeNull();
    expect(await rig.refused(deletion)).toEqual({ code: "InvalidSnapshot.NotFound", status: 400 });
  });
});
