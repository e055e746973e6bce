// Launch templates and their versions. A version never changes once it is made; a template points to
// one of them as the default, and launches name a version by its number, `$Default` or `$Latest`.

import type {
  CreateLaunchTemplateRequest,
  CreateLaunchTemplateResult,
  CreateLaunchTemplateVersionRequest,
  CreateLaunchTemplateVersionResult,
  DeleteLaunchTemplateRequest,
  DeleteLaunchTemplateResult,
  DeleteLaunchTemplateVersionsRequest,
  DeleteLaunchTemplateVersionsResult,
  ModifyLaunchTemplateRequest,
  ModifyLaunchTemplateResult,
} from "@aws-sdk/client-ec2";
import { ApiError, type Caller } from "../contract.ts";
import { invalidValue, required } from "./errors.ts";
import { find } from "./lookup.ts";
import type { Region } from "./region.ts";
import type { Template, TemplateVersion } from "./resources.ts";
import { tagsFor } from "./tags.ts";
import { namedTemplate, numberOf, templateOf, versionOf } from "./template-versions.ts";
import { templateShape, versionShape } from "./template-views.ts";
import { rememberToken, usedBefore } from "./tokens.ts";

const nameShape = /^[A-Za-z0-9().\-/_]{3,128}$/;

/** DeleteLaunchTemplateVersions takes up to 200 at a time. */
const deletedMax = 200;

export function createLaunchTemplate(
  region: Region,
  input: CreateLaunchTemplateRequest,
  caller: Caller,
): CreateLaunchTemplateResult {
  const use = { action: "CreateLaunchTemplate", token: input.ClientToken, input };
  const before = usedBefore(region, use);
  if (before !== null) {
    return { LaunchTemplate: templateShape(find(region.templates, "template", before[0] ?? "")) };
  }
  const name = required(input.LaunchTemplateName, "LaunchTemplateName");
  refuseName(region, name);
  const createdAtMs = region.clock.nowMs();
  const first: TemplateVersion = {
    number: 1,
    description: input.VersionDescription ?? null,
    data: required(input.LaunchTemplateData, "LaunchTemplateData"),
    createdAtMs,
    createdBy: caller.arn,
  };
  const template: Template = {
    id: region.ids.next("lt"),
    name,
    createdAtMs,
    createdBy: caller.arn,
    versions: [first],
    defaultVersion: 1,
    latestVersion: 1,
    tags: tagsFor("launch-template", input.TagSpecifications),
  };
  region.templates.put(template);
  rememberToken(region, use, [template.id]);
  return { LaunchTemplate: templateShape(template) };
}

/** With a source version, its data are kept where the request gives none. */
export function createLaunchTemplateVersion(
  region: Region,
  input: CreateLaunchTemplateVersionRequest,
  caller: Caller,
): CreateLaunchTemplateVersionResult {
  const template = templateOf(region, input);
  const use = { action: "CreateLaunchTemplateVersion", token: input.ClientToken, input };
  const before = usedBefore(region, use);
  if (before !== null) {
    const again = versionOf(template, before[0]);
    return { LaunchTemplateVersion: versionShape(template, again) };
  }
  const given = required(input.LaunchTemplateData, "LaunchTemplateData");
  const source =
    input.SourceVersion === undefined ? {} : versionOf(template, input.SourceVersion).data;
  const number = template.latestVersion + 1;
  const version: TemplateVersion = {
    number,
    description: input.VersionDescription ?? null,
    data: { ...source, ...given },
    createdAtMs: region.clock.nowMs(),
    createdBy: caller.arn,
  };
  const changed = region.templates.change(template.id, {
    versions: [...template.versions, version],
    latestVersion: number,
  });
  rememberToken(region, use, [String(number)]);
  return { LaunchTemplateVersion: versionShape(changed, version) };
}

export function modifyLaunchTemplate(
  region: Region,
  input: ModifyLaunchTemplateRequest,
): ModifyLaunchTemplateResult {
  const template = templateOf(region, input);
  const { number } = versionOf(template, required(input.DefaultVersion, "SetDefaultVersion"));
  const changed = region.templates.change(template.id, { defaultVersion: number });
  return { LaunchTemplate: templateShape(changed) };
}

export function deleteLaunchTemplate(
  region: Region,
  input: DeleteLaunchTemplateRequest,
): DeleteLaunchTemplateResult {
  const template = templateOf(region, input);
  region.templates.remove(template.id);
  return { LaunchTemplate: templateShape(template) };
}

/** Each version is deleted or not by itself; the default one stays. */
export function deleteLaunchTemplateVersions(
  region: Region,
  input: DeleteLaunchTemplateVersionsRequest,
): DeleteLaunchTemplateVersionsResult {
  const template = templateOf(region, input);
  const asked = required(input.Versions, "LaunchTemplateVersion");
  if (asked.length > deletedMax) {
    throw invalidValue(`No more than ${deletedMax} versions can be deleted in one call`);
  }
  const verdicts = asked.map((text) => verdictOn(template, text));
  const gone = verdicts.flatMap(({ number, refusal }) => (refusal === null ? [number] : []));
  region.templates.change(template.id, {
    versions: template.versions.filter(({ number }) => !gone.includes(number)),
  });
  const itemOf = (number: number) => ({
    LaunchTemplateId: template.id,
    LaunchTemplateName: template.name,
    VersionNumber: number,
  });
  return {
    SuccessfullyDeletedLaunchTemplateVersions: gone.map(itemOf),
    UnsuccessfullyDeletedLaunchTemplateVersions: verdicts.flatMap(({ number, refusal }) =>
      refusal === null ? [] : [{ ...itemOf(number), ResponseError: refusal }],
    ),
  };
}

interface Verdict {
  readonly number: number;
  readonly refusal: {
    readonly Code: "launchTemplateVersionDoesNotExist" | "unexpectedError";
    readonly Message: string;
  } | null;
}

function verdictOn(template: Template, text: string): Verdict {
  const number = numberOf(template, text);
  if (number === template.defaultVersion) {
    throw invalidValue("The default launch template version cannot be deleted.");
  }
  if (template.versions.some((each) => each.number === number)) return { number, refusal: null };
  const refusal = {
    Code: "launchTemplateVersionDoesNotExist",
    Message: `The launch template version ${number} does not exist.`,
  } as const;
  return { number, refusal };
}

function refuseName(region: Region, name: string): void {
  if (!nameShape.test(name)) {
    throw new ApiError(
      "InvalidLaunchTemplateName.MalformedException",
      "A launch template name must be between 3 and 128 characters, and may contain letters, " +
        "numbers, and the following characters: '-', '_', '.', '/', '(', and ')'.",
    );
  }
  if (namedTemplate(region, name) === undefined) return;
  throw new ApiError(
    "InvalidLaunchTemplateName.AlreadyExistsException",
    "Launch template name already in use.",
  );
}
