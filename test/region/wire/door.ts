// An HTTP server that takes connections from a listening port and from whoever holds one already
// (a relay out of an instance's network namespace). It reads whole requests and sends whole
// answers; what they mean is its caller's.

import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type ServerResponse,
} from "node:http";
import type { Duplex } from "node:stream";

export interface Arrival {
  readonly method: string;
  /** Path and query, as they stood in the request line. */
  readonly target: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** `cut` closes the connection without an answer; `silence` leaves it open for ever. */
export type Reply = Answer | "cut" | "silence";

export interface Door {
  accept(socket: Duplex): void;
  /** Port 0 takes any free one. Rejects where the port cannot be had. */
  listen(port: number, host: string): Promise<{ readonly port: number }>;
  close(): Promise<void>;
}

export interface DoorOptions {
  readonly nowMs: () => number;
  /** What it rejects with is a defect, and ends the process. */
  readonly reply: (arrival: Arrival) => Promise<Reply>;
}

/** EC2 allows user data of 16 KiB and a thousand ids; nothing honest is larger than this. */
const bodyBytesMax = 1_048_576;

/** Longer than any client keeps an idle connection, so that the client closes first. */
const keepAliveMs = 75_000;

export function createDoor(options: DoorOptions): Door {
  const server = createServer({ keepAliveTimeout: keepAliveMs }, (request, response) => {
    void serve(request, response, options);
  });
  return {
    accept(socket) {
      server.emit("connection", socket);
      // A socket that another process accepted comes paused.
      socket.resume();
    },
    listen: (port, host) =>
      new Promise((resolve, reject) => {
        server.once("error", reject);
        server.listen(port, host, () => {
          server.off("error", reject);
          const address = server.address();
          resolve({ port: typeof address === "object" && address !== null ? address.port : port });
        });
      }),
    close: () =>
      new Promise((resolve) => {
        // A server that never listened reports an error here, and is closed all the same.
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function serve(
  request: IncomingMessage,
  response: ServerResponse,
  { nowMs, reply }: DoorOptions,
): Promise<void> {
  const body = await readBody(request);
  if (body === null) {
    response.destroy();
    return;
  }
  const { method = "GET", url: target = "/", headers } = request;
  const answer = await reply({ method, target, headers, body });
  if (answer === "silence") return;
  if (answer === "cut") {
    response.destroy();
    return;
  }
  // The SDK corrects its clock by this header, so it must be the region's own.
  response.sendDate = false;
  response.writeHead(answer.status, {
    ...answer.headers,
    date: new Date(nowMs()).toUTCString(),
    "content-length": Buffer.byteLength(answer.body),
  });
  response.end(answer.body);
}

/** null where the client went away, or sent more than is sane. */
async function readBody(request: IncomingMessage): Promise<Buffer | null> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    const parts: AsyncIterable<Buffer> = request;
    for await (const part of parts) {
      bytes += part.length;
      if (bytes > bodyBytesMax) return null;
      chunks.push(part);
    }
  } catch {
    return null;
  }
  return Buffer.concat(chunks);
}
