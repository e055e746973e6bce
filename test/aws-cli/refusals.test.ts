// What EC2 refuses, by the real `aws` program and with the status that came over the wire: ids that
// are malformed or unknown, parameters that are missing, unknown, out of range or at odds, and dry runs.
// The program itself refuses unknown options, so the parameters it does not know are sent by tests of
// the wire.

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type AwsRig, startAws, testTimeout, whyNot } from "./rig.ts";

const create = "ec2 create-volume --availability-zone eu-west-1a";
const run = "ec2 run-instances --image-id ami-00000000000000001";
const gone = "00000000000000009";

describe.skipIf(whyNot !== null)("refusals", testTimeout, () => {
  let rig: AwsRig;
  let volumeId = "";

  beforeAll(async () => {
    rig = await startAws();
    volumeId = await rig.text(`${create} --size 1 --query VolumeId`);
  });

  afterAll(() => rig.close());

  test.each([
    ["InvalidVolumeID.Malformed", "ec2 delete-volume --volume-id vol-xyz"],
    ["InvalidParameterValue", `ec2 delete-volume --volume-id snap-${gone}`],
    ["InvalidInstanceID.Malformed", "ec2 stop-instances --instance-ids i-12"],
    ["InvalidInstanceID.NotFound", `ec2 stop-instances --instance-ids i-${gone}`],
    ["InvalidSnapshot.NotFound", `${create} --snapshot-id snap-${gone}`],
    ["InvalidAMIID.NotFound", `ec2 run-instances --image-id ami-${gone}`],
    ["InvalidSubnetID.NotFound", `${run} --subnet-id subnet-${gone}`],
    ["InvalidParameterValue", `${run} --private-ip-address 10.0.9.9`],
    ["InvalidAddress.NotFound", "ec2 allocate-address --address 192.0.2.1"],
    ["MissingParameter", create],
    ["MissingParameter", "ec2 run-instances"],
    ["InvalidZone.NotFound", "ec2 create-volume --availability-zone eu-west-1z --size 1"],
    ["UnknownVolumeType", `${create} --size 1 --volume-type gp9`],
    ["InvalidParameterValue", `${create} --size 65537 --volume-type gp3`],
    ["InvalidParameterValue", `${run} --instance-type t3.enormous`],
    ["InvalidParameterValue", "ec2 describe-volumes --filters Name=colour,Values=red"],
    ["InvalidParameterCombination", `${create} --size 1 --throughput 200`],
    ["InvalidParameterDependency", `${create} --size 1 --kms-key-id alias/mine`],
    ["InvalidAction", "ec2 describe-key-pairs"],
  ])("%s: aws %s", async (code, command) => {
    expect(await rig.refused(command)).toEqual({ code, status: 400 });
  });

  test("a dry run says whether the call would succeed, with 412, and does nothing", async () => {
    const would = { code: "DryRunOperation", status: 412 };
    expect(await rig.refused(`ec2 delete-volume --dry-run --volume-id ${volumeId}`)).toEqual(would);
    const detach = `ec2 detach-volume --dry-run --volume-id ${volumeId}`;
    expect(await rig.refused(detach)).toEqual({ code: "IncorrectState", status: 400 });
    expect(await rig.json("ec2 describe-volumes --query Volumes[].State")).toEqual(["available"]);
  });

  test("more than 200 filter values are refused", async () => {
    const values = Array.from({ length: 201 }, (_none, index) => `v${index}`).join(",");
    const described = rig.refused(`ec2 describe-volumes --filters Name=tag:a,Values=${values}`);
    expect(await described).toEqual({ code: "FilterLimitExceeded", status: 400 });
  });
});
