// Which launch template, and which of its versions, a request means. Everything that launches asks
// here, so that `$Latest` means the same to RunInstances and to a group.

import { ApiError } from "../contract.ts";
import { invalidCombination, invalidValue, required } from "./errors.ts";
import { find } from "./lookup.ts";
import type { Region } from "./region.ts";
import type { Template, TemplateVersion } from "./resources.ts";

export interface TemplateName {
  readonly LaunchTemplateId?: string | undefined;
  readonly LaunchTemplateName?: string | undefined;
}

export function templateOf(region: Region, choice: TemplateName): Template {
  const { LaunchTemplateId: id, LaunchTemplateName: name } = choice;
  if (id !== undefined && name !== undefined) {
    throw invalidCombination(
      "The request can contain either a launch template ID or a launch template name, not both",
    );
  }
  if (id !== undefined) return find(region.templates, "template", id);
  const given = required(name, "LaunchTemplateId or LaunchTemplateName");
  const template = namedTemplate(region, given);
  if (template !== undefined) return template;
  throw new ApiError(
    "InvalidLaunchTemplateName.NotFoundException",
    `The specified launch template, with template name ${given}, does not exist.`,
  );
}

export function namedTemplate(region: Region, name: string): Template | undefined {
  return region.templates.all().find((each) => each.name === name);
}

/** The version of this number, `$Default` or `$Latest`; the default one where none is named. */
export function versionOf(template: Template, text: string | undefined): TemplateVersion {
  const number = numberOf(template, text ?? "$Default");
  const version = template.versions.find((each) => each.number === number);
  if (version !== undefined) return version;
  throw new ApiError(
    "InvalidLaunchTemplateId.VersionNotFound",
    `Could not find the specified version ${number} for the launch template with ID ${template.id}.`,
  );
}

export function numberOf(template: Template, text: string): number {
  if (text === "$Default") return template.defaultVersion;
  if (text === "$Latest") return latestOf(template);
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw invalidValue(`Invalid launch template version: '${text}'`);
}

/** The highest number that is left: deleting the latest makes the one before it the latest. */
function latestOf({ versions, latestVersion }: Template): number {
  return versions.at(-1)?.number ?? latestVersion;
}
