// systemctl, as far as instances use it: the verbs, their exit codes and the properties of `show`,
// with systemd's names. What it does not know it refuses, so that a test never passes on an order
// that was quietly ignored.

import { existsSync, mkdirSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { signalAll } from "./processes.ts";
import { enabledUnits, type Registry } from "./registry.ts";
import type { Answer } from "./requests.ts";
import { runInOrder } from "./run-command.ts";
import { showSystem, showUnit, statusText } from "./show.ts";
import { type Options, parseOptions } from "./systemctl-options.ts";
import { startUnit, stopUnit } from "./unit.ts";
import { invocationOf, type Unit, unitProcesses } from "./unit-state.ts";

export type Shutdown = "poweroff" | "reboot";

export interface Control {
  readonly registry: Registry;
  /** What the machine is doing, in the words of is-system-running. */
  state(): "starting" | "running" | "stopping";
  shutdown(how: Shutdown): void;
  /** Null until it has begun. */
  shuttingDown(): Shutdown | null;
}

interface Call {
  readonly control: Control;
  readonly units: readonly string[];
  readonly options: Options;
}

type Verb = (call: Call) => Answer | Promise<Answer>;

const unitFolder = "/etc/systemd/system";
const bootFolder = join(unitFolder, "multi-user.target.wants");

export async function systemctl(control: Control, args: readonly string[]): Promise<Answer> {
  const { words, options } = parseOptions(args);
  const [verb = "list-units", ...names] = words;
  const run = verbs[verb];
  if (run === undefined) return { status: 1, err: `Unknown command verb ${verb}.\n` };
  return run({ control, units: names.map(fullName), options });
}

const verbs: Readonly<Record<string, Verb>> = {
  start: (call) => each(call, startOne),
  stop: (call) => each(call, stopOne),
  restart: (call) => each(call, (unit, control) => restartOne(unit, control)),
  "try-restart": (call) =>
    each(call, (unit, control) => (unit.active === "active" ? restartOne(unit, control) : null)),
  reload: (call) => each(call, reloadOne),
  kill: (call) => each(call, (unit) => killOne(unit, call.options)),
  "reset-failed": (call) => each(call, resetOne),
  "is-active": (call) => stateOf(call, (unit) => unit?.active ?? "inactive", ["active"]),
  "is-failed": (call) => stateOf(call, (unit) => unit?.active ?? "inactive", ["failed"]),
  "is-enabled": ({ units, options }) => {
    const words = units.map((name) => (enabledUnits().includes(name) ? "enabled" : "disabled"));
    return said(words, options, words.includes("enabled") ? 0 : 1);
  },
  "is-system-running": ({ control, options }) =>
    said([control.state()], options, control.state() === "running" ? 0 : 1),
  enable: (call) => enable(call, (name) => symlinkSync(join("..", name), join(bootFolder, name))),
  disable: (call) => enable(call, () => undefined),
  mask: ({ units }) => link(units, "/dev/null"),
  unmask: ({ units }) => link(units, null),
  show: ({ control, units, options }) => {
    const value = options.flags.has("value");
    const shown =
      units.length === 0
        ? [showSystem(control.state(), options.properties, value)]
        : units.map((name) =>
            showUnit(name, control.registry.find(name), { properties: options.properties, value }),
          );
    return { status: 0, out: shown.join("\n") };
  },
  status: ({ control, units }) => {
    const found = units.map((name) => control.registry.find(name));
    const good = found.every((unit) => unit?.active === "active");
    return {
      status: good ? 0 : 3,
      out: found.map((unit, at) => statusText(units[at] ?? "", unit)).join("\n"),
    };
  },
  "list-units": ({ control }) => ({
    status: 0,
    out: control.registry
      .known()
      .map((unit) => `${unit.name} loaded ${unit.active} ${unit.sub}\n`)
      .join(""),
  }),
  "list-jobs": ({ control }) => {
    const how = control.shuttingDown();
    if (how === null) return { status: 0, out: "No jobs running.\n" };
    return { status: 0, out: `1 ${how}.target start waiting\n2 shutdown.target start waiting\n` };
  },
  "daemon-reload": () => ({ status: 0 }),
  poweroff: ({ control }) => shutDown(control, "poweroff"),
  halt: ({ control }) => shutDown(control, "poweroff"),
  reboot: ({ control }) => shutDown(control, "reboot"),
};

/** Runs one order on each unit; a message is a failure, and the others still get their turn. */
async function each(
  { control, units, options }: Call,
  order: (unit: Unit, control: Control) => Promise<string | null> | string | null,
): Promise<Answer> {
  const work = units.map(async (name) => {
    const unit = control.registry.find(name);
    if (unit === null) return `Unit ${name} not found.`;
    return order(unit, control);
  });
  if (options.flags.has("no-block")) return { status: 0 };
  const messages = (await Promise.all(work)).filter((message) => message !== null);
  if (messages.length === 0) return { status: 0 };
  const missing = messages.some((message) => message.endsWith("not found."));
  return { status: missing ? 5 : 1, err: messages.map((line) => `${line}\n`).join("") };
}

function shutDown(control: Control, how: Shutdown): Answer {
  control.shutdown(how);
  return { status: 0 };
}

async function stopOne(unit: Unit): Promise<null> {
  await stopUnit(unit);
  return null;
}

async function startOne(unit: Unit, control: Control): Promise<string | null> {
  const outcome = await control.registry.start(unit.name);
  return outcome === "started" || outcome === "skipped" ? null : `Job for ${unit.name} failed.`;
}

async function restartOne(unit: Unit, control: Control): Promise<string | null> {
  await stopUnit(unit);
  return startOne(unit, control);
}

async function reloadOne(unit: Unit): Promise<string | null> {
  const { exitCode } = await runInOrder(invocationOf(unit), "Service.ExecReload", () => undefined);
  return exitCode === 0 ? null : `Job for ${unit.name} failed.`;
}

function killOne(unit: Unit, { signal, who }: Options): null {
  const pids = unitProcesses(unit);
  signalAll(who === "main" ? pids.filter((pid) => pid === unit.mainPid) : pids, signal);
  return null;
}

function resetOne(unit: Unit): null {
  unit.starts = [];
  if (unit.active !== "failed") return null;
  Object.assign(unit, { active: "inactive", sub: "dead", result: "success" });
  return null;
}

function stateOf(
  { control, units, options }: Call,
  word: (unit: Unit | null) => string,
  good: readonly string[],
): Answer {
  const words = units.map((name) => word(control.registry.find(name)));
  return said(words, options, words.some((text) => good.includes(text)) ? 0 : 3);
}

function said(words: readonly string[], { flags }: Options, status: number): Answer {
  return {
    status,
    out: flags.has("quiet") || flags.has("q") ? "" : words.map((word) => `${word}\n`).join(""),
  };
}

async function enable(
  { control, units, options }: Call,
  put: (name: string) => void,
): Promise<Answer> {
  mkdirSync(bootFolder, { recursive: true });
  for (const name of units) {
    rmSync(join(bootFolder, name), { force: true });
    put(name);
  }
  if (!options.flags.has("now")) return { status: 0 };
  for (const name of units) {
    const unit = control.registry.find(name);
    if (unit !== null) await (enabledUnits().includes(name) ? startUnit(unit) : stopUnit(unit));
  }
  return { status: 0 };
}

function link(units: readonly string[], target: string | null): Answer {
  for (const name of units) {
    const path = join(unitFolder, name);
    if (target !== null && existsSync(path)) {
      return { status: 1, err: `File ${path} already exists.\n` };
    }
    rmSync(path, { force: true });
    if (target !== null) symlinkSync(target, path);
  }
  return { status: 0 };
}

function fullName(name: string): string {
  return /\.(service|mount|target|timer|socket|slice|path)$/.test(name) ? name : `${name}.service`;
}
