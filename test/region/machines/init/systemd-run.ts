// systemd-run, as far as instances use it: a command as a unit of its own, waited for or not, with
// properties, its output kept for the caller or in the log. Scopes, timers and terminals are not
// spoken, and standard input is empty.

import { randomBytes } from "node:crypto";
import { type LogLine, type Registry, voiceOf } from "./registry.ts";
import type { Answer, Request } from "./requests.ts";
import { untilEnded } from "./unit-state.ts";

type Assignment = readonly [string, string];

interface Order {
  readonly flags: ReadonlySet<string>;
  readonly values: readonly Assignment[];
  readonly argv: readonly string[];
}

/** Options that take a value, and the unit setting that each becomes. */
const valued: Readonly<Record<string, string>> = {
  unit: "unit",
  u: "unit",
  property: "property",
  p: "property",
  setenv: "Environment",
  E: "Environment",
  uid: "User",
  gid: "Group",
  "working-directory": "WorkingDirectory",
  "service-type": "Type",
  description: "Description",
  slice: "Slice",
  nice: "Nice",
};

export async function systemdRun(
  registry: Registry,
  request: Request,
  log: LogLine,
): Promise<Answer> {
  const order = parse(request.args);
  if (order.argv.length === 0) return { status: 1, err: "Command line to execute required.\n" };
  const name = unitName(order);
  const known = registry.find(name);
  if (known !== null && known.active !== "inactive" && known.active !== "failed") {
    return { status: 1, err: `Unit ${name} was already loaded.\n` };
  }
  const output: string[] = [];
  const pipe = order.flags.has("pipe") || order.flags.has("P");
  const { note, output: logged } = voiceOf(log, name);
  const kept = (line: string) => void output.push(`${line}\n`);
  const voice = { note, output: pipe ? kept : logged };
  const unit = registry.addTransient(name, assignmentsOf(order, request.folder), voice);
  const quiet = order.flags.has("quiet") || order.flags.has("q") || pipe;
  const err = quiet ? "" : `Running as unit: ${name}\n`;
  const outcome = await registry.start(name);
  if (!order.flags.has("wait") && !pipe) return { status: outcome === "started" ? 0 : 1, err };
  await untilEnded(unit);
  // A unit that succeeded is forgotten by systemd too; a failed one only with --collect.
  if (unit.active === "inactive" || order.flags.has("collect")) registry.forget(unit);
  return { status: exitCode(unit.mainEnd?.exitCode, unit.result), out: output.join(""), err };
}

function exitCode(code: number | null | undefined, result: string): number {
  return code ?? (result === "success" ? 0 : 255);
}

function parse(args: readonly string[]): Order {
  const flags = new Set<string>();
  const values: Assignment[] = [];
  let at = 0;
  for (; at < args.length; at += 1) {
    const arg = args[at] ?? "";
    if (arg === "--") {
      at += 1;
      break;
    }
    if (!arg.startsWith("-")) break;
    const { name, value } = split(arg);
    const key = valued[name];
    if (key === undefined) flags.add(name);
    else values.push([key, value ?? args[(at += 1)] ?? ""]);
  }
  return { flags, values, argv: args.slice(at) };
}

/** "--unit=x", "--unit", "-ux", "-u". */
function split(arg: string): { readonly name: string; readonly value: string | null } {
  if (!arg.startsWith("--")) {
    return { name: arg.slice(1, 2), value: arg.length > 2 ? arg.slice(2) : null };
  }
  const equals = arg.indexOf("=");
  if (equals < 0) return { name: arg.slice(2), value: null };
  return { name: arg.slice(2, equals), value: arg.slice(equals + 1) };
}

function unitName({ values }: Order): string {
  const given = values.find(([key]) => key === "unit")?.[1];
  if (given === undefined) return `run-r${randomBytes(8).toString("hex")}.service`;
  return /\.\w+$/.test(given) ? given : `${given}.service`;
}

function assignmentsOf({ values, flags, argv }: Order, folder: string): readonly Assignment[] {
  const settings = values.flatMap(([key, value]): readonly Assignment[] => {
    if (key === "unit") return [];
    if (key === "Environment") return [[key, quote(value)]];
    if (key !== "property") return [[key, value]];
    const equals = value.indexOf("=");
    return [[value.slice(0, equals), value.slice(equals + 1)]];
  });
  const here: readonly Assignment[] =
    flags.has("same-dir") || flags.has("d") ? [["WorkingDirectory", folder]] : [];
  const after: readonly Assignment[] =
    flags.has("remain-after-exit") || flags.has("r") ? [["RemainAfterExit", "yes"]] : [];
  return [...settings, ...here, ...after, ["ExecStart", argv.map(quote).join(" ")]];
}

/** So that nothing in it is split, expanded or taken for a prefix. */
function quote(word: string): string {
  const plain = word.replaceAll("%", "%%").replaceAll("$", "$$$$");
  return `"${plain.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
}
