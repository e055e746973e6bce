// Makes the real world's ports and puts them together: the only place that knows all of them. The
// instance's identity comes first, from IMDS, for as long as it takes at boot; then the settings,
// which may take the seat's name from an instance tag; then the clients of that region.

import { Failure } from "../domain/failure.ts";
import type { Settings } from "../domain/settings.ts";
import type { Observer, Ports } from "../flow/ports.ts";

import { autoScalingPort } from "../port/auto-scaling.ts";
import { awsPort } from "../port/aws.ts";
import { checksPort } from "../port/checks.ts";
import { systemClock } from "../port/clock.ts";
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

export type Wired =
  | { readonly ok: true; readonly observer: Observer }
  /** Bad settings: every mistake, in one text. */
  | { readonly ok: false; readonly message: string };

export interface Wish {
  readonly arguments: Arguments;
  /** How long IMDS is waited for: a boot may take its time, an operator will not. */
  readonly patienceMs: number;
}

export async function wire(wish: Wish): Promise<Wired> {
  const clock = systemClock();
  // What a command prints is on stdout, alone; the daemon prints nothing but its journal.
  const destination = wish.arguments.command === "run" ? process.stdout : process.stderr;
  const journal = journalPort({ clock, destination });
  const imds = imdsPort({ clock, endpoint: imdsEndpoint(process.env) });
  const text = await readSettingsFile(wish.arguments.config);
  const identity = await untilKnown({ imds, journal, clock }, wish.patienceMs);
  const instanceTags = await readInstanceTags(imds);
  const { overrides, config } = wish.arguments;
  const loaded = loadSettings({ text, overrides, environment: process.env, instanceTags });
  if (!loaded.ok) return { ok: false, message: describeMistakes(config, loaded.mistakes) };
  const ports = portsOf({ clock, journal, imds }, identity.region);
  return { ok: true, observer: { ports, settings: loaded.settings satisfies Settings, identity } };
}

type Basics = Pick<Ports, "clock" | "journal" | "imds">;

function portsOf(basics: Basics, region: string): Ports {
  const { clock } = basics;
  const programs = programsPort({ clock });
  const host = hostPrograms({ programs });
  const units = unitsPort({ clock, programs, host });
  const aws = awsPort(region);
  return {
    ...basics,
    reads: ec2Reads(aws),
    writes: ec2Writes(aws),
    volumes: ec2Disks(aws),
    autoScaling: autoScalingPort(aws),
    renewConnections: aws.renew,
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

/** In the first seconds of a boot there is no route to IMDS yet: "not yet" is not "never". */
async function untilKnown(
  basics: Basics & { readonly imds: Imds; readonly journal: Journal },
  patienceMs: number,
): Promise<FoundIdentity> {
  const { clock, imds, journal } = basics;
  const startMs = clock.monotonicMs();
  for (;;) {
    try {
      return await readIdentity(imds);
    } catch (thrown) {
      if (!(thrown instanceof Failure) || thrown.kind === "broken") throw thrown;
      if (clock.monotonicMs() - startMs > patienceMs) throw thrown;
      journal.trouble(thrown);
      await clock.sleep(retryMs);
    }
  }
}
