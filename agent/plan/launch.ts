// Taking the seat: what an instance does from its boot until it serves, and again whenever it doubts
// that it holds the seat. The branches are all here; every leaf is in the file of its subject.

import type { Decision, Opening } from "../domain/decision.ts";
import { chooseBase } from "./base.ts";
import { classify } from "./holding.ts";
import { abandonIfAsked, completeOwn } from "./hook.ts";
import { holdsWithoutLease, takeLease, untilAddressSeen } from "./lease.ts";
import { attachedHere, letGo, quiet } from "./letgo.ts";
import { walk } from "./opening.ts";
import { planRelease } from "./release.ts";
import { awaitReady, finishLaunch, startUnits } from "./serving.ts";
import { findTip, lookOrRefuse } from "./tip.ts";
import { refuse, type View, wait } from "./view.ts";

export function planLaunch(view: View): Decision {
  const decision = taking(view);
  return decision.kind === "refuse"
    ? (abandonIfAsked(view, decision.refusal) ?? decision)
    : decision;
}

function taking(view: View): Decision {
  const { me } = view.facts;
  const state = me.group?.lifecycleState ?? "";
  // With target state Terminated nothing is opened, and an opening under way lets go.
  const leaving = me.target === "Terminated" || state.startsWith("Terminating");
  if (leaving || view.memory.releasingSinceMs !== null) return planRelease(view);
  if (state.startsWith("Warmed") || me.target?.startsWith("Warmed")) return restWarm(view);
  const unseen = untilAddressSeen(view);
  if (unseen !== null) return unseen;
  return view.settings.volumes.length === 0 ? withAddressOnly(view) : withVolumes(view);
}

/**
 * It takes nothing, so that nobody is to be held up: the pool's hooks are let go on. Not by IMDS alone,
 * which lags: an instance that is on its way into service must not be let in without the seat.
 */
function restWarm(view: View): Decision {
  const why = "this instance is in a warm pool: it touches neither address nor volumes";
  const isListed = view.facts.me.group?.lifecycleState.startsWith("Warmed:") === true;
  const answer =
    isListed && attachedHere(view).length === 0
      ? (completeOwn(view, "launch", why) ?? completeOwn(view, "terminate", why))
      : null;
  return answer ?? wait(why, { pace: "slow" });
}

/** A service without data starts first and takes the address when it is ready. */
function withAddressOnly(view: View): Decision {
  const starting = startUnits(view) ?? awaitReady(view);
  if (starting !== null) return starting;
  const { address } = view.facts;
  if (address === null) {
    return refuse(
      "EHA-ADDRESS-MISSING",
      "a seat needs an address or volumes: add one to the settings",
    );
  }
  const lease = takeLease(view, address, { lossless: true, opening: null });
  return lease.kind === "next" ? lease.decision : finishLaunch(view);
}

function withVolumes(view: View): Decision {
  const { memory } = view;
  const holding = isUnderWay(memory.opening) ? null : classify(view);
  if (holding?.kind === "lost") return letGo(view, holding.why) ?? begin(view);
  if (holding?.kind === "next") return keeping(view, holding.decision);
  if (memory.stuck !== null) return { kind: "refuse", refusal: memory.stuck };
  if (holding?.kind === "mine") return serve(view, memory.opening ?? holding.opening);
  // An opening that had come further than what is mounted here has lost its mount.
  if (memory.opening !== null && isUnderWay(memory.opening)) {
    return walk(view, memory.opening) ?? serve(view, memory.opening);
  }
  return begin(view);
}

/** Stages in which nothing is mounted that could have been lost, or that were proven a moment ago. */
function isUnderWay(opening: Opening | null): boolean {
  return opening !== null && opening.stage !== "opened";
}

function begin(view: View): Decision {
  const stale = quiet(view, "what is mounted here is not this seat's newest data");
  if (stale !== null) return stale;
  if (holdsWithoutLease(view)) {
    const released = letGo(view, "attached without the lease");
    if (released !== null) return released;
  }
  const tip = findTip(view);
  if (tip.kind === "refuse") return { kind: "refuse", refusal: tip.refusal };
  if (tip.kind === "look") return lookOrRefuse(view, tip, null);
  const choice = chooseBase(view, tip);
  if (choice.kind === "next") return choice.decision;
  const opening: Opening = {
    base: choice.base,
    tipKey: tip.key,
    from: tip.from,
    stage: "lease",
    sinceLook: view.facts.look,
    associationId: null,
    leasedMs: null,
    wroteMs: null,
    generation: 0,
    members: [],
  };
  return walk(view, opening) ?? serve(view, opening);
}

/** The seat is open: finish what an agent that was killed left, then serve. */
function serve(view: View, opening: Opening): Decision {
  const unfinished = walk(view, opening);
  if (unfinished !== null) return unfinished;
  const opened: View = {
    ...view,
    memory: { ...view.memory, opening: { ...opening, stage: "opened" } },
  };
  const members = opening.members.map((member) => member.volumeId);
  const surplus = attachedHere(view).some((volume) => !members.includes(volume.volumeId));
  const rest = surplus
    ? letGo(opened, "attached here and no part of the seat's newest data", members)
    : null;
  return rest ?? startUnits(opened) ?? awaitReady(opened) ?? finishLaunch(opened);
}

/** Finding out whether the seat is still held does not end the opening that holds it. */
function keeping(view: View, decision: Decision): Decision {
  const { opening } = view.memory;
  if (decision.kind === "perform" || decision.kind === "wait") return { ...decision, opening };
  return decision;
}
