// What a unit's settings say about its end: whether it is started again, and how long its processes
// may take to go. Pure, apart from reading the clock for the start limit.

import { allWords, durationMs, lastValue, type UnitFile } from "./unit-file.ts";
import type { Unit } from "./unit-state.ts";

/** systemd's own defaults. */
const stopTimeoutDefaultMs = 90_000;
const startsMax = 5;
const startsWindow = "10s";

export function stopTimeoutMs(file: UnitFile): number {
  const text = lastValue(file, "Service.TimeoutStopSec") ?? lastValue(file, "Service.TimeoutSec");
  if (text === null) return stopTimeoutDefaultMs;
  return durationMs(text) ?? Number.POSITIVE_INFINITY;
}

/** Counts this end against the start limit, and fails the unit for good when that is reached. */
export function wantsRestart(unit: Unit): boolean {
  if (!restartsAfter(unit)) return false;
  const windowText = lastValue(unit.file, "Unit.StartLimitIntervalSec") ?? startsWindow;
  const windowMs = durationMs(windowText) ?? 0;
  const burst = Number(lastValue(unit.file, "Unit.StartLimitBurst") ?? startsMax);
  const nowMs = performance.now();
  unit.starts = [...unit.starts.filter((startMs) => startMs > nowMs - windowMs), nowMs];
  if (windowMs === 0 || unit.starts.length <= burst) return true;
  unit.active = "failed";
  unit.sub = "failed";
  unit.voice.note("Start request repeated too quickly");
  return false;
}

function restartsAfter(unit: Unit): boolean {
  const code = unit.mainEnd?.exitCode ?? null;
  const lists = (key: string) => code !== null && allWords(unit.file, key).includes(String(code));
  if (lists("Service.RestartPreventExitStatus")) return false;
  if (lists("Service.RestartForceExitStatus")) return true;
  switch (lastValue(unit.file, "Service.Restart")) {
    case "always":
      return true;
    case "on-success":
      return unit.result === "success";
    case "on-failure":
      return unit.result !== "success";
    case "on-abnormal":
    case "on-abort":
      return unit.result === "signal" || unit.result === "timeout";
    case null:
    default:
      return false;
  }
}
