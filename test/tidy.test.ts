// What no linter knows: what a file must open with, words that name nothing, a test for every
// decision, versions that are exact, and nothing from the machine that the tree was written on.
// Each test lists every offender, so that one run is enough to mend them all.

import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));

interface File {
  /** From the root of the tree. */
  readonly path: string;
  readonly text: string;
}

// Files that git does not know yet count as well: they are about to be known.
const files: readonly File[] = lines("git", ["ls-files", "-co", "--exclude-standard"])
  .filter((path) => existsSync(join(root, path)))
  .map((path) => ({ path, text: readFileSync(join(root, path), "utf8") }));
const sources = files.filter(({ path }) => /^(agent|test|scripts|\.config)\/.*\.ts$/.test(path));
const agent = sources.filter(({ path }) => path.startsWith("agent/"));
const scripts = files.filter(({ text }) => /^#!.*\b(sh|bash)\n/.test(text));

describe("this test", () => {
  it("has files to read", () => {
    expect(agent.length).toBeGreaterThan(0);
    expect(scripts.length).toBeGreaterThan(0);
  });

  it("knows a name that says nothing", () => {
    const vague = ["volume-utils", "DiskManager", "snapshotHelper", "IClock", "portImpl", "common"];
    expect(vague.filter((name) => !isVague(name))).toEqual([]);
    const plain = ["Service", "ImdsReading", "isOpened", "Interface", "implied", "settings-port"];
    expect(plain.filter((name) => isVague(name))).toEqual([]);
  });
});

describe("every file", () => {
  it("of the agent opens with two to five sentences that say what it is for", () => {
    const offends = (text: string): boolean =>
      sentences(head(text)) < 2 || sentences(head(text)) > 5;
    expect(pathsOf(agent.filter(({ text }) => offends(text)))).toEqual([]);
  });

  it("of tests and scripts opens with a sentence that says what it is for", () => {
    const bare = [...sources, ...scripts].filter(({ text }) => sentences(head(text)) === 0);
    expect(pathsOf(bare)).toEqual([]);
  });

  it("of the agent has at most 250 lines, and every script too", () => {
    const long = [...agent, ...scripts].filter(({ text }) => text.split("\n").length > 251);
    expect(pathsOf(long)).toEqual([]);
  });

  it("carries a name that says something", () => {
    const vague = sources.filter(({ path }) => isVague(basename(path).replace(/\..*$/, "")));
    expect(pathsOf(vague)).toEqual([]);
  });
});

describe("the code", () => {
  it("exports only names that say something", () => {
    const names = sources.flatMap(({ path, text }) =>
      exportsOf(text).map((name) => ({ path, name })),
    );
    expect(names.filter(({ name }) => isVague(name))).toEqual([]);
  });

  it("reads the time in the clock's port alone", () => {
    // Date.now is the linter's; that a Date without an argument is the present it does not know.
    const readers = agent.filter(({ text }) => /\bnew Date(\(\s*\)|[^\w(])|\bDate\(\)/.test(text));
    expect(pathsOf(readers).filter((path) => path !== "agent/port/clock.ts")).toEqual([]);
  });

  it("has a test for every file that plans", () => {
    const planners = agent.filter(
      ({ path, text }) =>
        path.startsWith("agent/plan/") && /^export (async )?function /m.test(text),
    );
    const tests = planners.map(({ path }) =>
      path.replace(/^agent\//, "test/").replace(/\.ts$/, ".test.ts"),
    );
    expect(tests.filter((path) => !existsSync(join(root, path)))).toEqual([]);
  });

  it("has shell scripts that shellcheck has nothing to say of", ({ skip }) => {
    if (!isInstalled("shellcheck")) skip("shellcheck is not installed");
    expect(shellFindings(pathsOf(scripts))).toEqual([]);
  });
});

describe("the tree", () => {
  it("names no path of the machine it was written on", () => {
    // Spelled so that this file does not find itself.
    const places = [/\/(?:wor)k\/(?:main|shared|\.)/, /\/(?:tm)p\/brief\b/, /\/(?:roo)t\/\.\w/];
    const offends = (text: string): boolean => places.some((place) => place.test(text));
    expect(pathsOf(files.filter(({ text }) => offends(text)))).toEqual([]);
  });

  it("names no package registry", () => {
    const found = lines("npm", ["config", "get", "registry"]).find((line) => URL.canParse(line));
    const host = found === undefined ? "" : new URL(found).hostname;
    const hosts = [
      /\bregistry\.[a-z-]+\.[a-z]/i,
      /\b(?:artifactory|nexus|verdaccio|codeartifact)\b/,
    ];
    const offends = (text: string): boolean =>
      hosts.some((pattern) => pattern.test(text)) || (host.includes(".") && text.includes(host));
    const known = files.filter(({ path }) => path !== "test/tidy.test.ts");
    expect(pathsOf(known.filter(({ text }) => offends(text)))).toEqual([]);
  });

  it("locks its packages without saying where they were fetched", () => {
    const lock = readFileSync(join(root, "package-lock.json"), "utf8");
    expect(lock).not.toContain('"resolved"');
    expect(lock).toContain('"integrity"');
  });

  it("depends on exact versions, and on one version of Node", () => {
    const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as Manifest;
    const { dependencies, devDependencies, optionalDependencies } = manifest;
    const all = Object.entries({ ...dependencies, ...devDependencies, ...optionalDependencies });
    expect(all.filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([]);
    expect(new Set(Object.values(optionalDependencies)).size).toBe(1);
  });
});

interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
  readonly optionalDependencies: Readonly<Record<string, string>>;
}

/** The comment that a file opens with, after its interpreter; empty where there is none. */
function head(text: string): string {
  const body = text.replace(/^#!.*\n/, "");
  return /^(?:(?:\/\/|#).*\n)+/.exec(body)?.[0].replace(/^(\/\/|#) ?/gm, "") ?? "";
}

function sentences(comment: string): number {
  return comment.match(/[.!?][)"'`]*(?=\s|$)/g)?.length ?? 0;
}

function exportsOf(text: string): readonly string[] {
  const pattern = /^export (?:declare )?(?:async )?(?:function|const|class|interface|type) (\w+)/gm;
  return [...text.matchAll(pattern)].flatMap(([, name]) => name ?? []);
}

// AWS and systemd have services; a type that means one of theirs may say so.
const allowedNames: ReadonlySet<string> = new Set(["Service"]);
const vagueWords = /^(util|utils|helpers?|common|managers?|services?|handlers?|impl|misc)$/i;

function isVague(name: string): boolean {
  if (allowedNames.has(name)) return false;
  const words = name.split(/[^A-Za-z]+|(?<=[a-z])(?=[A-Z])/);
  // A lone I before a word is an interface that says that it is one.
  return words.some((word) => vagueWords.test(word)) || /^I[A-Z][a-z]/.test(name);
}

function pathsOf(found: readonly File[]): readonly string[] {
  return found.map(({ path }) => path);
}

function lines(program: string, args: readonly string[]): readonly string[] {
  const stdio = ["ignore", "pipe", "ignore"] as const;
  return split(execFileSync(program, args, { cwd: root, encoding: "utf8", stdio: [...stdio] }));
}

/** What shellcheck finds; it fails when it finds something, and with nothing said when it cannot. */
function shellFindings(paths: readonly string[]): readonly string[] {
  try {
    return lines("shellcheck", ["--format", "gcc", ...paths]);
  } catch (error) {
    const output = error instanceof Error && "stdout" in error ? split(String(error.stdout)) : [];
    if (output.length > 0) return output;
    throw error;
  }
}

function split(output: string): readonly string[] {
  return output.split("\n").filter((line) => line !== "");
}

function isInstalled(program: string): boolean {
  return lines("/bin/sh", ["-c", `command -v ${program} || true`]).length > 0;
}
