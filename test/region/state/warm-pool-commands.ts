// The warm pool of a group as callers make, see and delete it. What the pool then does by itself is
// in warm-pool.ts.

import type {
  DeleteWarmPoolType,
  DescribeWarmPoolAnswer,
  DescribeWarmPoolType,
  PutWarmPoolType,
} from "@aws-sdk/client-auto-scaling";
import { validationError } from "./errors.ts";
import { refuseOutside } from "./group-constraints.ts";
import { findGroup } from "./group-lookup.ts";
import { records } from "./group-pages.ts";
import type { WarmPool } from "./group-resources.ts";
import { memberShape, warmPoolShape } from "./group-views.ts";
import { isWarm, membersOf } from "./member-states.ts";
import type { Region } from "./region.ts";
import { soon } from "./scaling.ts";
import { emptyWarmPool } from "./warm-pool.ts";

/** API reference: "to return to the default", -1 is given. */
const unset = -1;

/** API reference: 50 instances of a pool a page at most. */
const membersMax = 50;

export function putWarmPool(region: Region, input: PutWarmPoolType): object {
  const group = findGroup(region, input.AutoScalingGroupName);
  refuseOutside(input.MinSize, "minSize", { min: 0 });
  refuseOutside(input.MaxGroupPreparedCapacity, "maxGroupPreparedCapacity", { min: unset });
  if (group.mixed !== null) {
    throw validationError(
      "You can't add a warm pool to a group that has a mixed instances policy.",
    );
  }
  const before = group.warmPool;
  const preparedMax = input.MaxGroupPreparedCapacity ?? before?.preparedMax ?? null;
  const warmPool: WarmPool = {
    sizeMin: input.MinSize ?? before?.sizeMin ?? 0,
    preparedMax: preparedMax === unset ? null : preparedMax,
    state: input.PoolState ?? before?.state ?? "Stopped",
    deleting: false,
  };
  region.groups.change(group.id, { warmPool });
  soon(region, group.id);
  return {};
}

export function describeWarmPool(
  region: Region,
  input: DescribeWarmPoolType,
): DescribeWarmPoolAnswer {
  const group = findGroup(region, input.AutoScalingGroupName);
  const rows = membersOf(region, group.id).filter(isWarm);
  const { rows: shown, next } = records(rows, input, membersMax);
  return {
    WarmPoolConfiguration: group.warmPool === null ? undefined : warmPoolShape(group.warmPool),
    Instances: shown.map((row) => memberShape(region, row)),
    NextToken: next,
  };
}

export function deleteWarmPool(region: Region, input: DeleteWarmPoolType): object {
  const group = findGroup(region, input.AutoScalingGroupName);
  if (group.warmPool === null) {
    throw validationError(`No warm pool found for Auto Scaling group ${group.id}`);
  }
  emptyWarmPool(region, group, input.ForceDelete === true ? "by force" : "asking hooks");
  soon(region, group.id);
  return {};
}
