// Makes a taker go silent: the next instance that takes the address stands still, with its whole
// machine, right after. Until then its calls pass by the killer, so that it gets that far.

import type { Api } from "../region/contract.ts";

export interface Silencer {
  /** From now on the next newcomer is the one. */
  arm(known: readonly string[]): void;
  silenced(): string | null;
  /** Wraps both: calls of the chosen one go straight to the world. */
  between(killer: Api, world: Api): Api;
}

export function createSilencer(pause: (instanceId: string) => Promise<void>): Silencer {
  let known: readonly string[] | null = null;
  let chosen: string | null = null;
  let silenced: string | null = null;
  return {
    arm(instanceIds) {
      known = instanceIds;
    },
    silenced: () => silenced,
    between: (killer, world) => ({
      async call(call) {
        const { instanceId } = call.caller;
        if (known !== null && instanceId !== null && !known.includes(instanceId)) {
          chosen ??= instanceId;
        }
        if (instanceId === null || instanceId !== chosen) return killer.call(call);
        const answer = await world.call(call);
        if (call.action === "AssociateAddress") {
          await pause(instanceId);
          silenced = instanceId;
        }
        return answer;
      },
    }),
  };
}
