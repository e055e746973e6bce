// What the agent may do with the instance it runs on and with its Auto Scaling group. The group is
// named nowhere in the settings: it has to carry the seat's tag. An instance without a group never
// uses what is allowed here, and gains nothing by it.

import type { Settings } from "../domain/settings.ts";
import { tags } from "../domain/tags.ts";
import { ec2Arn, groupArn, ofSeat, onlyTags, type Place, type Statement } from "./statement.ts";

export function groupStatements(settings: Settings, place: Place): readonly Statement[] {
  const { seat, volumes, ready } = settings;
  const stateful = volumes.length > 0;
  const markGroup: Statement = {
    sid: "MarkGroup",
    reason: "Writes the mark of each opening on the group too.",
    actions: ["autoscaling:CreateOrUpdateTags"],
    resources: [groupArn(place)],
    conditions: [ofSeat(seat), onlyTags([tags.mark, tags.protocol])],
  };
  return [
    {
      sid: "ShowLife",
      reason: "Shows on the instance that a take-over or a release progresses.",
      actions: ["ec2:CreateTags"],
      resources: [ec2Arn(place, "instance")],
      conditions: [ofSeat(seat), onlyTags([tags.taking])],
    },
    {
      sid: "AnswerGroup",
      reason: "Answers the hooks of the seat's own group, and has it replace what failed.",
      actions: [
        "autoscaling:CompleteLifecycleAction",
        "autoscaling:RecordLifecycleActionHeartbeat",
        ...(ready?.replace === true ? ["autoscaling:SetInstanceHealth"] : []),
        ...(stateful ? ["autoscaling:TerminateInstanceInAutoScalingGroup"] : []),
      ],
      resources: [groupArn(place)],
      conditions: [ofSeat(seat)],
    },
    ...(stateful ? [markGroup] : []),
  ];
}
