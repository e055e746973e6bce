// The record of what a group did: one activity for each launch, termination and move of a member.
// Words, states and progress are those of the examples in the API reference and in the Auto Scaling
// guide ("Verify a scaling activity", "View the reason for health check failures"); the 60 percent of
// an activity that waits for a hook is a guess.

import type {
  ActivitiesType,
  Activity as ActivityShape,
  DescribeScalingActivitiesType,
  ScalingActivityStatusCode,
} from "@aws-sdk/client-auto-scaling";
import { wholeSeconds } from "./filters.ts";
import { orderedRecords } from "./group-pages.ts";
import type { Activity } from "./group-resources.ts";
import type { Region } from "./region.ts";

export interface ActivityStart {
  readonly groupName: string;
  readonly instanceId: string | null;
  readonly description: string;
  /** What happened, without its time and full stop. */
  readonly cause: string;
  /** What led to it, as a whole sentence; null for nothing. */
  readonly reason?: string | null;
  readonly zone: string;
  readonly subnetId: string;
  readonly status?: ScalingActivityStatusCode;
  readonly progress?: number;
}

export function beginActivity(region: Region, start: ActivityStart): Activity {
  const cause = sentence(region, start.cause);
  const activity: Activity = {
    id: region.ids.uuid(),
    groupName: start.groupName,
    groupArn: region.groups.get(start.groupName)?.arn ?? "",
    instanceId: start.instanceId,
    status: start.status ?? "InProgress",
    progress: start.progress ?? 0,
    description: start.description,
    cause: typeof start.reason === "string" ? `${start.reason}  ${cause}` : cause,
    message: null,
    subnetId: start.subnetId,
    zone: start.zone,
    startAtMs: region.clock.nowMs(),
    endAtMs: null,
  };
  region.activities.put(activity);
  return activity;
}

/** For instance `At 2022-06-14T00:07:30Z a user request created an AutoScalingGroup.` */
export function sentence(region: Region, what: string): string {
  return `At ${new Date(region.clock.nowMs()).toISOString().slice(0, 19)}Z ${what}.`;
}

/** The member waits for its hooks. */
export function pauseActivity(region: Region, id: string): void {
  if (region.activities.get(id)?.endAtMs !== null) return;
  region.activities.change(id, { status: "MidLifecycleAction", progress: 60 });
}

export function endActivity(
  region: Region,
  id: string,
  end: { readonly status: ScalingActivityStatusCode; readonly message?: string },
): void {
  if (region.activities.get(id)?.endAtMs !== null) return;
  const endAtMs = region.clock.nowMs();
  const { status, message = null } = end;
  region.activities.change(id, { status, endAtMs, message, progress: 100 });
}

/** Those in progress first, then the latest first; those of deleted groups only when asked for. */
export function describeScalingActivities(
  region: Region,
  input: DescribeScalingActivitiesType,
): ActivitiesType {
  const ids = input.ActivityIds ?? [];
  const name = input.AutoScalingGroupName;
  const isShown = (row: Activity) =>
    input.IncludeDeletedGroups === true || region.groups.get(row.groupName)?.arn === row.groupArn;
  const latestFirst = region.activities
    .all()
    .filter((row) => name === undefined || row.groupName === name)
    .filter((row) => ids.length === 0 || ids.includes(row.id))
    .filter(isShown)
    .toReversed();
  const rows = [
    ...latestFirst.filter((row) => row.endAtMs === null),
    ...latestFirst.filter((row) => row.endAtMs !== null),
  ];
  const { rows: shown, next } = orderedRecords(rows, input);
  return { Activities: shown.map((row) => activityShape(region, row)), NextToken: next };
}

export function activityShape(region: Region, activity: Activity): ActivityShape {
  const isDeleted = region.groups.get(activity.groupName)?.arn !== activity.groupArn;
  return {
    ActivityId: activity.id,
    AutoScalingGroupName: activity.groupName,
    AutoScalingGroupARN: activity.groupArn,
    AutoScalingGroupState: isDeleted ? "Deleted" : undefined,
    Description: activity.description,
    Cause: activity.cause,
    StartTime: new Date(activity.startAtMs),
    // Whole seconds, unlike the start: so in every published example.
    EndTime: activity.endAtMs === null ? undefined : wholeSeconds(activity.endAtMs),
    StatusCode: activity.status,
    StatusMessage: activity.message ?? undefined,
    Progress: activity.progress,
    Details: JSON.stringify({
      "Subnet ID": activity.subnetId,
      "Availability Zone": activity.zone,
    }),
  };
}
