// The metadata client against a real HTTP server that behaves as IMDS does on its good and its bad
// days: expired tokens, throttling, silence, disabled, and bodies that are no metadata.

import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test } from "vitest";
import { systemClock } from "../../agent/port/clock.ts";
import { type Imds, imdsEndpoint, imdsPort } from "../../agent/port/imds.ts";

interface Service {
  readonly imds: Imds;
  /** Method and path of every request, in order. */
  readonly requests: string[];
  readonly connections: () => number;
}

type Behaviour = (received: IncomingMessage, answer: ServerResponse) => void;

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

async function serve(behave: Behaviour): Promise<Service> {
  const requests: string[] = [];
  let connections = 0;
  const server = createServer((received, answer) => {
    requests.push(`${received.method} ${received.url}`);
    behave(received, answer);
  });
  server.on("connection", () => {
    connections += 1;
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closers.push(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const imds = imdsPort({ clock: systemClock(), endpoint: `http://127.0.0.1:${port}` });
  return { imds, requests, connections: () => connections };
}

/** A healthy service whose only token is the one that it gave out last. */
function healthy(bodies: Readonly<Record<string, string>>): Behaviour & { forget: () => void } {
  let issued = 0;
  const behave: Behaviour = (received, answer) => {
    if (received.method === "PUT") {
      issued += 1;
      answer.end(`token-${issued}`);
      return;
    }
    const valid = received.headers["x-aws-ec2-metadata-token"] === `token-${issued}`;
    const body = bodies[received.url ?? ""];
    const status = body === undefined ? 404 : 200;
    answer.statusCode = valid ? status : 401;
    answer.end(valid ? (body ?? "<html>404</html>") : "");
  };
  return Object.assign(behave, {
    forget: () => {
      issued += 1;
    },
  });
}

/** Gives a token, then the statuses in turn; the last one again and again. */
function answering(...statuses: readonly number[]): Behaviour {
  let next = 0;
  return (received, answer) => {
    if (received.method === "PUT") return void answer.end("token");
    answer.statusCode = statuses[Math.min(next, statuses.length - 1)] ?? 500;
    next += 1;
    answer.end("body");
  };
}

test("one token and one connection serve many reads", async () => {
  const { imds, requests, connections } = await serve(healthy({ "/latest/meta-data/mac": "02" }));
  expect(await imds.read("meta-data/mac")).toBe("02");
  expect(await imds.read("meta-data/mac")).toBe("02");
  expect(requests).toEqual([
    "PUT /latest/api/token",
    "GET /latest/meta-data/mac",
    "GET /latest/meta-data/mac",
  ]);
  expect(connections()).toBe(1);
});

test("a path that is not there is null", async () => {
  const { imds } = await serve(healthy({}));
  expect(await imds.read("meta-data/spot/instance-action")).toBeNull();
});

test("failure mode 22: a token that is refused is fetched anew", async () => {
  const behave = healthy({ "/latest/meta-data/mac": "02" });
  const { imds, requests } = await serve(behave);
  await imds.read("meta-data/mac");
  behave.forget();
  expect(await imds.read("meta-data/mac")).toBe("02");
  expect(requests.slice(2)).toEqual([
    "GET /latest/meta-data/mac",
    "PUT /latest/api/token",
    "GET /latest/meta-data/mac",
  ]);
});

test("a service that refuses every token is transient after a bounded number of attempts", async () => {
  const { imds, requests } = await serve(answering(401));
  await expect(imds.read("meta-data/mac")).rejects.toThrow(
    'Cannot read IMDS "meta-data/mac": status 401',
  );
  expect(requests.filter((request) => request.startsWith("GET"))).toHaveLength(6);
});

test("a disabled service says how to turn it on, at once", async () => {
  const { imds, requests } = await serve((_received, answer) => {
    answer.statusCode = 403;
    answer.end();
  });
  const attempt = imds.read("meta-data/mac");
  await expect(attempt).rejects.toThrow(
    'Cannot read IMDS "api/token": status 403: ' +
      "turn on the instance's metadata options (HttpEndpoint enabled, hop limit 2)",
  );
  await expect(attempt).rejects.toMatchObject({ details: { kind: "denied" } });
  expect(requests).toHaveLength(1);
});

test("failure mode 22: a 500 and a 503 are tried again", async () => {
  const { imds } = await serve(answering(500, 503, 200));
  expect(await imds.read("meta-data/mac")).toBe("body");
});

test("failure mode 22: a service that only fails is transient", async () => {
  const { imds, requests } = await serve(answering(503));
  await expect(imds.read("meta-data/mac")).rejects.toMatchObject({
    details: { kind: "transient" },
  });
  expect(requests).toHaveLength(4);
});

test("failure mode 23: silence ends after a second each time, and hints at the hop limit", async () => {
  const { imds } = await serve(() => undefined);
  const startedMs = performance.now();
  const attempt = imds.read("meta-data/mac");
  await expect(attempt).rejects.toThrow(
    'Cannot read IMDS "api/token": no answer within 1000 ms: ' +
      "in a container, set the metadata options' hop limit to 2",
  );
  await expect(attempt).rejects.toMatchObject({ details: { kind: "transient" } });
  expect(performance.now() - startedMs).toBeLessThan(6_000);
});

test("a body that stops half way is transient", async () => {
  const { imds } = await serve((received, answer) => {
    if (received.method === "PUT") return void answer.end("token");
    answer.writeHead(200, { "content-length": "10" });
    answer.write("half");
    answer.destroy();
  });
  await expect(imds.read("meta-data/mac")).rejects.toMatchObject({
    details: { kind: "transient" },
  });
});

test("failure mode 22: a refused connection is transient", async () => {
  const imds = imdsPort({ clock: systemClock(), endpoint: "http://127.0.0.1:1" });
  await expect(imds.read("meta-data/mac")).rejects.toThrow(
    'Cannot read IMDS "api/token": ECONNREFUSED',
  );
});

test("a service without version 2 is never asked by version 1", async () => {
  const { imds, requests } = await serve((received, answer) => {
    answer.statusCode = received.method === "PUT" ? 405 : 200;
    answer.end("i-0abc");
  });
  await expect(imds.read("meta-data/instance-id")).rejects.toMatchObject({
    details: { kind: "broken", found: "status 405" },
  });
  expect(requests).toEqual(["PUT /latest/api/token"]);
});

test.each(["nowhere", "ftp://127.0.0.1", "http://127.0.0.1:99999"])(
  "an endpoint such as %s is told as what it is",
  async (endpoint) => {
    const imds = imdsPort({ clock: systemClock(), endpoint });
    await expect(imds.read("meta-data/mac")).rejects.toThrow(
      /^Cannot read IMDS "api\/token": ".*" is no address of it: mend AWS_EC2_METADATA/,
    );
  },
);

test("an answer that changes the protocol ends at once, and is tried again", async () => {
  const { imds, requests } = await serve((received, answer) => {
    if (received.method === "PUT") return void answer.end("token");
    answer.writeHead(101, { connection: "upgrade", upgrade: "websocket" });
    answer.end();
  });
  await expect(imds.read("meta-data/mac")).rejects.toMatchObject({
    details: { kind: "transient" },
  });
  expect(requests.filter((request) => request.startsWith("GET"))).toHaveLength(3);
});

test("a body without an end is broken", async () => {
  const { imds } = await serve((received, answer) => {
    answer.end(received.method === "PUT" ? "token" : "x".repeat(100_000));
  });
  await expect(imds.read("meta-data/mac")).rejects.toThrow(
    'Cannot read IMDS "meta-data/mac": more than 65536 bytes: wanted an IMDSv2 answer',
  );
});

test("the endpoint is the SDK's, or the link-local address", () => {
  expect(imdsEndpoint({})).toBe("http://169.254.169.254");
  expect(imdsEndpoint({ AWS_EC2_METADATA_SERVICE_ENDPOINT: "http://127.0.0.1:8/" })).toBe(
    "http://127.0.0.1:8",
  );
});
