// The program's one entry: what systemd starts and what operators type. It ends with the exit code that
// cli/main.ts gives; an error that nobody expected ends it with a stack trace, and systemd restarts it.

import { main } from "./cli/main.ts";

process.exitCode = await main(process.argv.slice(2));
