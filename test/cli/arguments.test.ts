// The command line: what each form means, and one sentence for each mistake.

import { expect, it } from "vitest";
import { parseCommandLine, usage } from "../../agent/cli/arguments.ts";

const plain = {
  config: "/etc/ec2-ha-agent/config.yaml",
  subject: null,
  overrides: [],
  json: false,
  policy: { format: "json", partition: null, region: null, account: null },
};

it.each([
  ["run", { ...plain, command: "run" }],
  ["plan --json", { ...plain, command: "plan", json: true }],
  ["status --config here.yaml", { ...plain, command: "status", config: "here.yaml" }],
  ["sets -c here.yaml", { ...plain, command: "sets", config: "here.yaml" }],
  [
    "snapshot --set seat=orders --set address=true",
    { ...plain, command: "snapshot", overrides: ["seat=orders", "address=true"] },
  ],
  ["explain", { ...plain, command: "explain" }],
  ["explain eha-denied", { ...plain, command: "explain", subject: "eha-denied" }],
  ["version", { ...plain, command: "version" }],
  ["--version", { ...plain, command: "version" }],
  ["--help", { ...plain, command: "help" }],
  ["run -h", { ...plain, command: "help" }],
])("%s", (line, wanted) => {
  expect(parseCommandLine(line.split(" "))).toEqual({ ok: true, arguments: wanted });
});

const end =
  "wanted one of run, plan, status, snapshot, sets, iam-policy, explain, version, help: see ec2-ha-agent --help";

it.each([
  ["no command", [], `Cannot run: found no command, ${end}`],
  ["an unknown command", ["start"], `Cannot run: found command "start", ${end}`],
  [
    "words too many",
    ["plan", "now", "please"],
    `Cannot run: found "now please" after "plan", ${end}`,
  ],
  ["a second code", ["explain", "a", "b"], `Cannot run: found "b" after "explain", ${end}`],
])("%s is a mistake", (_name, argv, message) => {
  expect(parseCommandLine(argv)).toEqual({ ok: false, message });
});

it.each([
  ["an unknown option", ["plan", "--verbose"], "--verbose"],
  ["an option without its value", ["plan", "--config"], "--config"],
  ["a flag with a value", ["plan", "--json=yes"], "--json"],
])("%s is a mistake, and named", (_name, argv, named) => {
  const parsed = parseCommandLine(argv);
  const message = parsed.ok ? "" : parsed.message;
  expect(message).toContain(named);
  expect(message).toContain("see ec2-ha-agent --help");
  expect(message.split("\n")).toHaveLength(1);
});

it("the usage names every command", () => {
  for (const command of ["run", "plan", "status", "snapshot", "sets", "explain", "version"]) {
    expect(usage).toMatch(new RegExp(`^  ${command} `, "m"));
  }
});
