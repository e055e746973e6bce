// Instances as callers see them: the shapes of RunInstances, DescribeInstances and
// DescribeInstanceStatus. A terminated instance can be described for a while.

import type {
  DescribeInstanceStatusRequest,
  DescribeInstanceStatusResult,
  DescribeInstancesRequest,
  DescribeInstancesResult,
  InstanceBlockDeviceMapping,
  Instance as InstanceShape,
  InstanceState,
  InstanceStateName,
  InstanceStatus,
  StatusType,
  SummaryStatus,
} from "@aws-sdk/client-ec2";
import { type FilterTable, filtered, present, timeText } from "./filters.ts";
import { isEnding } from "./instance-life.ts";
import { chosen } from "./lookup.ts";
import { publicIpsOf } from "./metadata.ts";
import { page, refuseIdsWithPages } from "./pages.ts";
import type { Region } from "./region.ts";
import type { Attachment, Instance } from "./resources.ts";
import { tagList } from "./tags.ts";

const stateCodes: Readonly<Record<InstanceStateName, number>> = {
  pending: 0,
  running: 16,
  "shutting-down": 32,
  terminated: 48,
  stopping: 64,
  stopped: 80,
};

export function stateShape(state: InstanceStateName): InstanceState {
  return { Name: state, Code: stateCodes[state] };
}

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
  const reservations = rows.map((instance) => ({
    ReservationId: instance.id.replace("i-", "r-"),
    OwnerId: region.accountId,
    Groups: [],
    Instances: [instanceShape(region, instance)],
  }));
  return { Reservations: reservations, NextToken: next };
}

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
      "availability-zone": (row) => [row.zone],
      "instance-state-code": (row) => [String(stateCodes[row.state])],
      "instance-state-name": (row) => [row.state],
      "instance-status.status": (row) => [statusOf(region, row)],
      "system-status.status": (row) => [statusOf(region, row)],
    },
  });
  const { rows: shown, next } = page(matching, input);
  return { InstanceStatuses: shown.map((row) => statusShape(region, row)), NextToken: next };
}

export function instanceShape(region: Region, instance: Instance): InstanceShape {
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
    LaunchTime: new Date(instance.launchedAtMs),
    Placement: { AvailabilityZone: instance.zone, Tenancy: "default", GroupName: "" },
    PrivateIpAddress: isGone ? undefined : instance.privateIp,
    PublicIpAddress: publicIp,
    SubnetId: isGone ? undefined : instance.subnetId,
    VpcId: isGone ? undefined : instance.vpcId,
    RootDeviceName: instance.rootDevice,
    RootDeviceType: "ebs",
    BlockDeviceMappings: attachmentsOf(region, instance).map(mappingShape),
    NetworkInterfaces: isGone ? [] : [interfaceShape(region, instance, publicIp)],
    IamInstanceProfile:
      instance.roleName === null ? undefined : { Arn: profileArn(region, instance.roleName) },
    InstanceLifecycle: instance.spot ? "spot" : undefined,
    KeyName: instance.keyName ?? undefined,
    ClientToken: instance.clientToken ?? "",
    Architecture: "x86_64",
    Hypervisor: "xen",
    VirtualizationType: "hvm",
    EbsOptimized: true,
    EnaSupport: true,
    AmiLaunchIndex: 0,
    Monitoring: { State: "disabled" },
    SecurityGroups: [],
    MetadataOptions: {
      State: "applied",
      HttpEndpoint: "enabled",
      HttpTokens: "required",
      HttpPutResponseHopLimit: 2,
      InstanceMetadataTags: instance.metadataTags ? "enabled" : "disabled",
    },
    Tags: tagList(instance.tags),
  };
}

