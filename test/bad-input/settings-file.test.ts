// Settings files that are not as they should be: who may write them, what is in them, how large they are.
// Each ends the program before it has looked at anything, with exit code 2, EHA-SETTINGS, and every
// mistake in one text; it does not matter whether there is an instance around it.

import { execFile, execFileSync } from "node:child_process";
import { chmodSync, chownSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { describeMistakes, loadSettings, readSettingsFile } from "../../agent/port/settings.ts";

const root = process.getuid?.() === 0;
const good = "seat: orders\naddress: true\n";
let directory: string;
let path: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "ec2-ha-settings-"));
  path = join(directory, "config.yaml");
  writeFileSync(path, good, { mode: 0o644 });
});
afterEach(() => rmSync(directory, { recursive: true }));

const failureOf = (file = path): Promise<string> =>
  readSettingsFile(file).then(
    () => "read",
    (thrown: unknown) => String(thrown),
  );

describe("a file whose commands run as root", () => {
  it.each([
    [0o646, "everybody may write it"],
    [0o666, "everybody may write it"],
  ])("with mode %o is refused: %s", async (mode, found) => {
    chmodSync(path, mode);
    expect(await failureOf()).toContain(`Cannot read "${path}": ${found}: run chmod`);
  });

  it.skipIf(!root)("that a group but root's may write is refused", async () => {
    chownSync(path, 0, 1);
    chmodSync(path, 0o664);
    expect(await failureOf()).toContain(`group 1 may write it: run chmod g-w ${path}`);
    chownSync(path, 0, 0);
    expect(await failureOf()).toBe("read");
  });

  it.skipIf(!root)("that another user owns is refused", async () => {
    chownSync(path, 1, 0);
    expect(await failureOf()).toContain(`user 1 owns it, wanted root: run chown root ${path}`);
  });

  it.skipIf(!root)("behind a link is judged by the file itself", async () => {
    const link = join(directory, "link.yaml");
    symlinkSync(path, link);
    expect(await failureOf(link)).toBe("read");
    chownSync(path, 1, 0);
    expect(await failureOf(link)).toContain("user 1 owns it");
  });

  it("that is a link to nowhere, a directory or a device is refused", async () => {
    const link = join(directory, "link.yaml");
    symlinkSync(join(directory, "nowhere"), link);
    expect(await failureOf(link)).toContain("there is no such file");
    expect(await failureOf(directory)).toContain("it is not a file: name a file");
    expect(await failureOf("/dev/null")).toContain("it is not a file: name a file");
  });

  it("that is a pipe is refused, and nobody waits for its writer", async () => {
    const pipe = join(directory, "pipe.yaml");
    execFileSync("mkfifo", [pipe]);
    expect(await failureOf(pipe)).toContain("it is not a file: name a file");
  });

  it("that is longer than any settings is refused before it is parsed", async () => {
    writeFileSync(path, "#".repeat(65 * 1024));
    expect(await failureOf()).toContain("66560 bytes: wanted at most 65536");
  });
});

/** What the operator reads of a text, a line each. */
function told(text: string): readonly string[] {
  const outcome = loadSettings({ text, overrides: [], environment: {}, instanceTags: null });
  return outcome.ok
    ? ["accepted"]
    : describeMistakes("config.yaml", outcome.mistakes).split("\n").slice(1);
}

const bomb = [
  "a: &a [x, x, x, x, x, x, x, x, x]",
  ...["b", "c", "d", "e"].map((name, index) => {
    const before = "abcd"[index];
    return `${name}: &${name} [${Array.from({ length: 9 }, () => `*${before}`).join(", ")}]`;
  }),
].join("\n");

