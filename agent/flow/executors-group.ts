// The steps towards the Auto Scaling group: answering a hook, and ending an instance that stands in the
// way. The latter goes through the group where there is one, so that the group replaces what it lost; a
// group that refuses, because it is still launching that instance, cannot keep it from being ended.

import { done, type Executors } from "./executors-type.ts";
import type { Ports } from "./ports.ts";

export function groupExecutors(ports: Ports): Pick<Executors, "completeHook" | "fence"> {
  return {
    async completeHook(args) {
      const answered = await ports.autoScaling.complete(args);
      const why = "the group knows of no lifecycle action that waits for this";
      return answered ? done : { kind: "refused", why, code: null };
    },
    async fence(args) {
      const isEnded = args.grouped && (await ports.autoScaling.terminate(args.instanceId));
      if (!isEnded) await ports.writes.terminate(args.instanceId);
      return done;
    },
  };
}
