// The command line: which command, with which options. A mistake gets one sentence that says what was
// found and what was wanted, and exit code 2; nothing is done then.

import { parseArgs } from "node:util";
import { legible } from "../domain/legible.ts";
import { type PolicyWish, policyFormats } from "./policy.ts";

export type Command =
  | "run"
  | "plan"
  | "status"
  | "snapshot"
  | "sets"
  | "iam-policy"
  | "explain"
  | "version"
  | "help";

export interface Arguments {
  readonly command: Command;
  /** The word after the command: the code that `explain` is asked for, and of no other command. */
  readonly subject: string | null;
  readonly config: string;
  readonly overrides: readonly string[];
  readonly json: boolean;
  /** How the policy is printed; its options belong to `iam-policy` alone. */
  readonly policy: PolicyWish;
}

export type Parsed =
  | { readonly ok: true; readonly arguments: Arguments }
  | { readonly ok: false; readonly message: string };

const defaultConfig = "/etc/ec2-ha-agent/config.yaml";

const commands: readonly Command[] = [
  "run",
  "plan",
  "status",
  "snapshot",
  "sets",
  "iam-policy",
  "explain",
  "version",
  "help",
];

export function parseCommandLine(argv: readonly string[]): Parsed {
  try {
    return read(argv);
  } catch (thrown) {
    // parseArgs says what it found, in words for a user.
    return wrong(thrown instanceof Error ? thrown.message : String(thrown));
  }
}

function read(argv: readonly string[]): Parsed {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      config: { type: "string", short: "c", default: defaultConfig },
      set: { type: "string", multiple: true, default: [] },
      json: { type: "boolean", default: false },
      format: { type: "string" },
      partition: { type: "string" },
      region: { type: "string" },
      account: { type: "string" },
      help: { type: "boolean", short: "h", default: false },
      version: { type: "boolean", default: false },
    },
  });
  const [word, ...rest] = positionals;
  const asked = values.version ? "version" : word;
  const named = values.help ? "help" : asked;
  const command = commands.find((entry) => entry === named);
  if (named === undefined) return wrong("found no command");
  if (command === undefined) return wrong(`found command "${named}"`);
  const [subject = null, ...beyond] = command === "explain" ? rest : [null, ...rest];
  if (beyond.length > 0) return wrong(`found "${beyond.join(" ")}" after "${command}"`);
  const { config, set, json } = values;
  const policy = policyWish(command, values);
  if (typeof policy === "string") return wrong(policy);
  return { ok: true, arguments: { command, subject, config, overrides: set, json, policy } };
}

interface PolicyOptions {
  readonly format?: string | undefined;
  readonly partition?: string | undefined;
  readonly region?: string | undefined;
  readonly account?: string | undefined;
}

/** What each may be; an ARN is put together from them. */
const placePatterns = {
  partition: /^aws(-[a-z]+)*$/,
  region: /^[a-z]{2,}(-[a-z]+)+-\d+$/,
  account: /^\d{12}$/,
} as const;

/** The wish, or what is wrong with it. */
function policyWish(command: Command, given: PolicyOptions): PolicyWish | string {
  const format = policyFormats.find((entry) => entry === (given.format ?? "json"));
  if (format === undefined) {
    return `found "--format ${given.format}", wanted ${policyFormats.join(", ")}`;
  }
  for (const name of ["partition", "region", "account"] as const) {
    const value = given[name];
    if (value !== undefined && !placePatterns[name].test(value)) {
      return `found "--${name} ${value}", which is none`;
    }
  }
  const misplaced = (["format", "partition", "region", "account"] as const).find(
    (name) => given[name] !== undefined && command !== "iam-policy" && command !== "help",
  );
  if (misplaced !== undefined) return `found "--${misplaced}" with "${command}"`;
  const { partition = null, region = null, account = null } = given;
  return { format, partition, region, account };
}

function wrong(found: string): Parsed {
  return {
    ok: false,
    message: `Cannot run: ${legible(found)}, wanted one of ${commands.join(", ")}: see ec2-ha-agent --help`,
  };
}

export const usage = `ec2-ha-agent COMMAND [--config FILE] [--set KEY=VALUE]... [--json]

Keeps one stateful EC2 instance available: its Elastic IP and its EBS volumes follow it.

  run        take the seat, hold it, release it (the daemon; systemd runs this)
  plan       say what it would do now, and why; changes nothing
  status     who holds the seat, its generation, its newest copy, its snapshots
  snapshot   take a snapshot set now (on the holder)
  sets       list the snapshot sets that can be gone back to
  iam-policy print the least that the instance's role needs for these settings; asks nobody
  explain    what a code such as EHA-TIP-FORK means and what to do; all codes without one
  version    print the version

  --config FILE     settings, by default ${defaultConfig}
  --set KEY=VALUE   over the settings file, as in --set snapshots.keep.latest=8
  --json            print JSON

  of iam-policy:
  --format NAME     json (by default), cloudformation or terraform
  --region NAME, --account ID, --partition NAME
                    narrow it; by default any, or wherever the stack or the module is applied

Exit codes: 0 done, 1 refused or failed, 2 bad usage or settings, 75 try again later
`;
