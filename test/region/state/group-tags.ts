// Tags of groups: a kind of their own in Auto Scaling, each of which says whether instances launched
// later get it too. Putting one on changes no instance that already runs.

import type {
  CreateOrUpdateTagsType,
  DeleteTagsType,
  DescribeTagsType,
  Tag,
  TagDescription,
  TagsType,
} from "@aws-sdk/client-auto-scaling";
import { ApiError } from "../contract.ts";
import { requiredMember, validationError } from "./errors.ts";
import { groupNameFrom, tagKeyFrom, tagValueFrom } from "./group-constraints.ts";
import { groupFiltered } from "./group-filters.ts";
import { records } from "./group-pages.ts";
import type { Group, GroupTag } from "./group-resources.ts";
import type { Region } from "./region.ts";

/** AWS: "Tag Auto Scaling groups and instances". */
const tagsMax = 50;

export function createOrUpdateGroupTags(region: Region, input: CreateOrUpdateTagsType): object {
  const changes = requiredMember(input.Tags, "Tags").map((tag) => ({
    groupName: taggedGroup(region, tag.ResourceId).id,
    tag: groupTagFrom(tag),
  }));
  for (const { groupName, tag } of changes) {
    const group = taggedGroup(region, groupName);
    const others = group.tags.filter((each) => each.key !== tag.key);
    if (others.length >= tagsMax) {
      throw new ApiError("LimitExceeded", `A group has ${tagsMax} tags at most`);
    }
    region.groups.change(groupName, { tags: [...others, tag] });
  }
  return {};
}

export function deleteGroupTags(region: Region, input: DeleteTagsType): object {
  for (const { Key: key, ResourceId: groupName } of requiredMember(input.Tags, "Tags")) {
    const group = taggedGroup(region, groupName);
    region.groups.change(group.id, { tags: group.tags.filter((each) => each.key !== key) });
  }
  return {};
}

export function describeGroupTags(region: Region, input: DescribeTagsType): TagsType {
  const rows = region.groups
    .all()
    .flatMap((group) => group.tags.map((tag) => ({ id: `${group.id} ${tag.key}`, group, tag })));
  const matching = groupFiltered(rows, {
    filters: input.Filters,
    table: {
      "auto-scaling-group": ({ group }) => [group.id],
      key: ({ tag }) => [tag.key],
      value: ({ tag }) => [tag.value],
      "propagate-at-launch": ({ tag }) => [String(tag.propagate)],
    },
  });
  const { rows: shown, next } = records(matching, input);
  return { Tags: shown.map(({ group, tag }) => tagDescription(group, tag)), NextToken: next };
}

export function tagDescription(group: Group, tag: GroupTag): TagDescription {
  return {
    ResourceId: group.id,
    ResourceType: "auto-scaling-group",
    Key: tag.key,
    Value: tag.value,
    PropagateAtLaunch: tag.propagate,
  };
}

/** Its own words: cloud-custodian/cloud-custodian issue 380. */
function taggedGroup(region: Region, name: string | undefined): Group {
  const group = region.groups.get(groupNameFrom(name));
  if (group !== undefined) return group;
  throw validationError(`AutoScalingGroup not found - AutoScaling Group ${name} not found`);
}

/** Tag keys that begin so are AWS's own. */
const reserved = "aws:";

export function groupTagFrom(tag: Tag): GroupTag {
  const key = tagKeyFrom(tag.Key);
  if (key.toLowerCase().startsWith(reserved)) {
    throw validationError(`Tag keys must not start with "${reserved}": ${key}`);
  }
  return {
    key,
    value: tagValueFrom(tag.Value),
    propagate: tag.PropagateAtLaunch ?? false,
  };
}
