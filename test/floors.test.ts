// The floors hold because the linter says so, and here the linter is tried: each thing it must
// refuse is planted in a copy of the tree, and the rule that is meant to find it has to. A linter
// that reads nothing, or that lost a rule to a typing mistake, fails here and nowhere else.

import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));

interface Plant {
  readonly name: string;
  readonly file: string;
  readonly code: string;
  readonly rule: string;
}

const importing = (file: string, from: string): Plant => ({
  name: `${file} importing ${from}`,
  file,
  code: `import { found } from "${from}";\nexport const planted: string = String(found);\n`,
  rule: "eslint(no-restricted-imports)",
});

const using = (file: string, use: string, rule: string): Plant => ({
  name: `${use} in ${dirname(file)}`,
  file,
  code: `export const planted = (): unknown => ${use};\n`,
  rule,
});

const properties = "eslint(no-restricted-properties)";
const globals = "eslint(no-restricted-globals)";

const plants: readonly Plant[] = [
  importing("agent/domain/planted-plan.ts", "../plan/tip.ts"),
  importing("agent/domain/planted-node.ts", "node:fs"),
  importing("agent/domain/planted-library.ts", "valibot"),
  importing("agent/plan/planted-port.ts", "../port/imds.ts"),
  importing("agent/plan/planted-flow.ts", "../flow/observe.ts"),
  importing("agent/plan/deeper/planted-port.ts", "../../port/imds.ts"),
  importing("agent/plan/planted-node.ts", "node:crypto"),
  importing("agent/plan/planted-library.ts", "yaml"),
  importing("agent/policy/planted-port.ts", "../port/settings.ts"),
  importing("agent/policy/planted-plan.ts", "../plan/tip.ts"),
  importing("agent/policy/planted-library.ts", "yaml"),
  importing("agent/port/planted-policy.ts", "../policy/policy.ts"),
  importing("agent/port/planted-plan.ts", "../plan/tip.ts"),
  importing("agent/port/planted-flow.ts", "../flow/observe.ts"),
  importing("agent/port/planted-timers.ts", "node:timers/promises"),
  importing("agent/port/planted-test.ts", "../../test/region/contract.ts"),
  importing("agent/flow/planted-cli.ts", "../cli/run.ts"),
  importing("agent/flow/planted-node.ts", "node:fs/promises"),
  importing("agent/flow/planted-library.ts", "@aws-sdk/client-ec2"),
  importing("agent/cli/planted-main.ts", "../main.ts"),
  importing("agent/main.ts", "./port/imds.ts"),
  using("agent/plan/planted-now.ts", "Date.now()", properties),
  using("agent/port/planted-now.ts", "Date.now()", properties),
  using("agent/cli/planted-now.ts", "Date.now()", properties),
  using("agent/flow/planted-random.ts", "Math.random()", properties),
  using("agent/flow/planted-deadline.ts", "AbortSignal.timeout(1)", properties),
  using("agent/port/planted-timeout.ts", "setTimeout(() => undefined, 1)", globals),
  using("agent/flow/planted-interval.ts", "globalThis.setInterval(() => undefined, 1)", globals),
  using("agent/plan/planted-process.ts", "process.pid", globals),
  using("agent/policy/planted-process.ts", "process.env", globals),
  {
    name: "a promise that nobody waits for",
    file: "agent/flow/planted-promise.ts",
    code: `async function send(): Promise<void> {\n  await Promise.resolve();\n}\nexport function planted(): void {\n  send();\n}\n`,
    rule: "typescript(no-floating-promises)",
  },
  {
    name: "a switch that forgets a case",
    file: "agent/plan/planted-switch.ts",
    code: `export function planted(kind: "a" | "b"): number {\n  switch (kind) {\n    case "a":\n      return 1;\n  }\n  return 2;\n}\n`,
    rule: "typescript(switch-exhaustiveness-check)",
  },
  {
    name: "a default export",
    file: "agent/port/planted-default.ts",
    code: "export default 1;\n",
    rule: "import(no-default-export)",
  },
  {
    name: "a barrel",
    file: "agent/port/planted-barrel.ts",
    code: `export { clockPort } from "./clock.ts";\nexport * from "./imds.ts";\n`,
    rule: "oxc(no-barrel-file)",
  },
  {
    name: "a cycle",
    file: "agent/plan/planted-cycle.ts",
    code: `import { turn } from "./planted-turn.ts";\nexport const planted = (): number => turn();\n`,
    rule: "import(no-cycle)",
  },
  {
    name: "the other half of a cycle",
    file: "agent/plan/planted-turn.ts",
    code: `import { planted } from "./planted-cycle.ts";\nexport const turn = (): number => planted();\n`,
    rule: "import(no-cycle)",
  },
];

let copy: string;
let found: ReadonlySet<string>;

beforeAll(async () => {
  copy = await mkdtemp(join(tmpdir(), "ec2-ha-floors-"));
  for (const path of ["agent", "test/region", ".oxlintrc.json", "tsconfig.json", "package.json"]) {
    await cp(join(root, path), join(copy, path), { recursive: true });
  }
  await symlink(join(root, "node_modules"), join(copy, "node_modules"));
  for (const { file, code } of plants) {
    await mkdir(dirname(join(copy, file)), { recursive: true });
    await writeFile(join(copy, file), code);
  }
  found = await lint(copy);
});

afterAll(async () => {
  await rm(copy, { recursive: true, force: true });
});

describe("the linter refuses", () => {
  it.each(plants)("$name", ({ file, rule }) => {
    expect([...found].filter((finding) => finding.startsWith(`${file}: `))).toContain(
      `${file}: ${rule}`,
    );
  });
});

describe("the linter has nothing to say of", () => {
  it("the tree as it is", async () => {
    expect([...(await lint(root))]).toEqual([]);
  });
});

interface Report {
  readonly diagnostics: readonly { readonly code: string; readonly filename: string }[];
}

/** Every finding as "file: plugin(rule)". Rejects if the linter did not run. */
async function lint(directory: string): Promise<ReadonlySet<string>> {
  const program = join(directory, "node_modules/.bin/oxlint");
  const text = await new Promise<string>((resolve, reject) => {
    execFile(program, ["--format", "json"], { cwd: directory, maxBuffer: 1e8 }, (_, out, err) => {
      if (out.startsWith("{")) resolve(out);
      else reject(new Error(`Cannot lint "${directory}": ${out}${err}`));
    });
  });
  const report = JSON.parse(text) as Report;
  return new Set(report.diagnostics.map(({ filename, code }) => `${filename}: ${code}`));
}
