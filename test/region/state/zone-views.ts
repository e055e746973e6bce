// Availability Zones as callers see them.

import type {
  DescribeAvailabilityZonesRequest,
  DescribeAvailabilityZonesResult,
} from "@aws-sdk/client-ec2";
import { invalidValue } from "./errors.ts";
import { filtered } from "./filters.ts";
import type { Region } from "./region.ts";

export function describeAvailabilityZones(
  region: Region,
  input: DescribeAvailabilityZonesRequest,
): DescribeAvailabilityZonesResult {
  const { ZoneNames: names = [], ZoneIds: ids = [] } = input;
  refuseUnknown(
    names,
    region.zones.map(({ name }) => name),
  );
  refuseUnknown(
    ids,
    region.zones.map(({ id }) => id),
  );
  const zones = region.zones.filter(
    ({ name, id }) =>
      (names.length === 0 || names.includes(name)) && (ids.length === 0 || ids.includes(id)),
  );
  const matching = filtered(zones, {
    filters: input.Filters,
    table: {
      "group-long-name": () => [],
      "group-name": () => [groupName(region)],
      message: () => [],
      "opt-in-status": () => ["opt-in-not-required"],
      "parent-zone-id": () => [],
      "parent-zone-name": () => [],
      "region-name": () => [region.name],
      state: (zone) => [stateOf(region, zone.name)],
      "zone-id": (zone) => [zone.id],
      "zone-name": (zone) => [zone.name],
      "zone-type": () => ["availability-zone"],
    },
  });
  return {
    AvailabilityZones: matching.map((zone) => ({
      ZoneName: zone.name,
      ZoneId: zone.id,
      ZoneType: "availability-zone",
      RegionName: region.name,
      State: stateOf(region, zone.name),
      OptInStatus: "opt-in-not-required",
      GroupName: groupName(region),
      NetworkBorderGroup: region.name,
      Messages: [],
    })),
  };
}

function refuseUnknown(given: readonly string[], known: readonly string[]): void {
  const unknown = given.filter((each) => !known.includes(each));
  if (unknown.length === 0) return;
  throw invalidValue(`Invalid availability zone: [${unknown.join(", ")}]`);
}

function groupName(region: Region): string {
  return `${region.name}-zg-1`;
}

function stateOf(region: Region, zone: string): "available" | "impaired" {
  return region.outages.isOut(zone) ? "impaired" : "available";
}
