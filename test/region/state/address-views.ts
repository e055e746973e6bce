// Elastic IPs as callers see them. DescribeAddresses has no pages: it answers with all at once.

import type {
  Address as AddressShape,
  DescribeAddressesRequest,
  DescribeAddressesResult,
} from "@aws-sdk/client-ec2";
import { ApiError } from "../contract.ts";
import { type FilterTable, filtered, present } from "./filters.ts";
import { chosen } from "./lookup.ts";
import type { Region } from "./region.ts";
import type { Address } from "./resources.ts";
import { shownTags } from "./tags.ts";

export function describeAddresses(
  region: Region,
  input: DescribeAddressesRequest,
): DescribeAddressesResult {
  const rows = chosen(region.addresses, "address", input.AllocationIds);
  const publicIps = input.PublicIps ?? [];
  for (const publicIp of publicIps) {
    if (rows.some((row) => row.publicIp === publicIp)) continue;
    throw new ApiError("InvalidAddress.NotFound", `Address '${publicIp}' not found.`);
  }
  const named = rows.filter((row) => publicIps.length === 0 || publicIps.includes(row.publicIp));
  const matching = filtered(named, {
    filters: input.Filters,
    table: addressFilters(region),
    tagsOf: (address) => address.tags,
  });
  return { Addresses: matching.map((address) => addressShape(region, address)) };
}

function addressShape(region: Region, address: Address): AddressShape {
  const association = address.association;
  return {
    AllocationId: address.id,
    PublicIp: address.publicIp,
    Domain: "vpc",
    PublicIpv4Pool: "amazon",
    NetworkBorderGroup: region.name,
    AssociationId: association?.id,
    InstanceId: association?.instanceId,
    NetworkInterfaceId: association?.interfaceId,
    NetworkInterfaceOwnerId: association === null ? undefined : region.accountId,
    PrivateIpAddress: association?.privateIp,
    Tags: shownTags(address.tags),
  };
}

function addressFilters(region: Region): FilterTable<Address> {
  return {
    "allocation-id": (row) => [row.id],
    "association-id": (row) => present(row.association?.id),
    "carrier-ip": () => [],
    domain: () => ["vpc"],
    "instance-id": (row) => present(row.association?.instanceId),
    "network-border-group": () => [region.name],
    "network-interface-id": (row) => present(row.association?.interfaceId),
    "network-interface-owner-id": (row) => (row.association === null ? [] : [region.accountId]),
    "private-ip-address": (row) => present(row.association?.privateIp),
    "public-ip": (row) => [row.publicIp],
  };
}
