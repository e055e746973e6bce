// `npm run region` as a user meets it: what it prints, how it ends, and what it says to arguments
// that it cannot use.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const program = fileURLToPath(new URL("../region/main.ts", import.meta.url));

interface Ending {
  readonly code: unknown;
  readonly printed: string;
  readonly complained: string;
}

/** Runs it until it ends by itself, or until it has greeted and was told to end. */
async function run(...argv: readonly string[]): Promise<Ending> {
  const child = spawn(process.execPath, [program, ...argv], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let printed = "";
  let complained = "";
  child.stdout.on("data", (chunk: Buffer) => {
    printed += chunk.toString();
    if (printed.includes("describe-addresses")) child.kill("SIGINT");
  });
  child.stderr.on("data", (chunk: Buffer) => {
    complained += chunk.toString();
  });
  const [code]: unknown[] = await once(child, "close");
  return { code, printed, complained };
}

it("prints what to export, and ends on Ctrl-C", async () => {
  const { code, printed, complained } = await run("--port", "0", "--speed", "100");
  expect(complained).toBe("");
  expect(printed).toMatch(
    /^The region eu-west-1 is at http:\/\/127\.0\.0\.1:\d+, until Ctrl-C\.$/m,
  );
  expect(printed).toMatch(/^export AWS_ENDPOINT_URL_EC2=http:\/\/127\.0\.0\.1:\d+$/m);
  expect(printed).toMatch(/^export AWS_ENDPOINT_URL_AUTO_SCALING=http:\/\/127\.0\.0\.1:\d+$/m);
  expect(printed).toMatch(/^aws ec2 describe-addresses --endpoint-url http/m);
  expect(code).toBe(0);
});

const usage = "use npm run region -- [--port 4566] [--scenario two-az] [--speed 1]\n";

it.each([
  { argv: ["--port", "high"], why: '"high" is no port' },
  { argv: ["--scenario", "mars"], why: '"mars" is no scenario, "two-az" and "empty" are' },
  { argv: ["--speed", "0"], why: '"0" is no speed above 0 and up to 1000' },
  { argv: ["--colour"], why: "Unknown option '--colour'" },
  { argv: ["now"], why: "Unexpected argument 'now'" },
])("refuses $argv in one line", async ({ argv, why }) => {
  const { code, printed, complained } = await run(...argv);
  expect(printed).toBe("");
  expect(complained).toBe(`Cannot start the region: ${why}: ${usage}`);
  expect(code).toBe(2);
});

it("says so where the port is taken", async () => {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" && address !== null ? String(address.port) : "";
  const { code, complained } = await run("--port", port);
  server.close();
  expect(complained).toBe(`Cannot start the region: port ${port} is taken: use another --port\n`);
  expect(code).toBe(1);
});
