// The end of a unit's processes, as its KillMode wants it: asked first, killed when their time is up.

import { setTimeout as sleep } from "node:timers/promises";
import { signalAll } from "./processes.ts";
import { lastValue } from "./unit-file.ts";
import { stopTimeoutMs } from "./unit-policy.ts";
import { type Unit, unitProcesses } from "./unit-state.ts";

/** How often the processes of a unit that is being stopped are looked at. */
const lookPauseMs = 20;
/** Resolves when none of those that the mode cares for is left. */
export async function endProcesses(unit: Unit): Promise<void> {
  const mode = lastValue(unit.file, "Service.KillMode") ?? "control-group";
  if (mode === "none") return;
  const main = unit.mainPid === null ? [] : [unit.mainPid];
  const first = mode === "control-group" ? unitProcesses(unit) : main;
  signalAll(first, signalFrom(lastValue(unit.file, "Service.KillSignal")));
  signalAll(first, "SIGCONT");
  const mainOnly = () => (unit.mainPid === null ? [] : [unit.mainPid]);
  const watched = () => (mode === "process" ? mainOnly() : unitProcesses(unit));
  const deadline = performance.now() + stopTimeoutMs(unit.file);
  let killed = false;
  while (watched().length > 0) {
    if (mode === "mixed" && unit.mainPid === null && !killed) signalAll(watched(), "SIGKILL");
    if (performance.now() > deadline) {
      if (!killed) unit.result = "timeout";
      killed = true;
      signalAll(watched(), "SIGKILL");
    }
    await sleep(lookPauseMs);
  }
}

function signalFrom(name: string | null): NodeJS.Signals {
  const known: readonly NodeJS.Signals[] = ["SIGINT", "SIGQUIT", "SIGKILL", "SIGHUP", "SIGUSR1"];
  return known.find((signal) => signal === name) ?? "SIGTERM";
}
