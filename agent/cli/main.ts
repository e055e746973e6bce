// Dispatches a command and turns its end into an exit code: 0 done, 1 refused or failed, 2 bad usage
// or settings, 75 temporary. Everything that a command needs of the world is wired in wiring.ts.

import { Failure } from "../domain/failure.ts";
import { type Arguments, parseCommandLine, usage } from "./arguments.ts";
import {
  explainCode,
  planOnce,
  printPolicy,
  printSets,
  printStatus,
  runAgent,
  snapshotNow,
} from "./commands.ts";
import { complain, endingOf, exit, misuse } from "./endings.ts";
import { version } from "./version.ts";

export async function main(argv: readonly string[]): Promise<number> {
  const parsed = parseCommandLine(argv);
  if (!parsed.ok) return complain(misuse("EHA-USAGE", parsed.message));
  try {
    return await dispatch(parsed.arguments);
  } catch (thrown) {
    if (!(thrown instanceof Failure)) throw thrown;
    return complain(endingOf(thrown));
  }
}

async function dispatch(given: Arguments): Promise<number> {
  switch (given.command) {
    case "help":
      process.stdout.write(usage);
      return exit.done;
    case "version":
      process.stdout.write(given.json ? `${JSON.stringify({ version })}\n` : `${version}\n`);
      return exit.done;
    case "run":
      return runAgent(given);
    case "plan":
      return planOnce(given);
    case "status":
      return printStatus(given);
    case "sets":
      return printSets(given);
    case "snapshot":
      return snapshotNow(given);
    case "iam-policy":
      return printPolicy(given);
    case "explain":
      return explainCode(given);
  }
}
