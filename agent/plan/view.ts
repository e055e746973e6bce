// What a planner sees, and the sentences it answers with. The view is all there is: settings, facts
// that may be stale, and the memory of this process, which may be lost at any time.

import type {
  Base,
  Decision,
  Memory,
  Opening,
  Pace,
  RefusalCode,
  Scope,
} from "../domain/decision.ts";
import type { Facts, InstanceFact, VolumeFact } from "../domain/facts.ts";
import type { InstanceId, VolumeId } from "../domain/ids.ts";
import type { Mark } from "../domain/mark.ts";
import type { Settings } from "../domain/settings.ts";
import type { Step } from "../domain/steps.ts";

export interface View {
  readonly settings: Settings;
  readonly facts: Facts;
  readonly memory: Memory;
}

/** A base to open from, or what comes before there is one. */
export type Choice =
  | { readonly kind: "base"; readonly base: Base }
  | { readonly kind: "next"; readonly decision: Decision };

export const everything: Scope = { kind: "all" };

export function perform(
  steps: readonly [Step, ...Step[]],
  say: { why: string; look?: Scope; opening?: Opening | null },
): Decision {
  const { why, look = everything, opening = null } = say;
  return { kind: "perform", steps, why, look, opening };
}

export function wait(
  why: string,
  say: { pace: Pace; look?: Scope; opening?: Opening | null },
): Decision {
  const { pace, look = everything, opening = null } = say;
  return { kind: "wait", why, pace, look, opening };
}

/** Looks again at once: what is needed next must not be older than what was just done. */
export function lookAgain(why: string, opening: Opening | null = null): Decision {
  return { kind: "wait", why, pace: "now", look: everything, opening };
}

export function refuse(code: RefusalCode, message: string): Decision {
  return { kind: "refuse", refusal: { code, message } };
}

/** A list as the argument of `perform`; null when there is nothing to do. */
export function some(steps: readonly Step[]): readonly [Step, ...Step[]] | null {
  const [first, ...rest] = steps;
  return first === undefined ? null : [first, ...rest];
}

/** The mark stands on address and group: the higher generation wins, the address on a tie. */
export function effectiveMark(facts: Facts): Mark | null {
  const onAddress = facts.address?.mark ?? null;
  const onGroup = facts.groupMark;
  if (onAddress === null || onGroup === null) return onAddress ?? onGroup;
  return onGroup.generation > onAddress.generation ? onGroup : onAddress;
}

export function instanceOf(facts: Facts, instanceId: InstanceId): InstanceFact | null {
  return facts.instances.find((instance) => instance.instanceId === instanceId) ?? null;
}

/** Who has it attached, in whatever state of attaching or detaching. */
export function attachedTo(volume: VolumeFact): readonly InstanceId[] {
  return volume.attachments.map((attachment) => attachment.instanceId);
}

export function isAttachedTo(volume: VolumeFact, instanceId: InstanceId): boolean {
  return attachedTo(volume).includes(instanceId);
}

/** How long an instance or an attachment has shown no change, as seen from here; 0 when it was never watched. */
export function silentMs(view: View, subject: InstanceId | VolumeId): number {
  const life = view.memory.lives.find((entry) => entry.subject === subject);
  return life === undefined ? 0 : view.facts.monotonicMs - life.sinceMs;
}

/** One more than the highest generation seen anywhere: the number of the next opening. */
export function nextGeneration(facts: Facts): number {
  const volumes = facts.volumes.flatMap((volume) => [volume.generation, volume.written]);
  const marks = [facts.address?.mark?.generation ?? 0, facts.groupMark?.generation ?? 0];
  const sets = facts.sets.map((set) => set.of);
  return 1 + Math.max(0, ...volumes, ...marks, ...sets);
}
