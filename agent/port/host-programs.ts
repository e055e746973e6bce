// Programs as children of PID 1. The agent's unit may run it in a mount namespace of its own, where a
// mount would be seen by nobody else; what a transient unit mounts is seen by the whole machine. So
// everything that mounts, or that looks for a mount, is run through here and nowhere else.

import type { Command, ProgramResult, Programs } from "./programs.ts";
import { programMissing } from "./programs.ts";

export interface HostProgramsOptions {
  readonly programs: Programs;
  /** The program that asks PID 1; another one in tests. */
  readonly systemdRun?: string;
}

export interface HostCommand extends Command {
  /** The name that its transient unit gets; absent for one of systemd's own choosing. */
  readonly unit?: string;
}

export interface HostPrograms extends Programs {
  run(command: HostCommand): Promise<ProgramResult>;
}

/** systemd's exit code for a program that it could not execute (systemd.exec(5), EXIT_EXEC). */
const execFailed = 203;
/** A unit that is out of time is asked to end, and killed this much later. */
const stopSeconds = 1;
/** The wait for a unit lasts this much longer than its own time, so that PID 1 has the last word. */
const graceMs = 3_000;

/**
 * The same contract as the programs that it wraps, but for the environment, which is PID 1's and not
 * the agent's: what the programs say may be in another language, so that nothing of it is parsed.
 */
export function hostPrograms(options: HostProgramsOptions): HostPrograms {
  const { programs, systemdRun = "systemd-run" } = options;
  return {
    run: async (command) => {
      const result = await programs.run({
        file: systemdRun,
        args: [...transientUnit(command), "--", command.file, ...command.args],
        timeoutMs: command.timeoutMs + graceMs,
        ...(command.input === undefined ? {} : { input: command.input }),
      });
      return refuseMissing(command, result);
    },
  };
}

/**
 * Options of a unit that is waited for, reports its program's exit code, and leaves nothing behind.
 * The limit is PID 1's: it holds although the agent dies. A unit has no seconds' fractions to spare.
 */
function transientUnit(command: HostCommand): readonly string[] {
  const seconds = Math.max(1, Math.ceil(command.timeoutMs / 1_000));
  const environment = Object.entries(command.environment ?? {});
  return [
    "--wait",
    "--collect",
    "--pipe",
    "--quiet",
    ...(command.unit === undefined ? [] : [`--unit=${command.unit}`]),
    `--property=RuntimeMaxSec=${seconds}`,
    `--property=TimeoutStopSec=${stopSeconds}`,
    ...environment.map(([name, value]) => `--setenv=${name}=${value}`),
  ];
}

function refuseMissing(command: Command, result: ProgramResult): ProgramResult {
  if (result.exitCode === execFailed) throw programMissing(command.file);
  return result;
}
