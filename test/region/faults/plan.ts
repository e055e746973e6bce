// Reads faults from the command line: names with their defaults, or a file that is a plan word for word.
// What a plan does not know is refused, since a misspelt fault would be a rehearsal of nothing.

import { readFileSync } from "node:fs";
import { parse, YAMLParseError } from "yaml";
import { defaults, faultNames, isFaultName } from "./defaults.ts";
import type { FaultName, FaultPlan } from "./settings.ts";

export type ReadPlan =
  | { readonly kind: "read"; readonly plan: FaultPlan }
  | { readonly kind: "unreadable"; readonly why: string };

/** `argument` is a file if it has a dot or a slash in it, else names with commas between them. */
export function readPlan(argument: string): ReadPlan {
  if (/[./]/.test(argument)) return readFile(argument);
  const names = argument.split(",").filter((name) => name !== "");
  return checked(Object.fromEntries(names.map((name) => [name, {}])));
}

function readFile(path: string): ReadPlan {
  try {
    return checked(parse(readFileSync(path, "utf8")));
  } catch (error) {
    if (error instanceof YAMLParseError) return unreadable(`"${path}" is no YAML`);
    if (error instanceof Error && "code" in error) {
      return unreadable(`"${path}" cannot be read (${String(error.code)})`);
    }
    throw error;
  }
}

function checked(value: unknown): ReadPlan {
  return isPlan(value)
    ? { kind: "read", plan: value }
    : unreadable(flawOf(value) ?? "the faults are no plan");
}

function isPlan(value: unknown): value is FaultPlan {
  return flawOf(value) === null;
}

function flawOf(plan: unknown): string | null {
  if (!isRecord(plan)) return "the faults are no mapping of names to settings";
  for (const [name, value] of Object.entries(plan)) {
    const flaw = flawOfEntry(name, value);
    if (flaw !== null) return flaw;
  }
  return null;
}

function flawOfEntry(name: string, value: unknown): string | null {
  if (name === "seed") {
    return Number.isSafeInteger(value) ? null : `"${String(value)}" is no seed`;
  }
  if (name === "callers") {
    return value === "instances" || value === "everybody" ? null : `${told(value)} is no callers`;
  }
  if (!isFaultName(name)) return `"${name}" is no fault; the faults are ${faultNames.join(", ")}`;
  if (!isRecord(value)) return `the setting of "${name}" is no mapping: {} is the fault as it is`;
  return flawOfSetting(name, value);
}

function flawOfSetting(name: FaultName, setting: Readonly<Record<string, unknown>>): string | null {
  const usual = new Map<string, unknown>(Object.entries(defaults[name]));
  for (const [member, value] of Object.entries(setting)) {
    const like = usual.get(member);
    if (like === undefined) {
      return `"${member}" is no member of "${name}", which has ${[...usual.keys()].join(", ")}`;
    }
    if (!isLike(member, value, like)) return `${told(value)} cannot be "${member}" of "${name}"`;
  }
  return null;
}

function isLike(member: string, value: unknown, like: unknown): boolean {
  if (member === "callers" && isTexts(value)) return true;
  if (member === "chance") return typeof value === "number" && value >= 0 && value <= 1;
  const choices = new Map<string, readonly string[]>([
    ["callers", ["plan", "instances", "everybody"]],
    ["how", ["cut", "silence"]],
    ["becomes", ["gone", "error"]],
    ["kind", ["internal", "unavailable"]],
  ]).get(member);
  if (choices !== undefined) return typeof value === "string" && choices.includes(value);
  if (Array.isArray(like)) return isTexts(value) && isChosen(member, value);
  return typeof value === typeof like && !Number.isNaN(value);
}

/** What the lists of these members may hold; others may hold any text. */
function isChosen(member: string, texts: readonly string[]): boolean {
  const known = new Map<string, readonly string[]>([
    ["lookups", defaults.staleReads.lookups],
    ["tables", defaults.staleReads.tables],
    ["kinds", ["launch", "terminate", "volume", "attach", "detach", "snapshot", "route"]],
  ]).get(member);
  return known === undefined || texts.every((text) => known.includes(text));
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((each) => typeof each === "string");
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function told(value: unknown): string {
  return `"${String(value)}"`;
}

function unreadable(why: string): ReadPlan {
  return { kind: "unreadable", why };
}
