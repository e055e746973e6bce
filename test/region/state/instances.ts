// Instances as callers command them. Each action checks all the instances that it names before it
// changes any, answers with the old and the new state, and leaves the rest to the background.

import type {
  InstanceStateChange,
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
import {
  incorrectInstanceState,
  invalidCombination,
  invalidValue,
  noCapacity,
  required,
} from "./errors.ts";
import { stateShape } from "./instance-facts.ts";
import { isEnding, start, stop, terminate, userShutdown } from "./instance-life.ts";
import { launchedShape } from "./instance-views.ts";
import { launch } from "./launch.ts";
import { type LaunchSpec, launchSpec, overTemplate } from "./launch-spec.ts";
import { findInstance } from "./lookup.ts";
import { reboot } from "./machine.ts";
import type { Region } from "./region.ts";
import type { Instance } from "./resources.ts";
import { templateOf, versionOf } from "./template-versions.ts";
import { rememberToken, usedBefore } from "./tokens.ts";

export function runInstances(region: Region, input: RunInstancesRequest): Reservation {
  const use = { action: "RunInstances", token: input.ClientToken, input };
  const count = required(input.MaxCount, "MaxCount");
  refuseCounts(required(input.MinCount, "MinCount"), count);
  if (count > 1 && input.PrivateIpAddress !== undefined) {
    throw invalidCombination("A private IP address cannot be given to more than one instance");
  }
  const before = usedBefore(region, use);
  if (before !== null) return reservation(region, before);
  const spec = specOf(region, input);
  const reservationId = region.ids.next("r");
  const made = Array.from(
    { length: count },
    (_, launchIndex) => launch(region, spec, { reservationId, launchIndex }).id,
  );
  rememberToken(region, use, made);
  return reservation(region, made);
}

function refuseCounts(min: number, max: number): void {
  if (min < 1) {
    throw invalidValue(
      `Value (${min}) for parameter minCount is invalid. It must be greater than 0.`,
    );
  }
  if (min <= max) return;
  throw invalidValue(
    `Value (${min}) for parameter minCount is invalid. Min instance count cannot be greater than max.`,
  );
}

/** The template's version, where one is named, with the request above it; its tags say which. */
function specOf(region: Region, input: RunInstancesRequest): LaunchSpec {
  const named = input.LaunchTemplate;
  if (named === undefined) return launchSpec(region, input);
  const template = templateOf(region, named);
  const { data, number } = versionOf(template, named.Version);
  const spec = launchSpec(region, overTemplate(data, input));
  const tags = {
    ...spec.tags,
    "aws:ec2launchtemplate:id": template.id,
    "aws:ec2launchtemplate:version": String(number),
  };
  return { ...spec, tags };
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
  const kept = rows.find((row) => row.stopProtected);
  if (kept !== undefined) {
    throw new ApiError(
      "OperationNotPermitted",
      `The instance '${kept.id}' may not be stopped. Modify its 'disableApiStop' instance attribute and try again.`,
    );
  }
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
    ReservationId: rows[0]?.reservationId,
    OwnerId: region.accountId,
    Groups: [],
    Instances: rows.map((row) => launchedShape(region, row)),
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
