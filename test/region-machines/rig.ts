// Starts the rig program and makes its calls look like the backend's own, for tests that stand
// outside of the enclosure.

import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { Image } from "../region/machines/image.ts";
import type { ProcessMachines } from "../region/machines/process.ts";

export interface RigSettings {
  readonly image: Image;
  readonly init: "systemd" | "small";
  readonly ports: readonly number[];
  /** Snapshots without the guarantee, to see that a test notices. */
  readonly torn: boolean;
  /** Where the pool lies: a folder of its own tells this rig's loop devices from others'. */
  readonly poolFolder: string;
}

export interface Rig {
  readonly machines: ProcessMachines;
  /** The outer program, which is what a user starts and kills. */
  readonly outer: ChildProcess;
  /** Runs a shell script in an instance; rejects where it fails. */
  shell(instanceId: string, script: string): Promise<string>;
  /** Events so far, oldest first. */
  readonly events: readonly RigEvent[];
  /** Resolves with the first event, past ones too, that it is true of. */
  event(wanted: (event: RigEvent) => boolean): Promise<RigEvent>;
  /** Ends it as the region would end; resolves when it is gone. */
  stop(): Promise<void>;
}

export interface RigEvent {
  readonly event: "ready" | "log" | "powerOff";
  readonly instanceId?: string;
  readonly unit?: string;
  readonly line?: string;
}

interface Reply {
  readonly id: number;
  readonly value?: unknown;
  readonly error?: string;
}

export const rigProgram = fileURLToPath(new URL("rig-program.ts", import.meta.url));
export const asRoot = process.getuid?.() === 0;

export async function startRig(settings: Partial<RigSettings> = {}): Promise<Rig> {
  const outer = spawn(process.execPath, [rigProgram], {
    stdio: ["pipe", "pipe", "inherit"],
    env: { ...process.env, RIG_SETTINGS: rigSettings(settings) },
  });
  const gone = new Promise<void>((resolve) => outer.on("exit", () => resolve()));
  const { events, event, replies } = listen(outer);
  const machines = callsTo(outer, replies);
  await Promise.race([event((one) => one.event === "ready"), gone]);
  if (outer.exitCode !== null) throw new Error("Cannot start the rig: it ended at once");
  return {
    machines,
    outer,
    events,
    event,
    async shell(instanceId, script) {
      const { exitCode, stdout, stderr } = await machines.exec(instanceId, ["sh", "-c", script]);
      if (exitCode === 0) return stdout.trim();
      throw new Error(`Cannot run "${script}": exit code ${String(exitCode)}: ${stdout}${stderr}`);
    },
    async stop() {
      outer.stdin.end();
      await gone;
    },
  };
}

/** As the rig program finds them in its environment. */
export function rigSettings(settings: Partial<RigSettings>): string {
  return JSON.stringify({
    image: { files: [], units: [] },
    ports: [8080],
    torn: false,
    ...settings,
  });
}

function listen(outer: ChildProcess) {
  const events: RigEvent[] = [];
  const watchers = new Set<(event: RigEvent) => void>();
  const replies = new Map<number, (reply: Reply) => void>();
  if (outer.stdout === null) throw new Error("Cannot listen to the rig: no pipe");
  createInterface({ input: outer.stdout }).on("line", (line) => {
    const message = JSON.parse(line) as Reply | RigEvent;
    if ("id" in message) return replies.get(message.id)?.(message);
    events.push(message);
    for (const watcher of watchers) watcher(message);
  });
  const event = (wanted: (event: RigEvent) => boolean) =>
    new Promise<RigEvent>((resolve) => {
      const past = events.find(wanted);
      if (past !== undefined) return resolve(past);
      watchers.add((one) => wanted(one) && resolve(one));
    });
  return { events, event, replies };
}

/** Every property of it is a function that calls over the wire. */
function callsTo(outer: ChildProcess, replies: Map<number, (reply: Reply) => void>) {
  let ids = 0;
  const call = (name: string, args: readonly unknown[]) =>
    new Promise((resolve, reject) => {
      const id = ids++;
      replies.set(id, ({ value, error }) => {
        replies.delete(id);
        if (error === undefined) resolve(value);
        else reject(new Error(error));
      });
      outer.stdin?.write(`${JSON.stringify({ id, call: name, args })}\n`);
    });
  return new Proxy({} as ProcessMachines, {
    get: (_, name) =>
      name === "then" ? undefined : (...args: unknown[]) => call(String(name), args),
  });
}

/** A launch of the instance with this number. */
export function launchOf(number: number) {
  const hex = String(number).padStart(2, "0");
  return {
    instanceId: `i-000000000000000${hex}`,
    privateIp: `10.0.1.${String(number)}`,
    mac: `02:00:00:00:00:${hex}`,
    userData: null,
    imageId: "ami-00000000000000001",
  };
}

/** Where a volume is found whatever its NVMe number is. */
export function diskOf(volumeId: string): string {
  return `/dev/disk/by-id/nvme-Amazon_Elastic_Block_Store_${volumeId.replace("-", "")}`;
}
