// The bundle as an instance gets it: one file, run by the oldest Node that is promised, in an empty
// directory. What the build takes out of the SDK must change nothing in what is left, and the size
// has a ceiling, so that a library that creeps in is noticed on the day it does.

import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { build, type Plugin } from "esbuild";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bundle } from "../scripts/bundle.ts";
import { pruneSchemas, withConstantKeys } from "../scripts/prune.ts";
import { oldestNode, oldestVersion } from "./oldest-node.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const run = promisify(execFile);

// 983 kB in November 2026: 249 kB are the agent (of which its texts for `explain` and the policy 30), 55 kB
// the EC2 shapes in use (all of them: 800 kB), 54 kB the licences, 50 kB the SDK's provider of keys, the
// rest the SDK's core, yaml, node-cron and pino. Raise it with a reason.
const sizeKbMax = 1_020;

let directory: string;
let code: Uint8Array;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "ec2-ha-bundle-"));
  code = await bundle({ root, entry: join(root, "agent/main.ts") });
});

afterAll(async () => {
  await rm(directory, { recursive: true, force: true });
});

describe("the bundle", () => {
  it("stays small", () => {
    const sizeKb = Math.round(code.length / 1000);
    console.log(`The bundle has ${sizeKb} kB.`);
    expect(sizeKb).toBeLessThan(sizeKbMax);
  });

  it("is the same whenever it is built", async () => {
    const again = await bundle({ root, entry: join(root, "agent/main.ts") });
    expect(Buffer.compare(again, code)).toBe(0);
  });

  it("has neither the EC2 calls nor the credential providers that nobody uses", () => {
    const text = Buffer.from(code).toString();
    expect(text).toContain("DescribeVolumes");
    const unused = ["CreateVpcPeeringConnection", "AssumeRoleWithWebIdentity", "sso-oidc"];
    expect(unused.filter((name) => text.includes(name))).toEqual([]);
  });

  it("carries the licences of what is in it", () => {
    const text = Buffer.from(code).toString();
    for (const words of ["Apache License", "Permission is hereby granted", "Matteo Collina"]) {
      expect(text).toContain(words);
    }
  });

  it.for(["version", "--help"])(
    `answers %s on Node ${oldestVersion} with nothing beside it`,
    { timeout: 240_000 },
    async (argument, { skip }) => {
      const program = await oldestNode();
      if (program === null) return skip(`Node ${oldestVersion} could not be fetched`);
      const alone = join(directory, argument);
      await mkdir(alone);
      await writeFile(join(alone, "agent.mjs"), code);
      const { stdout, stderr } = await run(program, ["agent.mjs", argument], {
        cwd: alone,
        env: {},
        timeout: 20_000,
      });
      expect(stdout).toContain(argument === "version" ? await version() : "ec2-ha-agent");
      expect(stderr).toBe("");
    },
  );
});

describe("pruning the SDK's schemas", () => {
  it.each([["client-ec2"], ["client-auto-scaling"]])("changes none of %s", async (client) => {
    const pruned = await schemas(client, [pruneSchemas().plugin]);
    expect(pruned.length).toBeGreaterThan(10_000);
    // Not toEqual: a difference would be printed for minutes.
    expect(pruned === (await schemas(client, []))).toBe(true);
  });

  it("refuses a key that is no constant of the file", () => {
    const source = 'const _a = "a";\nexport const X$ = [{ [_a]: 1, [_b]: 2 }];\n';
    expect(() => withConstantKeys("schemas_0.js", source)).toThrow(
      "Cannot prune schemas_0.js: the key _b is no constant of it: look at the SDK",
    );
  });

  it("refuses a file without keys", () => {
    expect(() => withConstantKeys("schemas_0.js", "export const X$ = [];\n")).toThrow(
      "Cannot prune schemas_0.js: it has no keys: look at the SDK",
    );
  });
});

async function version(): Promise<string> {
  const manifest = JSON.parse(await readFile(join(root, "package.json"), "utf8")) as {
    readonly version: string;
  };
  return manifest.version;
}

/** All schemas of a client as text, functions by their source. */
async function schemas(client: string, plugins: Plugin[]): Promise<string> {
  const outfile = join(directory, `${client}-${plugins.length}.mjs`);
  const entry = join(root, `node_modules/@aws-sdk/${client}/dist-es/schemas/schemas_0.js`);
  await build({
    entryPoints: [entry],
    outfile,
    bundle: true,
    format: "esm",
    platform: "node",
    plugins,
  });
  const module: unknown = await import(pathToFileURL(outfile).href);
  return JSON.stringify(module, (_, value: unknown) =>
    typeof value === "function" ? String(value) : value,
  );
}
