// The group's lifecycle hooks: which one is ours, and when it may be answered. A hook is completed on
// evidence alone and checked until the state has moved; the group's view of this instance is looked
// at right before, since IMDS lags.

import type { Decision, Refusal } from "../domain/decision.ts";
import type { GroupFact, Hook, InstanceFact } from "../domain/facts.ts";
import type { Step } from "../domain/steps.ts";
import { isCold } from "./health.ts";
import { mayBeListed } from "./unseen.ts";
import { everything, perform, refuse, type View, wait } from "./view.ts";

export type OurHook =
  | { readonly kind: "hook"; readonly hook: Hook }
  | { readonly kind: "none" }
  | { readonly kind: "refuse"; readonly decision: Decision };

/** The one the settings name, or the only one of its kind. Another's hook is never answered. */
export function ourHook(view: View, group: GroupFact, transition: Hook["transition"]): OurHook {
  const hooks = group.hooks.filter((hook) => hook.transition === transition);
  const named = view.settings.hooks[transition];
  const [only, ...others] = named === null ? hooks : hooks.filter((hook) => hook.name === named);
  if (only === undefined) return named === null ? { kind: "none" } : misnamed(group, hooks, named);
  if (others.length === 0) return { kind: "hook", hook: only };
  const names = hooks.map((hook) => `"${hook.name}"`).join(", ");
  return {
    kind: "refuse",
    decision: refuse(
      "EHA-HOOK-AMBIGUOUS",
      `group "${group.name}" has ${names}: say under "hooks" which is for this agent`,
    ),
  };
}

/** A list without any hook may lag; one with others says that the settings name none of them. */
function misnamed(group: GroupFact, hooks: readonly Hook[], named: string): OurHook {
  if (hooks.length === 0) return { kind: "none" };
  const found = hooks.map((hook) => `"${hook.name}"`).join(", ");
  const message = `group "${group.name}" has ${found}, wanted "${named}": put its name right under "hooks"`;
  return { kind: "refuse", decision: refuse("EHA-HOOK-MISSING", message) };
}

/** Completes this instance's hook in the state that ends in ":Wait"; null when there is none to answer. */
export function completeOwn(
  view: View,
  transition: Hook["transition"],
  why: string,
): Decision | null {
  const { group, instanceId } = view.facts.me;
  if (group === null) return untilListed(view);
  const state = group.lifecycleState;
  // The states of a warm pool are the same behind a word of their own, and so are its hooks.
  const pool = state.startsWith("Warmed:") ? "Warmed:" : "";
  const prefix = pool + (transition === "launch" ? "Pending" : "Terminating");
  // In ":Proceed" the hook has been answered, and there is nothing to do but to let it happen.
  if (state !== prefix && state !== `${prefix}:Wait`) return null;
  const ours = ourHook(view, group, transition);
  if (ours.kind === "refuse") return ours.decision;
  if (ours.kind === "none" || state !== `${prefix}:Wait`) {
    return wait(`the group has this instance in ${state}`, {
      pace: "hook",
      look: { kind: "group" },
    });
  }
  const step: Step = {
    name: "completeHook",
    with: { group: group.name, hook: ours.hook.name, instanceId, result: "CONTINUE" },
  };
  return perform([step], { why, look: everything });
}

/** A hook is not answered for want of an answer: an instance just launched may not be listed yet. */
function untilListed(view: View): Decision | null {
  if (!mayBeListed(view)) return null;
  return wait(`IMDS says ${view.facts.me.target ?? ""}, and no group lists this instance yet`, {
    pace: "hook",
  });
}

/**
 * An operator may ask that a launch that is refused for longer than `patience` is given up: the group
 * then replaces this instance. Otherwise the hook is held, since a loop of replacements heals nothing.
 */
export function abandonIfAsked(view: View, refusal: Refusal): Decision | null {
  const { group, instanceId } = view.facts.me;
  const since = view.memory.refusedSinceMs;
  if (view.settings.onRefusal !== "abandon" || group?.lifecycleState !== "Pending:Wait") {
    return null;
  }
  if (since === null || view.facts.monotonicMs - since < view.settings.patienceMs) return null;
  // The next instance would read the same volume as slowly, and from its beginning.
  if (refusal.code === "EHA-NOT-READY" && isCold(view.facts, view.facts.nowMs)) return null;
  const ours = ourHook(view, group, "launch");
  if (ours.kind !== "hook") return null;
  const action = { group: group.name, hook: ours.hook.name, instanceId };
  const step: Step = { name: "completeHook", with: { ...action, result: "ABANDON" } };
  return perform([step], { why: `refused for longer than patience: ${refusal.code}` });
}

/** A predecessor that has saved and let go may have lost its way out: its hook is completed for it. */
export function completePredecessor(view: View): Decision | null {
  const { group, instanceId } = view.facts.me;
  if (group === null) return null;
  const ours = ourHook(view, group, "terminate");
  if (ours.kind !== "hook") return null;
  const released = view.facts.instances.find(
    (instance) =>
      instance.instanceId !== instanceId &&
      !view.memory.helped.includes(instance.instanceId) &&
      instance.group?.name === group.name &&
      instance.group.lifecycleState === "Terminating:Wait" &&
      (view.settings.volumes.length > 0 || isOver(instance)) &&
      !view.facts.volumes.some((volume) =>
        volume.attachments.some((entry) => entry.instanceId === instance.instanceId),
      ),
  );
  if (released === undefined) return null;
  const step: Step = {
    name: "completeHook",
    with: {
      group: group.name,
      hook: ours.hook.name,
      instanceId: released.instanceId,
      result: "CONTINUE",
    },
  };
  return perform([step], { why: `"${released.instanceId}" has let go of everything` });
}

/** Without volumes nothing shows that it has finished but its end. */
function isOver(instance: InstanceFact): boolean {
  return instance.state !== "pending" && instance.state !== "running";
}
