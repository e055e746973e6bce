// What `systemctl show` and `status` print of a unit, under systemd's property names.

import { enabledUnits } from "./registry.ts";
import type { CommandEnd } from "./run-command.ts";
import { allWords, lastValue } from "./unit-file.ts";
import { type Unit, unitProcesses } from "./unit-state.ts";

interface ShowOptions {
  /** All, where it is empty. */
  readonly properties: readonly string[];
  /** Values without their names. */
  readonly value: boolean;
}

export function showUnit(name: string, unit: Unit | null, options: ShowOptions): string {
  return print(unit === null ? missing(name) : propertiesOf(unit), options);
}

export function showSystem(state: string, properties: readonly string[], value: boolean): string {
  return print(
    { SystemState: state, Version: "small-init", Virtualization: "container" },
    { properties, value },
  );
}

export function statusText(name: string, unit: Unit | null): string {
  if (unit === null) return `Unit ${name} could not be found.\n`;
  const lines = [
    `${name} - ${lastValue(unit.file, "Unit.Description") ?? name}`,
    `   Active: ${unit.active} (${unit.sub}), result ${unit.result}`,
    `     Main: ${String(unit.mainPid ?? 0)}`,
    `    Tasks: ${unitProcesses(unit).join(" ")}`,
  ];
  return `${lines.join("\n")}\n`;
}

function print(all: Readonly<Record<string, string>>, { properties, value }: ShowOptions): string {
  const names = properties.length === 0 ? Object.keys(all) : properties;
  const known = names.filter((name) => all[name] !== undefined);
  return known.map((name) => `${value ? "" : `${name}=`}${all[name] ?? ""}\n`).join("");
}

function missing(name: string): Readonly<Record<string, string>> {
  return {
    Id: name,
    Names: name,
    LoadState: "not-found",
    ActiveState: "inactive",
    SubState: "dead",
    Result: "success",
    MainPID: "0",
    UnitFileState: "",
    Job: "",
    ControlGroup: "",
  };
}

/** 1 is "exited" and 2 is "killed", as in wait(2). */
function endCode(end: CommandEnd | null): string {
  if (end === null) return "0";
  return end.signal === null ? "1" : "2";
}

function propertiesOf(unit: Unit): Readonly<Record<string, string>> {
  const { file, mainEnd } = unit;
  return {
    Id: unit.name,
    Names: unit.name,
    Description: lastValue(file, "Unit.Description") ?? unit.name,
    LoadState: "loaded",
    ActiveState: unit.active,
    SubState: unit.sub,
    Result: unit.result,
    MainPID: String(unit.mainPid ?? 0),
    ExecMainPID: String(unit.mainPid ?? 0),
    ExecMainCode: endCode(mainEnd),
    ExecMainStatus: String(mainEnd?.exitCode ?? 0),
    NRestarts: String(unit.restarts),
    InvocationID: unit.invocationId,
    UnitFileState: enabledUnits().includes(unit.name) ? "enabled" : "disabled",
    FragmentPath: file.path ?? "",
    DropInPaths: file.dropIns.join(" "),
    Type: lastValue(file, "Service.Type") ?? "simple",
    Restart: lastValue(file, "Service.Restart") ?? "no",
    User: lastValue(file, "Service.User") ?? "",
    After: allWords(file, "Unit.After").join(" "),
    Requires: allWords(file, "Unit.Requires").join(" "),
    NeedDaemonReload: "no",
    Job: unit.starting === null && unit.stopping === null ? "" : "1",
    // There are no control groups here; the processes are told by their invocation id.
    ControlGroup: "",
  };
}
