// Waiting for the answer to a lifecycle hook. Entering a wait makes one action for each hook of that
// transition; the wait ends when all have been continued, when one is abandoned, or when time is up
// and the hook's default counts. Timeouts are the caller's own seconds, whatever the delays are.

import type { ActionResult, LifecycleAction, Member, Transition } from "./group-resources.ts";
import { type Region, sleep } from "./region.ts";

/** AWS: 48 hours or 100 heartbeats, whichever is smaller. */
const waitMaxMs = 48 * 3_600_000;
const heartbeatsMax = 100;

/** Makes the actions of a wait; false where no hook asks for one. */
export function beginWait(region: Region, member: Member, transition: Transition): boolean {
  const hooks = region.hooks
    .all()
    .filter((hook) => hook.groupName === member.groupName && hook.transition === transition);
  const nowMs = region.clock.nowMs();
  for (const hook of hooks) {
    const heartbeatMs = hook.heartbeatS * 1000;
    const early = region.faults.strike("hookTimeouts", { ids: [member.id, hook.name] });
    const limitMs = Math.min(waitMaxMs, heartbeatsMax * heartbeatMs, early?.afterMs ?? Infinity);
    region.actions.put({
      id: region.ids.uuid(),
      groupName: hook.groupName,
      hookName: hook.name,
      instanceId: member.id,
      transition,
      heartbeatMs,
      endsAtMs: nowMs + Math.min(heartbeatMs, limitMs),
      limitAtMs: nowMs + limitMs,
      defaultResult: hook.defaultResult,
      result: null,
    });
  }
  return hooks.length > 0;
}

/** What ended a wait, as the activity's status message says it. */
export type Ender =
  | "Lifecycle Action Completed with ABANDON Result"
  | "Heartbeat Timeout"
  | "Lifecycle Hook Deleted";

export interface WaitEnd {
  readonly instanceId: string;
  readonly transition: Transition;
  readonly result: ActionResult;
  readonly message: string;
}

export interface Answer {
  readonly token: string;
  readonly result: ActionResult;
  readonly ender: Ender;
}

/** Answers one action; the end of the whole wait where this was what it waited for. */
export function answer(region: Region, { token, result, ender }: Answer): WaitEnd | null {
  const { instanceId, transition } = region.actions.change(token, { result });
  const all = actionsOf(region, instanceId);
  if (result === "CONTINUE" && all.some((action) => action.result === null)) return null;
  endWait(region, instanceId);
  // In these words, for instance, in Jaeminst/devops-01-Final-TeamG issue 90.
  const message = `Instance failed to complete user's Lifecycle Action: Lifecycle Action with token ${token} was abandoned: ${ender}`;
  return { instanceId, transition, result, message };
}

/** Drops what is still unanswered: the transition goes on, or another one took its place. */
export function endWait(region: Region, instanceId: string): void {
  for (const action of actionsOf(region, instanceId)) region.actions.remove(action.id);
}

/** Restarts the timer of an action, within its limit. */
export function heartbeat(region: Region, action: LifecycleAction): void {
  const endsAtMs = Math.min(region.clock.nowMs() + action.heartbeatMs, action.limitAtMs);
  region.actions.change(action.id, { endsAtMs });
}

/** Resolves when the action's time is up; with null when it was answered before. */
export async function timeout(region: Region, token: string): Promise<LifecycleAction | null> {
  for (;;) {
    const action = region.actions.get(token);
    if (action === undefined || action.result !== null) return null;
    const leftMs = action.endsAtMs - region.clock.nowMs();
    if (leftMs <= 0) return action;
    await sleep(region, leftMs);
  }
}

export function actionsOf(region: Region, instanceId: string): readonly LifecycleAction[] {
  return region.actions.all().filter((action) => action.instanceId === instanceId);
}
