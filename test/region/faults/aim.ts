// Whether a fault is aimed at what is about to happen: by action, path or kind, by caller, by resource, by
// the way of asking. What a setting does not name, it is not aimed by.

import type { Callers, Lookup } from "./settings.ts";

/** What a fault may be aimed at; what is absent is nothing a setting could be aimed by. */
export interface Target {
  /** The API's action, IMDS's path, or the kind of a transition. */
  readonly what?: string;
  /** The caller; null is the operator. */
  readonly instanceId?: string | null;
  readonly ids?: readonly string[];
  readonly lookup?: Lookup | null;
}

/** All that any setting may be aimed by. */
interface Aim {
  readonly chance: number;
  readonly actions?: readonly string[];
  readonly paths?: readonly string[];
  readonly kinds?: readonly string[];
  readonly callers?: Callers | "plan" | readonly string[];
  readonly ids?: readonly string[];
  readonly lookups?: readonly Lookup[];
}

/** `plan` is whose calls fail where the setting leaves that to the plan. */
export function isAimed(aim: Aim, target: Target, plan: Callers): boolean {
  const { ids, lookups, callers } = aim;
  const patterns = aim.actions ?? aim.paths ?? aim.kinds;
  const { lookup, instanceId = null, what = "" } = target;
  return (
    (patterns === undefined || matchesAny(patterns, [what])) &&
    (callers === undefined || isCaller(callers === "plan" ? plan : callers, instanceId)) &&
    (lookups === undefined || lookup === undefined || lookup === null
      ? true
      : lookups.includes(lookup)) &&
    (ids === undefined || target.ids === undefined || matchesAny(ids, target.ids))
  );
}

/** Whether one of the patterns, in which `*` stands for any text, is one of the values. */
export function matchesAny(patterns: readonly string[], values: readonly string[]): boolean {
  return patterns.some((pattern) => values.some((value) => matches(pattern, value)));
}

function isCaller(wanted: Callers | readonly string[], instanceId: string | null): boolean {
  if (wanted === "everybody") return true;
  return instanceId !== null && (wanted === "instances" || wanted.includes(instanceId));
}

function matches(pattern: string, value: string): boolean {
  const [first = "", ...rest] = pattern.split("*");
  const last = rest.pop();
  if (last === undefined) return value === pattern;
  if (!value.startsWith(first)) return false;
  let at = first.length;
  for (const part of rest) {
    const found = value.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return value.length - last.length >= at && value.endsWith(last);
}
