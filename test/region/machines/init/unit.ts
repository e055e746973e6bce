// One unit under the small init: what state it is in, and how it is started, stopped and, when its
// main process ends by itself, restarted. States and results have systemd's names. A stop wins over a
// start under way; what a unit leaves behind is killed before it counts as stopped.

import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { endProcesses } from "./ending.ts";
import { type CommandEnd, commandsOf, runInOrder, startCommand } from "./run-command.ts";
import { durationMs, lastValue } from "./unit-file.ts";
import { wantsRestart } from "./unit-policy.ts";
import { calledOff, enter, invocationOf, type Unit, unitProcesses } from "./unit-state.ts";

/** A Type=notify unit that talks to systemd's real socket cannot be heard: alive so long is ready. */
const notifyPatienceMs = 2_000;
/** How often a main process that is not a child is looked at. */
const forkedLookMs = 250;

/** Resolves when it is started, or has failed to: `unit.active` tells. */
export async function startUnit(unit: Unit): Promise<void> {
  unit.stopAsked = false;
  if (unit.stopping !== null) await unit.stopping;
  unit.restartPending?.abort();
  if (unit.active === "active") return;
  unit.starting ??= start(unit).finally(() => {
    unit.starting = null;
  });
  await unit.starting;
}

/** Resolves when none of its processes is left. */
export async function stopUnit(unit: Unit): Promise<void> {
  unit.stopAsked = true;
  unit.restartPending?.abort();
  if (unit.active === "failed" || unit.active === "inactive") return;
  await finish(unit);
}

async function start(unit: Unit): Promise<void> {
  unit.invocationId = randomBytes(16).toString("hex");
  Object.assign(unit, { result: "success", mainPid: null, mainEnd: null });
  enter(unit, "activating", "start-pre");
  const pre = await runInOrder(invocationOf(unit), "Service.ExecStartPre", () => undefined);
  if (calledOff(unit)) return;
  if (pre.exitCode !== 0) return failed(unit, pre);
  enter(unit, "activating", "start");
  switch (lastValue(unit.file, "Service.Type")) {
    case "oneshot":
      return startOneshot(unit);
    case "forking":
      return startForking(unit);
    case null:
    default:
      return startLasting(unit);
  }
}

async function startOneshot(unit: Unit): Promise<void> {
  const limit = durationMs(lastValue(unit.file, "Service.TimeoutStartSec") ?? "infinity");
  const timer = limit === null ? null : setTimeout(() => void timeOut(unit), limit);
  const end = await runInOrder(invocationOf(unit), "Service.ExecStart", ({ pid }) => {
    unit.mainPid = pid;
  });
  if (timer !== null) clearTimeout(timer);
  Object.assign(unit, { mainPid: null, mainEnd: end });
  if (calledOff(unit)) return;
  if (end.exitCode !== 0) return failed(unit, end);
  await runInOrder(invocationOf(unit), "Service.ExecStartPost", () => undefined);
  if (lastValue(unit.file, "Service.RemainAfterExit") === "yes") enter(unit, "active", "exited");
  else await finish(unit);
}

async function startForking(unit: Unit): Promise<void> {
  const end = await runInOrder(invocationOf(unit), "Service.ExecStart", () => undefined);
  if (calledOff(unit)) return;
  if (end.exitCode !== 0) return failed(unit, end);
  unit.mainPid = pidFrom(lastValue(unit.file, "Service.PIDFile")) ?? unitProcesses(unit)[0] ?? null;
  enter(unit, "active", "running");
  void watchForked(unit, unit.invocationId);
}

async function startLasting(unit: Unit): Promise<void> {
  const invocation = invocationOf(unit);
  const [command] = commandsOf(invocation, "Service.ExecStart");
  if (command === undefined) return failed(unit, { exitCode: 1, signal: null });
  const running = startCommand(invocation, command);
  unit.mainPid = running.pid;
  const ended = running.ended.then((end) => mainEnded(unit, invocation.invocationId, end));
  if (lastValue(unit.file, "Service.Type") === "notify") {
    const notified = new Promise<void>((resolve) => {
      unit.readyNotified = resolve;
    });
    await Promise.race([notified, ended, sleep(notifyPatienceMs)]);
  }
  if (calledOff(unit) || hasEnded(unit)) return;
  await runInOrder(invocation, "Service.ExecStartPost", () => undefined);
  if (unit.active === "activating" && !hasEnded(unit)) enter(unit, "active", "running");
}

/** Asked anew after every wait: the main process ends when it likes. */
function hasEnded(unit: Unit): boolean {
  return unit.mainEnd !== null;
}

async function watchForked(unit: Unit, invocationId: string): Promise<void> {
  while (unit.invocationId === invocationId && unit.active === "active") {
    const processes = unitProcesses(unit);
    if (!processes.some((pid) => pid === unit.mainPid)) {
      return mainEnded(unit, invocationId, { exitCode: 0, signal: null });
    }
    await sleep(forkedLookMs);
  }
}

/** The main process ended, whoever wanted it; while the unit is being stopped, `stop` goes on. */
async function mainEnded(unit: Unit, invocationId: string, end: CommandEnd): Promise<void> {
  if (unit.invocationId !== invocationId) return;
  Object.assign(unit, { mainPid: null, mainEnd: end });
  if (unit.stopping !== null || calledOff(unit)) return;
  const clean = end.exitCode === 0 || ["SIGTERM", "SIGINT", "SIGHUP"].includes(end.signal ?? "");
  if (clean) await finish(unit);
  else await failed(unit, end);
}

async function failed(unit: Unit, end: CommandEnd): Promise<void> {
  unit.mainEnd = end;
  unit.result = end.signal === null ? "exit-code" : "signal";
  unit.voice.note(`Main process exited: ${end.signal ?? `status ${String(end.exitCode)}`}`);
  await finish(unit);
}

async function timeOut(unit: Unit): Promise<void> {
  unit.result = "timeout";
  await finish(unit);
}

/** Ends what is left of it; then it is over, failed, or due for a restart. */
function finish(unit: Unit): Promise<void> {
  unit.stopping ??= stop(unit).finally(() => {
    unit.stopping = null;
  });
  return unit.stopping;
}

async function stop(unit: Unit): Promise<void> {
  const running = unit.active === "active" && unit.mainEnd === null;
  enter(unit, "deactivating", "stop");
  const invocation = invocationOf(unit);
  if (running) {
    await runInOrder(invocation, "Service.ExecStop", () => undefined);
  }
  await endProcesses(unit);
  await runInOrder(invocation, "Service.ExecStopPost", () => undefined);
  const bad = unit.result !== "success";
  enter(unit, bad ? "failed" : "inactive", bad ? "failed" : "dead");
  if (!unit.stopAsked && wantsRestart(unit)) void restartLater(unit);
}

async function restartLater(unit: Unit): Promise<void> {
  const pauseMs = durationMs(lastValue(unit.file, "Service.RestartSec") ?? "100ms") ?? 100;
  const pending = new AbortController();
  unit.restartPending = pending;
  enter(unit, "activating", "auto-restart");
  try {
    await sleep(pauseMs, undefined, { signal: pending.signal });
  } catch {
    // Somebody started or stopped it meanwhile, and the state is theirs.
    return;
  }
  unit.restarts += 1;
  await startUnit(unit);
}

function pidFrom(path: string | null): number | null {
  try {
    return path === null ? null : Number(readFileSync(path, "utf8").trim());
  } catch {
    return null;
  }
}
