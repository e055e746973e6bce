// The command line: which command, with which options. A mistake gets one sentence that says what was
// found and what was wanted, and exit code 2; nothing is done then.

import { parseArgs } from "node:util";

export type Command = "run" | "plan" | "status" | "snapshot" | "sets" | "version" | "help";

export interface Arguments {
  readonly command: Command;
  readonly config: string;
  readonly overrides: readonly string[];
  readonly json: boolean;
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
  if (rest.length > 0) return wrong(`found "${rest.join(" ")}" after "${command}"`);
  const { config, set, json } = values;
  return { ok: true, arguments: { command, config, overrides: set, json } };
}

function wrong(found: string): Parsed {
  return {
    ok: false,
    message: `Cannot run: ${found}, wanted one of ${commands.join(", ")}: see ec2-ha-agent --help`,
  };
}

export const usage = `ec2-ha-agent COMMAND [--config FILE] [--set KEY=VALUE]... [--json]

Keeps one stateful EC2 instance available: its Elastic IP and its EBS volumes follow it.

  run        take the seat, hold it, release it (the daemon; systemd runs this)
  plan       say what it would do now, and why; changes nothing
  status     who holds the seat, its generation, its newest copy, its snapshots
  snapshot   take a snapshot set now (on the holder)
  sets       list the snapshot sets that can be gone back to
  version    print the version

  --config FILE     settings, by default ${defaultConfig}
  --set KEY=VALUE   over the settings file, as in --set snapshots.keep.latest=8
  --json            print JSON

Exit codes: 0 done, 1 refused or failed, 2 bad usage or settings, 75 try again later
`;
