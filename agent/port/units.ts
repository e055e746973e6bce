// The operator's units and commands, through systemd. The contract: a start or stop returns when
// systemd says that it is over; a unit that does not stop in time is killed; a command of the operator
// runs as a transient unit, outside of whatever sandbox the agent is in.

import { rm } from "node:fs/promises";
import type { Clock } from "../domain/clock.ts";
import type { UnitFact } from "../domain/facts.ts";
import { Failure } from "../domain/failure.ts";
import type { HostPrograms } from "./host-programs.ts";
import { describeResult, type ProgramResult, type Programs } from "./programs.ts";
import { guard } from "./unit-guards.ts";

export interface OperatorCommand {
  /** A command line, as a shell takes it. */
  readonly command: string;
  readonly timeoutMs: number;
  readonly environment: Readonly<Record<string, string>>;
  /** What it is for, as in "init". */
  readonly name: string;
  /** The name of a unit that at most one run has at a time, whoever started it; absent for any number. */
  readonly alone?: string;
}

export interface Units {
  state(unit: string): Promise<UnitFact["state"]>;
  /** Failure `transient` when it did not come up. */
  start(unit: string, timeoutMs: number): Promise<void>;
  /** Inactive when this returns: what does not stop in time is killed. */
  stop(unit: string, timeoutMs: number): Promise<void>;
  kill(unit: string): Promise<void>;
  /** From now on the unit does not start while one of the mount points is not mounted. */
  installDropIn(unit: string, mountPoints: readonly string[]): Promise<void>;
  /** Failure `conflict` while another run has the unit that it wants alone. */
  runCommand(
    command: OperatorCommand,
  ): Promise<{ readonly exitCode: number | null; readonly output: string }>;
  systemPoweringOff(): Promise<"poweroff" | "reboot" | "no">;
}

export interface UnitsOptions {
  readonly clock: Clock;
  readonly programs: Programs;
  /** Children of PID 1. */
  readonly host: HostPrograms;
  /** One that survives a reboot: the next boot starts the units before the agent has mounted. */
  readonly dropInRoot?: string;
  /** Where it goes if the first is read-only: then nothing can be written below a mount point either. */
  readonly volatileRoot?: string;
}

/** systemctl answers at once unless PID 1 itself is stuck. */
const askMs = 10_000;
/** Beyond the unit's own time, for systemd to have its say first. */
const graceMs = 5_000;
/** The last lines of an operator's command are what says why it failed. */
const outputCharactersMax = 2_000;

type Systemctl = (args: readonly string[], timeoutMs?: number) => Promise<ProgramResult>;

export function unitsPort(options: UnitsOptions): Units {
  const { programs, host, dropInRoot = "/etc/systemd/system" } = options;
  const { volatileRoot = "/run/systemd/system" } = options;
  const systemctl: Systemctl = (args, timeoutMs = askMs) =>
    programs.run({ file: "systemctl", args, timeoutMs });
  return {
    state: (unit) => stateOf(systemctl, unit),
    start: (unit, timeoutMs) => start(systemctl, unit, timeoutMs),
    stop: (unit, timeoutMs) => stop(systemctl, unit, timeoutMs),
    kill: (unit) => kill(systemctl, unit),
    async installDropIn(unit, mountPoints) {
      const written = await guard([dropInRoot, volatileRoot], unit, mountPoints);
      if (written !== null) await reload(systemctl, unit, written);
    },
    async runCommand(command) {
      if (command.alone !== undefined) await refuseBeside(systemctl, command.alone);
      return await runCommand(host, command);
    },
    systemPoweringOff: () => systemPoweringOff(systemctl),
  };
}

async function start(systemctl: Systemctl, unit: string, timeoutMs: number): Promise<void> {
  // A unit that failed too often in a row is started anew: the seat has been opened for it.
  await systemctl(["reset-failed", unit]);
  const result = await systemctl(["start", unit], timeoutMs + graceMs);
  if (result.exitCode !== 0) throw undone("start", unit, describeResult(result));
}

