// `npm run region` as a user meets it: what it prints, how it ends, and what it says to arguments
// that it cannot use.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { fileURLToPath } from "node:url";
import { DescribeAddressesCommand } from "@aws-sdk/client-ec2";
import { expect, it } from "vitest";
import { clientsOf, refusalOf } from "./fixture.ts";

const program = fileURLToPath(new URL("../region/main.ts", import.meta.url));

interface Ending {
  readonly code: unknown;
  readonly printed: string;
  readonly complained: string;
}

/** Runs it until it ends by itself, or until it has greeted, was called and was told to end. */
async function run(
  argv: readonly string[],
  meanwhile: (greeting: string) => Promise<void> = async () => undefined,
): Promise<Ending> {
  const child = spawn(process.execPath, [program, ...argv], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let printed = "";
  let greeted = false;
  let complained = "";
  child.stdout.on("data", (chunk: Buffer) => {
    printed += chunk.toString();
    if (!printed.includes("describe-addresses") || greeted) return;
    greeted = true;
    void meanwhile(printed).finally(() => child.kill("SIGINT"));
  });
  child.stderr.on("data", (chunk: Buffer) => {
    complained += chunk.toString();
  });
  const [code]: unknown[] = await once(child, "close");
  return { code, printed, complained };
}

it("prints what to export, and ends on Ctrl-C", async () => {
  const { code, printed, complained } = await run(["--port", "0", "--speed", "100"]);
  expect(complained).toBe("");
  expect(printed).toMatch(
    /^The region eu-west-1 is at http:\/\/127\.0\.0\.1:\d+, until Ctrl-C\.$/m,
  );
  expect(printed).toMatch(/^export AWS_ENDPOINT_URL_EC2=http:\/\/127\.0\.0\.1:\d+$/m);
  expect(printed).toMatch(/^export AWS_ENDPOINT_URL_AUTO_SCALING=http:\/\/127\.0\.0\.1:\d+$/m);
  expect(printed).toMatch(/^aws ec2 describe-addresses --endpoint-url http/m);
  expect(code).toBe(0);
});

const usage =
  "use npm run region -- [--port 4566] [--scenario two-az] [--speed 1] [--faults NAMES|FILE] [--seed 1]\n";

it.each([
  { argv: ["--port", "high"], why: '"high" is no port' },
  { argv: ["--scenario", "mars"], why: '"mars" is no scenario, "two-az" and "empty" are' },
  { argv: ["--speed", "0"], why: '"0" is no speed above 0 and up to 1000' },
  { argv: ["--seed", "one"], why: '"one" is no seed' },
  { argv: ["--faults", "./none.yaml"], why: '"./none.yaml" cannot be read (ENOENT)' },
  { argv: ["--colour"], why: "Unknown option '--colour'" },
  { argv: ["now"], why: "Unexpected argument 'now'" },
])("refuses $argv in one line", async ({ argv, why }) => {
  const { code, printed, complained } = await run(argv);
  expect(printed).toBe("");
  expect(complained).toBe(`Cannot start the region: ${why}: ${usage}`);
  expect(code).toBe(2);
});

it("brings the faults it is told to, once the scenario stands, and counts them at its end", async () => {
  const argv = ["--port", "0", "--speed", "100", "--faults", "refusals,emptyLists", "--seed", "3"];
  const codes: string[] = [];
  const { printed } = await run(argv, async (greeting) => {
    const { ec2 } = clientsOf(said(greeting, "AWS_ENDPOINT_URL_EC2"), {
      accessKeyId: said(greeting, "AWS_ACCESS_KEY_ID"),
      secretAccessKey: said(greeting, "AWS_SECRET_ACCESS_KEY"),
    });
    codes.push((await refusalOf(ec2.send(new DescribeAddressesCommand({})))).code);
  });
  expect(codes).toEqual(["UnauthorizedOperation"]);
  expect(printed).toMatch(/\nrefusals: 1\n$/);
});

function said(greeting: string, variable: string): string {
  return new RegExp(`${variable}=(\\S+)`).exec(greeting)?.[1] ?? "";
}

it("says so where the port is taken", async () => {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" && address !== null ? String(address.port) : "";
  const { code, complained } = await run(["--port", port]);
  server.close();
  expect(complained).toBe(`Cannot start the region: port ${port} is taken: use another --port\n`);
  expect(code).toBe(1);
});
