// The filters of DescribeInstances. Those that ask for what no instance here has (a product code, an
// IPv6 address, a Dedicated Host) match nothing, as on AWS; a name that EC2 does not know is refused.

import { always, type FilterTable, present, timeText, wholeSeconds, without } from "./filters.ts";
import {
  attachmentsOf,
  privateName,
  profileArn,
  publicName,
  spotRequestOf,
  stateCodes,
} from "./instance-facts.ts";
import { publicIpsOf } from "./metadata.ts";
import type { Region } from "./region.ts";
import type { Address, Instance } from "./resources.ts";

type Table = FilterTable<Instance>;

export function instanceFilters(region: Region): Table {
  return { ...ownFilters(region), ...diskFilters(region), ...networkFilters(region), ...fixed };
}

function ownFilters(region: Region): Table {
  return {
    "availability-zone": (row) => [row.zone],
    "availability-zone-id": (row) =>
      present(region.zones.find(({ name }) => name === row.zone)?.id),
    "client-token": (row) => present(row.clientToken),
    "iam-instance-profile.arn": (row) =>
      row.roleName === null ? [] : [profileArn(region, row.roleName)],
    "iam-instance-profile.name": (row) => present(row.roleName),
    "image-id": (row) => [row.imageId],
    "instance-id": (row) => [row.id],
    "instance-lifecycle": (row) => (row.spot ? ["spot"] : []),
    "instance-state-code": (row) => [String(stateCodes[row.state])],
    "instance-state-name": (row) => [row.state],
    "instance-type": (row) => [row.type],
    "key-name": (row) => present(row.keyName),
    "launch-index": (row) => [String(row.launchIndex)],
    "launch-time": (row) => [wholeSeconds(row.launchedAtMs).toISOString()],
    "metadata-options.instance-metadata-tags": (row) => [row.metadataTags ? "enabled" : "disabled"],
    "owner-id": () => [region.accountId],
    reason: (row) => present(row.reason?.message),
    "reservation-id": (row) => [row.reservationId],
    "ebs-optimized": (row) => [String(row.ebsOptimized)],
    "spot-instance-request-id": (row) => present(spotRequestOf(row)),
    "state-reason-code": (row) => present(row.reason?.code),
    "state-reason-message": (row) => present(row.reason?.message),
  };
}

function diskFilters(region: Region): Table {
  return {
    "block-device-mapping.attach-time": (row) =>
      attachmentsOf(region, row).map((each) => timeText(each.attachedAtMs)),
    "block-device-mapping.delete-on-termination": (row) =>
      attachmentsOf(region, row).map((each) => String(each.deleteOnTermination)),
    "block-device-mapping.device-name": (row) =>
      attachmentsOf(region, row).map((each) => each.device),
    "block-device-mapping.status": (row) => attachmentsOf(region, row).map((each) => each.state),
    "block-device-mapping.volume-id": (row) => attachmentsOf(region, row).map((each) => each.id),
    "root-device-name": (row) => [row.rootDevice],
  };
}

function networkFilters(region: Region): Table {
  const ofAddress = (read: (address: Address) => string | undefined) => (row: Instance) =>
    region.addresses
      .all()
      .filter((each) => each.association?.instanceId === row.id)
      .flatMap((each) => present(read(each)));
  const publicIps = (row: Instance) => publicIpsOf(region, row);
  const publicNames = (row: Instance) => publicIps(row).map((ip) => publicName(region, ip));
  const privateNames = (row: Instance) => [privateName(region, row.privateIp)];
  const privateIps = (row: Instance) => [row.privateIp];
  const owners = (row: Instance) =>
    publicIps(row).map((ip) => (ip === row.autoPublicIp ? "amazon" : region.accountId));
  const allocations = ofAddress(({ id }) => id);
  const associations = ofAddress(({ association }) => association?.id);
  const attachment = (row: Instance) => region.interfaces.get(row.interfaceId);
  return {
    "dns-name": publicNames,
    "ip-address": publicIps,
    "network-interface.addresses.association.allocation-id": allocations,
    "network-interface.addresses.association.association-id": associations,
    "network-interface.addresses.association.ip-owner-id": owners,
    "network-interface.addresses.association.public-dns-name": publicNames,
    "network-interface.addresses.association.public-ip": publicIps,
    "network-interface.addresses.private-dns-name": privateNames,
    "network-interface.addresses.private-ip-address": privateIps,
    "network-interface.association.allocation-id": allocations,
    "network-interface.association.association-id": associations,
    "network-interface.association.ip-owner-id": owners,
    "network-interface.association.public-dns-name": publicNames,
    "network-interface.association.public-ip": publicIps,
    "network-interface.attachment.attach-time": (row) =>
      present(attachment(row)?.createdAtMs).map((atMs) => timeText(Number(atMs))),
    "network-interface.attachment.attachment-id": (row) => present(attachment(row)?.attachmentId),
    "network-interface.attachment.instance-id": (row) => [row.id],
    "network-interface.attachment.instance-owner-id": () => [region.accountId],
    "network-interface.availability-zone": (row) => [row.zone],
    "network-interface.mac-address": (row) => [row.mac],
    "network-interface.network-interface-id": (row) => [row.interfaceId],
    "network-interface.owner-id": () => [region.accountId],
    "network-interface.private-dns-name": privateNames,
    "network-interface.private-ip-address": privateIps,
    "network-interface.public-dns-name": publicNames,
    "network-interface.subnet-id": (row) => [row.subnetId],
    "network-interface.tag-key": (row) => Object.keys(attachment(row)?.tags ?? {}),
    "network-interface.tag-value": (row) => Object.values(attachment(row)?.tags ?? {}),
    "network-interface.vpc-id": (row) => [row.vpcId],
    "private-dns-name": privateNames,
    "private-ip-address": privateIps,
    "subnet-id": (row) => [row.subnetId],
    "vpc-id": (row) => [row.vpcId],
  };
}

