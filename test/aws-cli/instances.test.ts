// A day's work with instances and launch templates by the real `aws` program: launched from a version
// of a template, described, changed, stopped, started, protected and terminated.

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { at, textAt } from "./answers.ts";
import { type AwsRig, startAws, testTimeout, whyNot } from "./rig.ts";

const image = "ami-00000000000000001";

describe.skipIf(whyNot !== null)("launch templates and instances", testTimeout, () => {
  let rig: AwsRig;
  let templateId = "";
  let instanceId = "";
  const state = () =>
    rig.text(
      `ec2 describe-instances --instance-ids ${instanceId} --query Reservations[0].Instances[0].State.Name`,
    );

  beforeAll(async () => {
    rig = await startAws();
  });

  afterAll(() => rig.close());

  test("a template is made, gets a second version, and has it as its default", async () => {
    const create = "ec2 create-launch-template --launch-template-name seat --launch-template-data";
    const data = JSON.stringify({ ImageId: image, InstanceType: "t3.small" });
    const made = await rig.json(create, data);
    expect(made).toEqual({
      LaunchTemplate: {
        LaunchTemplateId: expect.stringMatching(/^lt-[0-9a-f]{17}$/),
        LaunchTemplateName: "seat",
        CreateTime: expect.stringMatching(/:\d\d\+00:00$/),
        CreatedBy: "arn:aws:iam::123456789012:user/operator",
        DefaultVersionNumber: 1,
        LatestVersionNumber: 1,
      },
    });
    templateId = textAt(made, "LaunchTemplate.LaunchTemplateId");
    expect(await rig.refused(create, data)).toEqual({
      code: "InvalidLaunchTemplateName.AlreadyExistsException",
      status: 400,
    });
    const version = `ec2 create-launch-template-version --launch-template-id ${templateId}`;
    const larger = await rig.json(
      `${version} --source-version 1 --launch-template-data`,
      '{"InstanceType":"t3.large"}',
    );
    expect(larger).toMatchObject({
      LaunchTemplateVersion: {
        VersionNumber: 2,
        DefaultVersion: false,
        LaunchTemplateData: { ImageId: image, InstanceType: "t3.large" },
      },
    });
    const modify = `ec2 modify-launch-template --launch-template-id ${templateId} --default-version 2`;
    expect(await rig.json(`${modify} --query LaunchTemplate.DefaultVersionNumber`)).toBe(2);
  });

  test("two instances of one launch share a reservation and are numbered", async () => {
    const run = `ec2 run-instances --launch-template LaunchTemplateId=${templateId},Version=1 --count 2`;
    const made = await rig.json(run);
    expect(made).toMatchObject({
      OwnerId: "123456789012",
      Groups: [],
      ReservationId: expect.stringMatching(/^r-[0-9a-f]{17}$/),
      Instances: [0, 1].map((AmiLaunchIndex) => ({
        AmiLaunchIndex,
        InstanceType: "t3.small",
        State: { Code: 0, Name: "pending" },
        StateReason: { Code: "pending", Message: "pending" },
        BlockDeviceMappings: [],
        PublicDnsName: "",
        VpcId: expect.stringMatching(/^vpc-/),
      })),
    });
    expect(at(made, "Instances.0")).not.toHaveProperty("PublicIpAddress");
    instanceId = textAt(made, "Instances.1.InstanceId");
    const reservation = `Name=reservation-id,Values=${textAt(made, "ReservationId")}`;
    const shown = await rig.json(`ec2 describe-instances --filters ${reservation}`);
    expect(at(shown, "Reservations")).toHaveLength(1);
    expect(at(shown, "Reservations.0.Instances.1")).toMatchObject({
      InstanceId: instanceId,
      State: { Code: 16, Name: "running" },
      LaunchTime: expect.stringMatching(/T\d\d:\d\d:\d\d\+00:00$/),
      PrivateDnsName: expect.stringMatching(/^ip-10-0-1-\d+\.eu-west-1\.compute\.internal$/),
      MetadataOptions: { State: "applied", HttpTokens: "required" },
      BlockDeviceMappings: [{ DeviceName: "/dev/xvda", Ebs: { Status: "attached" } }],
      Tags: [
        { Key: "aws:ec2launchtemplate:id", Value: templateId },
        { Key: "aws:ec2launchtemplate:version", Value: "1" },
      ],
    });
  });

  test("its checks pass, and it is stopped, changed and started again", async () => {
    const statuses = `ec2 describe-instance-status --instance-ids ${instanceId}`;
    expect(await rig.json(statuses)).toMatchObject({
      InstanceStatuses: [{ InstanceState: { Name: "running" }, SystemStatus: { Status: "ok" } }],
    });
    const resize = `ec2 modify-instance-attribute --instance-id ${instanceId} --instance-type t3.large`;
    expect(await rig.refused(resize)).toEqual({ code: "IncorrectInstanceState", status: 400 });
    expect(await rig.json(`ec2 stop-instances --instance-ids ${instanceId}`)).toEqual({
      StoppingInstances: [
        {
          InstanceId: instanceId,
          PreviousState: { Code: 16, Name: "running" },
          CurrentState: { Code: 64, Name: "stopping" },
        },
      ],
    });
    await rig.json(`ec2 wait instance-stopped --instance-ids ${instanceId}`);
    expect(await rig.json(resize)).toBeNull();
    const attribute = `ec2 describe-instance-attribute --instance-id ${instanceId} --attribute`;
    expect(await rig.json(`${attribute} instanceType`)).toEqual({
      InstanceId: instanceId,
      InstanceType: { Value: "t3.large" },
    });
    expect(await rig.json(`${statuses} --query InstanceStatuses`)).toEqual([]);
    await rig.json(`ec2 start-instances --instance-ids ${instanceId}`);
    expect(await state()).toBe("running");
  });

  test("a protected one is not terminated; one that was is seen for a while", async () => {
    const modify = `ec2 modify-instance-attribute --instance-id ${instanceId}`;
    const terminate = `ec2 terminate-instances --instance-ids ${instanceId}`;
    await rig.json(`${modify} --disable-api-termination`);
    expect(await rig.refused(terminate)).toEqual({ code: "OperationNotPermitted", status: 400 });
    await rig.json(`${modify} --no-disable-api-termination`);
    expect(await rig.json(`ec2 reboot-instances --instance-ids ${instanceId}`)).toBeNull();
    expect(await rig.json(`${terminate} --query TerminatingInstances[0].CurrentState.Name`)).toBe(
      "shutting-down",
    );
    await rig.json(`ec2 wait instance-terminated --instance-ids ${instanceId}`);
    const shown = await rig.json(`ec2 describe-instances --instance-ids ${instanceId}`);
    const gone = at(shown, "Reservations.0.Instances.0");
    expect(gone).toMatchObject({
      State: { Code: 48, Name: "terminated" },
      StateReason: { Code: "Client.UserInitiatedShutdown" },
      StateTransitionReason: expect.stringMatching(/^User initiated \(.* GMT\)$/),
      BlockDeviceMappings: [],
      NetworkInterfaces: [],
      PrivateDnsName: "",
    });
    expect(gone).not.toHaveProperty("PrivateIpAddress");
    expect(await rig.refused(`ec2 start-instances --instance-ids ${instanceId}`)).toEqual({
      code: "IncorrectInstanceState",
      status: 400,
    });
  });

  test("a template's versions go one by one, the default one only with the template", async () => {
    const versions = `--launch-template-id ${templateId}`;
    const one = await rig.json(`ec2 delete-launch-template-versions ${versions} --versions 1 9`);
    expect(one).toMatchObject({
      SuccessfullyDeletedLaunchTemplateVersions: [{ VersionNumber: 1 }],
      UnsuccessfullyDeletedLaunchTemplateVersions: [
        { VersionNumber: 9, ResponseError: { Code: "launchTemplateVersionDoesNotExist" } },
      ],
    });
    const left = "ec2 describe-launch-template-versions --versions $Latest $Default --query";
    expect(await rig.json(left, "LaunchTemplateVersions[].VersionNumber")).toEqual([2]);
    expect(
      await rig.refused(`ec2 describe-launch-template-versions ${versions} --versions 1`),
    ).toEqual({ code: "InvalidLaunchTemplateId.VersionNotFound", status: 400 });
    await rig.json(`ec2 delete-launch-template ${versions}`);
    expect(await rig.refused("ec2 describe-launch-templates --launch-template-names seat")).toEqual(
      { code: "InvalidLaunchTemplateName.NotFoundException", status: 400 },
    );
  });
});
