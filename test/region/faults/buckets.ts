// Throttling by token buckets: each EC2 action has a bucket of its own for the whole account and region,
// a few have another one for the instances they name, and Auto Scaling's actions share one. A bucket that
// is empty refuses; it fills at its rate, less what others of the account take.
// Capacities and rates: "Request throttling for the Amazon EC2 API" in the EC2 developer guide.

import type { ApiCall } from "../contract.ts";

export interface BucketKind {
  readonly name: string;
  readonly capacity: number;
  readonly refillPerS: number;
  /** How many tokens the call takes. */
  readonly cost: number;
}

export interface Drain {
  /** How full a bucket is when it is first used, 0 to 1. */
  readonly startShare: number;
  readonly othersPerS: number;
}

export interface Buckets {
  /** Takes the call's tokens; false, and none are taken, where a bucket has too few. */
  take(kinds: readonly BucketKind[], drain: Drain): boolean;
}

interface Level {
  readonly tokens: number;
  readonly atMs: number;
}

/** Capacity, and tokens a second. */
type Rate = readonly [number, number];

const describing: Rate = [100, 20];
const describingAll: Rate = [50, 10];
const changing: Rate = [50, 5];

const changingMore: Readonly<Record<string, Rate>> = {
  CreateNetworkInterface: [100, 5],
  CreateSnapshot: [100, 5],
  CreateSnapshots: [100, 5],
  CreateTags: [100, 10],
  CreateVolume: [100, 5],
  DeleteSnapshot: [100, 5],
  DeleteTags: [100, 10],
  DeleteVolume: [100, 5],
  ModifySnapshotAttribute: [100, 5],
  RunInstances: [5, 2],
  StartInstances: [5, 2],
  TerminateInstances: [100, 5],
};

/**
 * Those that have a second, smaller bucket for calls with neither a filter nor a page size. Ids are
 * neither, by the letter of the guide.
 */
const costlyUnfiltered: readonly string[] = [
  "DescribeInstanceStatus",
  "DescribeInstances",
  "DescribeNetworkInterfaces",
  "DescribeSecurityGroups",
  "DescribeSnapshots",
  "DescribeSpotInstanceRequests",
  "DescribeVolumes",
];

const perInstance: Readonly<Record<string, Rate>> = {
  RunInstances: [1000, 2],
  StartInstances: [1000, 2],
  StopInstances: [1000, 20],
  TerminateInstances: [1000, 20],
};

/** The buckets that an EC2 call takes from. */
export function ec2Buckets({ action, input }: ApiCall): readonly BucketKind[] {
  const request = requestBucket(action, input);
  const rate = Object.hasOwn(perInstance, action) ? perInstance[action] : undefined;
  if (rate === undefined) return [request];
  return [request, bucket(`${action} instances`, rate, instancesIn(input))];
}

export function createBuckets(nowMs: () => number, random: () => number): Buckets {
  const levels = new Map<string, Level>();

  function tokensIn({ name, capacity, refillPerS }: BucketKind, drain: Drain): number {
    const level = levels.get(name) ?? { tokens: capacity * drain.startShare, atMs: nowMs() };
    const filled = ((nowMs() - level.atMs) / 1_000) * (refillPerS - drain.othersPerS);
    return Math.max(0, Math.min(capacity, level.tokens + filled));
  }

  return {
    take(kinds, drain) {
      const found = kinds.map((kind) => ({ kind, tokens: tokensIn(kind, drain) }));
      const isGranted = found.every(
        ({ kind, tokens }) => tokens >= kind.cost || isLucky(kind, drain, random),
      );
      for (const { kind, tokens } of found) {
        const left = isGranted ? Math.max(0, tokens - kind.cost) : tokens;
        levels.set(kind.name, { tokens: left, atMs: nowMs() });
      }
      return isGranted;
    },
  };
}

/** Where others take more than flows in, whoever comes as a token does gets it. */
function isLucky({ refillPerS }: BucketKind, { othersPerS }: Drain, random: () => number): boolean {
  return othersPerS > refillPerS && random() < refillPerS / othersPerS;
}

function bucket(name: string, [capacity, refillPerS]: Rate, cost: number): BucketKind {
  return { name, capacity, refillPerS, cost };
}

function requestBucket(action: string, input: ApiCall["input"]): BucketKind {
  if (!action.startsWith("Describe")) {
    const rate = Object.hasOwn(changingMore, action) ? changingMore[action] : undefined;
    return bucket(action, rate ?? changing, 1);
  }
  const { Filters: filters, MaxResults: size, NextToken: token } = input;
  const isWhole = filters === undefined && size === undefined && token === undefined;
  return isWhole && costlyUnfiltered.includes(action)
    ? bucket(`${action} unfiltered`, describingAll, 1)
    : bucket(action, describing, 1);
}

function instancesIn(input: ApiCall["input"]): number {
  const { InstanceIds: ids, MaxCount: count } = input;
  if (Array.isArray(ids)) return ids.length;
  return typeof count === "number" ? count : 1;
}
