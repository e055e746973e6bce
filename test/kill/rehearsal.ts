// One rehearsal at one kill point: first boot, a graceful move, a crash, and a silent taker, with the
// agent killed at every step on the way. It reports what it found; the test judges it.

import {
  DescribeAutoScalingGroupsCommand,
  SuspendProcessesCommand,
  TerminateInstanceInAutoScalingGroupCommand,
  UpdateAutoScalingGroupCommand,
} from "@aws-sdk/client-auto-scaling";
import { DescribeSnapshotsCommand, DescribeVolumesCommand } from "@aws-sdk/client-ec2";
import type { StepName } from "../../agent/domain/steps.ts";
import { systemClock } from "../../agent/port/clock.ts";
import { printedFor, settingsFrom } from "../region/iam/printed.ts";
import { createProcessMachines, type ProcessMachines } from "../region/machines/process.ts";
import { createRegion, type Region } from "../region/region.ts";
import { type SeededSeat, seedTwoZones } from "../region/scenario/two-az.ts";
import { awsDelays, scaled } from "../region/state/delays.ts";
import { createDiary, type Diary, markPrefix } from "./diary.ts";
import { clientPort, imageOf, seatName, settings } from "./image.ts";
import { type Killing, killerBefore } from "./killer.ts";
import { lingering } from "./lingerer.ts";
import type { Point } from "./signs.ts";
import { createSilencer, type Silencer } from "./silencer.ts";

const regionName = "eu-west-1";
const speed = 20;
const clock = systemClock();
const rowsEach = 20;

interface Scene {
  readonly region: Region;
  readonly machines: ProcessMachines;
  readonly seat: SeededSeat;
  readonly diary: Diary;
  readonly publicIp: string;
  readonly silencer: Silencer;
}

export interface Found {
  readonly point: Point;
  readonly killed: readonly StepName[];
  readonly acknowledged: number;
  readonly lost: number;
  readonly attempts: number;
  /** By set id: how many snapshots it has; and the volumes, with their parents and zones. */
  readonly sets: Readonly<Record<string, number>>;
  readonly volumes: readonly { readonly parent: string; readonly zone: string }[];
}

/** Needs to run in namespaces of its own. */
export async function rehearseAt(point: Point): Promise<Found> {
  const scene = await raise(point);
  return { point, ...(await rehearse(scene)) };
}

async function raise(at: Point): Promise<Scene> {
  const publicIp = `127.${octet()}.${octet()}.${octet()}`;
  const diary = createDiary();
  let machines: ProcessMachines | null = null;
  const made = () => {
    if (machines === null) throw new Error("the machines are not there yet");
    return machines;
  };
  const silencer = createSilencer((instanceId) => made().pause(instanceId));
  const killing: Killing = {
    point: at,
    killed: (_instanceId, step) => diary.killedAt(step),
    // An agent that died by itself just then is as dead.
    kill: (instanceId) =>
      made()
        .kill(instanceId, "ec2-ha-agent.service")
        .catch(() => undefined),
  };
  const region = await createRegion({
    regionName,
    delays: { ...scaled(awsDelays, 1 / speed), instanceBootMs: 0 },
    elasticIp: () => publicIp,
    guard: (world) =>
      silencer.between(lingering(killerBefore(world, killing), world, clock.sleep), world),
    machines: async (seams) => {
      machines = await createProcessMachines({
        ...seams,
        image: imageOf(regionName, at),
        init: "small",
        ports: [clientPort],
        poolFolder: process.env["TMPDIR"] ?? "/var/tmp",
        onLog: (instanceId, unit, line) => {
          if (process.env["KILL_TRACE"] !== undefined) {
            process.stderr.write(`${instanceId.slice(-4)} ${unit} ${line}\n`);
          }
        },
      });
      return machines;
    },
  });
  const policies = [printedFor(settingsFrom(settings), regionName)];
  const seat = await seedTwoZones(region, { seat: seatName, policies });
  return { region, machines: made(), seat, diary, publicIp, silencer };
}

function octet(): number {
  return 1 + Math.floor(clock.random() * 253);
}

async function rehearse(scene: Scene): Promise<Omit<Found, "point">> {
  const { region } = scene;
  const written: number[] = [];
  const first = await settled(scene, null);
  await write(scene, written);
  const terminate = { InstanceId: first, ShouldDecrementDesiredCapacity: false };
  await region.autoScaling.send(new TerminateInstanceInAutoScalingGroupCommand(terminate));
  const second = await settled(scene, first);
  await write(scene, written);
  await region.world.crash(second);
  const third = await settled(scene, second);
  await write(scene, written);
  await fenceOne(scene, third);
  await write(scene, written);
  return judge(scene, written);
}

