// Runs a plan in the small world, round by round, as the agent's loop would: look, remember, plan,
// apply, advance. An agent may be restarted after any round, and a run that does not end is a failure.

import type { Decision, Scope } from "../../agent/domain/decision.ts";
import type { Facts } from "../../agent/domain/facts.ts";
import { planLaunch } from "../../agent/plan/launch.ts";
import { advance, blankMemory, remember } from "../../agent/plan/memory.ts";
import type { View } from "../../agent/plan/view.ts";
import { apply } from "./apply.ts";
import { die, lookAt, type Machine, pass, type SmallWorld } from "./small-world.ts";

export interface Interruption {
  /** The round after which the agent loses its memory. */
  readonly round: number;
  /** How many of that round's steps were still applied. */
  readonly steps: number;
}

// The longest honest run waits out one patience at five seconds a round.
const roundsMax = 150;
const waitMs = 2_000;
const stepMs = 500;

export interface Run {
  readonly rounds: number;
  readonly last: Decision;
  readonly decisions: readonly Decision[];
}

/** Until the plan is done or refuses. */
export function run(
  world: SmallWorld,
  machine: Machine,
  options: {
    readonly plan?: (view: View) => Decision;
    /** The agent is restarted. */
    readonly interruption?: Interruption;
    /** The instance dies, or hangs, and the run ends. */
    readonly dieAfter?: Interruption & { readonly hang?: true };
  } = {},
): Run {
  const { plan = planLaunch, interruption, dieAfter } = options;
  const decisions: Decision[] = [];
  let scope: Scope = { kind: "all" };
  for (let round = 0; round < roundsMax; round += 1) {
    const view = look(world, machine, scope);
    const decision = plan(view);
    decisions.push(decision);
    if (decision.kind === "done" || decision.kind === "refuse") {
      return { rounds: round + 1, last: decision, decisions };
    }
    const cut = [interruption, dieAfter].find((entry) => entry?.round === round);
    perform(world, { machine, view, decision, stepsMax: cut?.steps ?? Number.POSITIVE_INFINITY });
    scope = decision.look;
    if (interruption?.round === round) Object.assign(machine, { memory: blankMemory, facts: null });
    if (dieAfter?.round === round && dieAfter.hang !== true) die(world, machine);
    const over = machine.state === "terminated" || dieAfter?.round === round;
    if (over) return { rounds: round + 1, last: decision, decisions };
  }
  const tail = decisions.slice(-5).map((decision) => JSON.stringify(decision).slice(0, 300));
  throw new Error(`no end after ${roundsMax} rounds:\n${tail.join("\n")}`);
}

function look(world: SmallWorld, machine: Machine, scope: Scope): View {
  const known = machine.facts;
  const number = known === null ? 1 : known.look + (scope.kind === "all" ? 1 : 0);
  const fresh = lookAt(world, machine, number);
  const facts = known === null || scope.kind === "all" ? fresh : narrow(known, fresh, scope);
  const { settings } = world;
  machine.facts = facts;
  machine.memory = remember({ settings, facts, memory: machine.memory });
  return { settings, facts, memory: machine.memory };
}

/** What a narrow look refreshes, and nothing else. */
function narrow(known: Facts, fresh: Facts, scope: Scope): Facts {
  const { nowMs, monotonicMs } = fresh;
  const now = { ...known, nowMs, monotonicMs, me: { ...known.me, target: fresh.me.target } };
  switch (scope.kind) {
    case "all":
      return fresh;
    case "volumes": {
      const asked = (volumeId: string) => scope.volumeIds.some((id) => id === volumeId);
      const kept = known.volumes.filter((volume) => !asked(volume.volumeId));
      const seen = fresh.volumes.filter((volume) => asked(volume.volumeId));
      return { ...now, volumes: [...kept, ...seen], disks: fresh.disks };
    }
    case "snapshots":
      return { ...now, sets: fresh.sets };
    case "local":
      return { ...now, disks: fresh.disks, units: fresh.units };
    case "group":
      return { ...now, me: fresh.me, instances: fresh.instances };
  }
}

interface Round {
  readonly machine: Machine;
  readonly view: View;
  readonly decision: Decision;
  readonly stepsMax: number;
}

function perform(world: SmallWorld, round: Round): void {
  const { machine, view, decision, stepsMax } = round;
  if (decision.kind !== "perform") {
    pass(world, waitMs);
    machine.memory = advance(view, decision, []);
    return;
  }
  const steps = decision.steps.slice(0, stepsMax);
  const reported = steps.map((step) => ({ step, outcome: apply(world, machine, step) }));
  pass(world, stepMs);
  machine.memory = advance(view, decision, reported);
}
