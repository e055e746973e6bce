// A region with a launch template for groups, and what the tests of Auto Scaling's commands ask of it
// between two of them. They look through the SDK, which is quicker than another start of the program.

import {
  type AutoScalingInstanceDetails,
  DescribeAutoScalingInstancesCommand,
} from "@aws-sdk/client-auto-scaling";
import { until } from "../region-wire/until.ts";
import { type AwsRig, startAws } from "./rig.ts";

export interface GroupRig extends AwsRig {
  /** Both subnets, as `--vpc-zone-identifier` wants them. */
  readonly subnets: string;
  /** The members of the group `seat`, oldest first. */
  members(): Promise<readonly AutoScalingInstanceDetails[]>;
  /** Waits until the group's members are in exactly these states; resolves to their ids. */
  inStates(...states: readonly string[]): Promise<readonly string[]>;
}

const template =
  '{"ImageId":"ami-00000000000000001","InstanceType":"t3.micro",' +
  '"TagSpecifications":[{"ResourceType":"instance","Tags":[{"Key":"Name","Value":"seat"}]}]}';

export async function startGroupRig(): Promise<GroupRig> {
  const rig = await startAws();
  const subnets = await rig.json("ec2 describe-subnets --query Subnets[].SubnetId");
  await rig.json(
    "ec2 create-launch-template --launch-template-name seat --launch-template-data",
    template,
  );
  const members = async () => {
    const command = new DescribeAutoScalingInstancesCommand({});
    const { AutoScalingInstances = [] } = await rig.region.autoScaling.send(command);
    return AutoScalingInstances;
  };
  return {
    ...rig,
    subnets: Array.isArray(subnets) ? subnets.join(",") : "",
    members,
    async inStates(...states) {
      let found: readonly AutoScalingInstanceDetails[] = [];
      const wanted = states.toSorted().join();
      await until(`the members are in ${wanted}`, async () => {
        found = await members();
        const now = found.map((each) => String(each.LifecycleState));
        return now.toSorted().join() === wanted;
      });
      return found.map((each) => each.InstanceId ?? "");
    },
  };
}

/** Blanks are arguments of their own to the program: what follows is one. */
export const seat = "--auto-scaling-group-name seat";
