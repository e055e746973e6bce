// The record of what a group did: one activity for each launch and each termination.

import type {
  ActivitiesType,
  Activity as ActivityShape,
  DescribeScalingActivitiesType,
  ScalingActivityStatusCode,
} from "@aws-sdk/client-auto-scaling";
import type { Activity } from "./group-resources.ts";
import { records } from "./pages.ts";
import type { Region } from "./region.ts";

export interface ActivityStart {
  readonly groupName: string;
  readonly instanceId: string | null;
  readonly description: string;
  readonly cause: string;
  readonly zone: string;
}

export function beginActivity(region: Region, start: ActivityStart): Activity {
  const activity: Activity = {
    id: region.ids.uuid(),
    groupName: start.groupName,
    instanceId: start.instanceId,
    status: "InProgress",
    description: start.description,
    cause: start.cause,
    message: null,
    details: JSON.stringify({ "Availability Zone": start.zone }),
    startAtMs: region.clock.nowMs(),
    endAtMs: null,
  };
  region.activities.put(activity);
  return activity;
}

export function endActivity(
  region: Region,
  id: string,
  end: { readonly status: ScalingActivityStatusCode; readonly message?: string },
): void {
  const activity = region.activities.get(id);
  if (activity === undefined || activity.endAtMs !== null) return;
  const endAtMs = region.clock.nowMs();
  region.activities.change(id, { status: end.status, endAtMs, message: end.message ?? null });
}

export function describeScalingActivities(
  region: Region,
  input: DescribeScalingActivitiesType,
): ActivitiesType {
  const ids = input.ActivityIds ?? [];
  const name = input.AutoScalingGroupName;
  const rows = region.activities
    .all()
    .filter((row) => name === undefined || row.groupName === name)
    .filter((row) => ids.length === 0 || ids.includes(row.id))
    .toReversed();
  const paged = input.MaxRecords !== undefined || input.NextToken !== undefined;
  const { rows: shown, next } = paged ? records(rows, input) : { rows, next: undefined };
  return { Activities: shown.map(activityShape), NextToken: next };
}

export function activityShape(activity: Activity): ActivityShape {
  return {
    ActivityId: activity.id,
    AutoScalingGroupName: activity.groupName,
    Description: activity.description,
    Cause: activity.cause,
    StartTime: new Date(activity.startAtMs),
    EndTime: activity.endAtMs === null ? undefined : new Date(activity.endAtMs),
    StatusCode: activity.status,
    StatusMessage: activity.message ?? undefined,
    Progress: activity.endAtMs === null ? 50 : 100,
    Details: activity.details,
  };
}
