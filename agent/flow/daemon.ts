// The life of the agent on an instance: take the seat, hold it, release it. It ends only when it is
// told to; whatever the world does, it looks again. Stopping the agent itself releases nothing: the
// service goes on, and the next start finds the seat held.

import type { Refusal } from "../domain/decision.ts";
import type { Facts } from "../domain/facts.ts";
import { Failure } from "../domain/failure.ts";
import { type Health, healthy, isCold, weigh } from "../plan/health.ts";
import { classify } from "../plan/holding.ts";
import { planLaunch } from "../plan/launch.ts";
import { beginRelease, blankMemory } from "../plan/memory.ts";
import { scheduledSetId } from "../plan/names.ts";
import { planRelease } from "../plan/release.ts";
import { planRetention } from "../plan/retention.ts";
import { planSnapshot } from "../plan/snapshots.ts";
import type { Executors } from "./executors.ts";
import { expiring } from "./expiring.ts";
import { fenceSelf } from "./fence-self.ts";
import { guarded } from "./guard.ts";
import { showLife } from "./life.ts";
import { notify } from "./notify.ts";
import type { Observer } from "./ports.ts";
import { type Ending, type Mind, type Pursuit, pursue } from "./pursue.ts";
import { type Event, serve } from "./serve.ts";

export interface Daemon {
  readonly observer: Observer;
  /** Ends the daemon; nothing is released. */
  readonly stop: AbortSignal;
  /** The machine is powering off: release, then end. */
  readonly powerOff: AbortSignal;
  readonly executors?: Executors;
}

export function newMind(): Mind {
  const memory = blankMemory;
  const troubles = new Map();
  const looks = { wholeMs: 0, unansweredMs: null };
  return { memory, facts: null, phase: "starting", ...looks, refused: "", troubles, told: "" };
}

export async function runDaemon(daemon: Daemon, mind: Mind = newMind()): Promise<void> {
  const { observer, stop, powerOff } = daemon;
  const due = { atMs: null as number | null };
  const schedule = startSchedule(observer, due);
  const either = AbortSignal.any([stop, powerOff]);
  try {
    while (!either.aborted) {
      const ending = await take(daemon, mind, either);
      if (ending.kind === "aborted") continue;
      if (mind.memory.releasingSinceMs !== null) await standBy(daemon, mind, either);
      else await hold(daemon, mind, due);
    }
    if (powerOff.aborted) await release(daemon, mind);
  } finally {
    schedule?.stop();
  }
}

/** One line of the journal for the whole, since it is what people wait for. */
async function take(daemon: Daemon, mind: Mind, signal: AbortSignal): Promise<Ending> {
  const ending = await guarded({ daemon, mind, signal }, (either) =>
    alive(daemon, mind, { plan: planLaunch, signal: either }),
  );
  if (ending.kind !== "done") return ending;
  const notice = mind.memory.releasingSinceMs === null ? "taken" : "released";
  if (mind.told !== notice) notify(daemon.observer, notice);
  mind.told = notice;
  return ending;
}

/** A release has a bound of its own: the machine is going down whatever we do. */
async function release(daemon: Daemon, mind: Mind): Promise<void> {
  const { ports, settings } = daemon.observer;
  const limit = { durationMs: settings.releaseWithinMs, others: [daemon.stop], clock: ports.clock };
  leave(daemon, mind);
  await expiring(limit, async (signal) => {
    while (!signal.aborted) {
      const ending = await guarded({ daemon, mind, signal }, (either) =>
        alive(daemon, mind, { plan: planRelease, signal: either }),
      );
      if (ending.kind === "done") return;
    }
  });
}

/** A pursuit with its signs of life beside it. */
async function alive(
  daemon: Daemon,
  mind: Mind,
  pursuit: Pick<Pursuit, "plan" | "signal">,
): Promise<Ending> {
  const over = new AbortController();
  const life = showLife(common(daemon, mind), AbortSignal.any([over.signal, pursuit.signal]));
  try {
    return await pursue({ ...common(daemon, mind), ...pursuit });
  } finally {
    over.abort();
    await life;
  }
}

