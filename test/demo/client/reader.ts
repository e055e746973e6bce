// Reads the whole database back through the Elastic IP, page by page, and what SQLite says of it.
// It is the other side of the proof: nothing here knows what the client was promised. A database
// that does not answer holds nothing, as far as anybody can tell.

import { Agent } from "node:http";
import type { Clock } from "../../../agent/domain/clock.ts";
import { ask } from "./ask.ts";

export interface Restored {
  /** Value by sequence number. */
  readonly pairs: ReadonlyMap<number, string>;
  /** "ok", or what SQLite's integrity check found. */
  readonly integrity: string;
}

// A page is a thousand pairs; more pages than a demo can write mean that it goes in circles.
const pagesMax = 1000;
const attemptsMax = 20;
const retryAfterMs = 250;
// Of an answer that is no list, enough to see what it is.
const foundMax = 80;
// A check of the whole file reads all of it.
const answerWithinMs = 10_000;

export async function readBack(baseUrl: string, clock: Clock): Promise<Restored> {
  const connections = new Agent({ keepAlive: true, maxSockets: 1 });
  const read = (path: string): Promise<string | null> =>
    readOne(baseUrl + path, connections, clock);
  try {
    const integrity = await read("/check");
    if (integrity === null) return { pairs: new Map(), integrity: "no answer" };
    const pairs = new Map<number, string>();
    for (let page = 0, after = 0; page < pagesMax; page += 1) {
      const answer = await read(`/pairs?after=${after}`);
      if (answer === null) return { pairs, integrity: "an answer, and then none" };
      const found = parsePairs(answer);
      if (found.length === 0) return { pairs, integrity };
      for (const [key, value] of found) pairs.set(key, value);
      after = Math.max(...found.map(([key]) => key));
    }
    throw new Error(`Cannot read "${baseUrl}/pairs": found more than ${pagesMax} pages`);
  } finally {
    connections.destroy();
  }
}

async function readOne(url: string, connections: Agent, clock: Clock): Promise<string | null> {
  for (let attempt = 0; attempt < attemptsMax; attempt += 1) {
    const answer = await ask({ url, method: "GET", connections, withinMs: answerWithinMs });
    if (answer?.status === 200) return answer.body;
    await clock.sleep(retryAfterMs);
  }
  return null;
}

/** The one place that trusts the shape of the service's JSON, and checks it. */
function parsePairs(json: string): readonly (readonly [number, string])[] {
  const rows: unknown = JSON.parse(json);
  if (!isList(rows)) throw new Error(`Cannot read pairs: found ${json.slice(0, foundMax)}`);
  return rows.map((row) => {
    const [key, value] = isList(row) ? row : [];
    if (typeof key === "number" && typeof value === "string") return [key, value] as const;
    throw new Error(`Cannot read pairs: found ${JSON.stringify(row)}`);
  });
}

const isList = (value: unknown): value is readonly unknown[] => Array.isArray(value);
