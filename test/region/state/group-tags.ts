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
import { requiredMember } from "./errors.ts";
import { filtered } from "./filters.ts";
import { findGroup } from "./group-lookup.ts";
import type { Group, GroupTag } from "./group-resources.ts";
import { records } from "./pages.ts";
import type { Region } from "./region.ts";

export function createOrUpdateGroupTags(region: Region, input: CreateOrUpdateTagsType): object {
  const changes = requiredMember(input.Tags, "Tags").map((tag) => ({
    groupName: findGroup(region, tag.ResourceId).id,
    tag: groupTagFrom(tag),
  }));
  for (const { groupName, tag } of changes) {
    const group = findGroup(region, groupName);
    const others = group.tags.filter((each) => each.key !== tag.key);
    region.groups.change(groupName, { tags: [...others, tag] });
  }
  return {};
}

export function deleteGroupTags(region: Region, input: DeleteTagsType): object {
  for (const { Key: key, ResourceId: groupName } of requiredMember(input.Tags, "Tags")) {
    const group = findGroup(region, groupName);
    region.groups.change(group.id, { tags: group.tags.filter((each) => each.key !== key) });
  }
  return {};
}

export function describeGroupTags(region: Region, input: DescribeTagsType): TagsType {
  const rows = region.groups
    .all()
    .flatMap((group) => group.tags.map((tag) => ({ id: `${group.id} ${tag.key}`, group, tag })));
  const matching = filtered(rows, {
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

export function groupTagFrom(tag: Tag): GroupTag {
  return {
    key: requiredMember(tag.Key, "Tag.Key"),
    value: tag.Value ?? "",
    propagate: tag.PropagateAtLaunch ?? false,
  };
}
