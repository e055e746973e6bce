// Decides whether a fault strikes: the one place with chance, counts and ends. Whoever can go wrong asks
// by the fault's name, and does itself what the setting says. Each fault draws from a random stream of
// its own, so that switching one on or off changes nothing about when another strikes.

import type { RegionClock } from "../state/clock.ts";
import { createRandom } from "../state/ids.ts";
import { isAimed, type Target } from "./aim.ts";
import { defaults, faultNames } from "./defaults.ts";
import type { FaultHandle, FaultName, FaultPlan, FaultSettings, FaultTable } from "./settings.ts";

export interface Faults extends FaultHandle {
  /** The setting where the fault strikes now, which is counted. */
  strike<Name extends FaultName>(name: Name, target: Target): FaultTable[Name] | null;
  /** The setting where the fault is on and aimed there; it has not struck. */
  aimed<Name extends FaultName>(name: Name, target: Target): FaultTable[Name] | null;
  /** The setting of a fault that is on, whatever it is aimed at. */
  on<Name extends FaultName>(name: Name): FaultTable[Name] | null;
  /** Whether it is on and not over, even where it has struck as often as it may. */
  isSet(name: FaultName): boolean;
  /** Counts a strike that somebody else decided on. */
  note(name: FaultName): void;
  /** The next number, from 0 to 1, of the fault's own stream. */
  random(name: FaultName): number;
  /** What a fault has to remember while it is on: forgotten when it is set or cleared. */
  memory(name: FaultName): Set<string>;
  /** Resolves so much later, or on `release`. */
  hold(delayMs: number): Promise<void>;
}

interface Active<Setting> {
  readonly setting: Setting;
  readonly sinceMs: number;
  readonly memory: Set<string>;
  /** How often it was aimed right and could have struck. */
  seen: number;
  struck: number;
}

type Actives = { [Name in FaultName]?: Active<FaultTable[Name]> };

export function createFaults(clock: RegionClock, plan: FaultPlan = {}): Faults {
  const { seed = 1, callers = "instances", ...settings } = plan;
  const actives: Actives = {};
  const streams = new Map(faultNames.map((name) => [name, createRandom(seedOf(seed, name))]));
  const counts: { -readonly [Name in FaultName]?: number } = {};
  for (const name of faultNames) counts[name] = 0;

  const isSet = (name: FaultName): boolean => {
    const active = actives[name];
    return active !== undefined && clock.nowMs() - active.sinceMs < active.setting.durationMs;
  };
  function find<Name extends FaultName>(
    name: Name,
    target: Target | null,
  ): Active<FaultTable[Name]> | null {
    const active: Active<FaultTable[Name]> | undefined = actives[name];
    if (active === undefined || !isSet(name) || active.struck >= active.setting.count) return null;
    return target === null || isAimed(active.setting, target, callers) ? active : null;
  }
  const note = (name: FaultName): void => {
    counts[name] = (counts[name] ?? 0) + 1;
    const active = actives[name];
    if (active !== undefined) active.struck += 1;
  };
  const random = (name: FaultName): number => streams.get(name)?.() ?? 0;

  switchOn(actives, settings, clock.nowMs());
  return {
    strike(name, target) {
      const active = find(name, target);
      if (active === null || !isDue(active, () => random(name))) return null;
      note(name);
      return active.setting;
    },
    aimed: (name, target) => find(name, target)?.setting ?? null,
    on: (name) => find(name, null)?.setting ?? null,
    isSet,
    note,
    random,
    memory: (name) => actives[name]?.memory ?? new Set(),
    ...createHold(clock),
    set: (wanted) => switchOn(actives, wanted, clock.nowMs()),
    clear(...names) {
      for (const name of names.length === 0 ? faultNames : names) delete actives[name];
    },
    counts: () => ({ ...counts }),
  };
}

function isDue(active: Active<FaultTable[FaultName]>, random: () => number): boolean {
  const { skip, chance } = active.setting;
  active.seen += 1;
  return active.seen > skip && (chance === 1 || random() < chance);
}

function switchOn(actives: Actives, wanted: FaultSettings, nowMs: number): void {
  for (const name of faultNames) {
    const given = wanted[name];
    if (given === undefined) continue;
    const setting = { ...defaults[name], ...given };
    const fresh = { setting, sinceMs: nowMs, memory: new Set<string>() };
    Object.assign(actives, { [name]: { ...fresh, seen: 0, struck: 0 } });
  }
}

function createHold(clock: RegionClock): Pick<Faults, "hold" | "release"> {
  const held = new Set<() => void>();
  return {
    hold: (delayMs) =>
      new Promise((resolve) => {
        const free = (): void => {
          held.delete(free);
          cancel();
          resolve();
        };
        held.add(free);
        const cancel = Number.isFinite(delayMs) ? clock.after(delayMs, free) : () => undefined;
      }),
    release() {
      const waiting = [...held];
      for (const free of waiting) free();
      return waiting.length;
    },
  };
}

/** FNV-1a over the fault's name: streams of one seed have nothing to do with each other. */
function seedOf(seed: number, name: string): number {
  let mixed = 0x811c9dc5 ^ seed;
  for (const character of name) {
    mixed = Math.imul(mixed ^ character.charCodeAt(0), 0x01000193);
  }
  return mixed >>> 0;
}
