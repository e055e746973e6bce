// VPCs and subnets as callers see them. They are given when the world is made; nothing creates them
// later. The VPC counts as the default one, though AWS gives those another range.

import type {
  DescribeSubnetsRequest,
  DescribeSubnetsResult,
  DescribeVpcsRequest,
  DescribeVpcsResult,
  Subnet as SubnetShape,
  Vpc as VpcShape,
} from "@aws-sdk/client-ec2";
import { always, type FilterTable, filtered, present, without } from "./filters.ts";
import { chosen } from "./lookup.ts";
import { freeAddresses } from "./network.ts";
import { page, refuseIdsWithPages } from "./pages.ts";
import type { Region } from "./region.ts";
import type { Subnet, Vpc } from "./resources.ts";
import { shownTags } from "./tags.ts";

export function describeVpcs(region: Region, input: DescribeVpcsRequest): DescribeVpcsResult {
  refuseIdsWithPages(input.VpcIds, input, "vpcSet");
  const matching = filtered(chosen(region.vpcs, "vpc", input.VpcIds), {
    filters: input.Filters,
    table: vpcFilters(region),
    tagsOf: (vpc) => vpc.tags,
  });
  const { rows, next } = page(matching, input);
  return { Vpcs: rows.map((vpc) => vpcShape(region, vpc)), NextToken: next };
}

export function describeSubnets(
  region: Region,
  input: DescribeSubnetsRequest,
): DescribeSubnetsResult {
  refuseIdsWithPages(input.SubnetIds, input, "subnetSet");
  const matching = filtered(chosen(region.subnets, "subnet", input.SubnetIds), {
    filters: input.Filters,
    table: subnetFilters(region),
    tagsOf: (subnet) => subnet.tags,
  });
  const { rows, next } = page(matching, input);
  return { Subnets: rows.map((subnet) => subnetShape(region, subnet)), NextToken: next };
}

function vpcFilters(region: Region): FilterTable<Vpc> {
  return {
    cidr: (vpc) => [vpc.cidr],
    "cidr-block-association.association-id": (vpc) => [rangeId(vpc)],
    "cidr-block-association.cidr-block": (vpc) => [vpc.cidr],
    "cidr-block-association.state": () => ["associated"],
    "dhcp-options-id": (vpc) => [optionsId(vpc)],
    "is-default": () => ["true"],
    "owner-id": () => [region.accountId],
    state: () => ["available"],
    "vpc-id": (vpc) => [vpc.id],
    ...without(
      "ipv6-cidr-block-association.association-id",
      "ipv6-cidr-block-association.ipv6-cidr-block",
      "ipv6-cidr-block-association.ipv6-pool",
      "ipv6-cidr-block-association.state",
    ),
  };
}

function vpcShape(region: Region, vpc: Vpc): VpcShape {
  return {
    VpcId: vpc.id,
    CidrBlock: vpc.cidr,
    CidrBlockAssociationSet: [
      {
        AssociationId: rangeId(vpc),
        CidrBlock: vpc.cidr,
        CidrBlockState: { State: "associated" },
      },
    ],
    DhcpOptionsId: optionsId(vpc),
    InstanceTenancy: "default",
    IsDefault: true,
    OwnerId: region.accountId,
    State: "available",
    Tags: shownTags(vpc.tags),
  };
}

function rangeId({ id }: Vpc): string {
  return id.replace("vpc-", "vpc-cidr-assoc-");
}

function optionsId({ id }: Vpc): string {
  return id.replace("vpc-", "dopt-");
}

function subnetFilters(region: Region): FilterTable<Subnet> {
  const zone = (subnet: Subnet) => [subnet.zone];
  const zoneIds = (subnet: Subnet) => present(zoneId(region, subnet));
  const range = (subnet: Subnet) => [subnet.cidr];
  return {
    "availability-zone": zone,
    availabilityZone: zone,
    "availability-zone-id": zoneIds,
    availabilityZoneId: zoneIds,
    "available-ip-address-count": (subnet) => [String(freeAddresses(region, subnet))],
    "cidr-block": range,
    cidr: range,
    cidrBlock: range,
    "default-for-az": () => ["true"],
    defaultForAz: () => ["true"],
    "map-public-ip-on-launch": (subnet) => [String(subnet.autoPublicIp)],
    "owner-id": () => [region.accountId],
    state: () => ["available"],
    "subnet-arn": (subnet) => [arnOf(region, subnet)],
    "subnet-id": (subnet) => [subnet.id],
    "vpc-id": (subnet) => [subnet.vpcId],
    ...always({
      "enable-dns64": "false",
      "ipv6-native": "false",
      "map-customer-owned-ip-on-launch": "false",
      "private-dns-name-options-on-launch.enable-resource-name-dns-a-record": "false",
      "private-dns-name-options-on-launch.enable-resource-name-dns-aaaa-record": "false",
      "private-dns-name-options-on-launch.hostname-type": "ip-name",
    }),
    ...without(
      "customer-owned-ipv4-pool",
      "enable-lni-at-device-index",
      "ipv6-cidr-block-association.association-id",
      "ipv6-cidr-block-association.ipv6-cidr-block",
      "ipv6-cidr-block-association.state",
      "outpost-arn",
    ),
  };
}

function subnetShape(region: Region, subnet: Subnet): SubnetShape {
  return {
    SubnetId: subnet.id,
    SubnetArn: arnOf(region, subnet),
    VpcId: subnet.vpcId,
    AvailabilityZone: subnet.zone,
    AvailabilityZoneId: zoneId(region, subnet),
    AvailableIpAddressCount: freeAddresses(region, subnet),
    AssignIpv6AddressOnCreation: false,
    CidrBlock: subnet.cidr,
    DefaultForAz: true,
    EnableDns64: false,
    Ipv6CidrBlockAssociationSet: [],
    Ipv6Native: false,
    MapCustomerOwnedIpOnLaunch: false,
    MapPublicIpOnLaunch: subnet.autoPublicIp,
    OwnerId: region.accountId,
    PrivateDnsNameOptionsOnLaunch: {
      HostnameType: "ip-name",
      EnableResourceNameDnsARecord: false,
      EnableResourceNameDnsAAAARecord: false,
    },
    State: "available",
    Tags: shownTags(subnet.tags),
  };
}

function arnOf(region: Region, { id }: Subnet): string {
  return `arn:aws:ec2:${region.name}:${region.accountId}:subnet/${id}`;
}

function zoneId(region: Region, { zone }: Subnet): string | undefined {
  return region.zones.find((each) => each.name === zone)?.id;
}
