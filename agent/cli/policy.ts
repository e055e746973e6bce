// The role's policy, printed: from the settings alone, on any machine, without an instance and without
// AWS. What an operator gives narrows it; the formats that know where they are applied fill in the rest.

import type { Settings } from "../domain/settings.ts";
import { formatCloudformation, stackPlace } from "../policy/cloudformation.ts";
import { anywhere, formatJson } from "../policy/document.ts";
import { policyOf } from "../policy/policy.ts";
import type { Place } from "../policy/statement.ts";
import { formatTerraform, modulePlace } from "../policy/terraform.ts";

export type PolicyFormat = "json" | "cloudformation" | "terraform";

export const policyFormats: readonly PolicyFormat[] = ["json", "cloudformation", "terraform"];

export interface PolicyWish {
  readonly format: PolicyFormat;
  /** null leaves it to the format: any, or wherever it is applied. */
  readonly partition: string | null;
  readonly region: string | null;
  readonly account: string | null;
}

export function printedPolicy(settings: Settings, wish: PolicyWish): string {
  const { seat } = settings;
  switch (wish.format) {
    case "json":
      return formatJson(policyOf(settings, narrowed(anywhere, wish)));
    case "cloudformation":
      return formatCloudformation(seat, policyOf(settings, narrowed(stackPlace, wish)));
    case "terraform":
      return formatTerraform(seat, policyOf(settings, narrowed(modulePlace, wish)));
  }
}

function narrowed(place: Place, { partition, region, account }: PolicyWish): Place {
  return {
    partition: partition ?? place.partition,
    region: region ?? place.region,
    account: account ?? place.account,
  };
}