const fixed: Table = {
  ...always({
    architecture: "x86_64",
    "capacity-reservation-specification.capacity-reservation-preference": "open",
    "current-instance-boot-mode": "legacy-bios",
    "ena-support": "true",
    "enclave-options.enabled": "false",
    "hibernation-options.configured": "false",
    hypervisor: "xen",
    "maintenance-options.auto-recovery": "default",
    "metadata-options.http-endpoint": "enabled",
    "metadata-options.http-protocol-ipv4": "enabled",
    "metadata-options.http-protocol-ipv6": "disabled",
    "metadata-options.http-put-response-hop-limit": "2",
    "metadata-options.http-tokens": "required",
    "metadata-options.state": "applied",
    "monitoring-state": "disabled",
    "network-interface.addresses.primary": "true",
    "network-interface.attachment.delete-on-termination": "true",
    "network-interface.attachment.device-index": "0",
    "network-interface.attachment.network-card-index": "0",
    "network-interface.attachment.status": "attached",
    "network-interface.requester-managed": "false",
    "network-interface.source-dest-check": "true",
    "network-interface.status": "in-use",
    "operator.managed": "false",
    "platform-details": "Linux/UNIX",
    "private-dns-name-options.enable-resource-name-dns-a-record": "false",
    "private-dns-name-options.enable-resource-name-dns-aaaa-record": "false",
    "private-dns-name-options.hostname-type": "ip-name",
    "root-device-type": "ebs",
    "source-dest-check": "true",
    tenancy: "default",
    "usage-operation": "RunInstances",
    "virtualization-type": "hvm",
  }),
  ...without(
    "affinity",
    "boot-mode",
    "capacity-reservation-id",
    "capacity-reservation-specification.capacity-reservation-target.capacity-reservation-id",
    "capacity-reservation-specification.capacity-reservation-target.capacity-reservation-resource-group-arn",
    "host-id",
    "instance.group-id",
    "instance.group-name",
    "ipv6-address",
    "kernel-id",
    "network-interface.addresses.association.carrier-ip",
    "network-interface.addresses.association.customer-owned-ip",
    "network-interface.association.carrier-ip",
    "network-interface.association.customer-owned-ip",
    "network-interface.deny-all-igw-traffic",
    "network-interface.description",
    "network-interface.group-id",
    "network-interface.group-name",
    "network-interface.ipv4-prefixes.ipv4-prefix",
    "network-interface.ipv6-address",
    "network-interface.ipv6-addresses.ipv6-address",
    "network-interface.ipv6-addresses.is-primary-ipv6",
    "network-interface.ipv6-native",
    "network-interface.ipv6-prefixes.ipv6-prefix",
    "network-interface.operator.managed",
    "network-interface.operator.principal",
    "network-interface.outpost-arn",
    "network-interface.requester-id",
    "network-performance-options.bandwidth-weighting",
    "operator.principal",
    "outpost-arn",
    "placement-group-name",
    "placement-partition-number",
    "platform",
    "product-code",
    "product-code.type",
    "ramdisk-id",
    "requester-id",
    "tpm-support",
    "usage-operation-update-time",
  ),
};
