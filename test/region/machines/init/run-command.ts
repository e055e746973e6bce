// Starts one command of a unit, in the environment that its file describes: variables, user, folder,
// file limits. The small init's only place that makes processes.

import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { hostname } from "node:os";
import { createInterface } from "node:readline";
import {
  parseAssignments,
  parseCommand,
  parseEnvironmentFile,
  type UnitCommand,
  withSpecifiers,
} from "./command-line.ts";
import { allValues, lastValue, type UnitFile } from "./unit-file.ts";

export interface Invocation {
  readonly file: UnitFile;
  readonly invocationId: string;
  /** Each line of standard output and error. */
  readonly onLine: (line: string) => void;
  /** In addition to the file's: MAINPID and the like. */
  readonly extra?: Readonly<Record<string, string>>;
}

export interface CommandEnd {
  /** Null where a signal ended it. */
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface RunningCommand {
  readonly pid: number | null;
  readonly ended: Promise<CommandEnd>;
}

/** What systemd says of a program that could not be executed. */
const exitCodeExec = 203;

const basicEnvironment = {
  PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
  LANG: "C.UTF-8",
};

/** Commands of a key as in "Service.ExecStartPre", in order. */
export function commandsOf(invocation: Invocation, key: string): readonly UnitCommand[] {
  const environment = environmentOf(invocation);
  const context = { unitName: invocation.file.name, hostname: hostname(), environment };
  return allValues(invocation.file, key).map((line) => parseCommand(line, context));
}

/** Never rejects: a program that is not there ends as systemd says it does. */
export function startCommand(invocation: Invocation, { argv }: UnitCommand): RunningCommand {
  const [program = "", ...args] = [...userSwitch(invocation.file), ...argv];
  const child = spawn(program, args, {
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
    cwd: workingFolder(invocation.file),
    env: environmentOf(invocation),
  });
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on("line", invocation.onLine);
  }
  return { pid: child.pid ?? null, ended: endOf(child, invocation) };
}

/** Runs them one after the other; the first failure ends it and is returned. */
export async function runInOrder(
  invocation: Invocation,
  key: string,
  onStart: (running: RunningCommand) => void,
): Promise<CommandEnd> {
  for (const command of commandsOf(invocation, key)) {
    const running = startCommand(invocation, command);
    onStart(running);
    const end = await running.ended;
    if (end.exitCode !== 0 && !command.mayFail) return end;
  }
  return { exitCode: 0, signal: null };
}

function endOf(child: ChildProcess, invocation: Invocation): Promise<CommandEnd> {
  return new Promise((resolve) => {
    child.on("error", (error) => {
      invocation.onLine(`Failed to execute: ${error.message}`);
      resolve({ exitCode: exitCodeExec, signal: null });
    });
    child.on("exit", (exitCode, signal) => resolve({ exitCode, signal }));
  });
}

function environmentOf({ file, invocationId, extra }: Invocation): Record<string, string> {
  const context = { unitName: file.name, hostname: hostname() };
  const assigned = allValues(file, "Service.Environment")
    .map((text) => withSpecifiers(text, context))
    .flatMap(parseAssignments);
  const fromFiles = allValues(file, "Service.EnvironmentFile").flatMap(readEnvironmentFile);
  return {
    ...basicEnvironment,
    ...Object.fromEntries([...assigned, ...fromFiles]),
    ...extra,
    INVOCATION_ID: invocationId,
    // For systemd-notify's stand-in; the real NOTIFY_SOCKET is a datagram socket, which Node lacks.
    NOTIFY_UNIT: file.name,
  };
}

function readEnvironmentFile(path: string): readonly (readonly [string, string])[] {
  const optional = path.startsWith("-");
  try {
    return parseEnvironmentFile(readFileSync(optional ? path.slice(1) : path, "utf8"));
  } catch (error) {
    if (optional) return [];
    throw error;
  }
}

function workingFolder(file: UnitFile): string {
  const folder = lastValue(file, "Service.WorkingDirectory") ?? "/";
  return folder === "~" ? "/root" : folder.replace(/^-/, "");
}

function userSwitch(file: UnitFile): readonly string[] {
  const user = lastValue(file, "Service.User");
  const limit = lastValue(file, "Service.LimitNOFILE");
  const limits = limit === null ? [] : ["prlimit", `--nofile=${limit}`];
  if (user === null || user === "root") return limits;
  const group = lastValue(file, "Service.Group");
  const groups = group === null ? "--init-groups" : "--clear-groups";
  const regid = `--regid=${group ?? primaryGroup(user)}`;
  return [...limits, "setpriv", `--reuid=${user}`, regid, groups, "--"];
}

/** Its number; a user that is not there is left for setpriv to complain about. */
function primaryGroup(user: string): string {
  const lines = readFileSync("/etc/passwd", "utf8").split("\n");
  const fields = lines.map((line) => line.split(":")).find(([name]) => name === user);
  return fields?.[3] ?? user;
}
