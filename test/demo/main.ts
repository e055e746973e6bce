// `npm run demo`, and the last step of scripts/demo. Reads the options, makes the enclosure that takes
// everything away however this program ends, shows the pattern, and writes the numbers.

import { writeFile } from "node:fs/promises";
import { systemClock } from "../../agent/port/clock.ts";
import { runInOwnNamespaces } from "../region/machines/enclosure.ts";
import { type Options, parseOptions } from "./options.ts";
import { isGood, toJson, toLines } from "./report.ts";
import { show } from "./show.ts";
import type { Backend } from "./stage.ts";
import { openTerminal } from "./terminal.ts";
import { readUsage } from "./usage.ts";

const exitUsage = 2;

// A failover of real length would take a minute: three of them would not fit into two.
const speed = 4;
const answersMin = { stateful: 300, address: 30 } as const;

const request = parseOptions(process.argv.slice(2));
switch (request.kind) {
  case "help":
    process.stdout.write(readUsage());
    break;
  case "bad":
    process.stderr.write(`${request.message}\n`);
    process.exitCode = exitUsage;
    break;
  case "run":
    await runAsAllowed(request.options);
    break;
}

/** Without root there are no disks, and nothing that an enclosure would have to take away. */
async function runAsAllowed(options: Options): Promise<void> {
  if (process.getuid?.() === 0) return runInOwnNamespaces(() => run(options, "loop"));
  if (options.pattern === "address") return run(options, "none");
  process.stderr.write(
    "Cannot show the stateful pattern: not root, and its disks are loop devices: " +
      "run `sudo scripts/demo`, or `scripts/demo --pattern address`\n",
  );
  process.exitCode = 1;
}

async function run({ pattern, jsonFile, init }: Options, backend: Backend): Promise<void> {
  const clock = systemClock();
  const terminal = openTerminal((text) => process.stdout.write(text), clock);
  const result = await show({
    pattern,
    causes: ["hook", "crash", "hook"],
    answersMin: answersMin[pattern],
    speed,
    durability: "durable",
    init,
    backend,
    clock,
    terminal,
  });
  terminal.show(toLines(result));
  if (jsonFile !== null) await writeFile(jsonFile, `${toJson(result)}\n`);
  // The region would go on for ever; whatever it is made of ends with this program.
  process.exit(isGood(result) ? 0 : 1);
}
