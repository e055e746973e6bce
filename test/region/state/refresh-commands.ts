// Instance refreshes as callers start, see and cancel them. What a refresh then does by itself is in
// refreshes.ts. Preferences that a group of one has no use for (checkpoints, alarms, rollback, the
// replacement of root volumes) are taken and have no effect.

import type {
  CancelInstanceRefreshAnswer,
  CancelInstanceRefreshType,
  DescribeInstanceRefreshesAnswer,
  DescribeInstanceRefreshesType,
  InstanceRefresh,
  RefreshPreferences,
  StartInstanceRefreshAnswer,
  StartInstanceRefreshType,
} from "@aws-sdk/client-auto-scaling";
import { ApiError } from "../contract.ts";
import { validationError } from "./errors.ts";
import { refuseOutside } from "./group-constraints.ts";
import { resolved } from "./group-launch.ts";
import { findGroup } from "./group-lookup.ts";
import { orderedRecords } from "./group-pages.ts";
import type { Group, Member, Refresh, TemplateChoice } from "./group-resources.ts";
import { templateFrom } from "./group-settings.ts";
import { countedOf } from "./member-states.ts";
import { activeRefresh, leftOf } from "./refreshes.ts";
import type { Region } from "./region.ts";
import { soon } from "./scaling.ts";

/** API reference, RefreshPreferences: what is healthy in between, in percent of the capacity. */
const healthyMinDefault = 90;
const healthyMaxDefault = 100;
const healthyMaxMax = 200;

export function startInstanceRefresh(
  region: Region,
  input: StartInstanceRefreshType,
): StartInstanceRefreshAnswer {
  const group = findGroup(region, input.AutoScalingGroupName);
  if (activeRefresh(region, group.id) !== undefined) {
    throw new ApiError(
      "InstanceRefreshInProgress",
      "An Instance Refresh is already in progress and blocks the execution of this Instance Refresh.",
    );
  }
  const preferences = input.Preferences ?? {};
  refusePreferences(preferences);
  const template = templateFrom(region, input.DesiredConfiguration ?? {})?.template ?? null;
  const refresh: Refresh = {
    id: region.ids.uuid(),
    groupName: group.id,
    status: "Pending",
    oldIds: toReplace(region, group, { preferences, template }).map((member) => member.id),
    template,
    warmupS: preferences.InstanceWarmup ?? group.graceS,
    healthyMinPercent: preferences.MinHealthyPercentage ?? healthyMinDefault,
    healthyMaxPercent: preferences.MaxHealthyPercentage ?? healthyMaxDefault,
    skipMatching: preferences.SkipMatching ?? false,
    startAtMs: region.clock.nowMs(),
    endAtMs: null,
  };
  region.refreshes.put(refresh);
  soon(region, group.id);
  return { InstanceRefreshId: refresh.id };
}

function refusePreferences(preferences: RefreshPreferences): void {
  const { MinHealthyPercentage: min, MaxHealthyPercentage: max } = preferences;
  refuseOutside(preferences.InstanceWarmup, "preferences.instanceWarmup", { min: 0 });
  refuseOutside(min, "preferences.minHealthyPercentage", { min: 0, max: 100 });
  refuseOutside(max, "preferences.maxHealthyPercentage", { min: 100, max: healthyMaxMax });
  if (max === undefined) return;
  if (min !== undefined && max - min <= 100) return;
  throw validationError(
    "MaxHealthyPercentage needs a MinHealthyPercentage that is 100 below it at most",
  );
}

interface Scope {
  readonly preferences: RefreshPreferences;
  readonly template: TemplateChoice | null;
}

/** What is protected from scale-in is left alone, and so is what already is as it is to become. */
function toReplace(region: Region, group: Group, scope: Scope): readonly Member[] {
  const wanted = JSON.stringify(resolved(region, scope.template ?? group.template));
  const isFit = (member: Member) =>
    scope.preferences.SkipMatching === true && JSON.stringify(member.template) === wanted;
  const takesProtected = scope.preferences.ScaleInProtectedInstances === "Refresh";
  return countedOf(region, group.id)
    .filter((member) => takesProtected || !member.protectedFromScaleIn)
    .filter((member) => !isFit(member));
}

export function describeInstanceRefreshes(
  region: Region,
  input: DescribeInstanceRefreshesType,
): DescribeInstanceRefreshesAnswer {
  const group = findGroup(region, input.AutoScalingGroupName);
  const ids = input.InstanceRefreshIds ?? [];
  const latestFirst = region.refreshes
    .all()
    .filter((row) => row.groupName === group.id && (ids.length === 0 || ids.includes(row.id)))
    .toReversed();
  const { rows, next } = orderedRecords(latestFirst, input);
  return { InstanceRefreshes: rows.map((row) => refreshShape(region, row)), NextToken: next };
}

export function cancelInstanceRefresh(
  region: Region,
  input: CancelInstanceRefreshType,
): CancelInstanceRefreshAnswer {
  const group = findGroup(region, input.AutoScalingGroupName);
  const refresh = activeRefresh(region, group.id);
  if (refresh === undefined) {
    throw new ApiError(
      "ActiveInstanceRefreshNotFound",
      `No in progress or pending Instance Refresh found for Auto Scaling group ${group.id}`,
    );
  }
  region.refreshes.change(refresh.id, { status: "Cancelling" });
  soon(region, group.id);
  return { InstanceRefreshId: refresh.id };
}

function refreshShape(region: Region, refresh: Refresh): InstanceRefresh {
  const left = refresh.endAtMs === null ? leftOf(region, refresh).length : 0;
  const total = refresh.oldIds.length;
  const done = total === 0 ? 100 : Math.floor(((total - left) / total) * 100);
  const isDone = refresh.status === "Successful";
  return {
    InstanceRefreshId: refresh.id,
    AutoScalingGroupName: refresh.groupName,
    Status: refresh.status,
    StartTime: new Date(refresh.startAtMs),
    EndTime: refresh.endAtMs === null ? undefined : new Date(refresh.endAtMs),
    PercentageComplete: isDone ? 100 : Math.min(done, 99),
    InstancesToUpdate: left,
    Preferences: {
      MinHealthyPercentage: refresh.healthyMinPercent,
      MaxHealthyPercentage: refresh.healthyMaxPercent,
      InstanceWarmup: refresh.warmupS,
      SkipMatching: refresh.skipMatching,
    },
  };
}
