// Facts of an instance that its views and its filters both tell: its state's code, its names in DNS,
// its profile, and what is attached to it.

import type { InstanceState, InstanceStateName } from "@aws-sdk/client-ec2";
import type { Region } from "./region.ts";
import type { Attachment, Instance } from "./resources.ts";

export const stateCodes: Readonly<Record<InstanceStateName, number>> = {
  pending: 0,
  running: 16,
  "shutting-down": 32,
  terminated: 48,
  stopping: 64,
  stopped: 80,
};

export function stateShape(state: InstanceStateName): InstanceState {
  return { Name: state, Code: stateCodes[state] };
}

export function attachmentsOf(region: Region, instance: Instance): readonly Attachment[] {
  return region.attachments.all().filter((each) => each.instanceId === instance.id);
}

/** The request that a Spot Instance was made for, named after it. */
export function spotRequestOf({ id, spot }: Instance): string | undefined {
  return spot ? `sir-${id.slice(-8)}` : undefined;
}

export function privateName(region: Region, privateIp: string): string {
  return `ip-${privateIp.replaceAll(".", "-")}.${region.name}.compute.internal`;
}

export function publicName(region: Region, publicIp: string): string {
  return `ec2-${publicIp.replaceAll(".", "-")}.${region.name}.compute.amazonaws.com`;
}

export function profileArn(region: Region, roleName: string): string {
  return `arn:aws:iam::${region.accountId}:instance-profile/${roleName}`;
}
