// README.md is held to the code: its settings to the schema, its actions to the calls that the ports
// make, its codes to the refusals that there are, its unit to the one that was rehearsed. What it
// says besides can only be read.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { anywhere } from "../agent/policy/document.ts";
import { policyOf } from "../agent/policy/policy.ts";
import { loadSettings } from "../agent/port/settings.ts";
import { imageOf } from "./demo/image.ts";
import { cases } from "./policy/cases.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const read = (path: string): string => readFileSync(join(root, path), "utf8");
const readme = read("README.md");
const agentFiles = readdirSync(join(root, "agent"), { recursive: true, encoding: "utf8" })
  .filter((path) => path.endsWith(".ts"))
  .map((path) => ({ path, text: read(join("agent", path)) }));

describe("the README", () => {
  it("has the two commands at its top, and they exist", () => {
    const top = readme.slice(0, readme.indexOf("\n## "));
    const commands = [...top.matchAll(/^(scripts\/\w+) /gm)].map(([, path]) => path ?? "");
    expect(commands).toEqual(["scripts/demo", "scripts/test"]);
    expect(commands.filter((path) => !existsSync(join(root, path)))).toEqual([]);
  });

  it.each(["README.md", "test/README.md", "test/region/README.md"])(
    "links to what there is (%s)",
    (path) => {
      const links = [...read(path).matchAll(/\]\(([^)#]+)\)/g)].map(([, link]) => link ?? "");
      const relative = links.filter((link) => !link.includes("://"));
      expect(relative.filter((link) => !existsSync(join(root, dirname(path), link)))).toEqual([]);
    },
  );

  it("names scripts that npm has", () => {
    const manifest = JSON.parse(read("package.json")) as { scripts: Record<string, string> };
    const named = [...readme.matchAll(/npm run ([\w:-]+)/g)].map(([, name]) => name ?? "");
    expect(named.filter((name) => !(name in manifest.scripts))).toEqual([]);
  });
});

describe("its settings", () => {
  const rows = tableOf("## Settings").map(([keys = "", defaults = ""]) => ({
    keys: quoted(keys),
    values: defaults.includes("`") ? quoted(defaults) : [defaults],
  }));
  const told = rows.flatMap(({ keys, values }) =>
    keys.map((key, index) => ({ key, value: values[index] ?? values[0] ?? "" })),
  );
  const known = schemaKeys();

  it("are those of the schema, each of them once", () => {
    const keys = told.map(({ key }) => key);
    expect(new Set(keys).size).toBe(keys.length);
    expect(keys.filter((key) => !known.includes(key))).toEqual([]);
    expect(known.filter((key) => !isGroup(key, known) && !keys.includes(key))).toEqual([]);
  });

  it("have the defaults of the schema", () => {
    const words = ["none", "required", "one of them"];
    const given = told.filter(({ value }) => !words.includes(value));
    expect(given.length).toBeGreaterThan(10);
    // Given as it is, a default changes nothing.
    const changes = given.filter(
      ({ key, value }) => loadedWith(`${key}=${value}`) !== loadedWith(),
    );
    expect(changes).toEqual([]);
  });

  it("are required where the README says so", () => {
    const required = rows.filter(({ values: [value] }) =>
      ["required", "one of them"].includes(value ?? ""),
    );
    expect(required.length).toBeGreaterThan(3);
    const left = required.filter(
      ({ keys }) => loadedWith(...keys.map((key) => `${key}=`)) !== null,
    );
    expect(left).toEqual([]);
  });

  it("have no default where the README says none", () => {
    const none = told.filter(({ value }) => value === "none");
    const filled = none.filter(({ key }) => {
      const settings = isGroup(key, known) ? loadedWith(`${key}=`) : loadedWith();
      return !isEmpty(valueAt(JSON.parse(settings ?? "null"), key));
    });
    expect(filled).toEqual([]);
  });

  it("have an example that is accepted", () => {
    const example = blockOf("yaml");
    expect(load(example)).toMatchObject({ ok: true });
  });
});

describe("its other tables", () => {
  it("list every action that the agent calls, and no other", () => {
    const ports = agentFiles.filter(({ path }) => path.startsWith("port/"));
    const called = ports.flatMap(({ text }) => {
      const service = text.includes('"@aws-sdk/client-ec2"') ? "ec2" : "autoscaling";
      return [...text.matchAll(/new (\w+)Command\(/g)].map(([, call]) => `${service}:${call}`);
    });
    const listed = actionsIn(readme);
    expect([...listed].toSorted()).toEqual([...new Set(called)].toSorted());
    // And what the policy allows is what is called.
    const allowed = cases.flatMap(({ settings }) =>
      policyOf(settings(known), anywhere).flatMap(({ actions }) => actions),
    );
    const used = allowed.filter((action) => !action.startsWith("kms:"));
    expect([...new Set(used)].toSorted()).toEqual([...listed].toSorted());
    // What a denial names must be what the operator is told to allow.
    const named = ports.flatMap(({ text }) => [...actionsIn(text)]);
    expect(named.filter((action) => !listed.has(action))).toEqual([]);
  });

  it("say what to do about every code that the agent ends or refuses with", () => {
    const lists = /^(?:domain.decision|cli.explanations(?:-of-\w+)?)\.ts$/;
    const refusing = agentFiles.filter(({ path }) => !lists.test(path));
    const used = new Set(refusing.flatMap(({ text }) => codesIn(text)));
    const rows = tableOf("## What happens when").map(([found = ""]) => found);
    expect(rows.flatMap(codesIn).toSorted()).toEqual([...used].toSorted());
  });

  it("show the unit that was rehearsed, but for where things are", () => {
    const image = imageOf("stateful", "eu-west-1", "durable");
    const unit = image.files.find(({ path }) => path.endsWith("/ec2-ha-agent.service"));
    const plain = (text: string): readonly string[] =>
      text.split("\n").filter((line) => line !== "" && !/^(ExecStart|Environment)=/.test(line));
    expect(plain(blockOf("ini"))).toEqual(plain(unit?.text ?? ""));
  });
});

const known = { allocationId: "eipalloc-0123456789abcdef0", seedId: "snap-0123456789abcdef0" };

/** Every key there is, as the schema lists them where it refuses one that it does not know. */
function schemaKeys(): readonly string[] {
  const volume = (first: object) => ({ mount: "/srv/a", odd: 1, first, restore: { odd: 1 } });
  const outcome = load(
    JSON.stringify({
      seat: "a",
      odd: 1,
      address: { odd: 1 },
      volumes: {
        data: volume({ sizeGib: 1, odd: 1 }),
        seeded: volume({ snapshot: "snap-0123456789abcdef0", odd: 1 }),
      },
      ready: { tcp: 1, odd: 1 },
      snapshots: { odd: 1, keep: { odd: 1 } },
      hooks: { odd: 1 },
    }),
  );
  const mistakes = outcome.ok ? [] : outcome.mistakes.filter(({ found }) => found === "unknown");
  const keys = mistakes.flatMap(({ path, wanted }) => {
    const place = path.replace(/odd$/, "").replace(/^volumes\.\w+\./, "volumes.NAME.");
    return wanted
      .replace("one of ", "")
      .split(", ")
      .map((name) => `${place}${name}`);
  });
  return [...new Set(keys)];
}

function isGroup(key: string, known: readonly string[]): boolean {
  return known.some((other) => other.startsWith(`${key}.`));
}

function load(text: string, overrides: readonly string[] = []) {
  return loadSettings({ text, overrides, environment: {}, instanceTags: null });
}

/** Settings with as little in them as shows every default, as JSON; null where they are refused. */
function loadedWith(...overrides: readonly string[]): string | null {
  const volumes = { data: { mount: "/srv/a", first: { sizeGib: 1 } } };
  const text = JSON.stringify({ seat: "a", address: true, volumes, ready: { tcp: 1 } });
  const outcome = load(
    text,
    overrides.map((override) => override.replace(".NAME.", ".data.")),
  );
  return outcome.ok ? JSON.stringify(outcome.settings) : null;
}

function valueAt(settings: unknown, key: string): unknown {
  const path = key.replace("volumes.NAME", "volumes.0").split(".");
  return path.reduce<unknown>((found, name) => {
    if (typeof found !== "object" || found === null) return undefined;
    const entries = new Map(Object.entries(found));
    return entries.has(name) ? entries.get(name) : entries.get(`${name}Ms`);
  }, settings);
}

function isEmpty(value: unknown): boolean {
  return value === null || value === undefined || (Array.isArray(value) && value.length === 0);
}

/** The cells of a section's table, without its head. */
function tableOf(heading: string): readonly (readonly string[])[] {
  const section = readme.split(`\n${heading}\n`)[1]?.split("\n## ")[0] ?? "";
  const rows = section.split("\n").filter((line) => line.startsWith("| "));
  return rows.slice(2).map((row) =>
    row
      .split("|")
      .slice(1)
      .map((cell) => cell.trim()),
  );
}

function blockOf(language: string): string {
  const [, indent = "", text = ""] =
    new RegExp(`\\n( *)\`\`\`${language}\\n([^\`]*)\`\`\``).exec(readme) ?? [];
  return text.replaceAll(new RegExp(`^${indent}`, "gm"), "");
}

function quoted(cell: string): readonly string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map(([, word]) => word ?? "");
}

function actionsIn(text: string): ReadonlySet<string> {
  return new Set(
    [...text.matchAll(/\b(?:ec2|autoscaling):[A-Z][a-z]\w+/g)].map(([action]) => action),
  );
}

function codesIn(text: string): readonly string[] {
  return [...text.matchAll(/EHA-[A-Z]+(?:-[A-Z]+)*\b(?!-)/g)].map(([code]) => code);
}
