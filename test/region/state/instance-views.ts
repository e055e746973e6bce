// Instances as callers see them: the shapes of RunInstances and DescribeInstances. A terminated
// instance can be described for a while, without what it has no more: addresses, interfaces, a network.

import { createHash } from "node:crypto";
import type {
  DescribeInstancesRequest,
  DescribeInstancesResult,
  IamInstanceProfile,
  InstanceBlockDeviceMapping,
  InstanceNetworkInterface,
  Instance as InstanceShape,
  Reservation,
} from "@aws-sdk/client-ec2";
import { filtered, timeText, wholeSeconds } from "./filters.ts";
import {
  attachmentsOf,
  privateName,
  profileArn,
  publicName,
  spotRequestOf,
  stateShape,
} from "./instance-facts.ts";
import { instanceFilters } from "./instance-filters.ts";
import { isEnding } from "./instance-life.ts";
import { chosen } from "./lookup.ts";
import { publicIpsOf } from "./metadata.ts";
import { page, refuseIdsWithPages } from "./pages.ts";
import type { Region } from "./region.ts";
import type { Attachment, Instance } from "./resources.ts";
import { shownTags } from "./tags.ts";

export function describeInstances(
  region: Region,
  input: DescribeInstancesRequest,
): DescribeInstancesResult {
  refuseIdsWithPages(input.InstanceIds, input, "instancesSet");
  const matching = filtered(chosen(region.instances, "instance", input.InstanceIds), {
    filters: input.Filters,
    table: instanceFilters(region),
    tagsOf: (instance) => instance.tags,
  });
  const { rows, next } = page(matching, input);
  return { Reservations: reservationsOf(region, rows), NextToken: next };
}

function reservationsOf(region: Region, rows: readonly Instance[]): Reservation[] {
  const groups = Map.groupBy(rows, (row) => row.reservationId);
  return [...groups].map(([id, instances]) => ({
    ReservationId: id,
    OwnerId: region.accountId,
    Groups: [],
    Instances: instances.map((instance) => instanceShape(region, instance)),
  }));
}

/** What RunInstances answers: neither disks nor a public address are there yet, nor IMDS settings. */
export function launchedShape(region: Region, instance: Instance): InstanceShape {
  const shape = instanceShape(region, instance);
  if (instance.state !== "pending") return shape;
  const interfaces = (shape.NetworkInterfaces ?? []).map((each) => ({
    ...each,
    Association: undefined,
    PrivateIpAddresses: (each.PrivateIpAddresses ?? []).map((address) => ({
      ...address,
      Association: undefined,
    })),
    Attachment: { ...each.Attachment, Status: "attaching" as const },
  }));
  return {
    ...shape,
    PublicDnsName: "",
    PublicIpAddress: undefined,
    BlockDeviceMappings: [],
    NetworkInterfaces: interfaces,
    MetadataOptions: { ...shape.MetadataOptions, State: "pending" },
  };
}

function instanceShape(region: Region, instance: Instance): InstanceShape {
  const isGone = instance.state === "terminated";
  const publicIp = isGone ? undefined : publicIpsOf(region, instance)[0];
  const { reason } = instance;
  return {
    InstanceId: instance.id,
    ImageId: instance.imageId,
    InstanceType: instance.type,
    State: stateShape(instance.state),
    StateReason: reason === null ? undefined : { Code: reason.code, Message: reason.message },
    StateTransitionReason: transitionReason(instance),
    LaunchTime: wholeSeconds(instance.launchedAtMs),
    Placement: {
      AvailabilityZone: instance.zone,
      AvailabilityZoneId: region.zones.find(({ name }) => name === instance.zone)?.id,
      Tenancy: "default",
      GroupName: "",
    },
    PrivateDnsName: isGone ? "" : privateName(region, instance.privateIp),
    PublicDnsName: publicIp === undefined ? "" : publicName(region, publicIp),
    PrivateIpAddress: isGone ? undefined : instance.privateIp,
    PublicIpAddress: publicIp,
    SubnetId: isGone ? undefined : instance.subnetId,
    VpcId: isGone ? undefined : instance.vpcId,
    RootDeviceName: instance.rootDevice,
    RootDeviceType: "ebs",
    BlockDeviceMappings: mappingsOf(region, instance),
    NetworkInterfaces: isGone ? [] : [interfaceShape(region, instance, publicIp)],
    IamInstanceProfile:
      instance.roleName === null ? undefined : profileShape(region, instance.roleName),
    InstanceLifecycle: instance.spot ? "spot" : undefined,
    SpotInstanceRequestId: spotRequestOf(instance),
    KeyName: instance.keyName ?? undefined,
    ClientToken: instance.clientToken ?? "",
    Architecture: "x86_64",
    Hypervisor: "xen",
    VirtualizationType: "hvm",
    EbsOptimized: instance.ebsOptimized,
    EnaSupport: true,
    EnclaveOptions: { Enabled: false },
    HibernationOptions: { Configured: false },
    MaintenanceOptions: { AutoRecovery: "default" },
    PlatformDetails: "Linux/UNIX",
    UsageOperation: "RunInstances",
    ProductCodes: [],
    SourceDestCheck: isGone ? undefined : true,
    AmiLaunchIndex: instance.launchIndex,
    Monitoring: { State: "disabled" },
    SecurityGroups: [],
    MetadataOptions: {
      State: "applied",
      HttpEndpoint: "enabled",
      HttpProtocolIpv6: "disabled",
      HttpTokens: "required",
      HttpPutResponseHopLimit: instance.metadataHops,
      InstanceMetadataTags: instance.metadataTags ? "enabled" : "disabled",
    },
    Tags: shownTags(instance.tags),
  };
}

