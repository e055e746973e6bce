// Writes through the Elastic IP without pause: each connection takes the next sequence number and
// repeats that write until it is acknowledged, through every outage. Repeating is harmless, since
// the sequence number is the key. Only a complete 200 counts as acknowledged.

import { Agent } from "node:http";
import type { Clock } from "../../../agent/domain/clock.ts";
import { type Answer, ask } from "./ask.ts";
import { type Ledger, valueOf } from "./ledger.ts";

export interface Writing {
  /** As in `http://127.0.7.1`. */
  readonly baseUrl: string;
  readonly seed: string;
  readonly connections: number;
  readonly ledger: Ledger;
  readonly clock: Clock;
}

export interface Writer {
  /** Lets the writes under way end or time out. Nothing is recorded after it resolves. */
  stop(): Promise<void>;
}

// A commit takes milliseconds; a connection to a machine that lost its power never ends by itself.
const answerWithinMs = 700;
// Short beside any failover, so that it hardly adds to the measured outage.
const retryAfterMs = 20;

export function startWriter(writing: Writing): Writer {
  const stopping = new AbortController();
  const connections = new Agent({ keepAlive: true, maxSockets: writing.connections });
  let sequence = 0;
  const next = (): number => {
    sequence += 1;
    return sequence;
  };
  const context = { ...writing, agent: connections, next, stopping: stopping.signal };
  const workers = Array.from({ length: writing.connections }, () => work(context));
  return {
    stop: async () => {
      stopping.abort();
      await Promise.all(workers);
      connections.destroy();
    },
  };
}

interface Context extends Writing {
  readonly agent: Agent;
  readonly next: () => number;
  readonly stopping: AbortSignal;
}

async function work(context: Context): Promise<void> {
  let sequence = context.next();
  while (!context.stopping.aborted) {
    const answer = await write(context, sequence);
    if (answer?.status === 200 && answer.instanceId !== "") {
      const { instanceId, zone } = answer;
      context.ledger.record({ sequence, instanceId, zone, atMs: context.clock.monotonicMs() });
      sequence = context.next();
    } else {
      await context.clock.sleep(retryAfterMs, context.stopping);
    }
  }
}

const write = ({ baseUrl, seed, agent }: Context, sequence: number): Promise<Answer | null> =>
  ask({
    url: `${baseUrl}/pairs/${sequence}`,
    method: "PUT",
    body: valueOf(seed, sequence),
    connections: agent,
    withinMs: answerWithinMs,
  });
