// What a group is made of, as a request to make or change one says it: its sizes, subnets and
// template. Everything is checked here, so that a group that was made can also launch.

import type {
  InstanceLifecyclePolicy,
  LaunchTemplateSpecification,
  MixedInstancesPolicy,
} from "@aws-sdk/client-auto-scaling";
import { ApiError } from "../contract.ts";
import { validationError } from "./errors.ts";
import { refuseOutside } from "./group-constraints.ts";
import { specFor } from "./group-launch.ts";
import type { Group, TemplateChoice } from "./group-resources.ts";
import type { Region } from "./region.ts";
import { templateOf } from "./template-versions.ts";

export interface Placement {
  readonly VPCZoneIdentifier?: string | undefined;
  readonly AvailabilityZones?: readonly string[] | undefined;
}

/** The subnets of the group: those named, or one of each zone named; null where neither is. */
export function subnetsFrom(region: Region, input: Placement): readonly string[] | null {
  const { VPCZoneIdentifier: list, AvailabilityZones: zones = [] } = input;
  if (list !== undefined && list !== "") {
    const ids = list.split(",").map((id) => id.trim());
    const unknown = ids.find((id) => region.subnets.get(id) === undefined);
    if (unknown !== undefined) throw validationError(`The subnet ID '${unknown}' does not exist`);
    const zonesOfSubnets = ids.map((id) => region.subnets.get(id)?.zone);
    const stray = zones.find((zone) => !zonesOfSubnets.includes(zone));
    if (stray === undefined) return ids;
    throw validationError("The availability zones of the specified subnets and the group differ");
  }
  if (zones.length === 0) return null;
  return zones.map((zone) => {
    const subnet = region.subnets.all().find((each) => each.zone === zone);
    if (subnet === undefined) throw validationError(`Invalid Availability Zone: ${zone}`);
    return subnet.id;
  });
}

export interface TemplateGiven {
  readonly LaunchTemplate?: LaunchTemplateSpecification | undefined;
  readonly MixedInstancesPolicy?: MixedInstancesPolicy | undefined;
  readonly LaunchConfigurationName?: string | undefined;
}

/** One of the two ways to name a template; null where the request names none. */
export function templateFrom(
  region: Region,
  input: TemplateGiven,
): Pick<Group, "template" | "mixed"> | null {
  const { LaunchTemplate: plain, MixedInstancesPolicy: mixed, LaunchConfigurationName } = input;
  if (LaunchConfigurationName !== undefined) {
    // No account of today can make one, so none is ever found.
    throw validationError(
      `Launch configuration name not found - Launch configuration ${LaunchConfigurationName} not found`,
    );
  }
  if (plain !== undefined && mixed !== undefined) throw oneSource();
  if (plain !== undefined) return { template: choiceFrom(region, plain), mixed: null };
  if (mixed === undefined) return null;
  const inner = mixed.LaunchTemplate?.LaunchTemplateSpecification;
  if (inner === undefined) throw oneSource();
  return { template: choiceFrom(region, inner), mixed };
}

function choiceFrom(region: Region, given: LaunchTemplateSpecification): TemplateChoice {
  const { LaunchTemplateId: id, LaunchTemplateName: name } = given;
  if ((id === undefined) === (name === undefined)) {
    throw validationError(
      "Valid requests must contain either launchTemplateId or LaunchTemplateName",
    );
  }
  const template = fullyFormed(() => templateOf(region, given));
  return { id: template.id, name: template.name, version: given.Version ?? "$Default" };
}

export function oneSource(): ApiError {
  return validationError(
    "Valid requests must contain either LaunchTemplate, LaunchConfigurationName, InstanceId or MixedInstancesPolicy parameter.",
  );
}

/** Auto Scaling hands on what EC2 says about a template, under its own code. */
function fullyFormed<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    const { code, message } = error;
    if (code === "ValidationError") throw error;
    throw validationError(`You must use a valid fully-formed launch template. ${message}`);
  }
}

export function refuseSizes({ sizeMin, sizeMax, desired }: Group): void {
  refuseOutside(sizeMin, "minSize", { min: 0 });
  refuseOutside(sizeMax, "maxSize", { min: 0 });
  if (sizeMin > sizeMax) {
    throw validationError(
      `Max bound, ${sizeMax}, must be greater than or equal to min bound, ${sizeMin}`,
    );
  }
  if (desired >= sizeMin && desired <= sizeMax) return;
  throw validationError(
    `Desired capacity:${desired} must be between the specified min size:${sizeMin} and max size:${sizeMax}`,
  );
}

/** A template that cannot launch is refused when the group is made, not at each launch. */
export function refuseTemplate(region: Region, group: Group): void {
  const subnet = region.subnets.get(group.subnetIds[0] ?? "");
  if (subnet === undefined) refuseNoSubnets();
  else fullyFormed(() => specFor(region, group, subnet));
}

export function refuseNoSubnets(): never {
  throw validationError("At least one Availability Zone or VPC Subnet is required.");
}

/** null where the request says nothing of it. */
export function retentionFrom(policy: InstanceLifecyclePolicy | undefined): boolean | null {
  const action = policy?.RetentionTriggers?.TerminateHookAbandon;
  return action === undefined ? null : action === "retain";
}
