// What several settings mean together. Asked of the tree as it was read, whatever its shape, so that
// these mistakes are told along with those of single values; what has the wrong shape is passed over
// here, since it is told already.

import { shown } from "../domain/legible.ts";
import { cronLongestGapMs, cronMistake } from "./schedule.ts";
import type { Mistake } from "./settings.ts";
import { isTree, type Tree } from "./settings-source.ts";
import { durationMs } from "./settings-values.ts";

type Rule = (raw: Tree) => readonly Mistake[];

const rules: readonly Rule[] = [
  somethingToHold,
  mountsApart,
  volumesFitTheirType,
  markFits,
  oneCheck,
  unitsOnce,
  scheduleHasVolumes,
  lossWithinSchedule,
];

export function ruleMistakes(raw: Tree): readonly Mistake[] {
  return rules.flatMap((rule) => rule(raw));
}

function somethingToHold(raw: Tree): readonly Mistake[] {
  const named = raw["address"] !== undefined && raw["address"] !== false;
  if (named) return [];
  if (raw["volumes"] === undefined) {
    const found = "neither an address nor volumes";
    return [{ path: "", found, wanted: "an address or volumes: a seat is what is held" }];
  }
  const wanted = "true: volumes without an address are not supported yet";
  return [{ path: "address", found: raw["address"] === false ? "false" : "missing", wanted }];
}

/** Two volumes on one path, or one inside of another, depend on an order that nobody said. */
function mountsApart(raw: Tree): readonly Mistake[] {
  const mounts = volumesOf(raw).flatMap(([name, { mount }]) =>
    typeof mount === "string" ? [{ name, mount }] : [],
  );
  return mounts.flatMap(({ name, mount }, index) => {
    const clash = mounts.slice(0, index).find((other) => overlap(mount, other.mount));
    if (clash === undefined) return [];
    const wanted = `a directory apart from that of "${clash.name}" (${clash.mount})`;
    return [{ path: `volumes.${name}.mount`, found: shown(mount), wanted }];
  });
}

function overlap(left: string, right: string): boolean {
  return `${left}/`.startsWith(`${right}/`) || `${right}/`.startsWith(`${left}/`);
}

/** IOPS that each type takes (EBS, "Amazon EBS volume types"); the other types take none. */
const iopsRange: Readonly<Record<string, readonly [number, number]>> = {
  gp3: [3_000, 80_000],
  io1: [100, 64_000],
  io2: [100, 256_000],
};

function volumesFitTheirType(raw: Tree): readonly Mistake[] {
  return volumesOf(raw).flatMap(([name, volume]) =>
    ["first", "restore"].flatMap((part) => {
      const found = volume[part];
      return isTree(found) ? typeMistakes(`volumes.${name}.${part}`, found) : [];
    }),
  );
}

function typeMistakes(path: string, volume: Tree): readonly Mistake[] {
  const { type = "gp3", iops, throughputMibps } = volume;
  if (typeof type !== "string") return [];
  const mistakes: Mistake[] = [];
  const range = iopsRange[type];
  const provisioned = type === "io1" || type === "io2";
  if (throughputMibps !== undefined && type !== "gp3") {
    const found = shown(throughputMibps);
    mistakes.push({ path: `${path}.throughputMibps`, found, wanted: "none: it is for gp3 only" });
  }
  if (iops === undefined && provisioned && !("snapshot" in volume)) {
    mistakes.push({ path: `${path}.iops`, found: "missing", wanted: `a number: ${type} needs it` });
  }
  if (typeof iops !== "number") return mistakes;
  if (range !== undefined && iops >= range[0] && iops <= range[1]) return mistakes;
  const wanted = range === undefined ? `none for ${type}` : `${range.join(" to ")} for ${type}`;
  return [...mistakes, { path: `${path}.iops`, found: String(iops), wanted }];
}

/** What EC2 takes in a tag's value. */
const markCharactersMax = 256;
/** The mark with the longest values that it may have: a generation of nine digits, a fallback. */
const markCharacters =
  "999999999 i-0123456789abcdef0 2026-11-22T09:00:00Z eipassoc-0123456789abcdef0 fallback".length;
const memberCharacters = " =vol-0123456789abcdef0".length;

function markFits(raw: Tree): readonly Mistake[] {
  const names = volumesOf(raw).map(([name]) => name);
  const members = names.reduce((sum, name) => sum + name.length + memberCharacters, 0);
  const characters = markCharacters + members;
  if (characters <= markCharactersMax) return [];
  const found = `${names.length} volumes whose names need ${characters} characters in a tag`;
  const wanted = `at most ${markCharactersMax}: fewer volumes, or shorter names`;
  return [{ path: "volumes", found, wanted }];
}

function oneCheck(raw: Tree): readonly Mistake[] {
  const ready = raw["ready"];
  if (!isTree(ready)) return [];
  const kinds = ["tcp", "http", "command"].filter((kind) => ready[kind] !== undefined);
  if (kinds.length === 1) return [];
  const found = kinds.length === 0 ? "no check" : kinds.join(" and ");
  return [{ path: "ready", found, wanted: "one of tcp, http, command" }];
}

function unitsOnce(raw: Tree): readonly Mistake[] {
  const units: readonly unknown[] = Array.isArray(raw["units"]) ? raw["units"] : [];
  return units.flatMap((unit, index) => {
    if (units.indexOf(unit) === index) return [];
    return [{ path: `units.${index}`, found: shown(unit), wanted: "each unit once" }];
  });
}

function scheduleHasVolumes(raw: Tree): readonly Mistake[] {
  const schedule = scheduleOf(raw);
  if (schedule === undefined || raw["volumes"] !== undefined) return [];
  const found = shown(schedule);
  return [{ path: "snapshots.schedule", found, wanted: "volumes: there is nothing to snapshot" }];
}

/** What a snapshot may take to complete: an Availability Zone takes at least this much more with it. */
const completionMs = 5 * 60_000;

function lossWithinSchedule(raw: Tree): readonly Mistake[] {
  const lossMs = durationMs(raw["maxDataLoss"]);
  if (lossMs === null) return [];
  const mistake = (wanted: string) => [
    { path: "maxDataLoss", found: shown(raw["maxDataLoss"]), wanted },
  ];
  const schedule = scheduleOf(raw);
  if (schedule === undefined) {
    return mistake("snapshots.schedule too: without one there is nothing to go back to");
  }
  if (typeof schedule !== "string" || cronMistake(schedule) !== null) return [];
  const gapMs = cronLongestGapMs(schedule);
  if (gapMs === null || lossMs >= gapMs + completionMs) return [];
  const minutes = Math.ceil((gapMs + completionMs) / 60_000);
  return mistake(
    `at least ${minutes}m: the longest time between two snapshots, and 5m for the last`,
  );
}

function scheduleOf(raw: Tree): unknown {
  const snapshots = raw["snapshots"];
  return isTree(snapshots) ? snapshots["schedule"] : undefined;
}

function volumesOf(raw: Tree): readonly (readonly [string, Tree])[] {
  const volumes = raw["volumes"];
  if (!isTree(volumes)) return [];
  return Object.entries(volumes).flatMap(([name, volume]) =>
    isTree(volume) ? [[name, volume] as const] : [],
  );
}
