// Tags of EC2 resources: those given in the call that creates a resource, and those put on, taken
// off and listed later. A call either changes all the resources it names or none.

import type {
  CreateTagsRequest,
  DeleteTagsRequest,
  DescribeTagsRequest,
  DescribeTagsResult,
  ResourceType,
  Tag,
  TagDescription,
  TagSpecification,
} from "@aws-sdk/client-ec2";
import { ApiError } from "../contract.ts";
import { invalidValue, required } from "./errors.ts";
import { filtered } from "./filters.ts";
import { find, type KindName, kindOf } from "./lookup.ts";
import { page } from "./pages.ts";
import type { Region } from "./region.ts";
import type { Tags } from "./resources.ts";
import type { Row, Table } from "./table.ts";

/** AWS: 50 tags on a resource, keys up to 128 and values up to 256 characters. */
const tagsMax = 50;
const keyLengthMax = 128;
const valueLengthMax = 256;

interface Tagged extends Row {
  readonly tags: Tags;
}

interface TagTarget {
  readonly type: ResourceType;
  all(region: Region): readonly Tagged[];
  find(region: Region, id: string): Tagged;
  retag(region: Region, id: string, tags: Tags): void;
}

const targets: Readonly<Record<KindName, TagTarget>> = {
  volume: target("volume", "volume", (region) => region.volumes),
  snapshot: target("snapshot", "snapshot", (region) => region.snapshots),
  instance: target("instance", "instance", (region) => region.instances),
  address: target("elastic-ip", "address", (region) => region.addresses),
  interface: target("network-interface", "interface", (region) => region.interfaces),
  image: target("image", "image", (region) => region.images),
  subnet: target("subnet", "subnet", (region) => region.subnets),
  vpc: target("vpc", "vpc", (region) => region.vpcs),
  template: target("launch-template", "template", (region) => region.templates),
};

export function createTags(region: Region, input: CreateTagsRequest): object {
  const added = tagsFrom(required(input.Tags, "Tags"));
  const found = resources(region, required(input.Resources, "ResourceId"));
  const changes = found.map(({ kind, row }) => ({ kind, row, tags: { ...row.tags, ...added } }));
  for (const change of changes) refuseTooMany(change.tags);
  for (const { kind, row, tags } of changes) targets[kind].retag(region, row.id, tags);
  return {};
}

/** A tag given with a value goes only if it has that value; without tags, all of the user's go. */
export function deleteTags(region: Region, input: DeleteTagsRequest): object {
  for (const { Key: key = "" } of input.Tags ?? []) refuseReserved(key);
  for (const { kind, row } of resources(region, required(input.Resources, "ResourceId"))) {
    targets[kind].retag(region, row.id, without(row.tags, input.Tags));
  }
  return {};
}

export function describeTags(region: Region, input: DescribeTagsRequest): DescribeTagsResult {
  const rows = Object.values(targets).flatMap((each) =>
    each.all(region).flatMap((row) => listed(row, each.type)),
  );
  const matching = filtered(rows, {
    filters: input.Filters,
    table: {
      key: (row) => [row.key],
      value: (row) => [row.value],
      "resource-id": (row) => [row.resourceId],
      "resource-type": (row) => [row.type],
    },
    tagsOf: (row) => ({ [row.key]: row.value }),
  });
  const limits = { min: 5, max: 1000, beyond: "refused" } as const;
  const { rows: shown, next } = page(matching, input, limits);
  const tags = shown.map(
    (row): TagDescription => ({
      Key: row.key,
      Value: row.value,
      ResourceId: row.resourceId,
      ResourceType: row.type,
    }),
  );
  return { Tags: tags, NextToken: next };
}

/** The tags that a creating call gives to one type of resource; other types it may name are `also`. */
export function tagsFor(
  type: ResourceType,
  specifications: readonly TagSpecification[] | undefined,
  also: readonly ResourceType[] = [],
): Tags {
  const tags: Record<string, string> = {};
  for (const specification of specifications ?? []) {
    const given = required(specification.ResourceType, "ResourceType");
    if ((specification.Tags ?? []).length === 0) {
      throw invalidValue("Tag specification must have at least one tag");
    }
    if (given === type) Object.assign(tags, tagsFrom(specification.Tags ?? []));
    else if (!also.includes(given)) {
      throw invalidValue(`'${given}' is not a valid taggable resource type for this operation.`);
    }
  }
  refuseTooMany(tags);
  return tags;
}

/** As the Describe actions show them: what has no tags shows no list of them. */
export function shownTags(tags: Tags): Tag[] | undefined {
  const list = tagList(tags);
  return list.length === 0 ? undefined : list;
}

export function tagList(tags: Tags): Tag[] {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
}

function tagsFrom(list: readonly Tag[]): Tags {
  const tags: Record<string, string> = {};
  for (const { Key: given, Value: value = "" } of list) {
    const key = required(given, "Tag.Key");
    refuseReserved(key);
    if (key.length > keyLengthMax) throw invalidValue(`Tag key exceeds the maximum length: ${key}`);
    if (value.length > valueLengthMax) {
      throw invalidValue(`Tag value exceeds the maximum length of 256 characters: ${value}`);
    }
    if (Object.hasOwn(tags, key)) throw invalidValue(`Duplicate tag key '${key}' specified.`);
    tags[key] = value;
  }
  return tags;
}

/** Callers can neither make such tags nor take them off ("Tag restrictions", EC2 user guide). */
function refuseReserved(key: string): void {
  if (!key.toLowerCase().startsWith("aws:")) return;
  throw invalidValue(`Tag keys starting with 'aws:' are reserved for internal use: ${key}`);
}

function refuseTooMany(tags: Tags): void {
  const own = Object.keys(tags).filter((key) => !key.startsWith("aws:"));
  if (own.length <= tagsMax) return;
  throw new ApiError("TagLimitExceeded", `More than ${tagsMax} tags on one resource`);
}

function without(tags: Tags, removed: readonly Tag[] | undefined): Tags {
  const goes = ([key, value]: [string, string]) => {
    if (removed === undefined || removed.length === 0) return !key.startsWith("aws:");
    return removed.some(
      (tag) => tag.Key === key && (tag.Value === undefined || tag.Value === value),
    );
  };
  return Object.fromEntries(Object.entries(tags).filter((entry) => !goes(entry)));
}

function resources(
  region: Region,
  ids: readonly string[],
): readonly { readonly kind: KindName; readonly row: Tagged }[] {
  return ids.map((id) => {
    const kind = kindOf(id);
    if (kind === null) throw new ApiError("InvalidID", `The ID '${id}' is not valid`);
    return { kind, row: targets[kind].find(region, id) };
  });
}

function listed(row: Tagged, type: ResourceType) {
  return Object.entries(row.tags).map(([key, value]) => ({
    id: `${row.id} ${key}`,
    resourceId: row.id,
    type,
    key,
    value,
  }));
}

function target<R extends Tagged>(
  type: ResourceType,
  kind: KindName,
  tableOf: (region: Region) => Table<R>,
): TagTarget {
  return {
    type,
    all: (region) => tableOf(region).all(),
    find: (region, id) => find(tableOf(region), kind, id),
    retag: (region, id, tags) => {
      const table = tableOf(region);
      const row = table.get(id);
      if (row !== undefined) table.put({ ...row, tags });
    },
  };
}
