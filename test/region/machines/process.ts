// The process backend of the region: instances are namespaces of this host, their disks slots of one
// file (disks.ts), their network real packets (network.ts). Everything lives in the region's own
// enclosure and goes with it, so nothing here cleans up after a region. Needs root, and an entry that
// calls `runInOwnNamespaces`.

import { stat } from "node:fs/promises";
import { dirname } from "node:path";
import type { Duplex } from "node:stream";
import { fileURLToPath } from "node:url";
import type { Machines } from "../contract.ts";
import { makeControlGroups } from "./cgroup.ts";
import type { CommandResult } from "./command.ts";
import { gibibyte, makeDisks } from "./disks.ts";
import { insideOwnNamespaces, refuseWithoutRoot } from "./enclosure.ts";
import { type Fleet, makeFleet } from "./fleet.ts";
import { pauseAll, resumeAll } from "./freeze.ts";
import { type Image, makeImageLayer } from "./image.ts";
import { chooseInit, type InitChoice } from "./init-kind.ts";
import { makeNetwork } from "./network.ts";
import { makePartitions, type Partitions } from "./partitions.ts";
import { makePool } from "./pool.ts";
import { type SnapshotDisks, snapshotAtOneInstant } from "./reflink.ts";
import { makeRelays } from "./relay.ts";
import { makeVolumes } from "./volumes.ts";

export interface ProcessOptions {
  readonly image: Image;
  /** `auto`, the default: systemd where it is installed. */
  readonly init?: InitChoice;
  /** Serves HTTP of the API to one connection of an instance. */
  readonly serveApi: (socket: Duplex) => void;
  /** Serves IMDS; the instance is the one with this address. */
  readonly serveMetadata: (socket: Duplex, privateIp: string) => void;
  /** The ports that Elastic IPs have. */
  readonly ports: readonly number[];
  readonly onLog?: (instanceId: string, unit: string, line: string) => void;
  /** A folder with room for what the instances write, in a file without a name. */
  readonly poolFolder?: string;
  /** Paths outside of the root file system that instances see, read-only. */
  readonly visiblePaths?: readonly string[];
  readonly powerOffTimeoutMs?: number;
  readonly snapshotDisks?: SnapshotDisks;
}

export interface ProcessMachines extends Machines {
  /** Runs a program inside; the exit code is 137 where it was out of time. */
  exec(
    instanceId: string,
    argv: readonly string[],
    limits?: { readonly timeoutMs?: number },
  ): Promise<CommandResult>;
  /** What its units printed so far, "UNIT: LINE" each, over power cycles too. */
  logs(instanceId: string): string;
  /** Stops every process of it where it is, and lets them go on. */
  pause(instanceId: string): Promise<void>;
  resume(instanceId: string): Promise<void>;
  /** SIGKILL to every process of the unit. */
  kill(instanceId: string, unit: string): Promise<void>;
  /** Ends the instances, the relays and the gateway, so that this program can end by itself. */
  close(): void;
}

const execTimeoutMs = 30_000;
/** EC2 gives an instance minutes; nothing that is rehearsed here needs more. */
const powerOffTimeoutMs = 30_000;
const rootDiskBytes = 8 * gibibyte;
const logLinesMax = 20_000;

export async function createProcessMachines(options: ProcessOptions): Promise<ProcessMachines> {
  refuseWithoutRoot();
  if (!insideOwnNamespaces()) {
    throw new Error("Cannot make instances: not in own namespaces: call runInOwnNamespaces first");
  }
  const pool = await makePool(options.poolFolder ?? "/var/tmp");
  const partitions = makePartitions(pool.loop.path);
  const disks = makeDisks(pool, options.snapshotDisks ?? snapshotAtOneInstant);
  const volumes = makeVolumes(disks, partitions);
  const network = await makeNetwork({
    api: options.serveApi,
    metadata: (socket) => options.serveMetadata(socket, socket.remoteAddress ?? ""),
  });
  const logs = makeLogs(options.onLog);
  const init = chooseInit(options.init ?? "auto");
  const { units, hostname } = options.image;
  const files = [...(await init.files()), ...options.image.files];
  const fleet = makeFleet({
    pool,
    volumes,
    network,
    init,
    controlGroups: init.name === "systemd" ? await makeControlGroups(pool.privateFolder) : null,
    imageFolder: await makeImageLayer(pool.folder, { files, units, prepare: init.prepare }),
    hostname: hostname ?? null,
    visiblePaths: await pathsToShow(options.visiblePaths ?? []),
    rootDisk: await showRootDisk(partitions, (await disks.create(8, null)).startByte),
    powerOffTimeoutMs: options.powerOffTimeoutMs ?? powerOffTimeoutMs,
    onLine: logs.add,
  });
  const relays = makeRelays(network, options.ports);
  return {
    createVolume: ({ volumeId, sizeGib, snapshotId }) =>
      volumes.create(volumeId, sizeGib, snapshotId),
    deleteVolume: volumes.delete,
    growVolume: fleet.grow,
    createSnapshots: volumes.snapshot,
    deleteSnapshot: disks.deleteSnapshot,
    ...fleet,
    route: relays.route,
    ...accessTo(fleet),
    logs: logs.of,
    close() {
      fleet.end();
      relays.end();
      network.close();
    },
  };
}

function accessTo(fleet: Fleet) {
  const exec: ProcessMachines["exec"] = (instanceId, argv, limits = {}) =>
    fleet.running(instanceId).exec(argv, limits.timeoutMs ?? execTimeoutMs);
  return {
    exec,
    pause: async (instanceId: string) => pauseAll(fleet.running(instanceId).processId),
    resume: async (instanceId: string) => resumeAll(fleet.running(instanceId).processId),
    async kill(instanceId: string, unit: string) {
      const result = await exec(instanceId, ["systemctl", "kill", "--signal=KILL", unit]);
      if (result.exitCode !== 0) throw new Error(`Cannot kill "${unit}": ${result.stderr.trim()}`);
    },
  };
}

/** One blank disk stands for the root disk of every instance: theirs are folders, not devices. */
async function showRootDisk(partitions: Partitions, startByte: number) {
  const { major, minor } = await partitions.add({ startByte, sizeBytes: rootDiskBytes });
  return { major, minor, sizeBytes: rootDiskBytes };
}

/** Node and this package too, where an instance's root does not have them. */
async function pathsToShow(wanted: readonly string[]): Promise<readonly string[]> {
  const own = [dirname(process.execPath), fileURLToPath(new URL("../../..", import.meta.url))];
  const root = await stat("/");
  const hidden: string[] = [];
  for (const path of [...own, ...wanted]) {
    const covered = /^\/(tmp|run|dev)\//.test(path);
    if (covered || (await stat(path)).dev !== root.dev) hidden.push(path);
  }
  return hidden;
}

function makeLogs(onLog: ProcessOptions["onLog"]) {
  const logs = new Map<string, string[]>();
  return {
    add(instanceId: string, unit: string, line: string): void {
      const lines = logs.get(instanceId) ?? [];
      logs.set(instanceId, lines);
      lines.push(`${unit}: ${line}`);
      if (lines.length > logLinesMax) lines.splice(0, logLinesMax / 2);
      onLog?.(instanceId, unit, line);
    },
    of: (instanceId: string): string => (logs.get(instanceId) ?? []).join("\n"),
  };
}