async function stop(systemctl: Systemctl, unit: string, timeoutMs: number): Promise<void> {
  const stopped = await systemctl(["stop", unit], timeoutMs).catch(onlyTransient);
  if (stopped !== null && stopped.exitCode === 0) return;
  await kill(systemctl, unit);
  const again = await systemctl(["stop", unit], askMs);
  // A unit that there is not cannot be stopped, and need not be.
  if (again.exitCode === 0 || isOver(await stateOf(systemctl, unit))) return;
  throw undone("stop", unit, describeResult(again));
}

async function kill(systemctl: Systemctl, unit: string): Promise<void> {
  // It fails where there is nothing to kill, which is what is wanted.
  await systemctl(["kill", "--signal=SIGKILL", unit]);
}

async function reload(systemctl: Systemctl, unit: string, path: string): Promise<void> {
  const result = await systemctl(["daemon-reload"], 4 * askMs);
  if (result.exitCode === 0) return;
  // So that the next try does not take what systemd has not read for what it knows.
  await rm(path, { force: true });
  throw undone("guard", unit, describeResult(result));
}

async function refuseBeside(systemctl: Systemctl, unit: string): Promise<void> {
  const found = await stateOf(systemctl, unit);
  if (isOver(found)) return;
  const subject = `"${unit}"`;
  const next = "waiting for it to end";
  throw new Failure({ kind: "conflict", action: "run", subject, found: `it is ${found}`, next });
}

async function runCommand(
  host: HostPrograms,
  { command, timeoutMs, environment, alone }: OperatorCommand,
): Promise<{ readonly exitCode: number | null; readonly output: string }> {
  const result = await host.run({
    file: "/bin/sh",
    args: ["-c", 'eval "$EC2_HA_COMMAND"'],
    timeoutMs,
    // As an argument, its "${…}" would be systemd's to expand before the shell sees them.
    environment: { ...environment, EC2_HA_COMMAND: command },
    ...(alone === undefined ? {} : { unit: alone }),
  });
  const output = `${result.stdout}${result.stderr}`.trim().slice(-outputCharactersMax);
  return { exitCode: result.exitCode, output };
}

async function systemPoweringOff(systemctl: Systemctl): Promise<"poweroff" | "reboot" | "no"> {
  const running = await systemctl(["is-system-running"]);
  if (running.stdout.trim() !== "stopping") return "no";
  const jobs = (await systemctl(["list-jobs", "--no-legend", "--plain"])).stdout;
  if (/\b(poweroff|halt)\.target\b/.test(jobs)) return "poweroff";
  return /\b(reboot|kexec|soft-reboot)\.target\b/.test(jobs) ? "reboot" : "no";
}

/** systemd's active states, as the planner knows them. */
const states: Readonly<Record<string, UnitFact["state"]>> = {
  active: "active",
  reloading: "active",
  refreshing: "active",
  activating: "activating",
  deactivating: "deactivating",
  maintenance: "deactivating",
  inactive: "inactive",
  failed: "failed",
};

/** systemd's load states of a unit that it will not start, however often it is asked. */
const unusable = new Set(["masked", "bad-setting", "error"]);

/** systemd answers for every name; an answer without a state is no answer. */
async function stateOf(systemctl: Systemctl, unit: string): Promise<UnitFact["state"]> {
  const result = await systemctl(["show", "--property=LoadState,ActiveState", unit]);
  if (result.exitCode !== 0) throw undone("ask for", unit, describeResult(result));
  const load = /^LoadState=(\S+)$/m.exec(result.stdout)?.[1];
  if (load === "not-found") return "missing";
  const active = /^ActiveState=(\S+)$/m.exec(result.stdout)?.[1] ?? "not told";
  if (unusable.has(load ?? "") && active === "inactive") return "unusable";
  const state = states[active];
  if (state === undefined) throw undone("ask for", unit, `its state is ${active}`);
  return state;
}

function undone(action: string, unit: string, found: string): Failure {
  const next = "trying again; see its journal";
  const refusal = action === "stop" ? "EHA-UNIT-STUCK" : "EHA-NOT-READY";
  return new Failure({ kind: "transient", action, subject: `"${unit}"`, found, next, refusal });
}

/** A stop that is out of time is killed; what else went wrong stays a failure. */
function onlyTransient(thrown: unknown): null {
  if (thrown instanceof Failure && thrown.kind === "transient") return null;
  throw thrown;
}

function isOver(state: UnitFact["state"]): boolean {
  return ["missing", "unusable", "inactive", "failed"].includes(state);
}
