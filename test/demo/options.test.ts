// Arguments are refused before anything is started, each with one clear line, by the shell script and
// by the program alike.

import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { parseOptions } from "./options.ts";

const script = new URL("../../scripts/demo", import.meta.url).pathname;

test("no argument asks for the stateful pattern with whatever init there is", () => {
  const options = { pattern: "stateful", jsonFile: null, init: "auto" };
  expect(parseOptions([])).toEqual({ kind: "run", options });
});

test("every option is taken, with a space or an equals sign", () => {
  const options = { pattern: "address", jsonFile: "out.json", init: "small" };
  const words = ["--pattern=address", "--json", "out.json", "--init", "small"];
  expect(parseOptions(words)).toEqual({ kind: "run", options });
});

test.each([
  [["--pattern", "both"], 'found "both" for "--pattern", wanted stateful or address'],
  [["--init", "upstart"], 'found "upstart" for "--init", wanted systemd, small or auto'],
  [["--json"], '"--json" has no value'],
  [["--speed", "9"], 'found "--speed", which is no option'],
  [["stateful"], 'found "stateful", which is no option'],
])("%j is refused and says why", (words, why) => {
  const message = `Cannot read arguments: ${why}: see --help`;
  expect(parseOptions(words)).toEqual({ kind: "bad", message });
  const { status, stdout, stderr } = spawnSync(script, words, { encoding: "utf8" });
  expect({ status, stdout, stderr }).toEqual({ status: 2, stdout: "", stderr: `${message}\n` });
});

test("help wins over whatever else follows", () => {
  expect(parseOptions(["--help", "--nonsense"])).toEqual({ kind: "help" });
  const { status, stdout } = spawnSync(script, ["--help", "--nonsense"], { encoding: "utf8" });
  const usage = readFileSync(new URL("usage.txt", import.meta.url), "utf8");
  expect({ status, stdout }).toEqual({ status: 0, stdout: usage });
});
