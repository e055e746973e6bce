// DescribeInstanceStatus: what EC2's own checks say. They begin with `initializing` when an instance
// runs, and cannot tell an instance whose programs hang from one that works.

import type {
  DescribeInstanceStatusRequest,
  DescribeInstanceStatusResult,
  InstanceStatus,
  StatusType,
  SummaryStatus,
} from "@aws-sdk/client-ec2";
import { filtered, present, without } from "./filters.ts";
import { stateCodes, stateShape } from "./instance-facts.ts";
import { chosen } from "./lookup.ts";
import { page, refuseIdsWithPages } from "./pages.ts";
import type { Region } from "./region.ts";
import type { Instance } from "./resources.ts";

export function describeInstanceStatus(
  region: Region,
  input: DescribeInstanceStatusRequest,
): DescribeInstanceStatusResult {
  refuseIdsWithPages(input.InstanceIds, input, "instancesSet");
  const rows = chosen(region.instances, "instance", input.InstanceIds);
  const seen = rows.filter((row) => input.IncludeAllInstances === true || row.state === "running");
  const matching = filtered(seen, {
    filters: input.Filters,
    table: {
      "attached-ebs-status.status": (row) => [statusOf(region, row)],
      "availability-zone": (row) => [row.zone],
      "availability-zone-id": (row) => present(zoneId(region, row)),
      ...without(
        "application-status.status",
        "event.code",
        "event.description",
        "event.instance-event-id",
        "event.not-after",
        "event.not-before",
        "event.not-before-deadline",
      ),
      "instance-state-code": (row) => [String(stateCodes[row.state])],
      "instance-state-name": (row) => [row.state],
      "instance-status.reachability": (row) => present(reachability(statusOf(region, row))),
      "instance-status.status": (row) => [statusOf(region, row)],
      "operator.managed": () => ["false"],
      "operator.principal": () => [],
      "system-status.reachability": (row) => present(reachability(statusOf(region, row))),
      "system-status.status": (row) => [statusOf(region, row)],
    },
  });
  const { rows: shown, next } = page(matching, input);
  return { InstanceStatuses: shown.map((row) => statusShape(region, row)), NextToken: next };
}

function statusOf(region: Region, instance: Instance): SummaryStatus {
  if (instance.state !== "running") return "not-applicable";
  if (instance.impaired) return "impaired";
  const runningMs = region.clock.nowMs() - instance.changedAtMs;
  return runningMs < region.delays.instanceStatusMs ? "initializing" : "ok";
}

function statusShape(region: Region, instance: Instance): InstanceStatus {
  const status = statusOf(region, instance);
  const reached = reachability(status);
  const summary = {
    Status: status,
    // What does not run has no details.
    Details:
      reached === undefined ? undefined : [{ Name: "reachability" as const, Status: reached }],
  };
  return {
    InstanceId: instance.id,
    AvailabilityZone: instance.zone,
    AvailabilityZoneId: zoneId(region, instance),
    InstanceState: stateShape(instance.state),
    InstanceStatus: summary,
    SystemStatus: summary,
    AttachedEbsStatus: summary,
  };
}

function zoneId(region: Region, { zone }: Instance): string | undefined {
  return region.zones.find((each) => each.name === zone)?.id;
}

function reachability(status: SummaryStatus): StatusType | undefined {
  if (status === "ok") return "passed";
  if (status === "impaired") return "failed";
  return status === "initializing" ? "initializing" : undefined;
}
