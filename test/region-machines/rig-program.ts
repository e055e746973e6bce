// A region of nothing but the process backend, driven over standard input: one JSON call a line
// ({ id, call, args }), one JSON answer a line ({ id, value } or { id, error }), and events as they
// happen. It stands in for the region's state machines, so that the tests, which must not run inside
// the enclosure themselves, can see it from outside and kill it. IMDS answers who asked.

import { createServer, type RequestListener } from "node:http";
import { createInterface } from "node:readline";
import type { Duplex } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { command } from "../region/machines/command.ts";
import { runInOwnNamespaces } from "../region/machines/enclosure.ts";
import { createProcessMachines, type ProcessMachines } from "../region/machines/process.ts";
import { type SnapshotDisks, snapshotAtOneInstant } from "../region/machines/reflink.ts";
import type { RigSettings } from "./rig.ts";

/** What a region would be without the guarantee: disk after disk, with a moment between them. */
const snapshotOneByOne: SnapshotDisks = async (copies) => {
  for (const copy of copies) {
    await snapshotAtOneInstant([copy]);
    await sleep(tornPauseMs);
  }
};

const tornPauseMs = 200;

function tell(message: Readonly<Record<string, unknown>>): void {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}

function httpOn(listener: RequestListener): (socket: Duplex) => void {
  const server = createServer(listener);
  return (socket) => void server.emit("connection", socket);
}

async function main(): Promise<void> {
  const settings = JSON.parse(process.env["RIG_SETTINGS"] ?? "{}") as RigSettings;
  const machines = await createProcessMachines({
    image: settings.image,
    init: settings.init,
    ports: settings.ports,
    poolFolder: settings.poolFolder,
    serveApi: httpOn((request, response) => void response.end(`api ${request.url ?? ""}`)),
    serveMetadata: (socket, ip) =>
      httpOn((_, response) => void response.end(`you are ${ip}`))(socket),
    onLog: (instanceId, unit, line) => tell({ event: "log", instanceId, unit, line }),
    snapshotDisks: settings.torn ? snapshotOneByOne : snapshotAtOneInstant,
  });
  machines.onPowerOff((instanceId) => tell({ event: "powerOff", instanceId }));
  createInterface({ input: process.stdin })
    .on("line", (line) => void serve(machines, line))
    .on("close", () => machines.close());
  tell({ event: "ready" });
}

async function serve(machines: ProcessMachines, line: string): Promise<void> {
  const { id, call, args } = JSON.parse(line) as { id: number; call: string; args: unknown[] };
  // Besides the backend's own calls, one runs a program in the enclosure, outside of any instance.
  const calls: Readonly<Record<string, unknown>> = { ...machines, command };
  const method = calls[call];
  try {
    if (typeof method !== "function") throw new Error(`Cannot call "${call}": no such call`);
    tell({ id, value: (await Reflect.apply(method, null, args)) ?? null });
  } catch (error) {
    tell({ id, error: String(error) });
  }
}

await runInOwnNamespaces(main);
