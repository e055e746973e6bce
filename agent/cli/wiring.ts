// Makes the real world's ports and puts them together: the only place that knows all of them. The
// instance's identity comes first, from IMDS, for as long as it takes at boot; then the settings,
// which may take the seat's name from an instance tag; then the clients of that region.

import { Failure } from "../domain/failure.ts";
import type { Settings } from "../domain/settings.ts";
import { type Tags, tags } from "../domain/tags.ts";
import type { Observer, Ports } from "../flow/ports.ts";

import { autoScalingPort } from "../port/auto-scaling.ts";
import { awsPort } from "../port/aws.ts";
import { checksPort } from "../port/checks.ts";
import { systemClock } from "../port/clock.ts";
import { readInstanceKeys, roleKeys } from "../port/credentials.ts";
import { devicesPort } from "../port/devices.ts";
import { diskContentsPort } from "../port/disk-content.ts";
import { ec2Disks } from "../port/ec2-disks.ts";
import { ec2Reads } from "../port/ec2-reads.ts";
import { ec2Writes } from "../port/ec2-writes.ts";
import { filesystemsPort } from "../port/filesystems.ts";
import { hostPrograms } from "../port/host-programs.ts";
import { type Imds, imdsEndpoint, imdsPort } from "../port/imds.ts";
import {
  type Identity as FoundIdentity,
  readIdentity,
  readInstanceTags,
} from "../port/imds-readings.ts";
import { type Journal, journalPort } from "../port/journal.ts";
import { mountsPort } from "../port/mounts.ts";
import { programsPort } from "../port/programs.ts";
import { schedulePort } from "../port/schedule.ts";
import { describeMistakes, loadSettings, readSettingsFile } from "../port/settings.ts";
import { unitsPort } from "../port/units.ts";
import type { Arguments } from "./arguments.ts";
import { type Ending, endingOf, misuse } from "./endings.ts";

export type Wired =
  | { readonly ok: true; readonly observer: Observer }
  /** Bad settings, with every mistake in one text; or no IMDS. */
  | { readonly ok: false; readonly ending: Ending };

export interface Wish {
  readonly arguments: Arguments;
  /** How long IMDS is waited for: a boot may take its time, an operator will not. */
  readonly patienceMs: number;
  /** Ends that wait. */
  readonly stop?: AbortSignal;
}

export async function wire(wish: Wish): Promise<Wired> {
  const clock = systemClock();
  // What a command prints is on stdout, alone; the daemon prints nothing but its journal.
  const destination = wish.arguments.command === "run" ? process.stdout : process.stderr;
  const journal = journalPort({ clock, destination });
  const imds = imdsPort({ clock, endpoint: imdsEndpoint(process.env) });
  const text = await textOf(wish.arguments.config);
  if (!text.ok) return text;
  // What is wrong whatever the seat's name is said before IMDS is waited for.
  const early = settingsOf(wish.arguments, text.value, anySeat);
  if (!early.ok) return early;
  const machine = await untilKnown({ imds, journal, clock }, wish);
  if (!machine.ok) return machine;
  const { identity, instanceTags } = machine.value;
  const settings = settingsOf(wish.arguments, text.value, instanceTags);
  if (!settings.ok) return settings;
  const ports = portsOf({ clock, journal, imds }, identity.region);
  return { ok: true, observer: { ports, settings: settings.value, identity } };
}

/** The settings where no instance tells the seat's name: the file and what stands over it. */
export async function readSettings(given: Arguments): Promise<Found<Settings>> {
  const text = await textOf(given.config);
  return text.ok ? settingsOf(given, text.value, null) : text;
}

type Found<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly ending: Ending };

/** Stands in for the tag that may name the seat. */
const anySeat = { [tags.seat]: "any" };

async function textOf(path: string): Promise<Found<string>> {
  try {
    return { ok: true, value: await readSettingsFile(path) };
  } catch (thrown) {
    if (!(thrown instanceof Failure)) throw thrown;
    return { ok: false, ending: misuse("EHA-SETTINGS", thrown.message) };
  }
}

function settingsOf(
  { overrides, config }: Arguments,
  text: string,
  instanceTags: Tags | null,
): Found<Settings> {
  const loaded = loadSettings({ text, overrides, environment: process.env, instanceTags });
  if (loaded.ok) return { ok: true, value: loaded.settings };
  const message = describeMistakes(config, loaded.mistakes);
  return { ok: false, ending: misuse("EHA-SETTINGS", message) };
}

type Basics = Pick<Ports, "clock" | "journal" | "imds">;

function portsOf(basics: Basics, region: string): Ports {
  const { clock } = basics;
  const programs = programsPort({ clock });
  const host = hostPrograms({ programs });
  const units = unitsPort({ clock, programs, host });
  const aws = awsPort({ region, keys: roleKeys({ read: readInstanceKeys, clock }) });
  return {
    ...basics,
    reads: ec2Reads(aws),
    writes: ec2Writes(aws),
    volumes: ec2Disks(aws),
    autoScaling: autoScalingPort(aws),
    renewConnections: aws.renew,
    abandonCalls: aws.abandon,
    devices: devicesPort({ clock }),
    contents: diskContentsPort({ clock, programs }),
    filesystems: filesystemsPort({ programs, host }),
    mounts: mountsPort({ clock, host }),
    units,
    checks: checksPort({ units }),
    schedules: schedulePort({ clock }),
  };
}

const retryMs = 1_000;

interface Machine {
  readonly identity: FoundIdentity;
  readonly instanceTags: Tags | null;
}

/** In the first seconds of a boot there is no route to IMDS yet: "not yet" is not "never". */
async function untilKnown(
  basics: Basics & { readonly imds: Imds; readonly journal: Journal },
  { patienceMs, stop }: Pick<Wish, "patienceMs" | "stop">,
): Promise<Found<Machine>> {
  const { clock, imds, journal } = basics;
  const startMs = clock.monotonicMs();
  for (;;) {
    try {
      const identity = await readIdentity(imds);
      return { ok: true, value: { identity, instanceTags: await readInstanceTags(imds) } };
    } catch (thrown) {
      if (!(thrown instanceof Failure)) throw thrown;
      const late = clock.monotonicMs() - startMs > patienceMs;
      if (late || thrown.kind === "broken" || stop?.aborted === true) {
        return { ok: false, ending: endingOf(thrown, "EHA-IMDS") };
      }
      journal.trouble(thrown);
      await clock.sleep(retryMs, stop);
    }
  }
}
