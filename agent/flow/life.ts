// The signs of life that run beside a launch or a release: heartbeats for the hook that waits for us,
// spaced by its own timeout, and the tag that tells other takers that we progress. They stop with
// the flow that they belong to: a hung flow that still shows life would be waited for in vain.

import type { Hook } from "../domain/facts.ts";
import { Failure } from "../domain/failure.ts";
import { instant } from "../domain/mark.ts";
import type { Settings } from "../domain/settings.ts";
import { tags } from "../domain/tags.ts";
import type { Observer } from "./ports.ts";
import type { Mind, Pursuit } from "./pursue.ts";
import { failed, passed, type Work } from "./troubles.ts";

/** Whose signs they are. */
export type Living = Pick<Pursuit, "observer" | "mind" | "onRefusal">;

// Two heartbeats may be lost before the hook times out.
const heartbeatsPerTimeout = 3;
// design: at least every 30 s; more often where an operator's patience is short.
const signMs = 20_000;
// "172800 seconds (48 hours) or 100 times HeartbeatTimeout, whichever is smaller" (Auto Scaling).
const hookMaxMs = 48 * 3_600_000;
const hookTimeoutsMax = 100;

/** Runs until the signal aborts. Never rejects: a lost heartbeat is said, and the next one comes. */
export async function showLife(living: Living, signal: AbortSignal): Promise<void> {
  const { observer, mind } = living;
  const { clock } = observer.ports;
  const startMs = clock.monotonicMs();
  const periodMs = Math.min(signMs, observer.settings.patienceMs / 4);
  let signedMs = Number.NEGATIVE_INFINITY;
  // The first heartbeat comes at once: how much of the timeout the boot, or an agent before this one, has
  // used up is not known.
  let beatMs = Number.NEGATIVE_INFINITY;
  let stage = "";
  while (!signal.aborted) {
    const nowMs = clock.monotonicMs();
    if (stageOf(mind) !== stage || nowMs - signedMs >= periodMs) {
      stage = stageOf(mind);
      signedMs = nowMs;
      await quietly(living, "sign", () => sign(observer, mind));
    }
    const hook = pendingHook(observer.settings, mind);
    if (
      hook !== null &&
      nowMs - beatMs >= hook.heartbeatTimeoutMs / heartbeatsPerTimeout &&
      nowMs - startMs < budgetMs(hook)
    ) {
      beatMs = nowMs;
      await quietly(living, "heartbeat", () => beat(observer, mind, hook));
    }
    await clock.sleep(tickMs, signal);
  }
}

const tickMs = 1_000;

/** How long a hook can be kept waiting at all. */
function budgetMs(hook: Hook): number {
  return Math.min(hookMaxMs, hookTimeoutsMax * hook.heartbeatTimeoutMs);
}

/** The hook that waits for this instance now, as last seen: the one the settings name, where they do. */
function pendingHook(settings: Settings, mind: Mind): Hook | null {
  const group = mind.facts?.me.group ?? null;
  if (group === null) return null;
  const transition = group.lifecycleState.startsWith("Pending") ? "launch" : "terminate";
  const waits =
    group.lifecycleState.startsWith("Pending") || group.lifecycleState.startsWith("Terminating");
  if (!waits) return null;
  const named = settings.hooks[transition];
  const ours = group.hooks.find(
    (hook) => hook.transition === transition && (named === null || hook.name === named),
  );
  return ours ?? null;
}

async function beat(observer: Observer, mind: Mind, hook: Hook): Promise<void> {
  const group = mind.facts?.me.group?.name;
  if (group === undefined) return;
  await observer.ports.autoScaling.heartbeat({
    group,
    hook: hook.name,
    instanceId: observer.identity.instanceId,
  });
}

async function sign(observer: Observer, mind: Mind): Promise<void> {
  const { ports, identity } = observer;
  const value = `${stageOf(mind)} ${instant(ports.clock.nowMs())}`;
  await ports.writes.tag([identity.instanceId], { [tags.taking]: value });
}

function stageOf(mind: Mind): string {
  return mind.memory.opening?.stage ?? "looking";
}

/** What the role may not do is told: without heartbeats the hook ends under a launch that takes long. */
async function quietly(living: Living, work: Work, deed: () => Promise<void>): Promise<void> {
  const { observer, mind, onRefusal } = living;
  const { clock, journal } = observer.ports;
  try {
    await deed();
    mind.troubles = passed(mind.troubles, [work]);
  } catch (thrown) {
    if (!(thrown instanceof Failure)) throw thrown;
    journal.trouble(thrown);
    if (thrown.kind !== "denied") return;
    const found = { work, failure: thrown, nowMs: clock.monotonicMs() };
    const { troubles, refusal } = failed(mind.troubles, found);
    mind.troubles = troubles;
    if (refusal === null) return;
    journal.refused(refusal.code, refusal.message);
    onRefusal?.(refusal);
  }
}
