// What an authorization is about: one action on one resource, with the keys that a policy's conditions
// may ask for. A call is one or several such questions, and goes through only if each is answered with
// yes. All facts come from the region's own tables, none from the caller's word.

import type { Group } from "../state/group-resources.ts";
import type { Region } from "../state/region.ts";
import type { Tags } from "../state/resources.ts";

type Context = Readonly<Record<string, string | readonly string[]>>;

export interface Question {
  /** As in "ec2:AttachVolume". */
  readonly action: string;
  /** The resource's ARN, or `*` for actions that AWS does not narrow. */
  readonly resource: string;
  readonly context: Context;
}

/** The SDK's lists of tags: with capitals in both services. */
export interface GivenTag {
  readonly Key?: string | undefined;
  readonly Value?: string | undefined;
}

export type Kind =
  | "elastic-ip"
  | "image"
  | "instance"
  | "launch-template"
  | "network-interface"
  | "snapshot"
  | "subnet"
  | "volume"
  | "vpc";

/** Stands for a resource that the call is about to make: EC2's own ARN for it ends in an asterisk. */
export const newId = "new";

export function arnOf(region: Region, kind: Kind, id: string): string {
  // Snapshots and images name no account in their ARN (Service Authorization Reference, Amazon EC2).
  const account = kind === "snapshot" || kind === "image" ? "" : region.accountId;
  return `arn:aws:ec2:${region.name}:${account}:${kind}/${id}`;
}

export function anywhere(service: string, action: string): Question {
  return { action: `${service}:${action}`, resource: "*", context: {} };
}

/** EC2 knows a resource's tags under two names. */
export function resourceTags(tags: Tags): Context {
  return Object.fromEntries(
    Object.entries(tags).flatMap(([key, value]) => [
      [`aws:ResourceTag/${key}`, value],
      [`ec2:ResourceTag/${key}`, value],
    ]),
  );
}

export function groupTags(group: Group): Context {
  return Object.fromEntries(
    group.tags.flatMap(({ key, value }) => [
      [`aws:ResourceTag/${key}`, value],
      [`autoscaling:ResourceTag/${key}`, value],
    ]),
  );
}

/** Nothing at all without tags: a condition on them then finds no key. */
export function requestTags(list: readonly GivenTag[]): Context {
  if (list.length === 0) return {};
  const context: Record<string, string | readonly string[]> = {
    "aws:TagKeys": list.map(({ Key: key = "" }) => key),
  };
  for (const { Key: key = "", Value: value = "" } of list) context[`aws:RequestTag/${key}`] = value;
  return context;
}
