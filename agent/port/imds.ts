// The instance metadata service, version 2 only. Written here because the SDK's clients open a new
// connection and fetch a new token for every read, have no timeout by default, and fall back to
// version 1 for good after one bad answer. An idle agent lives on these reads alone, so they cost
// one packet each way on one kept connection; none of them may hang, and no answer ends the agent.

import { Agent, type IncomingMessage, request } from "node:http";
import type { Clock } from "../domain/clock.ts";
import { Failure } from "../domain/failure.ts";

export interface Imds {
  /**
   * The body at `/latest/PATH` (as in "meta-data/instance-id"), or null where there is none (404).
   * Failure `denied` when the service is disabled, `transient` when it does not answer in time,
   * throttles or fails after a few attempts, `broken` when its answer is no metadata.
   */
  read(path: string): Promise<string | null>;
}

export interface ImdsOptions {
  readonly clock: Clock;
  /** As in "http://169.254.169.254". */
  readonly endpoint: string;
}

/** Link-local: an answer comes within a millisecond or, while throttled, not at all. */
const timeoutMs = 1_000;
/** The longest that the service grants; it forgets tokens earlier when it restarts. */
const tokenTtlSeconds = 21_600;
/** With the delays below at most about 7 s for one read, each attempt being a token and a read. */
const attemptsMax = 3;
/** Before the second attempt; doubled for each further one, and spread over half to one and a half. */
const retryDelayMs = 200;
/** The longest body (an identity document with its signature) is under 4 KiB. */
const bodyBytesMax = 64 * 1024;

interface Answer {
  readonly status: number;
  readonly body: string;
}

/** Where the service is: the SDK's own variable, so that both look in one place. */
export function imdsEndpoint(environment: Readonly<Record<string, string | undefined>>): string {
  const endpoint = environment["AWS_EC2_METADATA_SERVICE_ENDPOINT"] ?? "";
  return endpoint === "" ? "http://169.254.169.254" : endpoint.replace(/\/+$/, "");
}

export function imdsPort({ clock, endpoint }: ImdsOptions): Imds {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  let token: string | null = null;

  /** One attempt. A token that is refused (401) is fetched anew, once. */
  async function attempt(path: string): Promise<string | null> {
    token ??= await fetchToken(agent, endpoint);
    const first = await get(agent, endpoint, { path, token });
    if (first.status !== 401) return settle(path, first);
    token = null;
    const renewed = await fetchToken(agent, endpoint);
    token = renewed;
    return settle(path, await get(agent, endpoint, { path, token: renewed }));
  }

  async function read(path: string): Promise<string | null> {
    for (let attempts = 1; ; attempts += 1) {
      try {
        return await attempt(path);
      } catch (error) {
        const again = error instanceof Failure && error.kind === "transient";
        if (!again || attempts >= attemptsMax) throw error;
        await clock.sleep(retryDelayMs * 2 ** (attempts - 1) * (0.5 + clock.random()));
      }
    }
  }

  return { read };
}

async function fetchToken(agent: Agent, endpoint: string): Promise<string> {
  const path = "api/token";
  const answer = await exchange(path, {
    agent,
    method: "PUT",
    url: `${endpoint}/latest/${path}`,
    headers: { "X-aws-ec2-metadata-token-ttl-seconds": String(tokenTtlSeconds) },
  });
  const { status, body } = answer;
  if (status === 200 && /^[\x21-\x7e]+$/.test(body)) return body;
  if (status === 200) throw broken(path, `${body.length} characters that are no token`);
  if (status === 404 || status === 405) throw broken(path, `status ${status}`);
  throw refusal(path, status);
}

function get(
  agent: Agent,
  endpoint: string,
  { path, token }: { readonly path: string; readonly token: string },
): Promise<Answer> {
  return exchange(path, {
    agent,
    method: "GET",
    url: `${endpoint}/latest/${path}`,
    headers: { "X-aws-ec2-metadata-token": token },
  });
}

function settle(path: string, { status, body }: Answer): string | null {
  if (status === 200) return body;
  if (status === 404) return null;
  throw refusal(path, status);
}

function refusal(path: string, status: number): Failure {
  const found = `status ${status}`;
  if (status === 403) {
    const next = "turn on the instance's metadata options (HttpEndpoint enabled, hop limit 2)";
    return failure(path, { kind: "denied", found, next });
  }
  const passing = status === 401 || status === 429 || status >= 500;
  return passing ? failure(path, { kind: "transient", found }) : broken(path, found);
}

interface Exchange {
  readonly agent: Agent;
  readonly method: "GET" | "PUT";
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** One request and its whole answer, within `timeoutMs`. */
function exchange(path: string, { agent, method, url, headers }: Exchange): Promise<Answer> {
  if (!url.startsWith("http://") || !URL.canParse(url)) {
    const next = "mend AWS_EC2_METADATA_SERVICE_ENDPOINT, or take it away";
    const found = `"${url}" is no address of it`;
    return Promise.reject(failure(path, { kind: "broken", found, next }));
  }
  return new Promise((resolve, reject) => {
    const signal = AbortSignal.timeout(timeoutMs);
    const fail = (error: unknown) => reject(unreachable(path, error, signal.aborted));
    let answered = false;
    const sent = request(url, { agent, method, headers, signal }, (received) => {
      answered = true;
      collect(path, received).then(resolve, (error: unknown) => {
        sent.destroy();
        if (error instanceof Failure) reject(error);
        else fail(error);
      });
    });
    sent.once("error", fail);
    // An answer that changes the protocol (101) ends a request with neither an answer nor an error.
    sent.once("close", () => {
      if (!answered) fail("no answer of HTTP");
    });
    sent.end();
  });
}

async function collect(path: string, received: IncomingMessage): Promise<Answer> {
  let body = "";
  received.setEncoding("utf8");
  for await (const chunk of received) {
    body += String(chunk);
    if (body.length > bodyBytesMax) throw broken(path, `more than ${bodyBytesMax} bytes`);
  }
  return { status: received.statusCode ?? 0, body };
}

/** The network's failures. A silent token request is what a hop limit of 1 looks like in a container. */
function unreachable(path: string, error: unknown, timedOut: boolean): Failure {
  const code = error instanceof Error && "code" in error ? String(error.code) : String(error);
  const found = timedOut ? `no answer within ${timeoutMs} ms` : code;
  const hint = "in a container, set the metadata options' hop limit to 2";
  const next = timedOut && path === "api/token" ? { next: hint } : {};
  return failure(path, { kind: "transient", found, ...next }, error);
}

function broken(path: string, found: string): Failure {
  return failure(path, { kind: "broken", found, next: "wanted an IMDSv2 answer" });
}

function failure(
  path: string,
  details: {
    readonly kind: "transient" | "denied" | "broken";
    readonly found: string;
    readonly next?: string;
  },
  cause?: unknown,
): Failure {
  const told = { action: "read", subject: `IMDS "${path}"`, refusal: "EHA-IMDS" } as const;
  return new Failure({ ...told, ...details }, cause);
}
