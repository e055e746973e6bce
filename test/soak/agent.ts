// The agent that is soaked: the daemon with its real SDK and IMDS client on a paper machine, wired as the
// program wires itself, with a journal that only counts.

import { Failure } from "../../agent/domain/failure.ts";
import { newMind, runDaemon } from "../../agent/flow/daemon.ts";
import type { Observer } from "../../agent/flow/ports.ts";
import type { Mind } from "../../agent/flow/pursue.ts";
import { autoScalingPort } from "../../agent/port/auto-scaling.ts";
import { awsPort } from "../../agent/port/aws.ts";
import { systemClock } from "../../agent/port/clock.ts";
import { roleKeys } from "../../agent/port/credentials.ts";
import { ec2Disks } from "../../agent/port/ec2-disks.ts";
import { ec2Reads } from "../../agent/port/ec2-reads.ts";
import { ec2Writes } from "../../agent/port/ec2-writes.ts";
import { type Imds, imdsPort } from "../../agent/port/imds.ts";
import { type Identity, readIdentity } from "../../agent/port/imds-readings.ts";
import type { Journal } from "../../agent/port/journal.ts";
import type { FastClock } from "../flow/fast-clock.ts";
import { held } from "../flow/held.ts";
import { instanceKeysAt } from "../flow/instance-keys.ts";
import { createPaperMachine } from "../flow/paper-machine.ts";
import { settings } from "../plan/seat.ts";
import type { FarRegion } from "./far-region.ts";

export interface SoakedAgent {
  readonly instanceId: string;
  readonly mind: Mind;
  readonly counts: Counts;
  due(): void;
  stop(): Promise<void>;
}

export interface Counts {
  steps: number;
  sets: number;
  troubles: number;
  refusals: number;
}

const wanted = settings({
  patienceMs: 60_000,
  snapshots: { schedule: "* * * * *", keep: { latest: 3, hourly: 0, daily: 0 } },
  keepOldVolumesMs: 60_000,
});

export async function startAgent(
  region: FarRegion,
  clock: FastClock,
  instanceId: string,
): Promise<SoakedAgent> {
  const endpoint = await region.ask({ ask: "listen", instanceId });
  const counts: Counts = { steps: 0, sets: 0, troubles: 0, refusals: 0 };
  const schedule = { onDue: (_atMs: number): void => undefined };
  const link = imdsPort({ clock: systemClock(), endpoint });
  const imds = held(clock, link);
  const { read } = held(clock, { read: instanceKeysAt(endpoint) });
  const aws = awsPort({ region: region.regionName, keys: roleKeys({ read, clock }), limit });
  const { devices, contents, filesystems, mounts, units, checks } = createPaperMachine(
    region.disks,
    instanceId,
  );
  const ports: Observer["ports"] = {
    ...{ clock, imds, devices, contents, filesystems, mounts, units, checks },
    journal: countingJournal(counts),
    reads: ec2Reads(aws),
    writes: ec2Writes(aws),
    volumes: ec2Disks(aws),
    autoScaling: autoScalingPort(aws),
    renewConnections: aws.renew,
    abandonCalls: aws.abandon,
    schedules: {
      start(_expression, onDue) {
        schedule.onDue = onDue;
        return { stop: () => undefined, nextDueMs: () => null };
      },
    },
  };
  const observer = { ports, settings: wanted, identity: await identityOf(link) };
  const stop = new AbortController();
  const mind = newMind();
  const powerOff = new AbortController().signal;
  const running = runDaemon({ observer, stop: stop.signal, powerOff }, mind);
  return {
    instanceId,
    mind,
    counts,
    due: () => schedule.onDue(clock.nowMs()),
    async stop() {
      stop.abort();
      await running;
      aws.renew();
    },
  };
}

/** As at a boot: IMDS is asked until it answers. */
async function identityOf(link: Imds): Promise<Identity> {
  for (let turn = 0; turn < 100; turn += 1) {
    try {
      return await readIdentity(link);
    } catch (thrown) {
      if (!(thrown instanceof Failure)) throw thrown;
    }
  }
  throw new Error("Cannot soak: IMDS does not answer");
}

/** Real time, of which the agent's 25 s pass in one. */
const limit = { connectionTimeout: 1_000, requestTimeout: 1_500 } as const;

function countingJournal(counts: Counts): Journal {
  return {
    started: () => undefined,
    done(step) {
      counts.steps += 1;
      if (step === "snapshotSet") counts.sets += 1;
    },
    failed: () => undefined,
    info: () => undefined,
    refused() {
      counts.refusals += 1;
    },
    trouble() {
      counts.troubles += 1;
    },
  };
}
