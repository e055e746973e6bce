// The instance metadata service, version 2. A connection belongs to one instance, as the link-local
// address does; what is shown is read anew for each request. It refuses what IMDS refuses: no
// token, an old one, somebody else's, a proxied or versioned request for one.

import type { IncomingHttpHeaders } from "node:http";
import type { Duplex } from "node:stream";
import type { MetadataView, RoleCredentials } from "../contract.ts";
import { type Answer, type Arrival, createDoor, type Door, type Reply } from "../wire/door.ts";
import { type Intercept, letPass } from "../wire/intercept.ts";
import { createTokens, readTtlSeconds, type Tokens } from "./tokens.ts";
import { type Category, identityDocument, metadataTree } from "./tree.ts";

export interface MetadataOptions {
  /** null for an instance that is gone: its connections are cut. */
  readonly view: (instanceId: string) => MetadataView | null;
  /** null where the instance has no role, or has no keys yet. */
  readonly credentials: (instanceId: string) => RoleCredentials | null;
  readonly nowMs: () => number;
  readonly intercept?: Intercept;
}

export interface Metadata {
  /** Takes a connection that came out of the instance. */
  accept(socket: Duplex, instanceId: string): void;
  /** Serves one instance on a port; 0 takes any free one. */
  listen(instanceId: string, port: number, host: string): Promise<{ readonly port: number }>;
  close(): Promise<void>;
}

interface Visit {
  readonly instanceId: string;
  readonly arrival: Arrival;
  /** Without the query, the doubled slashes of some SDKs and a trailing slash. */
  readonly path: readonly string[];
}

/** The first path parts that IMDS knows besides `latest`, oldest and newest. */
const versions = ["1.0", "2007-01-19", "2019-10-01", "2021-07-15", "2024-04-11"];

const tokenHeader = "x-aws-ec2-metadata-token";
const ttlHeader = "x-aws-ec2-metadata-token-ttl-seconds";

export function createMetadata(options: MetadataOptions): Metadata {
  const tokens = createTokens(options.nowMs);
  const doors = new Map<string, Door>();

  function doorOf(instanceId: string): Door {
    const known = doors.get(instanceId);
    if (known !== undefined) return known;
    const door = createDoor({
      nowMs: options.nowMs,
      reply: (arrival) => reply({ instanceId, arrival, path: pathOf(arrival) }, tokens, options),
    });
    doors.set(instanceId, door);
    return door;
  }

  return {
    accept: (socket, instanceId) => doorOf(instanceId).accept(socket),
    listen: (instanceId, port, host) => doorOf(instanceId).listen(port, host),
    async close() {
      await Promise.all([...doors.values()].map((door) => door.close()));
    },
  };
}

async function reply(visit: Visit, tokens: Tokens, options: MetadataOptions): Promise<Reply> {
  const { instanceId, arrival } = visit;
  const intercept = options.intercept ?? letPass;
  const what = `${arrival.method} /${visit.path.join("/")}`;
  const fate = await intercept({ server: "metadata", what, instanceId });
  switch (fate.kind) {
    case "hang":
      return "silence";
    case "lose request":
      return "cut";
    case "refuse":
      return plain(fate.status, fate.message);
    case "garble":
      return plain(fate.status, fate.body);
    case "perform":
      return perform(visit, tokens, options);
    case "lose answer":
      perform(visit, tokens, options);
      return "cut";
    case "answer late": {
      const late = perform(visit, tokens, options);
      await fate.until;
      return late;
    }
  }
}

function perform(visit: Visit, tokens: Tokens, options: MetadataOptions): Reply {
  const { method, headers } = visit.arrival;
  if (method === "PUT") return issueToken(visit, tokens);
  if (method !== "GET" && method !== "HEAD") return plain(405, "Method Not Allowed");
  if (visit.path.slice(1).join("/") === "api/token") return plain(405, "Method Not Allowed");
  const token = header(headers, tokenHeader);
  if (token === undefined || !tokens.isGood(token, visit.instanceId)) {
    return plain(401, "Unauthorized");
  }
  return show(visit, options);
}

function issueToken({ arrival, path, instanceId }: Visit, tokens: Tokens): Answer {
  const [version, ...rest] = path;
  if (rest.join("/") !== "api/token") return plain(405, "Method Not Allowed");
  if (version !== "latest") return plain(403, "Forbidden");
  // "IMDSv2 rejects PUT requests with an X-Forwarded-For header": an open proxy gets no token.
  if (header(arrival.headers, "x-forwarded-for") !== undefined) return plain(403, "Forbidden");
  const ttlSeconds = readTtlSeconds(header(arrival.headers, ttlHeader));
  if (ttlSeconds === null) return plain(400, "Bad Request");
  return {
    status: 200,
    headers: { "content-type": "text/plain", [ttlHeader]: String(ttlSeconds) },
    body: tokens.issue(instanceId, ttlSeconds),
  };
}

function show({ instanceId, path }: Visit, options: MetadataOptions): Reply {
  const view = options.view(instanceId);
  if (view === null) return "cut";
  const [version, kind, ...rest] = path;
  if (version === undefined) return plain(200, [...versions, "latest"].join("\n"));
  if (version !== "latest" && !versions.includes(version)) return notFound();
  const credentials = options.credentials(instanceId);
  const latest = new Map<string, Category>([
    ["dynamic", new Map([["instance-identity", new Map([["document", identityDocument(view)]])]])],
    ["meta-data", metadataTree({ view, credentials, nowMs: options.nowMs() })],
    ...(view.userData === null ? [] : [["user-data", view.userData] as const]),
  ]);
  if (kind === undefined) return plain(200, [...latest.keys()].join("\n"));
  return render(walk(latest.get(kind), rest));
}

function walk(from: Category | undefined, path: readonly string[]): Category | undefined {
  let at = from;
  for (const part of path) {
    if (at === undefined || typeof at === "string") return undefined;
    at = at.get(part);
  }
  return at;
}

function render(category: Category | undefined): Answer {
  if (category === undefined) return notFound();
  if (typeof category === "string") return plain(200, category);
  const names = [...category].map(([name, child]) =>
    typeof child === "string" ? name : `${name}/`,
  );
  return plain(200, names.join("\n"));
}

function pathOf({ target }: Arrival): readonly string[] {
  const [path = ""] = target.split("?", 1);
  return path
    .split("/")
    .filter((part) => part !== "")
    .map(decoded);
}

/** A part that is no valid percent-encoding stands for itself, and is then not found. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

function header(headers: IncomingHttpHeaders, name: string): string | undefined {
  const value = headers[name];
  return typeof value === "string" ? value : value?.[0];
}

function notFound(): Answer {
  return plain(404, "Not Found");
}

function plain(status: number, body: string): Answer {
  return { status, headers: { "content-type": "text/plain" }, body };
}
