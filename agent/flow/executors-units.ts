// The steps on units and the operator's commands. All of them are run by PID 1, none in this program's
// own sandbox: what they start outlives the agent and sees what the machine sees.

import type { VolumeId } from "../domain/ids.ts";
import { formatInit } from "../domain/mark.ts";
import type { Outcome, StepArguments } from "../domain/steps.ts";
import { tags } from "../domain/tags.ts";
import { done, type Executors } from "./executors-type.ts";
import type { Ports } from "./ports.ts";

type UnitStep =
  | "initialise"
  | "guardUnits"
  | "startUnit"
  | "stopUnit"
  | "checkReady"
  | "runCommand";

export function unitExecutors(ports: Ports): Pick<Executors, UnitStep> {
  const { units, checks } = ports;
  return {
    initialise: (args) => initialise(ports, args),
    async guardUnits(args) {
      for (const unit of args.units) await units.installDropIn(unit, args.mountPoints);
      return done;
    },
    async startUnit(args) {
      await units.start(args.unit, args.timeoutMs);
      return done;
    },
    async stopUnit(args) {
      await units.stop(args.unit, args.timeoutMs);
      return done;
    },
    async checkReady(args) {
      const answer = await checks.check(args.check, args.timeoutMs);
      return answer.ok ? done : { kind: "refused", why: answer.why, code: null };
    },
    runCommand: (args) => runCommand(ports, args),
  };
}

/** A command that fails is said, and the release goes on: the data matters more. */
async function runCommand(ports: Ports, args: StepArguments["runCommand"]): Promise<Outcome> {
  const { command, timeoutMs } = args;
  const result = await ports.units.runCommand({
    command,
    timeoutMs,
    environment: {},
    name: "before-snapshot",
  });
  if (result.exitCode === 0) return done;
  const why = `"${command}" ended with ${result.exitCode}: ${result.output}`;
  return { kind: "refused", why, code: null };
}

// A database's first initialisation may import a dump.
const initialiseMs = 60 * 60_000;

/** The unit in which PID 1 runs the command that fills a volume. */
export function initUnit(volumeId: VolumeId): string {
  return `ec2-ha-init-${volumeId}.service`;
}

/** The attempt is on record before the command runs; `done` only after it has ended well. */
async function initialise(ports: Ports, args: StepArguments["initialise"]): Promise<Outcome> {
  const record = (text: string) => ports.writes.tag([args.volumeId], { [tags.init]: text });
  await record(formatInit({ kind: "pending", attempts: args.attempt }));
  const environment = { EC2_HA_ATTEMPT: String(args.attempt), EC2_HA_MOUNT: args.mountPoint };
  const result = await ports.units.runCommand({
    command: args.command,
    timeoutMs: initialiseMs,
    environment,
    name: "init",
    alone: initUnit(args.volumeId),
  });
  if (result.exitCode !== 0) {
    const why = `"${args.command}" ended with ${result.exitCode} (${result.output}): mend it, then restart the agent`;
    return { kind: "refused", why, code: "EHA-INIT-FAILED" };
  }
  await record(formatInit({ kind: "done" }));
  return done;
}
