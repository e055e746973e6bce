// `iam-policy` as an operator types it on a laptop: from a settings file, with no instance, no region and
// no metadata service anywhere; and the mistakes that it names.

import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { printedPolicy } from "../../agent/cli/policy.ts";
import { settingsFrom } from "../region/iam/printed.ts";

const program = fileURLToPath(new URL("../../agent/main.ts", import.meta.url));
const settings = "seat: orders\naddress: true\n";
const anywhere = { partition: null, region: null, account: null };

let directory: string;
let config: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "ec2-ha-policy-"));
  config = join(directory, "config.yaml");
  await writeFile(config, settings);
});
afterEach(() => rm(directory, { recursive: true, force: true }));

it.each(["json", "cloudformation", "terraform"] as const)("prints %s", async (format) => {
  const { code, printed } = await run("--format", format);
  expect(code).toBe(0);
  expect(printed).toBe(printedPolicy(settingsFrom(settings), { format, ...anywhere }));
});

it("narrows the resources to what is given", async () => {
  const { printed } = await run("--region", "eu-west-1", "--account", "123456789012");
  expect(printed).toContain('"arn:aws:ec2:eu-west-1:123456789012:elastic-ip/*"');
  expect(printed).not.toContain(":*:*:");
});

it("takes the seat from --set, since no instance tells it", async () => {
  await writeFile(config, "address: true\n");
  expect((await run("--set", "seat=invoices")).printed).toContain('"invoices"');
  const { code, complained } = await run();
  expect(code).toBe(2);
  expect(complained).toContain("seat: found missing");
});

describe("a mistake", () => {
  it.each([
    [["--format", "yaml"], 'found "--format yaml", wanted json, cloudformation, terraform'],
    [["--region", "Ireland"], 'found "--region Ireland", which is none'],
    [["--account", "12"], 'found "--account 12", which is none'],
  ])("%j", async (options, found) => {
    const { code, complained } = await run(...options);
    expect(code).toBe(2);
    expect(complained).toContain(found);
  });
});

interface Ended {
  readonly code: number;
  readonly printed: string;
  readonly complained: string;
}

function run(...options: readonly string[]): Promise<Ended> {
  const argv = [program, "iam-policy", "--config", config, ...options];
  return new Promise((resolve) => {
    const env = { PATH: process.env["PATH"] };
    const child = execFile(process.execPath, argv, { env }, (_error, printed, complained) => {
      resolve({ code: child.exitCode ?? -1, printed, complained });
    });
  });
}
