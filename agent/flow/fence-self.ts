// Self-fencing: a holder in doubt finds out through the API, where the lease is proven by a write. If
// it cannot find out before a successor's patience could be over, it stops all the same: what nobody
// can prove to be one's own is not written on.

import type { Refusal } from "../domain/decision.ts";
import { Failure } from "../domain/failure.ts";
import { planLaunch } from "../plan/launch.ts";
import { unitStopMs } from "../plan/letgo.ts";
import { blankMemory } from "../plan/memory.ts";
import { readPublicIps } from "../port/imds-readings.ts";
import type { Daemon } from "./daemon.ts";
import { executorsOf } from "./executors.ts";
import { initUnit } from "./executors-units.ts";
import { expiring } from "./expiring.ts";
import { notify } from "./notify.ts";
import type { Observer } from "./ports.ts";
import { type Ending, type Mind, pursue } from "./pursue.ts";

export interface Doubt {
  readonly daemon: Daemon;
  readonly mind: Mind;
  readonly why: string;
  /** IMDS has shown that the address is not here. */
  readonly gone: boolean;
}

/** Returns when the seat is known to be held, or nothing of it is mounted here any more. */
export async function fenceSelf(doubt: Doubt): Promise<void> {
  const { daemon, mind, why, gone } = doubt;
  const { observer, stop, powerOff } = daemon;
  observer.ports.journal.info("the lease is in doubt", { why });
  mind.memory = { ...mind.memory, proven: null };
  const durationMs = observer.settings.patienceMs / 2;
  const limit = { clock: observer.ports.clock, durationMs, others: [stop, powerOff] };
  await expiring(limit, async (signal) => {
    const { executors } = daemon;
    const given = executors === undefined ? {} : { executors };
    const onRefusal = (refusal: Refusal) => notify(observer, "refused", refusal.message);
    const finding = pursue({ observer, mind, plan: planLaunch, signal, onRefusal, ...given });
    // A call that hangs must not hold up what follows: it is waited for at the very end.
    const ending = await Promise.race([finding, aborted(signal)]);
    const over = ending.kind === "aborted" && !stop.aborted && !powerOff.aborted;
    // Proven since the doubt arose: what keeps the pursuit busy is something else.
    if (over && !isProven(mind) && ((await isShownGone(observer, mind)) ?? gone)) {
      notify(observer, "lease-lost", why);
      await letGoLocally(doubt, why);
      await finding;
      // A mount that was under way may have come through.
      await letGoLocally(doubt, why);
      mind.memory = { ...blankMemory, releasingSinceMs: mind.memory.releasingSinceMs };
    }
    await finding;
  });
}

/** What IMDS shows now, where it answers: only without the address is the seat let go of unasked. */
async function isShownGone({ ports, identity }: Observer, mind: Mind): Promise<boolean | null> {
  const publicIp = mind.facts?.address?.publicIp ?? null;
  if (publicIp === null) return null;
  try {
    return !(await readPublicIps(ports.imds, identity.mac)).includes(publicIp);
  } catch (thrown) {
    if (!(thrown instanceof Failure)) throw thrown;
    ports.journal.trouble(thrown);
    return null;
  }
}

function aborted(signal: AbortSignal): Promise<Ending> {
  return new Promise((resolve) => {
    const end = () => resolve({ kind: "aborted" });
    if (signal.aborted) end();
    else signal.addEventListener("abort", end, { once: true });
  });
}

function isProven(mind: Mind): boolean {
  return (mind.memory.proven?.associationId ?? null) !== null;
}

// Units are killed when they do not stop, so a few turns are enough; what is still mounted after that is
// held by something that only the end of the machine ends.
const turnsMax = 20;
const turnMs = 1_000;

/** Without the API: what this machine has mounted at the seat's places is enough to stop and unmount. */
export async function letGoLocally(
  { daemon, mind }: Pick<Doubt, "daemon" | "mind">,
  why: string,
): Promise<void> {
  const { observer } = daemon;
  const { ports, settings } = observer;
  const executors = daemon.executors ?? executorsOf(ports);
  const units = [...settings.units, ...initialising(mind)];
  // Who leaves, and has not been outranked, saves what is there once the API answers.
  const { releasingSinceMs, commandsRun } = mind.memory;
  const isLeaving = releasingSinceMs !== null;
  const due = settings.beforeSnapshot.filter((command) => !commandsRun.includes(command));
  const commands = isLeaving ? due : [];
  const timeoutMs = isLeaving ? unitStopMs(settings) : unitStopHastyMs;
  for (let turn = 0; turn < turnsMax; turn += 1) {
    try {
      const mounted = await mountedHere(observer);
      if (mounted.length === 0) return;
      ports.journal.info("letting go of what is mounted", { why, mounted });
      for (const unit of units.toReversed()) {
        await executors.stopUnit({ unit, timeoutMs });
      }
      for (let next = commands.shift(); next !== undefined; next = commands.shift()) {
        await executors.runCommand({ command: next, timeoutMs: commandMs });
      }
      for (const mountPoint of mounted) {
        await executors.unmount({ mountPoint, units });
      }
    } catch (thrown) {
      if (!(thrown instanceof Failure)) throw thrown;
      ports.journal.trouble(thrown);
      await ports.clock.sleep(turnMs);
    }
  }
}

// A successor may be opening by now: a unit that takes longer than this is killed.
const unitStopHastyMs = 15_000;
const commandMs = 60_000;

/** A command that fills a new volume may run for an hour, and writes all the while. */
function initialising({ memory }: Mind): readonly string[] {
  if (memory.opening?.stage !== "initialise") return [];
  return memory.opening.members.map(({ volumeId }) => initUnit(volumeId));
}

/** The seat's mount points that have something mounted, the last in the settings first. */
export async function mountedHere({ ports, settings }: Observer): Promise<readonly string[]> {
  const points = settings.volumes.map((volume) => volume.mount).toReversed();
  const found = await Promise.all(points.map((mountPoint) => ports.mounts.find({ mountPoint })));
  return points.filter((_, index) => (found[index]?.length ?? 0) > 0);
}
