// One run of the agent on a machine of paper: the unmodified daemon, with ports that pass the hazards
// and a clock that is the timeline's. It is the same code as on an instance, from the daemon down to
// the reading of AWS's answers.

import type { Clock } from "../../agent/domain/clock.ts";
import { newMind, runDaemon } from "../../agent/flow/daemon.ts";
import type { Observer, Ports } from "../../agent/flow/ports.ts";
import { autoScalingPort } from "../../agent/port/auto-scaling.ts";
import { ec2Disks } from "../../agent/port/ec2-disks.ts";
import { ec2Reads } from "../../agent/port/ec2-reads.ts";
import { ec2Writes } from "../../agent/port/ec2-writes.ts";
import { readIdentity } from "../../agent/port/imds-readings.ts";
import type { Journal } from "../../agent/port/journal.ts";
import type { Chance } from "./chance.ts";
import { type Cloud, simulatedAws, simulatedImds, type Visitor } from "./cloud.ts";
import type { Computer, ComputerOptions } from "./computer.ts";
import { ask, createLife, type Life } from "./process.ts";

export interface Incarnation {
  readonly life: Life;
  readonly powerOff: AbortController;
  ended: boolean;
}

export interface Place {
  readonly computer: Computer;
  readonly chance: Chance;
  readonly isCutOff: () => boolean;
}

export function startAgent(options: ComputerOptions, place: Place): Incarnation {
  const { cloud, instanceId, say } = options;
  const { computer, isCutOff } = place;
  const life = createLife(cloud.timeline);
  const powerOff = new AbortController();
  const incarnation: Incarnation = { life, powerOff, ended: false };
  const disturb: Visitor["disturb"] = (strike, afterMs, forMs) => {
    cloud.timeline.after(afterMs, () => {
      if (!life.isAlive()) return;
      if (strike === "agent killed") computer.killAgent(forMs);
      else life.pause(forMs);
    });
  };
  const visitor: Visitor = { instanceId, life, disturb, isCutOff };
  say(`${instanceId} the agent starts`);
  const run = async (): Promise<void> => {
    const imds = simulatedImds(cloud, visitor);
    const identity = await untilRead(() => readIdentity(imds), clockOf(cloud, visitor, place));
    const ports: Ports = portsOf({ options, place, visitor, imds });
    const observer: Observer = { ports, settings: options.settings, identity };
    const stop = new AbortController().signal;
    await runDaemon({ observer, stop, powerOff: powerOff.signal }, newMind());
    incarnation.ended = true;
  };
  run().catch(options.onDefect);
  return incarnation;
}

async function untilRead<T>(read: () => Promise<T>, clock: Clock): Promise<T> {
  for (;;) {
    try {
      return await read();
    } catch {
      await clock.sleep(1_000);
    }
  }
}

interface Making {
  readonly options: ComputerOptions;
  readonly place: Place;
  readonly visitor: Visitor;
  readonly imds: Ports["imds"];
}

function portsOf({ options, place, visitor, imds }: Making): Ports {
  const { cloud } = options;
  const { machine } = place.computer;
  const aws = simulatedAws(cloud, visitor);
  const clock = clockOf(cloud, visitor, place);
  const near = <P extends object>(port: P, name: string): P =>
    worked(cloud, visitor, { port, name });
  return {
    clock,
    journal: journalOf(options),
    imds,
    reads: ec2Reads(aws),
    writes: ec2Writes(aws),
    volumes: ec2Disks(aws),
    autoScaling: autoScalingPort(aws),
    renewConnections: aws.renew,
    abandonCalls: aws.abandon,
    devices: near(machine.devices, "devices"),
    contents: near(machine.contents, "contents"),
    filesystems: near(machine.filesystems, "filesystems"),
    mounts: near(machine.mounts, "mounts"),
    units: near(machine.units, "units"),
    checks: near(machine.checks, "checks"),
    schedules: { start: (_expression, onDue) => everyFiveMinutes(clock, onDue) },
  };
}

/** Wraps a port so that each of its methods takes time, and may be the agent's last. */
function worked<P extends object>(
  { timeline, hazards }: Cloud,
  { life, instanceId: by, disturb }: Visitor,
  { port, name }: { readonly port: P; readonly name: string },
): P {
  const methods = Object.entries(port).map(([method, work]) => {
    const what = `${name}.${method}`;
    const call = (...given: readonly unknown[]) => {
      const passage = hazards.onWork({ what, by, disturb });
      const effect = async () =>
        (work as (...all: readonly unknown[]) => Promise<unknown>)(...given);
      return ask({ timeline, life, passage, effect });
    };
    return [method, call] as const;
  });
  return Object.fromEntries(methods) as P;
}

function clockOf({ timeline }: Cloud, { life }: Visitor, { chance }: Place): Clock {
  // NTP is there, or not.
  const skewMs = chance.isHit(0.3) ? chance.between(-90_000, 90_000) : 0;
  return {
    nowMs: () => timeline.nowMs() + skewMs,
    monotonicMs: () => timeline.nowMs(),
    random: () => chance.next(),
    sleep: (durationMs, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted === true) return resolve();
        const wake = (): void => {
          cancel();
          signal?.removeEventListener("abort", wake);
          life.deliver(resolve);
        };
        const cancel = timeline.after(durationMs, wake);
        signal?.addEventListener("abort", wake, { once: true });
      }),
    every(periodMs, work) {
      let cancel = (): void => undefined;
      const again = (): void => {
        cancel = timeline.after(periodMs, () => {
          if (!life.isAlive()) return;
          work();
          again();
        });
      };
      again();
      return () => cancel();
    },
  };
}

function everyFiveMinutes(clock: Clock, onDue: (dueMs: number) => void) {
  const stop = clock.every(300_000, () => onDue(Math.floor(clock.nowMs() / 60_000) * 60_000));
  return { stop, nextDueMs: () => null };
}

function journalOf({ instanceId, say }: ComputerOptions): Journal {
  const line = (text: string): void => say(`${instanceId} ${text}`);
  return {
    started: () => undefined,
    done: (step, ms, details) => line(`${step} done in ${ms} ms ${JSON.stringify(details)}`),
    failed: (step, _ms, failure) => line(`${step} failed: ${failure.message}`),
    info: (message) => line(message),
    refused: (code, message) => line(`refused ${code}: ${message}`),
    trouble: () => undefined,
  };
}