describe("a text", () => {
  it.each([
    ["that is empty", "", "seat: found missing"],
    ["of blanks", " \n\n", "seat: found missing"],
    ["that is no YAML", "seat: [x\naddress: true", "wanted YAML"],
    ["that is a list", "- seat", 'found ["seat"], wanted settings by name'],
    ["that is binary", "\u0000\u0001\u0002", "wanted settings by name"],
    ["with a key twice", `${good}seat: other\n`, "line 3: found Map keys must be unique"],
    ["of two documents", `${good}---\n${good}`, "found Source contains multiple documents"],
    ["with tabs", "ready:\n\ttcp: 1\n", "Tabs are not allowed"],
    ["with an alias bomb", bomb, "Excessive alias count"],
    ["that holds itself", `${good}volumes: &v { a: *v }\n`, "more than 32 levels"],
    ["nested without end", "[".repeat(60_000), "nesting without end"],
    ["with a tag of its own", "!!js/function x", "Unresolved tag"],
  ])("%s is refused: %s", (_name, text, found) => {
    expect(told(text).join("\n")).toContain(found);
  });

  it("of many mistakes names the first ones and counts the rest", () => {
    const lines = told(good + Array.from({ length: 100 }, (_, index) => `k${index}: 1`).join("\n"));
    expect(lines).toHaveLength(26);
    expect(lines.at(-1)).toBe("  and 75 more");
  });
});

const volumes = (rest: string) => `${good}volumes:\n  data: { mount: /srv/data }\n${rest}`;

describe("a value", () => {
  it.each([
    ["an unknown key like a known one", `${good}patince: 5m`, 'wanted "patience", or one of'],
    ["a key that JavaScript has", `${good}__proto__: { seat: x }`, "__proto__: found unknown"],
    [
      "a volume that JavaScript has",
      volumes("  constructor: { mount: /srv/b }"),
      "volumes.constructor",
    ],
    ["a seat that is a number", "seat: 1e3\naddress: true", "found 1000, wanted a name"],
    ["a duration without its unit", `${good}patience: 120`, "found 120, wanted a duration"],
    ["a duration in words", `${good}patience: 2 minutes`, 'as in "5m"'],
    [
      "a size with a unit",
      volumes("  b: { mount: /srv/b, first: { sizeGib: 10G } }"),
      "wanted a whole number",
    ],
    ["a relative path", volumes("  b: { mount: srv/b }"), "wanted an absolute path"],
    ["a path through ..", volumes("  b: { mount: /srv/../etc }"), "wanted an absolute path"],
    ["the root", volumes("  b: { mount: / }"), "not the system's"],
    ["a directory of the system", volumes("  b: { mount: /usr }"), "not the system's"],
    ["a directory below /proc", volumes("  b: { mount: /proc/b }"), "not the system's"],
    ["two volumes on one mount", volumes("  b: { mount: /srv/data }"), 'apart from that of "data"'],
    ["a mount in another", volumes("  b: { mount: /srv/data/b }"), 'apart from that of "data"'],
    ["a unit without its suffix", `${good}units: [postgresql]`, 'as in "postgresql.service"'],
    ["the agent as a unit", `${good}units: [ec2-ha-agent.service]`, "wanted a systemd unit"],
    [
      "an owner without a group",
      volumes("  b: { mount: /srv/b, owner: postgres }"),
      "wanted user:group",
    ],
    [
      "a command without a path",
      `${good}notify: [logger]`,
      "wanted a command with an absolute path",
    ],
  ])("such as %s is refused: %s", (_name, text, found) => {
    expect(told(text).join("\n")).toContain(found);
  });

  it("of YAML's that is a word in other versions of it is the word", () => {
    expect(told("seat: on\naddress: true")).toEqual(["accepted"]);
  });
});

it("the program ends with 2 and EHA-SETTINGS, at once and off any instance", async () => {
  writeFileSync(path, `${good}patince: 5m\n`);
  const program = fileURLToPath(new URL("../../agent/main.ts", import.meta.url));
  const env = {
    PATH: process.env["PATH"],
    AWS_EC2_METADATA_SERVICE_ENDPOINT: "http://127.0.0.1:9",
  };
  const run = promisify(execFile)(process.execPath, [program, "run", "--config", path], { env });
  await expect(run).rejects.toMatchObject({
    code: 2,
    stdout: "",
    stderr: expect.stringMatching(
      /^ec2-ha-agent: EHA-SETTINGS: Cannot use the settings in ".*":\n {2}patince: found unknown/,
    ),
  });
});