/** Holds until the seat is in doubt, lost, or to be released; then the caller looks again. */
async function hold(daemon: Daemon, mind: Mind, due: { atMs: number | null }): Promise<void> {
  const { observer, stop, powerOff } = daemon;
  const signal = AbortSignal.any([stop, powerOff]);
  const publicIp = mind.facts?.address?.publicIp ?? null;
  const post = { watch: { publicIp, armed: false }, silent: false };
  let health = healthy;
  const { ready } = observer.settings;
  let checkMs = ready === null ? null : observer.ports.clock.monotonicMs() + ready.everyMs;
  const takeDue = () => {
    const { atMs } = due;
    due.atMs = null;
    return atMs;
  };
  while (!signal.aborted) {
    mind.phase = "holding the seat";
    const event: Event = await serve({ observer, post, signal, takeDue, checkMs });
    if (event.kind !== "check") observer.ports.journal.info(event.kind, { ...event });
    switch (event.kind) {
      case "aborted":
        return;
      case "release":
        leave(daemon, mind);
        return;
      case "doubt":
        await fenceSelf({ daemon, mind, why: event.why, gone: event.gone });
        return;
      case "due":
        await snapshot(daemon, mind, scheduledSetId(observer.settings.seat, event.dueMs));
        if (isLost(observer, mind)) {
          return fenceSelf({
            daemon,
            mind,
            why: "before a snapshot the seat was found lost",
            gone: false,
          });
        }
        break;
      case "check":
        health = await check(observer, health, mind.facts);
        checkMs = ready === null ? null : observer.ports.clock.monotonicMs() + ready.everyMs;
        break;
    }
  }
}

/** From here on the plan is to release, whatever the group says. */
function leave(daemon: Daemon, mind: Mind): void {
  mind.memory = beginRelease(mind.memory, daemon.observer.ports.clock.monotonicMs());
}

/** What a snapshot looked at anyway shows the lease at another's, or a newer opening. */
function isLost({ settings }: Observer, { facts, memory }: Mind): boolean {
  return facts !== null && classify({ settings, facts, memory }).kind === "lost";
}

async function check(observer: Observer, health: Health, facts: Facts | null): Promise<Health> {
  const { ready } = observer.settings;
  const { checks, clock, journal, autoScaling } = observer.ports;
  if (ready === null) return health;
  const answer = await checks.check(ready.check, ready.everyMs);
  // A restored volume's first reads are slow: what an end of this instance heals is not that.
  const replace = ready.replace && (facts === null || !isCold(facts, clock.nowMs()));
  const nowMs = clock.monotonicMs();
  const weighed = weigh(health, { ok: answer.ok, nowMs }, { ...ready, replace });
  if (!answer.ok) journal.info("the service does not answer its check", { why: answer.why });
  if (!weighed.report) return weighed.health;
  try {
    await autoScaling.reportUnhealthy(observer.identity.instanceId);
    journal.info("told the group that the service is unhealthy", {});
  } catch (thrown) {
    if (!(thrown instanceof Failure)) throw thrown;
    journal.trouble(thrown);
  }
  return weighed.health;
}

// A scheduled set that cannot be taken in this time is given up; the next one is due soon. Meanwhile
// nobody polls for a spot notice, which comes two minutes ahead.
const snapshotMs = 45_000;

async function snapshot(daemon: Daemon, mind: Mind, setId: string): Promise<void> {
  const { observer, stop, powerOff } = daemon;
  const { clock } = observer.ports;
  const limit = { clock, durationMs: snapshotMs, others: [stop, powerOff] };
  const wish = { setId, reason: "scheduled" } as const;
  await expiring(limit, async (signal) => {
    const pursuit = { ...common(daemon, mind), signal };
    await pursue({ ...pursuit, plan: (view) => planSnapshot(view, wish) });
    await pursue({ ...pursuit, plan: planRetention });
  });
}

/** What every pursuit takes along. */
function common({ observer, executors }: Daemon, mind: Mind): Omit<Pursuit, "plan" | "signal"> {
  const onRefusal = (refusal: Refusal) => notify(observer, "refused", refusal.message);
  return { observer, mind, onRefusal, ...(executors === undefined ? {} : { executors }) };
}

/** Released, and still there: a group that is slow, or a hook of another's. Nothing is left to do. */
async function standBy(daemon: Daemon, mind: Mind, signal: AbortSignal): Promise<void> {
  mind.phase = "released the seat; waiting for the end of this instance";
  await daemon.observer.ports.clock.sleep(releasedLookMs, signal);
}

const releasedLookMs = 15_000;

function startSchedule(observer: Observer, due: { atMs: number | null }) {
  const { schedule } = observer.settings.snapshots;
  if (schedule === null || observer.settings.volumes.length === 0) return null;
  return observer.ports.schedules.start(schedule, (dueAtMs) => {
    due.atMs = dueAtMs;
  });
}
