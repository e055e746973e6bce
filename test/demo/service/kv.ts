// The key-value service of the stateful demo, run as `kv.service` inside an instance. A PUT is
// answered after its commit, never before. It knows nothing of failovers, seats or AWS apart from
// the name of the machine it runs on.
//
//   PUT /pairs/KEY             the body is the value; 200 once committed
//   GET /pairs?after=KEY       up to a thousand pairs as JSON, in order of keys
//   GET /check                 what SQLite says of the whole file
//   GET /health                200

import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import { askIdentity, type Identity } from "./identity.ts";
import { openStore, type Store } from "./store.ts";

const pageSize = 1000;

const environment = process.env;
const directory = environment["KV_DIRECTORY"] ?? "/srv/kv";
const port = Number(environment["KV_PORT"] ?? 80);
const host = environment["KV_HOST"] ?? "0.0.0.0";
const durability = environment["KV_DURABILITY"] === "careless" ? "careless" : "durable";

const identity = await askIdentity(environment);
const store = openStore(directory, durability);
const server = createServer((request, response) => {
  answer({ request, response, store }, identity).catch((error: unknown) => {
    // A write that failed must not look acknowledged: the client sees a 500 and tries again.
    response.writeHead(500).end(String(error));
  });
});
server.listen(port, host);

process.once("SIGTERM", () => {
  server.close(() => store.close());
  server.closeAllConnections();
});

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly store: Store;
}

async function answer({ request, response, store }: Exchange, self: Identity): Promise<void> {
  const url = new URL(request.url ?? "/", "http://service");
  response.setHeader("x-instance", self.instanceId);
  response.setHeader("x-zone", self.zone);
  const key = /^\/pairs\/(\d{1,15})$/.exec(url.pathname)?.[1];
  if (request.method === "PUT" && key !== undefined) {
    store.put(Number(key), await text(request));
    response.end();
  } else if (url.pathname === "/pairs") {
    const after = Number(url.searchParams.get("after") ?? 0);
    response.end(JSON.stringify(store.read(after, pageSize)));
  } else if (url.pathname === "/check") {
    response.end(store.check());
  } else {
    response.writeHead(url.pathname === "/health" ? 200 : 404).end();
  }
}
