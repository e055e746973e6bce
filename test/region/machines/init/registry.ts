// All units that the small init knows: found by name, started with what they require, in order, and
// stopped in the opposite order at the end. Dependencies are the few that matter to instances:
// Requires, BindsTo, Wants and After between services, mounts that must be there, and conditions.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { startUnit, stopUnit } from "./unit.ts";
import { allValues, allWords, readUnit, transientUnit, type UnitFile } from "./unit-file.ts";
import { makeUnit, type Unit, type Voice } from "./unit-state.ts";

export type StartOutcome = "started" | "skipped" | "failed" | "missing";

export interface Registry {
  /** Reads the unit's files if it is not running; null where there are none. */
  find(name: string): Unit | null;
  addTransient(
    name: string,
    assignments: readonly (readonly [string, string])[],
    voice: Voice,
  ): Unit;
  forget(unit: Unit): void;
  start(name: string): Promise<StartOutcome>;
  stopEverything(): Promise<void>;
  known(): readonly Unit[];
}

export type LogLine = (unit: string, line: string) => void;

const bootFolder = "/etc/systemd/system/multi-user.target.wants";

/** Names of the enabled units. */
export function enabledUnits(): readonly string[] {
  return existsSync(bootFolder) ? readdirSync(bootFolder).toSorted() : [];
}

export function makeRegistry(log: LogLine): Registry {
  const units = new Map<string, Unit>();
  const add = (file: UnitFile, voice: Voice) => {
    const unit = makeUnit(file, voice);
    units.set(unit.name, unit);
    return unit;
  };
  const find = (name: string) => {
    const known = units.get(name);
    if (known !== undefined && known.file.path === null) return known;
    const file = readUnit(name);
    if (file === null) return known ?? null;
    if (known === undefined) return add(file, voiceOf(log, name));
    known.file = file;
    return known;
  };
  return {
    find,
    addTransient: (name, assignments, voice) => add(transientUnit(name, assignments), voice),
    forget: ({ name }) => void units.delete(name),
    start: (name) => startWithRequired(find, name),
    known: () => [...units.values()],
    async stopEverything() {
      const running = [...units.values()].filter(
        ({ active }) => active !== "inactive" && active !== "failed",
      );
      await stopInOrder(running);
    },
  };
}

export function voiceOf(log: LogLine, name: string): Voice {
  const say = (line: string) => log(name, line);
  return { output: say, note: say };
}

async function startWithRequired(find: Registry["find"], name: string): Promise<StartOutcome> {
  if (name.endsWith(".mount")) return isMounted(mountPath(name)) ? "started" : "failed";
  if (!name.endsWith(".service")) return "started";
  const unit = find(name);
  if (unit === null) return "missing";
  if (unit.active === "active") return "started";
  await Promise.all(
    allWords(unit.file, "Unit.Wants").map((wanted) => startWithRequired(find, wanted)),
  );
  for (const required of requiredBy(unit)) {
    if ((await startWithRequired(find, required)) !== "started") return "failed";
  }
  for (const before of allWords(unit.file, "Unit.After")) await find(before)?.starting;
  const verdict = conditions(unit.file);
  if (verdict !== "met") return verdict;
  await startUnit(unit);
  return unit.active === "failed" || unit.sub === "auto-restart" ? "failed" : "started";
}

function requiredBy({ file }: Unit): readonly string[] {
  return [...allWords(file, "Unit.Requires"), ...allWords(file, "Unit.BindsTo")].filter(
    (name) => !name.endsWith(".target") && !name.endsWith(".slice") && !name.endsWith(".socket"),
  );
}

/** A condition that is not met skips the unit, an assertion fails it; "!" turns either around. */
function conditions(file: UnitFile): "met" | "skipped" | "failed" {
  const met = (key: string, test: (path: string) => boolean) =>
    allValues(file, key).every((value) =>
      value.startsWith("!") ? !test(value.slice(1)) : test(value),
    );
  const all = (word: string) =>
    met(`Unit.${word}PathExists`, existsSync) && met(`Unit.${word}PathIsMountPoint`, isMounted);
  if (!all("Assert")) return "failed";
  return all("Condition") ? "met" : "skipped";
}

function isMounted(path: string): boolean {
  const lines = readFileSync("/proc/self/mountinfo", "utf8").split("\n");
  return lines.some((line) => line.split(" ")[4] === path);
}

/** "var-lib-data.mount" mounts "/var/lib/data"; "\x2d" is a dash. */
function mountPath(name: string): string {
  const path = name.slice(0, -".mount".length).replaceAll("-", "/");
  return `/${path.replaceAll(/\\x([0-9a-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))}`;
}

/** A unit stops before those that it was to start after; those without order stop together. */
async function stopInOrder(units: readonly Unit[]): Promise<void> {
  const stops = new Map<string, Promise<void>>();
  const stop = (unit: Unit): Promise<void> => {
    const known = stops.get(unit.name);
    if (known !== undefined) return known;
    const later = units.filter((other) => allWords(other.file, "Unit.After").includes(unit.name));
    // Put down before it is computed, so that a circle of units ends.
    stops.set(unit.name, Promise.resolve());
    const stopped = Promise.all(later.map(stop)).then(() => stopUnit(unit));
    stops.set(unit.name, stopped);
    return stopped;
  };
  await Promise.all(units.map(stop));
}
