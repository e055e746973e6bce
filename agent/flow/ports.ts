// Everything of the world that the flows may touch, in one value. It is made in cli/ for the real world,
// and by tests and simulations for theirs.

import type { Clock } from "../domain/clock.ts";
import type { Me } from "../domain/facts.ts";
import type { Settings } from "../domain/settings.ts";
import type { AutoScaling } from "../port/auto-scaling.ts";
import type { Checks } from "../port/checks.ts";
import type { Devices } from "../port/devices.ts";
import type { DiskContents } from "../port/disk-content.ts";
import type { Ec2Disks } from "../port/ec2-disks.ts";
import type { Ec2Reads } from "../port/ec2-reads.ts";
import type { Ec2Writes } from "../port/ec2-writes.ts";
import type { Filesystems } from "../port/filesystems.ts";
import type { Imds } from "../port/imds.ts";
import type { Journal } from "../port/journal.ts";
import type { Mounts } from "../port/mounts.ts";
import type { Schedules } from "../port/schedule.ts";
import type { Units } from "../port/units.ts";

export interface Ports {
  readonly clock: Clock;
  readonly journal: Journal;
  readonly imds: Imds;
  readonly reads: Ec2Reads;
  readonly writes: Ec2Writes;
  readonly volumes: Ec2Disks;
  readonly autoScaling: AutoScaling;
  /** Throws away connections that an association may have cut. */
  readonly renewConnections: () => void;
  /** Ends the calls in flight: whoever waits for them is told to end. */
  readonly abandonCalls: () => void;
  readonly devices: Devices;
  readonly contents: DiskContents;
  readonly filesystems: Filesystems;
  readonly mounts: Mounts;
  readonly units: Units;
  readonly checks: Checks;
  readonly schedules: Schedules;
}

/** What never changes about this instance. */
export interface Identity {
  readonly instanceId: Me["instanceId"];
  readonly zone: string;
  readonly interfaceId: Me["interfaceId"];
  readonly mac: string;
}

/** One instance, its settings and its world: what every flow works for. */
export interface Observer {
  readonly ports: Ports;
  readonly settings: Settings;
  readonly identity: Identity;
}
