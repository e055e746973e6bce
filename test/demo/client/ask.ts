// One HTTP request through the Elastic IP, with a limit on its whole time. Everything that is not a
// complete answer (refused, reset, silent, cut short) is null: during an outage the client learns
// no more than that.

import { type Agent, request } from "node:http";

export interface Answer {
  readonly status: number;
  readonly body: string;
  /** Who answered, as the service says; empty where something else answered. */
  readonly instanceId: string;
  readonly zone: string;
}

export interface Question {
  readonly url: string;
  readonly method: "GET" | "PUT";
  readonly body?: string;
  /** Connections are kept and taken again through it. */
  readonly connections: Agent;
  /** For the whole exchange, the connection included. */
  readonly withinMs: number;
}

export function ask(question: Question): Promise<Answer | null> {
  const { promise, resolve } = Promise.withResolvers<Answer | null>();
  const { url, method, connections, withinMs } = question;
  const signal = AbortSignal.timeout(withinMs);
  const outgoing = request(url, { method, agent: connections, signal }, (response) => {
    const parts: Buffer[] = [];
    response.on("data", (part: Buffer) => parts.push(part));
    response.on("error", () => resolve(null));
    response.on("close", () => resolve(null));
    response.on("end", () => {
      resolve({
        status: response.statusCode ?? 0,
        body: Buffer.concat(parts).toString(),
        instanceId: String(response.headers["x-instance"] ?? ""),
        zone: String(response.headers["x-zone"] ?? ""),
      });
    });
  });
  outgoing.on("error", () => resolve(null));
  outgoing.end(question.body);
  return promise;
}
