// The stock `aws` program against a rehearsal region of its own: started anew for each call, with
// an environment that holds nothing of this machine's, so that no profile, plug-in or account can
// answer in the region's place. The endpoint is always given as an argument: the version that
// Debian packages does not read it from the environment and would call AWS itself.

import { execFile, execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createRegion, type Region, type RegionOptions } from "../region/region.ts";
import { awsDelays, scaled } from "../region/state/delays.ts";

/** By its own path: another `aws` on the path would be another version with other habits. */
const program = "/usr/bin/aws";

/** A start takes half a second, and several on a busy machine; a waiter that never ends is a failure. */
const callTimeoutMs = 60_000;

/** For one test, which makes up to ten calls, one after the other. */
export const testTimeout = { timeout: 180_000 };

/**
 * Small against the program's own start, so that what was asked for is there at the next call; but a
 * terminated instance stays to be seen.
 */
const delays = { ...scaled(awsDelays, 0.001), instanceVisibleMs: awsDelays.instanceVisibleMs };

export interface AwsCall {
  readonly exitCode: number;
  /** What stood on the standard output as JSON; null for nothing. */
  readonly json: unknown;
  /** EC2's or Auto Scaling's own code, from the program's last words; null where it succeeded. */
  readonly code: string | null;
  readonly stderr: string;
}

/** A refusal as it came over the wire. */
export interface Refused {
  readonly code: string | null;
  readonly status: number | null;
}

export interface AwsRig {
  readonly region: Region;
  /** `command` is split at blanks; `more` are arguments that hold blanks or were made up. */
  aws(command: string, ...more: readonly string[]): Promise<AwsCall>;
  /** The JSON of a call that must succeed; `--query` picks a part of it. */
  json(command: string, ...more: readonly string[]): Promise<unknown>;
  /** The same for a call that shows one text. */
  text(command: string, ...more: readonly string[]): Promise<string>;
  refused(command: string, ...more: readonly string[]): Promise<Refused>;
  close(): Promise<void>;
}

/** Why these tests cannot run here; null where they can. */
export const whyNot: string | null = missing();

if (whyNot !== null) console.warn(`Skipping the aws command line: ${whyNot}`);

export async function startAws(options: RegionOptions = {}): Promise<AwsRig> {
  const region = await createRegion({ delays, ...options });
  const home = mkdtempSync(join(tmpdir(), "ec2-ha-aws-"));
  const environment = environmentOf(region, home);
  const aws: AwsRig["aws"] = (command, ...more) => {
    const words = command.split(" ").filter((word) => word !== "");
    const common = ["--endpoint-url", region.endpoint, "--output", "json", "--no-cli-pager"];
    return run([...words, ...more, ...common], environment);
  };
  const json: AwsRig["json"] = async (command, ...more) => {
    const call = await aws(command, ...more);
    if (call.exitCode === 0) return call.json;
    throw new Error(`Cannot run "aws ${command}": exit ${call.exitCode}: ${call.stderr}`);
  };
  return {
    region,
    aws,
    json,
    async text(command, ...more) {
      const value = await json(command, ...more);
      if (typeof value === "string") return value;
      throw new Error(`Cannot read the answer of "aws ${command}": ${JSON.stringify(value)}`);
    },
    async refused(command, ...more) {
      // The status is told nowhere but in the log of the program's HTTP client.
      const { code, stderr } = await aws(command, ...more, "--debug");
      const status = stderr.match(/"POST \/ HTTP\/1\.1" (\d{3})/)?.[1];
      return { code, status: status === undefined ? null : Number(status) };
    },
    async close() {
      await region.close();
      rmSync(home, { recursive: true, force: true });
    },
  };
}

/** Version 1 has neither the arguments nor the waiters of version 2. */
function missing(): string | null {
  const command = "scripts/setup aws-cli";
  if (!existsSync(program)) return `no ${program}: install the package awscli: ${command}`;
  const version = execFileSync(program, ["--version"], { encoding: "utf8", env: {} });
  return version.startsWith("aws-cli/2.")
    ? null
    : `${program} is "${version.trim()}", not version 2`;
}

function environmentOf(region: Region, home: string): Readonly<Record<string, string>> {
  return {
    PATH: "/usr/bin:/bin",
    HOME: home,
    LC_ALL: "C.UTF-8",
    AWS_EC2_METADATA_DISABLED: "true",
    AWS_CONFIG_FILE: join(home, "config"),
    AWS_SHARED_CREDENTIALS_FILE: join(home, "credentials"),
    AWS_ACCESS_KEY_ID: region.operatorKey.accessKeyId,
    AWS_SECRET_ACCESS_KEY: region.operatorKey.secretAccessKey,
    AWS_DEFAULT_REGION: region.name,
    // One attempt: a refusal is seen as it was given, and at once.
    AWS_MAX_ATTEMPTS: "1",
  };
}

function run(words: readonly string[], env: Readonly<Record<string, string>>): Promise<AwsCall> {
  return new Promise((resolve) => {
    const options = { env, timeout: callTimeoutMs, encoding: "utf8" } as const;
    execFile(program, [...words], options, (error, stdout, stderr) => {
      const exitCode = error === null ? 0 : Number(error.code ?? -1);
      resolve({ exitCode, json: jsonOf(stdout), code: codeIn(stderr), stderr });
    });
  });
}

function jsonOf(text: string): unknown {
  return text.trim() === "" ? null : JSON.parse(text);
}

function codeIn(stderr: string): string | null {
  return stderr.match(/An error occurred \(([^)]+)\) when calling/)?.[1] ?? null;
}
