// What Auto Scaling asks IAM: its own Describe actions know no resource, and everything else is about
// the group, also where the call names only one of its instances. A group or an instance that is not
// there is asked about by nobody.

import type { CreateOrUpdateTagsType } from "@aws-sdk/client-auto-scaling";
import type { Region } from "../state/region.ts";
import { groupTags, type Question, requestTags } from "./question.ts";

/** What the calls about members have in common, as far as it matters here. */
interface MemberWish {
  readonly AutoScalingGroupName?: string | undefined;
  readonly InstanceId?: string | undefined;
}

type Asker = (region: Region, input: never) => readonly Question[];

const onGroup =
  (action: string): Asker =>
  (region, wish: MemberWish) => {
    const { AutoScalingGroupName: name, InstanceId: instanceId = "" } = wish;
    return questionsOn(region, action, name ?? region.members.get(instanceId)?.groupName);
  };

export const autoScalingQuestions: Readonly<Record<string, Asker>> = {
  CompleteLifecycleAction: onGroup("CompleteLifecycleAction"),
  CreateOrUpdateTags: tagGroups,
  RecordLifecycleActionHeartbeat: onGroup("RecordLifecycleActionHeartbeat"),
  SetInstanceHealth: onGroup("SetInstanceHealth"),
  TerminateInstanceInAutoScalingGroup: onGroup("TerminateInstanceInAutoScalingGroup"),
};

function questionsOn(
  region: Region,
  action: string,
  name: string | undefined,
): readonly Question[] {
  const group = region.groups.get(name ?? "");
  if (group === undefined) return [];
  return [{ action: `autoscaling:${action}`, resource: group.arn, context: groupTags(group) }];
}

/** Each group that is named, with the tags that it is to get. */
function tagGroups(region: Region, input: CreateOrUpdateTagsType): readonly Question[] {
  const tags = input.Tags ?? [];
  const names = new Set(tags.map(({ ResourceId: name = "" }) => name));
  return [...names].flatMap((name) => {
    const own = tags.filter(({ ResourceId: each }) => each === name);
    return questionsOn(region, "CreateOrUpdateTags", name).map((question) => ({
      ...question,
      context: { ...question.context, ...requestTags(own) },
    }));
  });
}