/** A replacement takes the address and goes silent with its machine; the one after it fences it. */
async function fenceOne(scene: Scene, holder: string): Promise<void> {
  scene.silencer.arm([holder]);
  await scene.region.world.crash(holder);
  for (let turn = 0; scene.silencer.silenced() === null; turn += 1) await pause(scene, turn);
  const { autoScaling } = scene.region;
  const group = { AutoScalingGroupName: scene.seat.groupName };
  const resize = (size: number) =>
    new UpdateAutoScalingGroupCommand({ ...group, MaxSize: size, DesiredCapacity: size });
  // A second instance beside the silent one, and no third in its place.
  await autoScaling.send(resize(2));
  const ended = [holder, scene.silencer.silenced()];
  for (let turn = 0; (await beside(scene, ended)).length === 0; turn += 1) await pause(scene, turn);
  await autoScaling.send(new SuspendProcessesCommand({ ...group, ScalingProcesses: ["Launch"] }));
  await settled(scene, holder);
  await autoScaling.send(resize(1));
}

// A kill costs about a second, and a life has about thirty of them.
const turnsMax = 1_200;
const turnMs = 250;

async function pause(scene: Scene, turn: number): Promise<void> {
  if (turn > turnsMax) throw new Error("the seat was not served in time");
  await Promise.all((await members(scene)).map((member) => readMarks(scene, member.InstanceId)));
  await clock.sleep(turnMs);
}

/** A machine that is not up yet, or no more, or paused, has nothing to tell. */
async function readMarks(scene: Scene, instanceId: string | undefined): Promise<void> {
  if (instanceId === undefined || instanceId === scene.silencer.silenced()) return;
  const list = ["sh", "-c", `ls -d ${markPrefix}*`];
  try {
    const { stdout } = await scene.machines.exec(instanceId, list, { timeoutMs: 2_000 });
    scene.diary.read(stdout);
  } catch {
    // The next turn asks again.
  }
}

/** The one instance in service, another than before. */
async function settled(scene: Scene, before: string | null): Promise<string> {
  for (let turn = 0; ; turn += 1) {
    await pause(scene, turn);
    const found = await members(scene);
    const [only] = found;
    if (
      found.length === 1 &&
      only?.LifecycleState === "InService" &&
      only.InstanceId !== undefined &&
      only.InstanceId !== before
    ) {
      return only.InstanceId;
    }
  }
}

/** Members of the group that are none of these. */
async function beside(scene: Scene, others: readonly (string | null)[]) {
  const found = await members(scene);
  return found.filter((member) => !others.includes(member.InstanceId ?? null));
}

async function members({ region, seat }: Scene) {
  const input = { AutoScalingGroupNames: [seat.groupName] };
  const answer = await region.autoScaling.send(new DescribeAutoScalingGroupsCommand(input));
  return answer.AutoScalingGroups?.[0]?.Instances ?? [];
}

async function write(scene: Scene, written: number[]): Promise<void> {
  for (let count = 0; count < rowsEach; count += 1) {
    const key = written.length + 1;
    for (let turn = 0; !(await put(scene, key)); turn += 1) await pause(scene, turn);
    written.push(key);
  }
}

async function put({ publicIp }: Scene, key: number): Promise<boolean> {
  const request = { method: "PUT", body: `value ${key}`, signal: AbortSignal.timeout(2_000) };
  const answer = await fetch(`http://${publicIp}/pairs/${key}`, request).catch(() => null);
  await answer?.text().catch(() => "");
  return answer?.ok ?? false;
}

async function judge(scene: Scene, written: readonly number[]): Promise<Omit<Found, "point">> {
  const { region, machines, diary } = scene;
  const response = await fetch(`http://${scene.publicIp}/pairs?after=0`);
  const pairs = JSON.stringify(await response.json());
  const lost = written.filter((key) => !pairs.includes(`"value ${key}"`)).length;
  const holder = await settled(scene, null);
  const attempts = await machines.exec(holder, ["cat", "/srv/kv/attempts"]);
  const Filters = [{ Name: "tag:ec2-ha:seat", Values: [seatName] }];
  const { Snapshots: snapshots = [] } = await region.ec2.send(
    new DescribeSnapshotsCommand({ OwnerIds: ["self"], Filters }),
  );
  const { Volumes: volumes = [] } = await region.ec2.send(new DescribeVolumesCommand({ Filters }));
  const sets: Record<string, number> = {};
  for (const snapshot of snapshots) {
    const set = tagOf(snapshot.Tags, "ec2-ha:set");
    sets[set] = (sets[set] ?? 0) + 1;
  }
  return {
    killed: diary.killed(),
    acknowledged: written.length,
    lost,
    attempts: attempts.stdout.trim().split("\n").length,
    sets,
    volumes: volumes.map((volume) => ({
      parent: tagOf(volume.Tags, "ec2-ha:parent"),
      zone: volume.AvailabilityZone ?? "",
    })),
  };
}

function tagOf(
  list: readonly { Key?: string | undefined; Value?: string | undefined }[] | undefined,
  key: string,
): string {
  return list?.find((tag) => tag.Key === key)?.Value ?? "";
}