export function mappingsOf(region: Region, instance: Instance): InstanceBlockDeviceMapping[] {
  return attachmentsOf(region, instance).map(mappingShape);
}

function mappingShape(attachment: Attachment): InstanceBlockDeviceMapping {
  const state = attachment.state === "busy" ? "detaching" : attachment.state;
  return {
    DeviceName: attachment.device,
    Ebs: {
      VolumeId: attachment.id,
      Status: state,
      AttachTime: wholeSeconds(attachment.attachedAtMs),
      DeleteOnTermination: attachment.deleteOnTermination,
    },
  };
}

function interfaceShape(
  region: Region,
  instance: Instance,
  publicIp: string | undefined,
): InstanceNetworkInterface {
  const { privateIp } = instance;
  const name = privateName(region, privateIp);
  const row = region.interfaces.get(instance.interfaceId);
  const association =
    publicIp === undefined ? undefined : associationOf(region, instance, publicIp);
  return {
    NetworkInterfaceId: instance.interfaceId,
    SubnetId: instance.subnetId,
    VpcId: instance.vpcId,
    MacAddress: instance.mac,
    OwnerId: region.accountId,
    Description: "",
    Groups: [],
    Ipv6Addresses: [],
    PrivateDnsName: name,
    PrivateIpAddress: privateIp,
    PrivateIpAddresses: [
      {
        Association: association,
        Primary: true,
        PrivateDnsName: name,
        PrivateIpAddress: privateIp,
      },
    ],
    Status: "in-use",
    InterfaceType: "interface",
    SourceDestCheck: true,
    Attachment: {
      AttachmentId: row?.attachmentId,
      AttachTime: row === undefined ? undefined : wholeSeconds(row.createdAtMs),
      DeviceIndex: 0,
      NetworkCardIndex: 0,
      DeleteOnTermination: true,
      Status: "attached",
    },
    Association: association,
  };
}

/** An Elastic IP belongs to the account, a public address from the subnet to Amazon. */
function associationOf(region: Region, { autoPublicIp }: Instance, publicIp: string) {
  return {
    IpOwnerId: publicIp === autoPublicIp ? "amazon" : region.accountId,
    PublicDnsName: publicName(region, publicIp),
    PublicIp: publicIp,
  };
}

/** For instance `User initiated (2026-11-22 09:00:00 GMT)`, as EC2 writes it. */
function transitionReason(instance: Instance): string {
  const isOver = isEnding(instance) || ["stopping", "stopped"].includes(instance.state);
  if (!isOver || instance.reason?.code !== "Client.UserInitiatedShutdown") return "";
  const at = timeText(instance.changedAtMs).replace("T", " ").slice(0, 19);
  return `User initiated (${at} GMT)`;
}

/** Ids of profiles begin so; the rest is made of the name. */
function profileShape(region: Region, roleName: string): IamInstanceProfile {
  const digits = createHash("sha256").update(roleName).digest("hex").toUpperCase().slice(0, 17);
  return { Arn: profileArn(region, roleName), Id: `AIPA${digits}` };
}
