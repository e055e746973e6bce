// Launch templates and images, as far as a group needs them. A template has one version here; both
// `$Latest` and `$Default` mean it.

import type {
  CreateLaunchTemplateRequest,
  CreateLaunchTemplateResult,
  DescribeImagesRequest,
  DescribeImagesResult,
  DescribeLaunchTemplatesRequest,
  DescribeLaunchTemplatesResult,
  DescribeLaunchTemplateVersionsRequest,
  DescribeLaunchTemplateVersionsResult,
  LaunchTemplate,
} from "@aws-sdk/client-ec2";
import { ApiError, type Caller } from "../contract.ts";
import { required } from "./errors.ts";
import { type FilterTable, filtered } from "./filters.ts";
import { templateOf } from "./launch-spec.ts";
import { chosen } from "./lookup.ts";
import { page } from "./pages.ts";
import type { Region } from "./region.ts";
import type { Image, Template } from "./resources.ts";
import { tagList, tagsFor } from "./tags.ts";

export function createLaunchTemplate(
  region: Region,
  input: CreateLaunchTemplateRequest,
  caller: Caller,
): CreateLaunchTemplateResult {
  const name = required(input.LaunchTemplateName, "LaunchTemplateName");
  if (region.templates.all().some((each) => each.name === name)) {
    throw new ApiError(
      "InvalidLaunchTemplateName.AlreadyExistsException",
      `Launch template name already in use: ${name}`,
    );
  }
  const template: Template = {
    id: region.ids.next("lt"),
    name,
    data: required(input.LaunchTemplateData, "LaunchTemplateData"),
    createdAtMs: region.clock.nowMs(),
    createdBy: caller.arn,
    tags: tagsFor("launch-template", input.TagSpecifications),
  };
  region.templates.put(template);
  return { LaunchTemplate: templateShape(template) };
}

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
    table: { "launch-template-name": (row) => [row.name] },
    tagsOf: (row) => row.tags,
  });
  const { rows: shown, next } = page(matching, input);
  return { LaunchTemplates: shown.map(templateShape), NextToken: next };
}

export function describeLaunchTemplateVersions(
  region: Region,
  input: DescribeLaunchTemplateVersionsRequest,
): DescribeLaunchTemplateVersionsResult {
  const template = templateOf(region, input);
  const { TagSpecifications: specifications, ...data } = template.data;
  const version = {
    LaunchTemplateId: template.id,
    LaunchTemplateName: template.name,
    VersionNumber: 1,
    DefaultVersion: true,
    CreateTime: new Date(template.createdAtMs),
    CreatedBy: template.createdBy,
    LaunchTemplateData: { ...data, TagSpecifications: specifications },
  };
  return { LaunchTemplateVersions: [version] };
}

export function describeImages(region: Region, input: DescribeImagesRequest): DescribeImagesResult {
  const matching = filtered(chosen(region.images, "image", input.ImageIds), {
    filters: input.Filters,
    table: imageFilters,
    tagsOf: (image) => image.tags,
  });
  const { rows, next } = page(matching, input);
  return { Images: rows.map((image) => imageShape(region, image)), NextToken: next };
}

const imageFilters: FilterTable<Image> = {
  architecture: () => ["x86_64"],
  "image-id": (row) => [row.id],
  "is-public": () => ["false"],
  name: (row) => [row.name],
  "root-device-type": () => ["ebs"],
  state: () => ["available"],
  "virtualization-type": () => ["hvm"],
};

function templateShape(template: Template): LaunchTemplate {
  return {
    LaunchTemplateId: template.id,
    LaunchTemplateName: template.name,
    CreateTime: new Date(template.createdAtMs),
    CreatedBy: template.createdBy,
    DefaultVersionNumber: 1,
    LatestVersionNumber: 1,
    Tags: tagList(template.tags),
  };
}

function imageShape(region: Region, image: Image) {
  return {
    ImageId: image.id,
    Name: image.name,
    OwnerId: region.accountId,
    State: "available" as const,
    Architecture: "x86_64" as const,
    CreationDate: new Date(image.createdAtMs).toISOString(),
    RootDeviceName: image.rootDevice,
    RootDeviceType: "ebs" as const,
    VirtualizationType: "hvm" as const,
    Public: false,
    BlockDeviceMappings: [
      {
        DeviceName: image.rootDevice,
        Ebs: {
          SnapshotId: image.rootSnapshotId,
          VolumeSize: image.rootSizeGib,
          DeleteOnTermination: true,
        },
      },
    ],
    Tags: tagList(image.tags),
  };
}
