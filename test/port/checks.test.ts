// Ready checks against real sockets: services that answer, refuse, hang, trickle, and lie.

import { createServer as createHttpServer, type RequestListener } from "node:http";
import { type AddressInfo, createServer, type Server } from "node:net";
import { afterEach, expect, test } from "vitest";
import { checksPort } from "../../agent/port/checks.ts";

const timeoutMs = 300;
const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

const commands: string[] = [];
const checks = checksPort({
  units: {
    runCommand: async ({ command }) => {
      commands.push(command);
      return command === "/bin/good" ? { exitCode: 0, output: "" } : { exitCode: 3, output: "sad" };
    },
  },
});

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closers.push(() => server.close());
  return (server.address() as AddressInfo).port;
}

async function serve(answer: RequestListener): Promise<string> {
  const server = createHttpServer(answer);
  const port = await listen(server);
  closers.push(() => server.closeAllConnections());
  return `http://127.0.0.1:${port}/health`;
}

test("a port that is listened to is ready", async () => {
  const port = await listen(createServer());
  expect(await checks.check({ kind: "tcp", port }, timeoutMs)).toEqual({ ok: true });
});

test("a port that nobody listens to is not", async () => {
  expect(await checks.check({ kind: "tcp", port: 1 }, timeoutMs)).toEqual({
    ok: false,
    why: "port 1: ECONNREFUSED",
  });
});

test.each([200, 204])("status %i is ready", async (statusCode) => {
  const url = await serve((_request, response) => response.writeHead(statusCode).end());
  expect(await checks.check({ kind: "http", url }, timeoutMs)).toEqual({ ok: true });
});

test.each([301, 404, 503])("status %i is not", async (statusCode) => {
  const url = await serve((_request, response) => response.writeHead(statusCode).end());
  expect(await checks.check({ kind: "http", url }, timeoutMs)).toEqual({
    ok: false,
    why: `${url} answers ${statusCode}, wanted 2xx`,
  });
});

test("a body without an end is not waited for", async () => {
  const url = await serve((_request, response) => {
    response.writeHead(200);
    response.write("…");
  });
  expect(await checks.check({ kind: "http", url }, timeoutMs)).toEqual({ ok: true });
});

test("a service that changes the protocol is not ready, and is not waited for", async () => {
  const url = await serve((_asked, answer) => {
    answer.writeHead(101, { connection: "upgrade", upgrade: "websocket" });
    answer.end();
  });
  expect(await checks.check({ kind: "http", url }, timeoutMs)).toMatchObject({ ok: false });
});

test("a service that takes the connection and says nothing is not ready", async () => {
  const url = await serve(() => undefined);
  expect(await checks.check({ kind: "http", url }, timeoutMs)).toEqual({
    ok: false,
    why: `${url} does not answer within 300 ms`,
  });
});

test("a service that trickles its headers has no more time than another", async () => {
  const port = await listen(
    createServer((socket) => {
      const trickle = setInterval(() => socket.write("H"), 50);
      socket.on("error", () => undefined);
      socket.on("close", () => clearInterval(trickle));
    }),
  );
  const startedMs = performance.now();
  const answer = await checks.check({ kind: "http", url: `http://127.0.0.1:${port}` }, timeoutMs);
  expect(answer.ok).toBe(false);
  expect(performance.now() - startedMs).toBeLessThan(1_000);
});

test("https is asked for as https", async () => {
  const port = await listen(createServer((socket) => socket.end("HTTP/1.1 200 OK\r\n\r\n")));
  const answer = await checks.check({ kind: "http", url: `https://127.0.0.1:${port}` }, timeoutMs);
  expect(answer.ok).toBe(false);
});

test("a command is ready by its exit code, and says why it is not", async () => {
  const check = (command: string) => checks.check({ kind: "command", command }, timeoutMs);
  expect(await check("/bin/good")).toEqual({ ok: true });
  expect(await check("/bin/bad")).toEqual({ ok: false, why: '"/bin/bad" ended with 3: sad' });
  expect(commands).toEqual(["/bin/good", "/bin/bad"]);
});
