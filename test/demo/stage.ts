// A region with the demo's seat in it: two zones, an Elastic IP, a group of one with both hooks, and
// instances that are real. Everything lives in the enclosure that the entry made, so nothing here
// has to be taken down for the host's sake.

import { DescribeAutoScalingGroupsCommand } from "@aws-sdk/client-auto-scaling";
import type { Clock } from "../../agent/domain/clock.ts";
import { printedFor, settingsFrom } from "../region/iam/printed.ts";
import { createProcessMachines } from "../region/machines/process.ts";
import { type ClosableMachines, createRegion, type Region, type Seams } from "../region/region.ts";
import { type SeededSeat, seedTwoZones } from "../region/scenario/two-az.ts";
import { awsDelays, scaled } from "../region/state/delays.ts";
import type { RegionEvent } from "../region/state/events.ts";
import { clientPort, imageOf, seatName, settingsText } from "./image.ts";
import type { Init, Pattern } from "./options.ts";
import { plainMachines, plainPort } from "./plain-stage.ts";
import type { Durability } from "./service/store.ts";

/** What the volumes are: loop devices, or nothing where the demo runs without root. */
export type Backend = "loop" | "none";

export interface StageOptions {
  readonly pattern: Pattern;
  /** How many times as fast as AWS the simulated delays are. */
  readonly speed: number;
  readonly durability: Durability;
  readonly init: Init;
  readonly backend: Backend;
  readonly clock: Clock;
  readonly onEvent: (event: RegionEvent) => void;
  readonly onLog: (line: LogLine) => void;
}

/** One line that a unit of an instance printed. */
export interface LogLine {
  readonly atMs: number;
  readonly instanceId: string;
  readonly unit: string;
  readonly text: string;
}

export interface Stage {
  readonly region: Region;
  readonly seat: SeededSeat;
  /** The service at the Elastic IP. */
  readonly baseUrl: string;
  readonly speed: number;
}

const regionName = "eu-west-1";

export async function raise(options: StageOptions): Promise<Stage> {
  const { speed, clock, backend } = options;
  // On this host an Elastic IP is a loopback address with a relay behind it.
  const publicIp = loopbackAddress(clock);
  const made: { region: Region | null } = { region: null };
  const machines = (seams: Seams): Promise<ClosableMachines> =>
    backend === "loop" ? realMachines(options, seams) : Promise.resolve(plain(options, made));
  // Where a machine really boots, its boot takes the time that it takes.
  const delays = { ...scaled(awsDelays, 1 / speed), instanceBootMs: 0 };
  const region = await createRegion({ machines, delays, regionName, elasticIp: () => publicIp });
  made.region = region;
  region.world.on(options.onEvent);
  const settings = settingsFrom(settingsText(options.pattern));
  const policies = [printedFor(settings, regionName)];
  const seat = await seedTwoZones(region, { seat: seatName, policies });
  const port = backend === "loop" ? clientPort : plainPort;
  return { region, seat, baseUrl: `http://${publicIp}:${port}`, speed };
}

function realMachines(options: StageOptions, seams: Seams): Promise<ClosableMachines> {
  const { pattern, durability, init, clock, onLog } = options;
  return createProcessMachines({
    ...seams,
    image: imageOf(pattern, regionName, durability),
    init,
    ports: [clientPort],
    // As other programs do with what they put aside for a while; needs room, so not /tmp.
    poolFolder: process.env["TMPDIR"] ?? "/var/tmp",
    onLog: (instanceId, unit, text) => onLog({ atMs: clock.nowMs(), instanceId, unit, text }),
  });
}

function plain(
  { clock, onLog }: StageOptions,
  made: { readonly region: Region | null },
): ClosableMachines {
  const region = (): Region => {
    if (made.region === null) throw new Error("Cannot launch: the region is not there yet");
    return made.region;
  };
  return plainMachines({ region, onLog: (line) => onLog({ ...line, atMs: clock.nowMs() }) });
}

/** By chance, so that two demos on one machine do not meet. */
function loopbackAddress(clock: Clock): string {
  const byte = (): number => 1 + Math.floor(clock.random() * 253);
  return `127.${byte()}.${byte()}.${byte()}`;
}

/** The one instance that is in service and alone; null while the group is between two. */
export async function settledInstance({ region, seat }: Stage): Promise<string | null> {
  const { AutoScalingGroups: groups = [] } = await region.autoScaling.send(
    new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [seat.groupName] }),
  );
  const members = groups[0]?.Instances ?? [];
  const [only] = members;
  const settled = members.length === 1 && only?.LifecycleState === "InService";
  return settled ? (only.InstanceId ?? null) : null;
}
