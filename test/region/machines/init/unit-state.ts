// What is known of one unit at a moment, under systemd's names, and the questions that everybody who
// changes it asks. Only unit.ts starts and stops units; a watcher hears of every change.

import { processesOf } from "./processes.ts";
import type { CommandEnd, Invocation } from "./run-command.ts";
import type { UnitFile } from "./unit-file.ts";

export type ActiveState = "inactive" | "activating" | "active" | "deactivating" | "failed";

export interface Unit {
  readonly name: string;
  readonly voice: Voice;
  file: UnitFile;
  active: ActiveState;
  sub: string;
  result: string;
  mainPid: number | null;
  mainEnd: CommandEnd | null;
  invocationId: string;
  restarts: number;
  /** Start times in the limit's window, in milliseconds. */
  starts: readonly number[];
  /** Calls off a restart that is due. */
  restartPending: AbortController | null;
  starting: Promise<void> | null;
  stopping: Promise<void> | null;
  /** The last order was to stop: nothing restarts it. */
  stopAsked: boolean;
  /** Called by systemd-notify's stand-in. */
  readyNotified: () => void;
  /** Called at every change of state. */
  readonly watchers: Set<() => void>;
}

export interface Voice {
  /** A line that one of its programs printed. */
  readonly output: (line: string) => void;
  /** What the init has to say about it. */
  readonly note: (line: string) => void;
}

export function makeUnit(file: UnitFile, voice: Voice): Unit {
  return {
    name: file.name,
    voice,
    file,
    active: "inactive",
    sub: "dead",
    result: "success",
    mainPid: null,
    mainEnd: null,
    invocationId: "",
    restarts: 0,
    starts: [],
    restartPending: null,
    starting: null,
    stopping: null,
    stopAsked: false,
    readyNotified: () => undefined,
    watchers: new Set(),
  };
}

export function enter(unit: Unit, active: ActiveState, sub: string): void {
  unit.active = active;
  unit.sub = sub;
  for (const watcher of unit.watchers) watcher();
}

/** Nobody wants it to go on starting, or running. */
export function calledOff(unit: Unit): boolean {
  return unit.active !== "activating" && unit.active !== "active";
}

export function invocationOf(unit: Unit): Invocation {
  const extra = unit.mainPid === null ? {} : { MAINPID: String(unit.mainPid) };
  return { file: unit.file, invocationId: unit.invocationId, onLine: unit.voice.output, extra };
}

/** Resolves once it has ended for good, with success or without. */
export function untilEnded(unit: Unit): Promise<void> {
  return new Promise((resolve) => {
    const look = () => {
      if (unit.active !== "inactive" && unit.active !== "failed") return;
      unit.watchers.delete(look);
      resolve();
    };
    unit.watchers.add(look);
    look();
  });
}

export function unitProcesses(unit: Unit): readonly number[] {
  return unit.invocationId === "" ? [] : processesOf(unit.invocationId, unit.mainPid);
}
