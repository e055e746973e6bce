// Asks a web server through the Elastic IP once every 100 ms, whether or not the last question was
// answered, and records each good answer. It is how a visitor would see a failover.

import { Agent } from "node:http";
import type { Clock } from "../../../agent/domain/clock.ts";
import { ask } from "./ask.ts";
import type { Ledger } from "./ledger.ts";

export interface Prober {
  stop(): Promise<void>;
  counts(): { readonly asked: number; readonly answered: number };
}

const everyMs = 100;
// Of the order of what a visitor's browser puts up with before it tries another connection.
const answerWithinMs = 1000;

export function startProber(baseUrl: string, ledger: Ledger, clock: Clock): Prober {
  // A connection of its own for each question: a kept one would tell of the old holder only.
  const connections = new Agent({ keepAlive: false });
  const open = new Set<Promise<void>>();
  let asked = 0;
  let answered = 0;
  const probe = async (sequence: number): Promise<void> => {
    const answer = await ask({
      url: `${baseUrl}/`,
      method: "GET",
      connections,
      withinMs: answerWithinMs,
    });
    if (answer?.status !== 200 || answer.instanceId === "") return;
    answered += 1;
    const { instanceId, zone } = answer;
    ledger.record({ sequence, instanceId, zone, atMs: clock.monotonicMs() });
  };
  const cancel = clock.every(everyMs, () => {
    asked += 1;
    const question = probe(asked);
    open.add(question);
    void question.finally(() => open.delete(question));
  });
  return {
    counts: () => ({ asked, answered }),
    stop: async () => {
      cancel();
      await Promise.all(open);
      connections.destroy();
    },
  };
}
