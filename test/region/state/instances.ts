// Instances as callers command them. Each action checks all the instances that it names before it
// changes any, answers with the old and the new state, and leaves the rest to the background.

import type {
  InstanceStateChange,
  ModifyInstanceAttributeRequest,
  RebootInstancesRequest,
  Reservation,
  RunInstancesRequest,
  StartInstancesRequest,
  StartInstancesResult,
  StopInstancesRequest,
  StopInstancesResult,
  TerminateInstancesRequest,
  TerminateInstancesResult,
} from "@aws-sdk/client-ec2";
import { ApiError } from "../contract.ts";
import { incorrectInstanceState, invalidValue, noCapacity, required } from "./errors.ts";
import { isEnding, start, stop, terminate, userShutdown } from "./instance-life.ts";
import { instanceShape, stateShape } from "./instance-views.ts";
import { launch } from "./launch.ts";
import { launchSpec, overTemplate, templateOf } from "./launch-spec.ts";
import { findInstance } from "./lookup.ts";
import { reboot } from "./machine.ts";
import type { Region } from "./region.ts";
import type { Instance } from "./resources.ts";
import { rememberToken, usedBefore } from "./tokens.ts";

export function runInstances(region: Region, input: RunInstancesRequest): Reservation {
  const use = { action: "RunInstances", token: input.ClientToken, input };
  const count = required(input.MaxCount, "MaxCount");
  if (required(input.MinCount, "MinCount") > count || count < 1) {
    throw invalidValue(`Value (${input.MinCount}) for parameter minCount is invalid`);
  }
  const before = usedBefore(region, use);
  if (before !== null) return reservation(region, before);
  const template = input.LaunchTemplate;
  const wish =
    template === undefined ? input : overTemplate(templateOf(region, template).data, input);
  const spec = launchSpec(region, wish);
  const made = Array.from({ length: count }, () => launch(region, spec).id);
  rememberToken(region, use, made);
  return reservation(region, made);
}

export function terminateInstances(
  region: Region,
  input: TerminateInstancesRequest,
): TerminateInstancesResult {
  const rows = named(region, input.InstanceIds);
  const kept = rows.find((row) => row.terminateProtected && !isEnding(row));
  if (kept !== undefined) {
    throw new ApiError(
      "OperationNotPermitted",
      `The instance '${kept.id}' may not be terminated. Modify its 'disableApiTermination' instance attribute and try again.`,
    );
  }
  const how = input.SkipOsShutdown === true ? "cut" : "os";
  for (const row of rows) terminate(region, row, { how, reason: userShutdown });
  return { TerminatingInstances: changes(region, rows) };
}

export function stopInstances(region: Region, input: StopInstancesRequest): StopInstancesResult {
  const rows = named(region, input.InstanceIds);
  for (const row of rows) refuseStop(row);
  const how = input.Force === true || input.SkipOsShutdown === true ? "cut" : "os";
  for (const row of rows) stop(region, row, { how, reason: userShutdown });
  return { StoppingInstances: changes(region, rows) };
}

export function startInstances(region: Region, input: StartInstancesRequest): StartInstancesResult {
  const rows = named(region, input.InstanceIds);
  for (const row of rows) refuseStart(region, row);
  for (const row of rows) if (row.state === "stopped") start(region, row);
  return { StartingInstances: changes(region, rows) };
}

export function rebootInstances(region: Region, input: RebootInstancesRequest): object {
  const rows = named(region, input.InstanceIds);
  for (const row of rows) {
    if (row.state !== "running") {
      throw new ApiError("IncorrectState", `Instance '${row.id}' is not 'running'`);
    }
  }
  for (const row of rows) region.spawn(() => reboot(region, row.id));
  return {};
}

/** The attributes that a failover may need to change; others are refused. */
export function modifyInstanceAttribute(
  region: Region,
  input: ModifyInstanceAttributeRequest,
): object {
  const instance = findInstance(region, required(input.InstanceId, "InstanceId"));
  const terminateProtected = input.DisableApiTermination?.Value;
  const onShutdown = input.InstanceInitiatedShutdownBehavior?.Value;
  const mappings = input.BlockDeviceMappings ?? [];
  if (terminateProtected === undefined && onShutdown === undefined && mappings.length === 0) {
    throw invalidValue("The attribute is not one that can be modified here");
  }
  if (onShutdown !== undefined && onShutdown !== "stop" && onShutdown !== "terminate") {
    throw invalidValue(`Invalid value '${onShutdown}' for instanceInitiatedShutdownBehavior`);
  }
  const kept = mappings.map((mapping) => ({
    id: attachedAt(region, instance, required(mapping.DeviceName, "DeviceName")),
    deleteOnTermination: required(mapping.Ebs?.DeleteOnTermination, "Ebs.DeleteOnTermination"),
  }));
  for (const { id, deleteOnTermination } of kept) {
    region.attachments.change(id, { deleteOnTermination });
  }
  region.instances.change(instance.id, {
    terminateProtected: terminateProtected ?? instance.terminateProtected,
    onShutdown: onShutdown ?? instance.onShutdown,
  });
  return {};
}

function attachedAt(region: Region, instance: Instance, device: string): string {
  const attachment = region.attachments
    .all()
    .find((each) => each.instanceId === instance.id && each.device === device);
  if (attachment !== undefined) return attachment.id;
  throw new ApiError("InvalidInstanceAttributeValue", `No device is currently mapped at ${device}`);
}

function named(region: Region, ids: readonly string[] | undefined): readonly Instance[] {
  return required(ids, "InstanceIds").map((id) => findInstance(region, id));
}

function reservation(region: Region, ids: readonly string[]): Reservation {
  const rows = ids.flatMap((id) => region.instances.get(id) ?? []);
  if (rows.length < ids.length || rows.some(isEnding)) {
    throw new ApiError(
      "IdempotentInstanceTerminated",
      "The client token belongs to an instance that was terminated",
    );
  }
  return {
    ReservationId: region.ids.next("r"),
    OwnerId: region.accountId,
    Groups: [],
    Instances: rows.map((row) => instanceShape(region, row)),
  };
}

function changes(region: Region, before: readonly Instance[]): InstanceStateChange[] {
  return before.map((row) => ({
    InstanceId: row.id,
    PreviousState: stateShape(row.state),
    CurrentState: stateShape(region.instances.get(row.id)?.state ?? row.state),
  }));
}

function refuseStop(instance: Instance): void {
  if (["running", "stopping", "stopped"].includes(instance.state)) return;
  throw incorrectInstanceState(
    `This instance '${instance.id}' is not in a state from which it can be stopped.`,
  );
}

function refuseStart(region: Region, instance: Instance): void {
  if (!["pending", "running", "stopped"].includes(instance.state)) {
    throw incorrectInstanceState(
      `The instance '${instance.id}' is not in a state from which it can be started.`,
    );
  }
  if (region.outages.isOut(instance.zone)) throw noCapacity(instance.type, instance.zone);
}
