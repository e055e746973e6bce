// What Auto Scaling refuses, with its own code and status, when the real `aws` program asks for it:
// what is malformed, missing, unknown, in conflict or in use. There is one group, which nobody changes.

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type GroupRig, seat, startGroupRig } from "./auto-scaling-stage.ts";
import { testTimeout, whyNot } from "./rig.ts";

const create = "autoscaling create-auto-scaling-group --auto-scaling-group-name";
const source = "--launch-template LaunchTemplateName=seat";
const sizes = "--min-size 1 --max-size 1";
const zone = "--availability-zones eu-west-1a";
const hook = `autoscaling put-lifecycle-hook ${seat} --lifecycle-hook-name`;
const launching = "--lifecycle-transition autoscaling:EC2_INSTANCE_LAUNCHING";
const stray = "i-0123456789abcdef0";

/** Each with what is wrong with it; `MEMBER` is the group's member, `LOOSE` an instance of no group. */
const refusals: readonly (readonly [code: string, what: string, command: string])[] = [
  ["AlreadyExists", "a name that is taken", `${create} seat ${sizes} ${source} ${zone}`],
  ["ValidationError", "a colon in a name", `${create} a:b ${sizes} ${source} ${zone}`],
  [
    "ValidationError",
    "a name of 256 letters",
    `${create} ${"a".repeat(256)} ${sizes} ${source} ${zone}`,
  ],
  ["ValidationError", "no template", `${create} b ${sizes} ${zone}`],
  ["ValidationError", "no place", `${create} b ${sizes} ${source}`],
  [
    "ValidationError",
    "an unknown place",
    `${create} b ${sizes} ${source} --vpc-zone-identifier subnet-1`,
  ],
  [
    "ValidationError",
    "a minimum above the maximum",
    `${create} b --min-size 2 --max-size 1 ${source} ${zone}`,
  ],
  [
    "ValidationError",
    "a size below nothing",
    `${create} b --min-size -1 --max-size 1 ${source} ${zone}`,
  ],
  [
    "ValidationError",
    "an unknown template",
    `${create} b ${sizes} ${zone} --launch-template LaunchTemplateName=none`,
  ],
  ["ValidationError", "an unknown version", `${create} b ${sizes} ${zone} ${source},Version=7`],
  [
    "ValidationError",
    "a template and a policy",
    `${create} b ${sizes} ${zone} ${source} --mixed-instances-policy LaunchTemplate={LaunchTemplateSpecification={LaunchTemplateName=seat}}`,
  ],
  [
    "ValidationError",
    "an old launch configuration",
    `${create} b ${sizes} ${zone} --launch-configuration-name none`,
  ],
  [
    "ValidationError",
    "a hook that is too quick",
    `${create} b ${sizes} ${source} ${zone} --lifecycle-hook-specification-list LifecycleHookName=a,LifecycleTransition=autoscaling:EC2_INSTANCE_LAUNCHING,HeartbeatTimeout=29`,
  ],
  [
    "ValidationError",
    "an update of no group",
    "autoscaling update-auto-scaling-group --auto-scaling-group-name none --min-size 0",
  ],
  [
    "ValidationError",
    "the end of no group",
    "autoscaling delete-auto-scaling-group --auto-scaling-group-name none",
  ],
  [
    "ValidationError",
    "a capacity above the maximum",
    `autoscaling set-desired-capacity ${seat} --desired-capacity 2`,
  ],
  ["ValidationError", "a heartbeat of 29 s", `${hook} a ${launching} --heartbeat-timeout 29`],
  ["ValidationError", "a heartbeat of 7201 s", `${hook} a ${launching} --heartbeat-timeout 7201`],
  ["ValidationError", "an unknown transition", `${hook} a --lifecycle-transition autoscaling:NONE`],
  ["ValidationError", "a new hook without transition", `${hook} a`],
  ["ValidationError", "a hook's name with a dot", `${hook} a.b ${launching}`],
  ["ValidationError", "an unknown result", `${hook} a ${launching} --default-result MAYBE`],
  [
    "ValidationError",
    "an answer to no hook",
    `autoscaling complete-lifecycle-action ${seat} --lifecycle-hook-name none --instance-id MEMBER --lifecycle-action-result CONTINUE`,
  ],
  [
    "ValidationError",
    "no active action",
    `autoscaling record-lifecycle-action-heartbeat ${seat} --lifecycle-hook-name idle --instance-id MEMBER`,
  ],
  [
    "ValidationError",
    "a token that is too long",
    `autoscaling record-lifecycle-action-heartbeat ${seat} --lifecycle-hook-name idle --lifecycle-action-token ${"a".repeat(37)}`,
  ],
  [
    "ValidationError",
    "the health of no member",
    `autoscaling set-instance-health --instance-id ${stray} --health-status Healthy`,
  ],
  [
    "ValidationError",
    "an unknown health",
    "autoscaling set-instance-health --instance-id MEMBER --health-status Fine",
  ],
  [
    "ValidationError",
    "the end of no member",
    `autoscaling terminate-instance-in-auto-scaling-group --instance-id ${stray} --no-should-decrement-desired-capacity`,
  ],
  [
    "ValidationError",
    "an end below the minimum",
    "autoscaling terminate-instance-in-auto-scaling-group --instance-id MEMBER --should-decrement-desired-capacity",
  ],
  [
    "ValidationError",
    "a standby below the minimum",
    `autoscaling enter-standby ${seat} --instance-ids MEMBER --should-decrement-desired-capacity`,
  ],
  [
    "ValidationError",
    "no standby to leave",
    `autoscaling exit-standby ${seat} --instance-ids MEMBER`,
  ],
  [
    "ValidationError",
    "another's instance to detach",
    `autoscaling detach-instances ${seat} --instance-ids LOOSE --no-should-decrement-desired-capacity`,
  ],
  [
    "ValidationError",
    "one too many to attach",
    `autoscaling attach-instances ${seat} --instance-ids LOOSE`,
  ],
  [
    "ValidationError",
    "a member to attach again",
    `autoscaling attach-instances ${seat} --instance-ids MEMBER`,
  ],
  [
    "ValidationError",
    "an unknown process",
    `autoscaling suspend-processes ${seat} --scaling-processes Sleep`,
  ],
  [
    "ValidationError",
    "an unknown filter",
    "autoscaling describe-tags --filters Name=colour,Values=red",
  ],
  [
    "ValidationError",
    "tags of no group",
    "autoscaling create-or-update-tags --tags ResourceId=none,ResourceType=auto-scaling-group,Key=a,Value=b,PropagateAtLaunch=false",
  ],
  [
    "ValidationError",
    "a page of 101",
    "autoscaling describe-auto-scaling-groups --no-paginate --max-records 101",
  ],
  [
    "ValidationError",
    "an unknown pool state",
    `autoscaling put-warm-pool ${seat} --pool-state Cold`,
  ],
  [
    "InvalidNextToken",
    "a token of nobody's",
    "autoscaling describe-auto-scaling-groups --no-paginate --next-token none",
  ],
  [
    "ActiveInstanceRefreshNotFound",
    "no refresh to cancel",
    `autoscaling cancel-instance-refresh ${seat}`,
  ],
];

describe.skipIf(whyNot !== null)("Auto Scaling refuses", testTimeout, () => {
  let rig: GroupRig;
  let member = "";
  let loose = "";

  beforeAll(async () => {
    rig = await startGroupRig();
    await rig.json(`${create} seat ${sizes} ${source} ${zone}`);
    await rig.json(`${hook} idle ${launching}`);
    [member = ""] = await rig.inStates("InService");
    const run = "ec2 run-instances --image-id ami-00000000000000001 --instance-type t3.micro";
    loose = await rig.text(`${run} --query Instances[0].InstanceId`);
  });

  afterAll(() => rig.close());

  test.each(refusals)("with %s: %s", async (code, _what, command) => {
    const words = command.replaceAll("MEMBER", member).replaceAll("LOOSE", loose);
    expect(await rig.refused(words)).toEqual({ code, status: 400 });
  });
});
