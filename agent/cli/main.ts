// Dispatches a command and turns its end into an exit code: 0 done, 1 refused or failed, 2 bad usage
// or settings, 75 temporary. Everything that a command needs of the world is wired in wiring.ts.

import { Failure } from "../domain/failure.ts";
import { type Arguments, parseCommandLine, usage } from "./arguments.ts";
import { planOnce, printSets, printStatus, runAgent, snapshotNow } from "./commands.ts";
import { version } from "./version.ts";

const exit = { done: 0, failed: 1, usage: 2, temporary: 75 } as const;

export async function main(argv: readonly string[]): Promise<number> {
  const parsed = parseCommandLine(argv);
  if (!parsed.ok) return complain(parsed.message, exit.usage);
  try {
    return await dispatch(parsed.arguments);
  } catch (thrown) {
    if (!(thrown instanceof Failure)) throw thrown;
    return complain(thrown.message, thrown.kind === "transient" ? exit.temporary : exit.failed);
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
  }
}

function complain(message: string, code: number): number {
  process.stderr.write(`ec2-ha-agent: ${message}\n`);
  return code;
}
