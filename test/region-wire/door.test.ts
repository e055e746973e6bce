// Connections that were accepted elsewhere: sockets that come paused from another process, and
// streams that are no sockets at all.

import { request } from "node:http";
import { connect, createServer, type Server } from "node:net";
import { type Duplex, duplexPair } from "node:stream";
import { text } from "node:stream/consumers";
import { afterEach, beforeEach, expect, it } from "vitest";
import { createDoor, type Door } from "../region/wire/door.ts";

let door: Door;
let relay: Server | null = null;

beforeEach(() => {
  door = createDoor({
    nowMs: () => 0,
    reply: async ({ method, target, body }) => ({
      status: 200,
      headers: { "content-type": "text/plain" },
      body: `${method} ${target} ${body.toString()}`,
    }),
  });
});

afterEach(async () => {
  await door.close();
  relay?.close();
  relay = null;
});

function post(body: string, connection: () => Duplex): Promise<string> {
  return new Promise((resolve, reject) => {
    const outgoing = request(
      { method: "POST", path: "/a?b=c", createConnection: connection },
      (response) => {
        text(response).then(resolve, reject);
      },
    );
    outgoing.on("error", reject);
    outgoing.end(body);
  });
}

it("a socket that comes paused is served", async () => {
  relay = createServer({ pauseOnConnect: true }, (socket) => door.accept(socket));
  const listening = relay;
  await new Promise<void>((resolve) => {
    listening.listen(0, "127.0.0.1", resolve);
  });
  const address = listening.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  expect(await post("hello", () => connect(port, "127.0.0.1"))).toBe("POST /a?b=c hello");
});

it("a stream that is no socket is served", async () => {
  const [near, far] = duplexPair();
  door.accept(far);
  expect(await post("hello", () => near)).toBe("POST /a?b=c hello");
});

it("a port that is taken is refused", async () => {
  const { port } = await door.listen(0, "127.0.0.1");
  const other = createDoor({ nowMs: () => 0, reply: async () => "cut" });
  await expect(other.listen(port, "127.0.0.1")).rejects.toThrow("EADDRINUSE");
  await other.close();
});
