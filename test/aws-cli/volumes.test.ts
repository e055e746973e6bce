// A day's work with volumes by the real `aws` program: made once however often it is asked for,
// attached, taken off kindly and by force, grown while in use, and deleted.

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createNoMachines, type NoMachines } from "../region/state/no-machines.ts";
import { type AwsRig, startAws, testTimeout, whyNot } from "./rig.ts";

describe.skipIf(whyNot !== null)("volumes", testTimeout, () => {
  const machines: NoMachines = createNoMachines();
  let rig: AwsRig;
  let instanceId = "";
  let volumeId = "";
  const stateQuery = "--query Volumes[0].[State,Attachments[0].State]";
  const state = () => rig.json(`ec2 describe-volumes --volume-ids ${volumeId} ${stateQuery}`);
  const attach = (device: string) =>
    `ec2 attach-volume --volume-id ${volumeId} --instance-id ${instanceId} --device ${device}`;

  beforeAll(async () => {
    rig = await startAws({ machines: async () => machines });
    const run = "ec2 run-instances --image-id ami-00000000000000001 --instance-type t3.micro";
    instanceId = await rig.text(`${run} --query Instances[0].InstanceId`);
  });

  afterAll(() => rig.close());

  test("the same client token gives the same volume, and another wish is refused", async () => {
    const create = "ec2 create-volume --availability-zone eu-west-1a --client-token seat-db-1";
    const made = await rig.json(`${create} --size 10 --volume-type gp3 --encrypted`);
    expect(made).toEqual({
      VolumeId: expect.stringMatching(/^vol-[0-9a-f]{17}$/),
      AvailabilityZone: "eu-west-1a",
      CreateTime: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{6})?\+00:00$/),
      Encrypted: true,
      Iops: 3000,
      MultiAttachEnabled: false,
      Size: 10,
      SnapshotId: "",
      State: "creating",
      Tags: [],
      Throughput: 125,
      VolumeType: "gp3",
      KmsKeyId: expect.stringMatching(/^arn:aws:kms:eu-west-1:123456789012:key\//),
    });
    const again = `${create} --size 10 --volume-type gp3 --encrypted --query VolumeId`;
    volumeId = await rig.text(again);
    expect(made).toMatchObject({ VolumeId: volumeId });
    expect(await rig.refused(`${create} --size 11 --volume-type gp3 --encrypted`)).toEqual({
      code: "IdempotentParameterMismatch",
      status: 400,
    });
  });

  test("it is attached, in use, and cannot be attached or deleted then", async () => {
    expect(await rig.json(attach("/dev/sdf"))).toEqual({
      VolumeId: volumeId,
      InstanceId: instanceId,
      Device: "/dev/sdf",
      State: "attaching",
      AttachTime: expect.any(String),
    });
    expect(await state()).toEqual(["in-use", "attached"]);
    const inUse = { code: "VolumeInUse", status: 400 };
    expect(await rig.refused(attach("/dev/sdg"))).toEqual(inUse);
    expect(await rig.refused(`ec2 delete-volume --volume-id ${volumeId}`)).toEqual(inUse);
  });

  test("it is described by its attachment, and its status is ok", async () => {
    const filters = `Name=attachment.instance-id,Values=${instanceId} Name=size,Values=10`;
    const found = "ec2 describe-volumes --query Volumes[].VolumeId --filters";
    expect(await rig.json(`${found} ${filters}`)).toEqual([volumeId]);
    expect(await rig.json(`ec2 describe-volume-status --volume-ids ${volumeId}`)).toEqual({
      VolumeStatuses: [
        {
          Actions: [],
          AvailabilityZone: "eu-west-1a",
          Events: [],
          VolumeId: volumeId,
          VolumeStatus: {
            Details: [
              { Name: "io-enabled", Status: "passed" },
              { Name: "io-performance", Status: "not-applicable" },
            ],
            Status: "ok",
          },
        },
      ],
    });
  });

  test("it grows while in use, and the change is told until it is complete", async () => {
    const modify = `ec2 modify-volume --volume-id ${volumeId}`;
    expect(await rig.json(`${modify} --size 20 --iops 4000`)).toMatchObject({
      VolumeModification: {
        VolumeId: volumeId,
        ModificationState: "modifying",
        OriginalSize: 10,
        TargetSize: 20,
        OriginalIops: 3000,
        TargetIops: 4000,
        Progress: 0,
      },
    });
    const changes = `ec2 describe-volumes-modifications --volume-ids ${volumeId}`;
    expect(await rig.json(changes)).toMatchObject({
      VolumesModifications: [
        { ModificationState: "completed", Progress: 100, EndTime: expect.any(String) },
      ],
    });
    expect(await rig.refused(`${modify} --size 5`)).toEqual({
      code: "InvalidParameterValue",
      status: 400,
    });
  });

  test("a mounted one stays busy until it is taken by force, and its device name is spoilt", async () => {
    machines.setBusy(volumeId, true);
    const detach = `ec2 detach-volume --volume-id ${volumeId}`;
    expect(await rig.json(`${detach} --query State`)).toBe("detaching");
    expect(await state()).toEqual(["in-use", "busy"]);
    expect(await rig.json(`${detach} --force --query State`)).toBe("detaching");
    expect(await state()).toEqual(["available", null]);
    machines.setBusy(volumeId, false);
    expect(await rig.refused(attach("/dev/sdf"))).toEqual({
      code: "InvalidParameterValue",
      status: 400,
    });
  });

  test("one that is free cannot be detached, is deleted, and is not found any more", async () => {
    expect(await rig.refused(`ec2 detach-volume --volume-id ${volumeId}`)).toEqual({
      code: "IncorrectState",
      status: 400,
    });
    expect(await rig.json(`ec2 delete-volume --volume-id ${volumeId}`)).toBeNull();
    expect(await rig.refused(`ec2 describe-volumes --volume-ids ${volumeId}`)).toEqual({
      code: "InvalidVolume.NotFound",
      status: 400,
    });
  });
});
