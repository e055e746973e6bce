// A server that answers each request with bytes as they are, valid HTTP or not, and then hangs up. It
// keeps nothing: what is answered is set before each request.

import { createServer, type Socket } from "node:net";

export interface RawServer {
  readonly endpoint: string;
  /** Bytes for a request, by its first line. */
  answer(bytes: (line: string) => Buffer): void;
  close(): Promise<void>;
}

export async function openRawServer(): Promise<RawServer> {
  let bytesFor = (_line: string): Buffer => Buffer.alloc(0);
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    // Whoever asked may hang up first.
    socket.on("error", () => undefined);
    socket.once("data", (head: Buffer) => {
      socket.end(bytesFor(head.toString("latin1").split("\r\n")[0] ?? ""));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return {
    endpoint: `http://127.0.0.1:${port}`,
    answer(bytes) {
      bytesFor = bytes;
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** An answer of HTTP that is whole, whatever its body. */
export function http(status: number, body: string, type = "text/plain"): Buffer {
  const bytes = Buffer.from(body, "utf8");
  const head = `HTTP/1.1 ${status} Any\r\ncontent-type: ${type}\r\nconnection: close\r\ncontent-length: ${bytes.length}\r\n\r\n`;
  return Buffer.concat([Buffer.from(head, "latin1"), bytes]);
}
