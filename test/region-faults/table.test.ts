// The table of faults in the region's README against the faults there are, and these tests against both: a
// fault that nobody reads about or nobody has seen is none.

import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { faultNames } from "../region/faults/defaults.ts";

const readme = readFileSync(new URL("../region/README.md", import.meta.url), "utf8");
const section = readme.slice(
  readme.indexOf("\n## Faults\n"),
  readme.indexOf("\n## What it is true"),
);

test("README tells of each fault, in the order of the settings", () => {
  const rows = [...section.matchAll(/^\| `(\w+)` +\| (.+?) +\| (.+?) +\|$/gm)];
  expect(rows.map(([, name]) => name)).toEqual(faultNames);
});

test("each fault is shown by a test", () => {
  const folder = new URL("./", import.meta.url);
  const tests = readdirSync(folder)
    .filter((name) => name.endsWith(".test.ts") && name !== "faults.test.ts")
    .map((name) => readFileSync(new URL(name, folder), "utf8"))
    .join("\n");
  expect(faultNames.filter((name) => !tests.includes(`${name}: {`))).toEqual([]);
});
