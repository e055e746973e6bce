// What a policy is made of, before it is written in anybody's format: statements with their reasons,
// and the names of AWS's resources in one place. A format says what stands for the partition, the
// region and the account, so that all formats come from one list of statements. Nothing here denies:
// a role may do what a statement allows, and nothing else.

import { tags } from "../domain/tags.ts";

export interface Statement {
  /** Letters and digits, as IAM takes it. */
  readonly sid: string;
  /** Why the agent needs it, in one sentence without a line break. */
  readonly reason: string;
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  /** All must hold; of one's values, any. */
  readonly conditions: readonly Condition[];
}

export interface Condition {
  readonly operator:
    | "StringEquals"
    | "ForAllValues:StringEquals"
    | "ForAnyValue:StringEquals"
    | "Bool"
    | "StringLike";
  readonly key: string;
  readonly values: readonly string[];
}

/** What stands in an ARN for where the seat is: names, `*`, or a format's own words for them. */
export interface Place {
  readonly partition: string;
  readonly region: string;
  readonly account: string;
}

type Kind = "elastic-ip" | "instance" | "network-interface" | "snapshot" | "volume";

/** Snapshots belong to no account in their ARN (Service Authorization Reference, Amazon EC2). */
export function ec2Arn(place: Place, kind: Kind, id = "*"): string {
  const account = kind === "snapshot" ? "" : place.account;
  return `arn:${place.partition}:ec2:${place.region}:${account}:${kind}/${id}`;
}

/** Any group: its name is nowhere in the settings, its tag is what tells. */
export function groupArn({ partition, region, account }: Place): string {
  return `arn:${partition}:autoscaling:${region}:${account}:autoScalingGroup:*:autoScalingGroupName/*`;
}

/** The resource carries the seat's tag already. */
export function ofSeat(seat: string): Condition {
  return { operator: "StringEquals", key: `aws:ResourceTag/${tags.seat}`, values: [seat] };
}

/** What is made is given the seat's tag, and no other seat's. */
export function madeForSeat(seat: string): Condition {
  return { operator: "StringEquals", key: `aws:RequestTag/${tags.seat}`, values: [seat] };
}

/** No other tag is touched: above all not the one that says whose the resource is. */
export function onlyTags(keys: readonly string[]): Condition {
  return { operator: "ForAllValues:StringEquals", key: "aws:TagKeys", values: keys };
}
