// One attribute of an instance at a time, shown or changed. Some can only change while the instance
// is stopped; a request that names none or two is refused, as in EC2.

import {
  type DescribeInstanceAttributeRequest,
  type InstanceAttribute,
  InstanceAttributeName,
  _InstanceType as InstanceType,
  type ModifyInstanceAttributeRequest,
} from "@aws-sdk/client-ec2";
import { ApiError } from "../contract.ts";
import { incorrectInstanceState, invalidCombination, invalidValue, required } from "./errors.ts";
import { mappingsOf } from "./instance-views.ts";
import { findInstance } from "./lookup.ts";
import type { Region } from "./region.ts";
import type { Instance } from "./resources.ts";

export function describeInstanceAttribute(
  region: Region,
  input: DescribeInstanceAttributeRequest,
): InstanceAttribute {
  const instance = findInstance(region, required(input.InstanceId, "InstanceId"));
  const name = attributeOf(required(input.Attribute, "Attribute"));
  return { InstanceId: instance.id, ...shown(region, instance, name) };
}

function attributeOf(given: string): InstanceAttributeName {
  for (const name of Object.values(InstanceAttributeName)) if (name === given) return name;
  throw invalidValue(`Value (${given}) for parameter attribute is invalid. Unknown attribute.`);
}

function shown(
  region: Region,
  instance: Instance,
  name: InstanceAttributeName,
): Partial<InstanceAttribute> {
  switch (name) {
    case "blockDeviceMapping":
      return { BlockDeviceMappings: mappingsOf(region, instance) };
    case "disableApiStop":
      return { DisableApiStop: { Value: instance.stopProtected } };
    case "disableApiTermination":
      return { DisableApiTermination: { Value: instance.terminateProtected } };
    case "ebsOptimized":
      return { EbsOptimized: { Value: instance.ebsOptimized } };
    case "enaSupport":
      return { EnaSupport: { Value: true } };
    case "enclaveOptions":
      return { EnclaveOptions: { Enabled: false } };
    case "groupSet":
      return { Groups: [] };
    case "instanceInitiatedShutdownBehavior":
      return { InstanceInitiatedShutdownBehavior: { Value: instance.onShutdown } };
    case "instanceType":
      return { InstanceType: { Value: instance.type } };
    case "kernel":
      return { KernelId: {} };
    case "productCodes":
      return { ProductCodes: [] };
    case "ramdisk":
      return { RamdiskId: {} };
    case "rootDeviceName":
      return { RootDeviceName: { Value: instance.rootDevice } };
    case "sourceDestCheck":
      return { SourceDestCheck: { Value: true } };
    case "sriovNetSupport":
      return { SriovNetSupport: {} };
    case "userData":
      return { UserData: userDataOf(instance) };
  }
}

function userDataOf({ userData }: Instance): { readonly Value?: string } {
  return userData === null ? {} : { Value: Buffer.from(userData).toString("base64") };
}

export function modifyInstanceAttribute(
  region: Region,
  input: ModifyInstanceAttributeRequest,
): object {
  const instance = findInstance(region, required(input.InstanceId, "InstanceId"));
  const { BlockDeviceMappings: mappings = [] } = input;
  const change = changeOf(instance, wishOf(input));
  if (mappings.length > 0 && change !== null) {
    throw invalidCombination("Fields for multiple attribute types specified");
  }
  if (mappings.length === 0 && change === null) {
    throw invalidCombination("No attributes specified.");
  }
  if (change !== null) region.instances.change(instance.id, change);
  const kept = mappings.map((mapping) => ({
    id: attachedAt(region, instance, required(mapping.DeviceName, "DeviceName")),
    deleteOnTermination: required(mapping.Ebs?.DeleteOnTermination, "Ebs.DeleteOnTermination"),
  }));
  for (const { id, deleteOnTermination } of kept) {
    region.attachments.change(id, { deleteOnTermination });
  }
  return {};
}

interface Wish {
  readonly name: string;
  readonly value: string;
}

/** An attribute is named by a member of its own, or by `Attribute` with `Value`. */
function wishOf(input: ModifyInstanceAttributeRequest): Wish | null {
  const bytes = input.UserData?.Value;
  const members: Readonly<Record<string, unknown>> = {
    disableApiStop: input.DisableApiStop?.Value,
    disableApiTermination: input.DisableApiTermination?.Value,
    ebsOptimized: input.EbsOptimized?.Value,
    instanceInitiatedShutdownBehavior: input.InstanceInitiatedShutdownBehavior?.Value,
    instanceType: input.InstanceType?.Value,
    userData: bytes === undefined ? undefined : Buffer.from(bytes).toString("base64"),
    ...(input.Attribute === undefined ? {} : { [input.Attribute]: required(input.Value, "Value") }),
  };
  const given = Object.entries(members).filter(([, value]) => value !== undefined);
  if (given.length > 1) throw invalidCombination("Fields for multiple attribute types specified");
  const [first] = given;
  return first === undefined ? null : { name: first[0], value: String(first[1]) };
}

function changeOf(instance: Instance, wish: Wish | null): Partial<Instance> | null {
  if (wish === null) return null;
  const { name, value } = wish;
  switch (name) {
    case "disableApiStop":
      return { stopProtected: flag(wish) };
    case "disableApiTermination":
      return { terminateProtected: flag(wish) };
    case "ebsOptimized":
      refuseUnlessStopped(instance);
      return { ebsOptimized: flag(wish) };
    case "instanceInitiatedShutdownBehavior":
      if (value === "stop" || value === "terminate") return { onShutdown: value };
      throw invalidValue(`Invalid value '${value}' for instanceInitiatedShutdownBehavior`);
    case "instanceType":
      refuseUnlessStopped(instance);
      return { type: typeOf(value) };
    case "userData":
      refuseUnlessStopped(instance);
      return { userData: Buffer.from(value, "base64").toString("utf8") };
    default:
      throw new ApiError("UnsupportedInstanceAttribute", `Cannot modify attribute '${name}' here`);
  }
}

function flag({ name, value }: Wish): boolean {
  if (value === "true" || value === "false") return value === "true";
  throw new ApiError("InvalidInstanceAttributeValue", `Invalid value '${value}' for ${name}`);
}

function typeOf(given: string): Instance["type"] {
  for (const type of Object.values(InstanceType)) if (type === given) return type;
  throw new ApiError("InvalidInstanceAttributeValue", `Invalid value '${given}' for instanceType.`);
}

function refuseUnlessStopped(instance: Instance): void {
  if (instance.state === "stopped") return;
  throw incorrectInstanceState(`The instance '${instance.id}' is not in the 'stopped' state.`);
}

function attachedAt(region: Region, instance: Instance, device: string): string {
  const attachment = region.attachments
    .all()
    .find((each) => each.instanceId === instance.id && each.device === device);
  if (attachment !== undefined) return attachment.id;
  throw new ApiError("InvalidInstanceAttributeValue", `No device is currently mapped at ${device}`);
}
