// Network interfaces as callers see them: each belongs to one instance here, from its launch to its
// end, and has one private address.

import type {
  DescribeNetworkInterfacesRequest,
  DescribeNetworkInterfacesResult,
  NetworkInterface as InterfaceShape,
  NetworkInterfaceAssociation,
} from "@aws-sdk/client-ec2";
import {
  always,
  type FilterTable,
  filtered,
  present,
  timeText,
  wholeSeconds,
  without,
} from "./filters.ts";
import { privateName, publicName } from "./instance-facts.ts";
import { chosen } from "./lookup.ts";
import { publicIpsOf } from "./metadata.ts";
import { page, refuseIdsWithPages } from "./pages.ts";
import type { Region } from "./region.ts";
import type { Address, NetworkInterface } from "./resources.ts";
import { tagList } from "./tags.ts";

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

function addressAt(region: Region, row: NetworkInterface): Address | undefined {
  return region.addresses.all().find((each) => each.association?.interfaceId === row.id);
}

function interfaceFilters(region: Region): FilterTable<NetworkInterface> {
  const publicIps = (row: NetworkInterface) => present(associationOf(region, row)?.PublicIp);
  return {
    "addresses.association.public-ip": publicIps,
    "addresses.association.owner-id": (row) => present(associationOf(region, row)?.IpOwnerId),
    "addresses.private-ip-address": (row) => [row.privateIp],
    "association.allocation-id": (row) => present(addressAt(region, row)?.id),
    "association.association-id": (row) => present(addressAt(region, row)?.association?.id),
    "association.ip-owner-id": (row) => present(associationOf(region, row)?.IpOwnerId),
    "association.public-dns-name": (row) => present(associationOf(region, row)?.PublicDnsName),
    "association.public-ip": publicIps,
    "attachment.attach-time": (row) => [timeText(row.createdAtMs)],
    "attachment.attachment-id": (row) => [row.attachmentId],
    "attachment.instance-id": (row) => [row.instanceId],
    "attachment.instance-owner-id": () => [region.accountId],
    "availability-zone": (row) => [row.zone],
    "availability-zone-id": (row) => present(zoneId(region, row)),
    description: () => [""],
    "mac-address": (row) => [row.mac],
    "network-interface-id": (row) => [row.id],
    "owner-id": () => [region.accountId],
    "private-dns-name": (row) => [privateName(region, row.privateIp)],
    "private-ip-address": (row) => [row.privateIp],
    "subnet-id": (row) => [row.subnetId],
    "vpc-id": (row) => [row.vpcId],
    ...always({
      "addresses.primary": "true",
      "attachment.delete-on-termination": "true",
      "attachment.device-index": "0",
      "attachment.status": "attached",
      "interface-type": "interface",
      "operator.managed": "false",
      "requester-managed": "false",
      "source-dest-check": "true",
      status: "in-use",
    }),
    ...without(
      "group-id",
      "group-name",
      "ipv6-addresses.ipv6-address",
      "operator.principal",
      "requester-id",
    ),
  };
}

function interfaceShape(region: Region, row: NetworkInterface): InterfaceShape {
  const association = associationOf(region, row);
  const name = privateName(region, row.privateIp);
  return {
    NetworkInterfaceId: row.id,
    SubnetId: row.subnetId,
    VpcId: row.vpcId,
    AvailabilityZone: row.zone,
    AvailabilityZoneId: zoneId(region, row),
    Description: "",
    Groups: [],
    Ipv6Addresses: [],
    MacAddress: row.mac,
    PrivateDnsName: name,
    PrivateIpAddress: row.privateIp,
    PrivateIpAddresses: [
      {
        Association: association,
        Primary: true,
        PrivateDnsName: name,
        PrivateIpAddress: row.privateIp,
      },
    ],
    OwnerId: region.accountId,
    RequesterManaged: false,
    Status: "in-use",
    InterfaceType: "interface",
    SourceDestCheck: true,
    Attachment: {
      AttachmentId: row.attachmentId,
      InstanceId: row.instanceId,
      InstanceOwnerId: region.accountId,
      DeviceIndex: 0,
      NetworkCardIndex: 0,
      DeleteOnTermination: true,
      Status: "attached",
      AttachTime: wholeSeconds(row.createdAtMs),
    },
    Association: association,
    TagSet: tagList(row.tags),
  };
}

/** The Elastic IP with its ids, or the public address from the subnet, which has none. */
function associationOf(
  region: Region,
  row: NetworkInterface,
): NetworkInterfaceAssociation | undefined {
  const address = addressAt(region, row);
  if (address !== undefined) {
    return {
      AllocationId: address.id,
      AssociationId: address.association?.id,
      IpOwnerId: region.accountId,
      PublicDnsName: publicName(region, address.publicIp),
      PublicIp: address.publicIp,
    };
  }
  const instance = region.instances.get(row.instanceId);
  const publicIp = instance === undefined ? undefined : publicIpsOf(region, instance)[0];
  if (publicIp === undefined) return undefined;
  return {
    IpOwnerId: "amazon",
    PublicDnsName: publicName(region, publicIp),
    PublicIp: publicIp,
  };
}

function zoneId(region: Region, { zone }: NetworkInterface): string | undefined {
  return region.zones.find((each) => each.name === zone)?.id;
}
