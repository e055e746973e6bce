// Stands between the agents and the region, and kills an agent once for each step and instance: before
// its call is carried out, after that with the reply withheld, or after the reply. Which steps died
// where is its record.

import type { StepName } from "../../agent/domain/steps.ts";
import type { Api, ApiCall } from "../region/contract.ts";
import { hasAddress } from "./lingerer.ts";
import { type Point, type Seen, signs } from "./signs.ts";

export interface Killing {
  readonly point: Point;
  /** SIGKILL to the agent of an instance; resolves when it is dead. */
  readonly kill: (instanceId: string) => Promise<void>;
  readonly killed: (instanceId: string, step: StepName) => void;
}

// As the shims: the agent has just begun with what comes next.
const afterMs = 20;

export function killerBefore(world: Api, killing: Killing): Api {
  const done = new Set<string>();
  return {
    async call(call) {
      const { instanceId } = call.caller;
      const step = instanceId === null ? null : await stepOf(world, call);
      if (instanceId === null || step === null || done.has(`${instanceId} ${step}`)) {
        return world.call(call);
      }
      done.add(`${instanceId} ${step}`);
      killing.killed(instanceId, step);
      if (killing.point === "before") {
        await killing.kill(instanceId);
        return silence();
      }
      const answer = await world.call(call);
      if (killing.point === "withheld") {
        await killing.kill(instanceId);
        return silence();
      }
      setTimeout(() => void killing.kill(instanceId), afterMs);
      return answer;
    },
  };
}

/** The caller is dead: nobody waits for this answer. */
function silence(): Promise<never> {
  return new Promise(() => undefined);
}

async function stepOf(world: Api, call: ApiCall): Promise<StepName | null> {
  const seen: Seen = {
    holdsAddress: call.action === "AssociateAddress" && (await hasAddress(world, call)),
  };
  const names = Object.keys(signs) as StepName[];
  const found = names.find((name) => {
    const sign = signs[name];
    return sign.kind === "call" && sign.action === call.action && sign.matches(call, seen);
  });
  return found ?? null;
}
