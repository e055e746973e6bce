// What Auto Scaling's model says of names, ids and tokens: their lengths and patterns (API reference
// and service model of 2011-01-01). A value outside is refused before anything is looked up, with the
// words that the service generates from its model.

import { requiredMember, validationError } from "./errors.ts";

interface Constraint {
  readonly lengthMin: number;
  readonly lengthMax: number;
  readonly pattern: RegExp | null;
}

const groupName: Constraint = { lengthMin: 1, lengthMax: 255, pattern: null };
const hookName: Constraint = { lengthMin: 1, lengthMax: 255, pattern: /^[A-Za-z0-9\-_/]+$/ };
const instanceId: Constraint = { lengthMin: 1, lengthMax: 19, pattern: null };
const token: Constraint = { lengthMin: 36, lengthMax: 36, pattern: null };
const tagKey: Constraint = { lengthMin: 1, lengthMax: 128, pattern: null };
const tagValue: Constraint = { lengthMin: 0, lengthMax: 256, pattern: null };

type Text = string | undefined;

export const groupNameFrom = (value: Text) => fitting(value, "autoScalingGroupName", groupName);
export const hookNameFrom = (value: Text) => fitting(value, "lifecycleHookName", hookName);
export const instanceIdFrom = (value: Text) => fitting(value, "instanceId", instanceId);
export const actionTokenFrom = (value: Text) => fitting(value, "lifecycleActionToken", token);
export const tagKeyFrom = (value: Text) => fitting(value, "tags.1.member.key", tagKey);
export const tagValueFrom = (value: Text) => fitting(value ?? "", "tags.1.member.value", tagValue);

/** Refuses a number outside of its bounds. */
export function refuseOutside(
  value: number | undefined,
  parameter: string,
  bounds: { readonly min: number; readonly max?: number },
): void {
  if (value === undefined) return;
  const { min, max = Number.POSITIVE_INFINITY } = bounds;
  if (value < min) throw broken(value, parameter, `value greater than or equal to ${min}`);
  if (value > max) throw broken(value, parameter, `value less than or equal to ${max}`);
}

/** Refuses a list with more entries than the service takes. */
export function refuseLonger(list: readonly unknown[] | undefined, name: string, max: number) {
  if ((list?.length ?? 0) <= max) return;
  throw validationError(`The number of ${name} that may be passed in is limited to ${max}`);
}

function fitting(value: Text, parameter: string, constraint: Constraint): string {
  const { lengthMin, lengthMax, pattern } = constraint;
  // An empty text is too short, where one that is absent is missing.
  const given = value === "" ? value : requiredMember(value, parameter);
  if (given.length < lengthMin) {
    throw broken(given, parameter, `length greater than or equal to ${lengthMin}`);
  }
  if (given.length > lengthMax) {
    throw broken(given, parameter, `length less than or equal to ${lengthMax}`);
  }
  if (pattern === null || pattern.test(given)) return given;
  const expression = pattern.source.slice(1, -1);
  throw validationError(
    `1 validation error detected: Value '${given}' at '${parameter}' failed to satisfy constraint: ` +
      `Member must satisfy regular expression pattern: ${expression}`,
  );
}

function broken(value: string | number, parameter: string, wanted: string): Error {
  return validationError(
    `1 validation error detected: Value '${value}' at '${parameter}' failed to satisfy constraint: ` +
      `Member must have ${wanted}`,
  );
}