function instanceFilters(region: Region): FilterTable<Instance> {
  return {
    architecture: () => ["x86_64"],
    "availability-zone": (row) => [row.zone],
    "block-device-mapping.device-name": (row) =>
      attachmentsOf(region, row).map((each) => each.device),
    "block-device-mapping.volume-id": (row) => attachmentsOf(region, row).map((each) => each.id),
    "client-token": (row) => present(row.clientToken),
    "iam-instance-profile.arn": (row) =>
      row.roleName === null ? [] : [profileArn(region, row.roleName)],
    "image-id": (row) => [row.imageId],
    "instance-id": (row) => [row.id],
    "instance-lifecycle": (row) => (row.spot ? ["spot"] : []),
    "instance-state-code": (row) => [String(stateCodes[row.state])],
    "instance-state-name": (row) => [row.state],
    "instance-type": (row) => [row.type],
    "ip-address": (row) => publicIpsOf(region, row),
    "launch-time": (row) => [timeText(row.launchedAtMs)],
    "network-interface.network-interface-id": (row) => [row.interfaceId],
    "owner-id": () => [region.accountId],
    "private-ip-address": (row) => [row.privateIp],
    "root-device-name": (row) => [row.rootDevice],
    "subnet-id": (row) => [row.subnetId],
    "vpc-id": (row) => [row.vpcId],
  };
}

function attachmentsOf(region: Region, instance: Instance): readonly Attachment[] {
  return region.attachments.all().filter((each) => each.instanceId === instance.id);
}

function mappingShape(attachment: Attachment): InstanceBlockDeviceMapping {
  const state = attachment.state === "busy" ? "detaching" : attachment.state;
  return {
    DeviceName: attachment.device,
    Ebs: {
      VolumeId: attachment.id,
      Status: state,
      AttachTime: new Date(attachment.attachedAtMs),
      DeleteOnTermination: attachment.deleteOnTermination,
    },
  };
}

function interfaceShape(region: Region, instance: Instance, publicIp: string | undefined) {
  return {
    NetworkInterfaceId: instance.interfaceId,
    SubnetId: instance.subnetId,
    VpcId: instance.vpcId,
    MacAddress: instance.mac,
    OwnerId: region.accountId,
    PrivateIpAddress: instance.privateIp,
    Status: "in-use" as const,
    InterfaceType: "interface",
    SourceDestCheck: true,
    Attachment: { DeviceIndex: 0, DeleteOnTermination: true, Status: "attached" as const },
    Association: publicIp === undefined ? undefined : { PublicIp: publicIp },
  };
}

/** For instance `User initiated (2026-11-22 09:00:00 GMT)`, as EC2 writes it. */
function transitionReason(instance: Instance): string {
  const isOver = isEnding(instance) || ["stopping", "stopped"].includes(instance.state);
  if (!isOver || instance.reason?.code !== "Client.UserInitiatedShutdown") return "";
  const at = timeText(instance.changedAtMs).replace("T", " ").slice(0, 19);
  return `User initiated (${at} GMT)`;
}

function profileArn(region: Region, roleName: string): string {
  return `arn:aws:iam::${region.accountId}:instance-profile/${roleName}`;
}

function statusOf(region: Region, instance: Instance): SummaryStatus {
  if (instance.state !== "running") return "not-applicable";
  if (instance.impaired) return "impaired";
  const runningMs = region.clock.nowMs() - instance.changedAtMs;
  return runningMs < region.delays.instanceStatusMs ? "initializing" : "ok";
}

function statusShape(region: Region, instance: Instance): InstanceStatus {
  const status = statusOf(region, instance);
  const summary = {
    Status: status,
    Details: [{ Name: "reachability" as const, Status: reachability(status) }],
  };
  return {
    InstanceId: instance.id,
    AvailabilityZone: instance.zone,
    InstanceState: stateShape(instance.state),
    InstanceStatus: summary,
    SystemStatus: summary,
    Events: [],
  };
}

function reachability(status: SummaryStatus): StatusType {
  if (status === "ok") return "passed";
  if (status === "impaired") return "failed";
  return status === "initializing" ? "initializing" : "insufficient-data";
}
