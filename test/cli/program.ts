// The agent as a program of its own, run from its sources: what it prints and how it ends, against a
// region that has one instance arriving. Settings come from a file in a directory of their own.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Region } from "../region/region.ts";

const program = fileURLToPath(new URL("../../agent/main.ts", import.meta.url));

export interface Ended {
  readonly code: unknown;
  readonly printed: string;
  readonly complained: string;
}

export interface Started {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
}

export interface Desk {
  start(argv: readonly string[], settings?: string): Promise<Started>;
  run(argv: readonly string[], settings?: string): Promise<Ended>;
  clear(): Promise<void>;
}

/** `metadata` is where the instance's IMDS is served. */
export async function createDesk(region: Region, metadata: string): Promise<Desk> {
  const directory = await mkdtemp(join(tmpdir(), "ec2-ha-cli-"));
  const config = join(directory, "config.yaml");
  const env = {
    PATH: process.env["PATH"],
    AWS_EC2_METADATA_SERVICE_ENDPOINT: metadata,
    AWS_ENDPOINT_URL_EC2: region.endpoint,
    AWS_ENDPOINT_URL_AUTO_SCALING: region.endpoint,
  };
  const start = async (argv: readonly string[], settings = ""): Promise<Started> => {
    await writeFile(config, settings);
    const given = settings === "" ? argv : [...argv, "--config", config];
    const child = spawn(process.execPath, [program, ...given], {
      env,
      stdio: ["ignore", "pipe", "pipe"],
    });
    return { child, ended: endOf(child) };
  };
  return {
    start,
    run: async (argv, settings) => (await start(argv, settings)).ended,
    clear: () => rm(directory, { recursive: true, force: true }),
  };
}

async function endOf(child: ChildProcess): Promise<Ended> {
  let printed = "";
  let complained = "";
  child.stdout?.on("data", (chunk: Buffer) => {
    printed += chunk.toString();
  });
  child.stderr?.on("data", (chunk: Buffer) => {
    complained += chunk.toString();
  });
  const closed: unknown[] = await once(child, "close");
  const [code] = closed;
  return { code, printed, complained };
}
