// `npm run region`: the rehearsal region by itself, without machines, until Ctrl-C. It prints what
// to export so that the stock `aws` command line, or an agent started by hand, can talk to it.

import { parseArgs } from "node:util";
import { readPlan } from "./faults/plan.ts";
import type { FaultPlan } from "./faults/settings.ts";
import { createRegion, type Region } from "./region.ts";
import { seedTwoZones } from "./scenario/two-az.ts";
import { awsDelays, scaled } from "./state/delays.ts";

const usage =
  "npm run region -- [--port 4566] [--scenario two-az] [--speed 1] [--faults NAMES|FILE] [--seed 1]";

/** The port that other AWS stand-ins use too, so that it is what people try first. */
const defaultPort = 4566;

/** A volume is there in 1.5 ms then; beyond that nothing is rehearsed. */
const speedMax = 1_000;

/** What a shell reports for a program that was called wrongly. */
const exitUsage = 2;

interface Arguments {
  readonly port: number;
  readonly scenario: "two-az" | "empty";
  readonly speed: number;
  readonly faults: FaultPlan;
}

type Parsed =
  | { readonly kind: "read"; readonly arguments: Arguments }
  | { readonly kind: "unreadable"; readonly why: string };

async function main(argv: readonly string[]): Promise<void> {
  const parsed = readArguments(argv);
  if (parsed.kind === "unreadable") {
    process.stderr.write(`Cannot start the region: ${parsed.why}: use ${usage}\n`);
    process.exitCode = exitUsage;
    return;
  }
  try {
    await run(parsed.arguments);
  } catch (error) {
    if (!isTaken(error)) throw error;
    const { port } = parsed.arguments;
    process.stderr.write(`Cannot start the region: port ${port} is taken: use another --port\n`);
    process.exitCode = 1;
  }
}

async function run({ port, scenario, speed, faults }: Arguments): Promise<void> {
  const { seed = 1, callers = "everybody", ...settings } = faults;
  const delays = scaled(awsDelays, 1 / speed);
  const region = await createRegion({ port, delays, faults: { seed, callers } });
  const seeded = scenario === "two-az" ? await seedTwoZones(region, { seat: "db" }) : null;
  // Not before: the scenario is set up by calls that could fail too.
  region.faults.set(settings);
  const end = (): void => {
    process.stdout.write(tally(region));
    void region.close();
  };
  process.once("SIGINT", end);
  process.once("SIGTERM", end);
  process.stdout.write(`${greeting(region, seeded?.publicIp ?? null)}\n`);
}

function isTaken(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "EADDRINUSE";
}

function readArguments(argv: readonly string[]): Parsed {
  try {
    const { values } = parseArgs({
      args: [...argv],
      options: {
        port: { type: "string", default: String(defaultPort) },
        scenario: { type: "string", default: "two-az" },
        speed: { type: "string", default: "1" },
        faults: { type: "string", default: "" },
        seed: { type: "string", default: "" },
      },
    });
    return checkArguments(values);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    // Node adds advice about positional arguments behind the first sentence.
    return unreadable(error.message.split(". ", 1)[0] ?? error.message);
  }
}

function checkArguments(values: {
  readonly port: string;
  readonly scenario: string;
  readonly speed: string;
  readonly faults: string;
  readonly seed: string;
}): Parsed {
  const { scenario } = values;
  const port = Number(values.port);
  const speed = Number(values.speed);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    return unreadable(`"${values.port}" is no port`);
  }
  if (scenario !== "two-az" && scenario !== "empty") {
    return unreadable(`"${scenario}" is no scenario, "two-az" and "empty" are`);
  }
  if (!(speed > 0 && speed <= speedMax)) {
    return unreadable(`"${values.speed}" is no speed above 0 and up to ${speedMax}`);
  }
  if (!/^\d{0,9}$/.test(values.seed)) return unreadable(`"${values.seed}" is no seed`);
  const read = readPlan(values.faults);
  if (read.kind === "unreadable") return read;
  const faults = values.seed === "" ? read.plan : { ...read.plan, seed: Number(values.seed) };
  return { kind: "read", arguments: { port, scenario, speed, faults } };
}

function unreadable(why: string): Parsed {
  return { kind: "unreadable", why };
}

/** The faults that struck, and how often. */
function tally(region: Region): string {
  const struck = Object.entries(region.faults.counts()).filter(([, count]) => count > 0);
  return struck.map(([name, count]) => `${name}: ${count}\n`).join("");
}

function greeting(region: Region, publicIp: string | null): string {
  const lines = [
    `The region ${region.name} is at ${region.endpoint}, until Ctrl-C.`,
    "",
    `export AWS_ENDPOINT_URL_EC2=${region.endpoint}`,
    `export AWS_ENDPOINT_URL_AUTO_SCALING=${region.endpoint}`,
    `export AWS_ACCESS_KEY_ID=${region.operatorKey.accessKeyId}`,
    `export AWS_SECRET_ACCESS_KEY=${region.operatorKey.secretAccessKey}`,
    `export AWS_REGION=${region.name} AWS_DEFAULT_REGION=${region.name}`,
    "",
    `aws ec2 describe-addresses --endpoint-url ${region.endpoint}`,
  ];
  if (publicIp !== null) lines.push("", `The seat "db" has the address ${publicIp}.`);
  return lines.join("\n");
}

await main(process.argv.slice(2));
