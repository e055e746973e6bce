// The steps towards the Auto Scaling group: answering a hook, and ending an instance that stands in the
// way. The latter goes through the group where there is one, so that the group replaces what it lost.

import { done, type Executors } from "./executors-type.ts";
import type { Ports } from "./ports.ts";

export function groupExecutors(ports: Ports): Pick<Executors, "completeHook" | "fence"> {
  return {
    async completeHook(args) {
      await ports.autoScaling.complete(args);
      return done;
    },
    async fence(args) {
      if (args.grouped) await ports.autoScaling.terminate(args.instanceId);
      else await ports.writes.terminate(args.instanceId);
      return done;
    },
  };
}
