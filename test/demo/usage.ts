// The text of --help, from the file that scripts/demo prints too.

import { readFileSync } from "node:fs";

export const readUsage = (): string => readFileSync(new URL("usage.txt", import.meta.url), "utf8");
