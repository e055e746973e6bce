// Launch templates and their versions as callers see them.

import type {
  DescribeLaunchTemplatesRequest,
  DescribeLaunchTemplatesResult,
  DescribeLaunchTemplateVersionsRequest,
  DescribeLaunchTemplateVersionsResult,
  LaunchTemplate,
  LaunchTemplateVersion,
} from "@aws-sdk/client-ec2";
import { invalidCombination, invalidValue } from "./errors.ts";
import { type FilterTable, filtered, present, timeText, wholeSeconds, without } from "./filters.ts";
import { chosen } from "./lookup.ts";
import { page } from "./pages.ts";
import type { Region } from "./region.ts";
import type { Template, TemplateVersion } from "./resources.ts";
import { shownTags } from "./tags.ts";
import { numberOf, templateOf, versionOf } from "./template-versions.ts";

/** Both actions show 1 to 200 a page. */
const pageLimits = { min: 1, max: 200, beyond: "refused" } as const;

export function describeLaunchTemplates(
  region: Region,
  input: DescribeLaunchTemplatesRequest,
): DescribeLaunchTemplatesResult {
  const names = input.LaunchTemplateNames ?? [];
  for (const name of names) templateOf(region, { LaunchTemplateName: name });
  const rows = chosen(region.templates, "template", input.LaunchTemplateIds);
  const named = rows.filter((row) => names.length === 0 || names.includes(row.name));
  const matching = filtered(named, {
    filters: input.Filters,
    table: {
      "create-time": (row) => [timeText(row.createdAtMs)],
      "launch-template-name": (row) => [row.name],
    },
    tagsOf: (row) => row.tags,
  });
  const { rows: shown, next } = page(matching, input, pageLimits);
  return { LaunchTemplates: shown.map(templateShape), NextToken: next };
}

/** Of one template: the versions named, or those in a range; of all: only `$Latest` and `$Default`. */
export function describeLaunchTemplateVersions(
  region: Region,
  input: DescribeLaunchTemplateVersionsRequest,
): DescribeLaunchTemplateVersionsResult {
  const isOne = input.LaunchTemplateId !== undefined || input.LaunchTemplateName !== undefined;
  const found = isOne
    ? versionsOfOne(templateOf(region, input), input)
    : versionsOfAll(region, input);
  const rows = found.map(([template, version]) => ({
    id: `${template.id} ${String(version.number).padStart(10, "0")}`,
    template,
    version,
  }));
  const matching = filtered(rows, { filters: input.Filters, table: versionFilters });
  const { rows: shown, next } = page(matching, input, pageLimits);
  return {
    LaunchTemplateVersions: shown.map(({ template, version }) => versionShape(template, version)),
    NextToken: next,
  };
}

type Found = readonly [Template, TemplateVersion];

function versionsOfOne(
  template: Template,
  input: DescribeLaunchTemplateVersionsRequest,
): readonly Found[] {
  const { Versions: named = [], MinVersion: min, MaxVersion: max } = input;
  if (named.length > 0) {
    if (min !== undefined || max !== undefined) {
      throw invalidCombination("Versions cannot be given with MinVersion or MaxVersion");
    }
    const numbers = new Set(named.map((text) => versionOf(template, text).number));
    return [...numbers].map((number) => [template, versionOf(template, String(number))]);
  }
  const first = min === undefined ? 1 : numberOf(template, min);
  const last = max === undefined ? Infinity : numberOf(template, max);
  return template.versions
    .filter(({ number }) => number >= first && number <= last)
    .map((version) => [template, version]);
}

function versionsOfAll(
  region: Region,
  input: DescribeLaunchTemplateVersionsRequest,
): readonly Found[] {
  const named = input.Versions ?? [];
  const isAllowed = named.every((text) => text === "$Latest" || text === "$Default");
  if (named.length === 0 || !isAllowed) {
    throw invalidValue(
      "Without a launch template ID or name, only the versions $Latest and $Default can be described",
    );
  }
  return region.templates.all().flatMap((template) => versionsOfOne(template, { Versions: named }));
}

const versionFilters: FilterTable<{
  readonly template: Template;
  readonly version: TemplateVersion;
}> = {
  "create-time": ({ version }) => [timeText(version.createdAtMs)],
  "ebs-optimized": ({ version }) => [String(version.data.EbsOptimized ?? false)],
  "iam-instance-profile": ({ version }) =>
    present(version.data.IamInstanceProfile?.Name ?? version.data.IamInstanceProfile?.Arn),
  "image-id": ({ version }) => present(version.data.ImageId),
  "instance-type": ({ version }) => present(version.data.InstanceType),
  ...without(
    "host-resource-group-arn",
    "http-endpoint",
    "http-protocol-ipv4",
    "http-tokens",
    "kernel-id",
    "license-configuration-arn",
    "network-card-index",
    "ram-disk-id",
  ),
  "is-default-version": ({ template, version }) => [
    String(version.number === template.defaultVersion),
  ],
};

export function templateShape(template: Template): LaunchTemplate {
  return {
    LaunchTemplateId: template.id,
    LaunchTemplateName: template.name,
    CreateTime: wholeSeconds(template.createdAtMs),
    CreatedBy: template.createdBy,
    DefaultVersionNumber: template.defaultVersion,
    LatestVersionNumber: template.latestVersion,
    Tags: shownTags(template.tags),
  };
}

export function versionShape(template: Template, version: TemplateVersion): LaunchTemplateVersion {
  return {
    LaunchTemplateId: template.id,
    LaunchTemplateName: template.name,
    VersionNumber: version.number,
    VersionDescription: version.description ?? undefined,
    DefaultVersion: version.number === template.defaultVersion,
    CreateTime: wholeSeconds(version.createdAtMs),
    CreatedBy: version.createdBy,
    LaunchTemplateData: version.data,
  };
}
