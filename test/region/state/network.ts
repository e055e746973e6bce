// VPCs, subnets, zones and interfaces, as far as an instance and its address need them. They are
// given when the world is made; nothing creates them later.

import type {
  DescribeAvailabilityZonesRequest,
  DescribeAvailabilityZonesResult,
  DescribeNetworkInterfacesRequest,
  DescribeNetworkInterfacesResult,
  DescribeSubnetsRequest,
  DescribeSubnetsResult,
  DescribeVpcsRequest,
  DescribeVpcsResult,
  NetworkInterface as InterfaceShape,
} from "@aws-sdk/client-ec2";
import { ApiError } from "../contract.ts";
import { type FilterTable, filtered, present } from "./filters.ts";
import { chosen } from "./lookup.ts";
import { page, refuseIdsWithPages } from "./pages.ts";
import type { Region } from "./region.ts";
import type { Address, NetworkInterface, Subnet } from "./resources.ts";
import { tagList } from "./tags.ts";

/** AWS keeps the first four addresses of a subnet; a rehearsal leaves a few more for its host. */
const firstHost = 10;
const hostsMax = 240;

export function describeAvailabilityZones(
  region: Region,
  input: DescribeAvailabilityZonesRequest,
): DescribeAvailabilityZonesResult {
  const names = input.ZoneNames ?? [];
  const ids = input.ZoneIds ?? [];
  const zones = region.zones.filter(
    (zone) =>
      (names.length === 0 || names.includes(zone.name)) &&
      (ids.length === 0 || ids.includes(zone.id)),
  );
  const matching = filtered(zones, {
    filters: input.Filters,
    table: {
      "region-name": () => [region.name],
      "zone-id": (zone) => [zone.id],
      "zone-name": (zone) => [zone.name],
      "zone-type": () => ["availability-zone"],
      "opt-in-status": () => ["opt-in-not-required"],
      state: (zone) => [stateOf(region, zone.name)],
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
      GroupName: `${region.name}-zg-1`,
      NetworkBorderGroup: region.name,
      Messages: [],
    })),
  };
}

export function describeVpcs(region: Region, input: DescribeVpcsRequest): DescribeVpcsResult {
  const matching = filtered(chosen(region.vpcs, "vpc", input.VpcIds), {
    filters: input.Filters,
    table: {
      cidr: (vpc) => [vpc.cidr],
      "is-default": () => ["true"],
      state: () => ["available"],
      "vpc-id": (vpc) => [vpc.id],
    },
    tagsOf: (vpc) => vpc.tags,
  });
  const { rows, next } = page(matching, input);
  const vpcs = rows.map((vpc) => ({
    VpcId: vpc.id,
    CidrBlock: vpc.cidr,
    State: "available" as const,
    IsDefault: true,
    OwnerId: region.accountId,
    Tags: tagList(vpc.tags),
  }));
  return { Vpcs: vpcs, NextToken: next };
}

export function describeSubnets(
  region: Region,
  input: DescribeSubnetsRequest,
): DescribeSubnetsResult {
  const matching = filtered(chosen(region.subnets, "subnet", input.SubnetIds), {
    filters: input.Filters,
    table: {
      "availability-zone": (subnet) => [subnet.zone],
      "availability-zone-id": (subnet) => present(zoneId(region, subnet.zone)),
      "cidr-block": (subnet) => [subnet.cidr],
      "map-public-ip-on-launch": (subnet) => [String(subnet.autoPublicIp)],
      state: () => ["available"],
      "subnet-id": (subnet) => [subnet.id],
      "vpc-id": (subnet) => [subnet.vpcId],
    },
    tagsOf: (subnet) => subnet.tags,
  });
  const { rows, next } = page(matching, input);
  const subnets = rows.map((subnet) => ({
    SubnetId: subnet.id,
    VpcId: subnet.vpcId,
    AvailabilityZone: subnet.zone,
    AvailabilityZoneId: zoneId(region, subnet.zone),
    CidrBlock: subnet.cidr,
    MapPublicIpOnLaunch: subnet.autoPublicIp,
    State: "available" as const,
    OwnerId: region.accountId,
    Tags: tagList(subnet.tags),
  }));
  return { Subnets: subnets, NextToken: next };
}

