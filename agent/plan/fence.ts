// Ending an instance that stands in the way and has gone silent. Patience counts from its last
// change as seen from here, by this machine's own monotonic clock, and never ends before a deadline
// that the other has announced. A slow one that progresses is never fenced; who was fenced is seen
// dead before anything of its is touched.

import type { Decision } from "../domain/decision.ts";
import type { InstanceFact } from "../domain/facts.ts";
import type { Step } from "../domain/steps.ts";
import { ourHook } from "./hook.ts";
import { everything, perform, refuse, silentMs, type View, wait } from "./view.ts";

/** Waits for a taker to show life, then fences it. */
export function fenceOrWait(view: View, other: InstanceFact, found: string): Decision {
  const silent = silentMs(view, other.instanceId);
  const who = `"${other.instanceId}": ${found}`;
  if (!other.member) {
    return refuse(
      "EHA-ADDRESS-HELD",
      `${who}, and is no member of this seat: take it from it by hand`,
    );
  }
  if (other.group?.lifecycleState.startsWith("Terminating")) return fenceLeaving(view, other);
  if (other.state !== "running" && other.state !== "pending") {
    return wait(`waiting for ${who}, and it is ${other.state}`, { pace: "attachment" });
  }
  if (silent < view.settings.patienceMs) {
    return wait(
      `waiting for ${who}; silent for ${seconds(silent)} s of ${seconds(view.settings.patienceMs)} s`,
      { pace: "attachment" },
    );
  }
  return perform([fenceStep(other)], {
    why: `fencing ${who}, and was silent for ${seconds(silent)} s`,
    look: everything,
  });
}

/** Waits for a holder that is being terminated to save and let go, then completes its hook for it. */
export function fenceLeaving(view: View, holder: InstanceFact): Decision {
  const announced = Math.max(
    0,
    ...view.facts.volumes.map((volume) =>
      volume.attachments.some((entry) => entry.instanceId === holder.instanceId)
        ? (volume.releasing?.deadlineMs ?? 0)
        : 0,
    ),
  );
  const silent = silentMs(view, holder.instanceId);
  const who = `"${holder.instanceId}" in ${holder.group?.lifecycleState ?? holder.state}`;
  const patient = silent < view.settings.patienceMs || view.facts.nowMs < announced;
  if (patient) {
    return wait(`waiting for ${who} to save and let go; unchanged for ${seconds(silent)} s`, {
      pace: "attachment",
    });
  }
  return perform(fenceLeavingSteps(view, holder), {
    why: `fencing ${who}: no progress for ${seconds(silent)} s`,
    look: everything,
  });
}

/** Its own hook, where completing it lets the termination go on; an end of it where that moves nothing. */
function fenceLeavingSteps(view: View, holder: InstanceFact): readonly [Step, ...Step[]] {
  const { group } = view.facts.me;
  const ours = group === null ? null : ourHook(view, group, "terminate");
  const waits =
    holder.group?.lifecycleState === "Terminating:Wait" && holder.group.name === group?.name;
  // Where another's hook is pending, or none, completing ours would move nothing.
  const answered = view.memory.helped.includes(holder.instanceId);
  if (!waits || answered || ours?.kind !== "hook") return [fenceStep({ ...holder, group: null })];
  return [
    {
      name: "completeHook",
      with: {
        group: holder.group.name,
        hook: ours.hook.name,
        instanceId: holder.instanceId,
        result: "CONTINUE",
      },
    },
  ];
}

function fenceStep(other: InstanceFact): Step {
  return { name: "fence", with: { instanceId: other.instanceId, grouped: other.group !== null } };
}

function seconds(durationMs: number): number {
  return Math.round(durationMs / 1000);
}
