// The region as the measured process sees it: questions and answers over the child's channel, and disks
// that follow what it says of attachments. Nothing is kept here that grows with time.

import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { PaperDisk, PaperDisks } from "../flow/paper-disks.ts";
import { createNoMachines } from "../region/state/no-machines.ts";
import type { FromRegion, Question } from "./messages.ts";

export interface FarRegion {
  readonly endpoint: string;
  readonly regionName: string;
  readonly disks: PaperDisks;
  ask(question: Question): Promise<string>;
  close(): void;
}

interface Disk extends PaperDisk {
  holder: string | null;
}

export async function startRegion(): Promise<FarRegion> {
  const child = fork(fileURLToPath(new URL("region-process.ts", import.meta.url)), {
    execArgv: [],
  });
  const disks = new Map<string, Disk>();
  const waiting = new Map<number, (text: string) => void>();
  const ready = Promise.withResolvers<{ endpoint: string; regionName: string }>();
  let number = 0;
  child.on("message", (message: FromRegion) => {
    if (message.kind === "ready") return ready.resolve(message);
    if (message.kind !== "answer") return follow(disks, message);
    waiting.get(message.number)?.(message.text);
    waiting.delete(message.number);
  });
  child.once("exit", () => ready.reject(new Error("Cannot start the region: its process ended")));
  return {
    ...(await ready.promise),
    disks: disksOf(disks),
    ask(question) {
      number += 1;
      const { promise, resolve } = Promise.withResolvers<string>();
      waiting.set(number, resolve);
      child.send({ number, question });
      return promise;
    },
    close: () => end(child),
  };
}

type Change = Exclude<FromRegion, { kind: "ready" | "answer" }>;

function follow(disks: Map<string, Disk>, change: Change): void {
  const known = disks.get(change.volumeId);
  switch (change.kind) {
    case "made": {
      const filesystem = change.formatted ? ({ type: "ext4", uuid: "restored" } as const) : null;
      disks.set(change.volumeId, { filesystem, lines: [], holder: null });
      break;
    }
    case "attached":
      if (known !== undefined) known.holder = change.instanceId;
      break;
    case "deleted":
      disks.delete(change.volumeId);
      break;
  }
}

/** What a paper machine asks of its disks; being busy is nobody's business here. */
function disksOf(disks: ReadonlyMap<string, Disk>): PaperDisks {
  const machines = {
    ...createNoMachines(),
    attachedTo: (volumeId: string) => disks.get(volumeId)?.holder ?? null,
    setBusy: () => undefined,
  };
  const disk = (volumeId: string): PaperDisk => {
    const found = disks.get(volumeId);
    if (found === undefined) throw new Error(`Cannot read "${volumeId}": no such disk`);
    return found;
  };
  return { machines, disk, longest: () => 0 };
}

function end(child: ChildProcess): void {
  child.removeAllListeners("exit");
  child.disconnect();
}
