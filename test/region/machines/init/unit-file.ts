// A unit as its files describe it: the main file, then its drop-ins in the order of their names, each
// assignment added to a list and an empty one clearing it, as systemd reads them. Knows no meaning of
// a setting beyond single value, list, duration and yes or no.

import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";

export interface UnitFile {
  readonly name: string;
  readonly path: string | null;
  readonly dropIns: readonly string[];
  /** All values of "Section.Key", in order. */
  readonly values: ReadonlyMap<string, readonly string[]>;
}

/** Where systemd looks, the operator's first. */
const unitFolders = [
  "/etc/systemd/system",
  "/run/systemd/system",
  "/usr/local/lib/systemd/system",
  "/usr/lib/systemd/system",
  "/lib/systemd/system",
] as const;

/** Null where no folder has the unit. Reads again at each call, as after a daemon-reload. */
export function readUnit(name: string, folders: readonly string[] = unitFolders): UnitFile | null {
  const found = folders
    .map((folder) => join(folder, name))
    .map((path) => ({ path, text: readOrNull(path) }))
    .find(({ text }) => text !== null);
  if (found === undefined) return null;
  const dropIns = dropInPaths(name, folders);
  const texts = [found.text, ...dropIns.map(readOrNull)];
  const values = texts.reduce(
    (sum, text) => addAssignments(sum, text ?? ""),
    new Map<string, readonly string[]>(),
  );
  return { name, path: found.path, dropIns, values };
}

/** A unit without a file, as systemd-run makes one. */
export function transientUnit(
  name: string,
  assignments: readonly (readonly [string, string])[],
): UnitFile {
  const values = new Map<string, readonly string[]>();
  for (const [key, value] of assignments) {
    const full = `${section(key)}.${key}`;
    values.set(full, value === "" ? [] : [...(values.get(full) ?? []), value]);
  }
  return { name, path: null, dropIns: [], values };
}

export function lastValue(unit: UnitFile, key: string): string | null {
  return unit.values.get(key)?.at(-1) ?? null;
}

export function allValues(unit: UnitFile, key: string): readonly string[] {
  return unit.values.get(key) ?? [];
}

/** Values that are lists of words themselves, as in `After=a.service b.service`. */
export function allWords(unit: UnitFile, key: string): readonly string[] {
  return allValues(unit, key).flatMap((value) => value.split(/\s+/).filter((word) => word !== ""));
}

/** Seconds without a unit, `1min 30s`, `infinity` (null). */
export function durationMs(text: string): number | null {
  if (text === "infinity") return null;
  const parts = text.matchAll(/([\d.]+)\s*([a-z]*)/g);
  return [...parts].reduce(
    (sum, [, amount = "0", unit = ""]) => sum + Number(amount) * (unitMs[unit] ?? 1_000),
    0,
  );
}

const unitMs: Readonly<Record<string, number>> = {
  ms: 1,
  msec: 1,
  s: 1_000,
  sec: 1_000,
  m: 60_000,
  min: 60_000,
  h: 3_600_000,
  hr: 3_600_000,
};

function addAssignments(
  before: ReadonlyMap<string, readonly string[]>,
  text: string,
): Map<string, readonly string[]> {
  const values = new Map(before);
  let current = "";
  for (const line of text.replaceAll(/\\\n/g, " ").split("\n")) {
    const trimmed = line.trim();
    if (/^\[.*\]$/.test(trimmed)) current = trimmed.slice(1, -1);
    const [, key, value] = /^([A-Za-z]+)\s*=\s*(.*)$/.exec(trimmed) ?? [];
    if (key === undefined || value === undefined) continue;
    const name = `${current}.${key}`;
    values.set(name, value === "" ? [] : [...(values.get(name) ?? []), value]);
  }
  return values;
}

function dropInPaths(name: string, folders: readonly string[]): readonly string[] {
  const type = name.slice(name.lastIndexOf(".") + 1);
  const paths = [`${type}.d`, `${name}.d`].flatMap((own) =>
    folders.flatMap((folder) =>
      listOrNone(join(folder, own)).map((file) => join(folder, own, file)),
    ),
  );
  const nearest = new Map<string, string>();
  for (const path of paths) if (!nearest.has(basename(path))) nearest.set(basename(path), path);
  return [...nearest.values()].filter((path) => path.endsWith(".conf")).toSorted(byName);
}

function byName(left: string, right: string): number {
  return basename(left) < basename(right) ? -1 : 1;
}

function section(key: string): string {
  return unitKeys.has(key) ? "Unit" : "Service";
}

/** The settings of [Unit] that a transient unit may be given. */
const unitKeys = new Set([
  "Description",
  "After",
  "Requires",
  "Wants",
  "BindsTo",
  "RequiresMountsFor",
  "StartLimitBurst",
  "StartLimitIntervalSec",
]);

function readOrNull(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return null;
  }
}

function listOrNone(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