export function describeNetworkInterfaces(
  region: Region,
  input: DescribeNetworkInterfacesRequest,
): DescribeNetworkInterfacesResult {
  refuseIdsWithPages(input.NetworkInterfaceIds, input, "networkInterfaceIdSet");
  const matching = filtered(chosen(region.interfaces, "interface", input.NetworkInterfaceIds), {
    filters: input.Filters,
    table: interfaceFilters(region),
    tagsOf: (row) => row.tags,
  });
  const { rows, next } = page(matching, input);
  return { NetworkInterfaces: rows.map((row) => interfaceShape(region, row)), NextToken: next };
}

/** The next address of the subnet that no instance has; addresses come round only late. */
export function freePrivateIp(region: Region, subnet: Subnet): string {
  const network = subnet.cidr.split("/")[0]?.split(".").slice(0, 3).join(".") ?? "10.0.0";
  const used = new Set(region.instances.all().map((each) => each.privateIp));
  for (let host = firstHost; host < firstHost + hostsMax; host += 1) {
    const privateIp = `${network}.${host}`;
    if (!used.has(privateIp)) return privateIp;
  }
  throw new ApiError(
    "InsufficientFreeAddressesInSubnet",
    `There are not enough free addresses in subnet '${subnet.id}'.`,
  );
}

/** Locally administered, and as unique as the address it is made from. */
export function macOf(privateIp: string): string {
  const octets = privateIp.split(".").map((part) => Number(part).toString(16).padStart(2, "0"));
  return ["0a", "00", ...octets].join(":");
}

function stateOf(region: Region, zone: string): "available" | "impaired" {
  return region.outages.isOut(zone) ? "impaired" : "available";
}

function zoneId(region: Region, zone: string): string | undefined {
  return region.zones.find((each) => each.name === zone)?.id;
}

function addressAt(region: Region, row: NetworkInterface): Address | undefined {
  return region.addresses.all().find((each) => each.association?.interfaceId === row.id);
}

function interfaceFilters(region: Region): FilterTable<NetworkInterface> {
  return {
    "association.allocation-id": (row) => present(addressAt(region, row)?.id),
    "association.association-id": (row) => present(addressAt(region, row)?.association?.id),
    "association.public-ip": (row) => present(addressAt(region, row)?.publicIp),
    "attachment.attachment-id": (row) => [row.attachmentId],
    "attachment.instance-id": (row) => [row.instanceId],
    "availability-zone": (row) => [row.zone],
    "mac-address": (row) => [row.mac],
    "network-interface-id": (row) => [row.id],
    "owner-id": () => [region.accountId],
    "private-ip-address": (row) => [row.privateIp],
    status: () => ["in-use"],
    "subnet-id": (row) => [row.subnetId],
    "vpc-id": (row) => [row.vpcId],
  };
}

function interfaceShape(region: Region, row: NetworkInterface): InterfaceShape {
  const address = addressAt(region, row);
  return {
    NetworkInterfaceId: row.id,
    SubnetId: row.subnetId,
    VpcId: row.vpcId,
    AvailabilityZone: row.zone,
    MacAddress: row.mac,
    PrivateIpAddress: row.privateIp,
    OwnerId: region.accountId,
    Status: "in-use",
    InterfaceType: "interface",
    SourceDestCheck: true,
    Attachment: {
      AttachmentId: row.attachmentId,
      InstanceId: row.instanceId,
      InstanceOwnerId: region.accountId,
      DeviceIndex: 0,
      DeleteOnTermination: true,
      Status: "attached",
      AttachTime: new Date(row.createdAtMs),
    },
    Association:
      address === undefined
        ? undefined
        : {
            AllocationId: address.id,
            AssociationId: address.association?.id,
            PublicIp: address.publicIp,
            IpOwnerId: region.accountId,
          },
    TagSet: tagList(row.tags),
  };
}
