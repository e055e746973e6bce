// One instance's own machine, kept in memory: a disk is there as long as the region has it attached,
// mounts and units are plain state. It implements the host's ports by their contracts and nothing more;
// a test scripts what may go wrong, and reads what was asked of it.

import { basename } from "node:path";
import { volumeId as parseVolumeId, type VolumeId } from "../../agent/domain/ids.ts";
import type { Ports } from "../../agent/flow/ports.ts";
import type { CheckAnswer } from "../../agent/port/checks.ts";
import type { BlockDevice } from "../../agent/port/devices.ts";
import type { Mount } from "../../agent/port/mounts.ts";
import type { OperatorCommand, Units } from "../../agent/port/units.ts";
import type { PaperDisk, PaperDisks } from "./paper-disks.ts";

export type HostPorts = Pick<
  Ports,
  "devices" | "contents" | "filesystems" | "mounts" | "units" | "checks"
>;

export interface PaperMachine extends HostPorts {
  /** What the unit does once it is started, before it counts as active. */
  onStart: (unit: string) => Promise<void>;
  onCommand: (command: OperatorCommand) => Promise<{ exitCode: number | null; output: string }>;
  answer: CheckAnswer;
  power: Awaited<ReturnType<Units["systemPoweringOff"]>>;
  /** Every deed, in order, as in "mount /data". */
  readonly deeds: readonly string[];
  /** Appends a line to what is mounted there; throws where nothing is. */
  write(mountPoint: string, line: string): void;
  read(mountPoint: string): readonly string[];
  mountPoints(): readonly string[];
  mountedVolumes(): readonly string[];
  activeUnits(): readonly string[];
}

interface Inside {
  readonly disks: PaperDisks;
  readonly instanceId: string;
  /** By mount point. */
  readonly mounted: Map<string, BlockDevice>;
  readonly active: Set<string>;
  readonly deeds: string[];
}

export function createPaperMachine(disks: PaperDisks, instanceId: string): PaperMachine {
  const inside: Inside = {
    disks,
    instanceId,
    mounted: new Map(),
    active: new Set(),
    deeds: [],
  };
  const { mounted, active, deeds } = inside;
  const machine: PaperMachine = {
    onStart: async () => undefined,
    onCommand: async () => ({ exitCode: 0, output: "" }),
    answer: { ok: true },
    power: "no",
    deeds,
    write(mountPoint, line) {
      const disk = diskAt(inside, mountPoint);
      disk.lines = [...disk.lines, line];
    },
    read: (mountPoint) => diskAt(inside, mountPoint).lines,
    mountPoints: () => [...mounted.keys()],
    mountedVolumes: () => [...mounted.values()].map((device) => device.volumeId),
    activeUnits: () => [...active],
    devices: devicesOf(inside),
    contents: {
      async inspect({ volumeId }) {
        const { filesystem } = disks.disk(volumeId);
        return filesystem === null ? { kind: "blank" } : { kind: "filesystem", ...filesystem };
      },
    },
    filesystems: filesystemsOf(inside),
    mounts: mountsOf(inside),
    units: unitsOf(inside, () => machine),
    checks: { check: async () => machine.answer },
  };
  return machine;
}

function devicesOf({ disks, instanceId, mounted }: Inside): HostPorts["devices"] {
  const find = async (volumeId: VolumeId): Promise<BlockDevice | null> => {
    if (disks.machines.attachedTo(volumeId) !== instanceId) return null;
    const majorMinor = `259:${Number.parseInt(volumeId.slice(-6), 16)}`;
    return { volumeId, path: `/dev/paper/${volumeId}`, majorMinor, sizeBytes: 2 ** 30 };
  };
  return {
    find,
    verify: async ({ volumeId }) => (await find(volumeId)) !== null,
    isFree: async ({ volumeId }) =>
      ![...mounted.values()].some((device) => device.volumeId === volumeId),
    rescanSize: async (device) => device,
  };
}

function filesystemsOf({ disks, deeds }: Inside): HostPorts["filesystems"] {
  return {
    async mkfs({ device, type, uuid }) {
      deeds.push("mkfs");
      const disk = disks.disk(device.volumeId);
      if (disk.filesystem !== null) throw new Error("Cannot format: the disk is not blank");
      disk.filesystem = { type, uuid };
    },
    async fsck() {
      deeds.push("fsck");
      return { kind: "clean" };
    },
    isDamaged: async () => false,
    grow: async () => undefined,
    setOwner: async () => undefined,
    setMode: async () => undefined,
  };
}

function mountsOf({ disks, mounted, deeds }: Inside): HostPorts["mounts"] {
  const all = () => [...mounted].map(([mountPoint, device]) => mountOf(mountPoint, device));
  return {
    async find(filter) {
      return all().filter((mount) =>
        "majorMinor" in filter
          ? mount.majorMinor === filter.majorMinor
          : "mountPoint" in filter && mount.mountPoint === filter.mountPoint,
      );
    },
    async mount({ device, mountPoint }) {
      const volumeId = parseVolumeId(basename(device.path));
      if (volumeId === null) throw new Error(`Cannot mount "${device.path}": no disk of a volume`);
      deeds.push(`mount ${mountPoint}`);
      mounted.set(mountPoint, { ...device, volumeId, sizeBytes: 2 ** 30 });
      disks.machines.setBusy(volumeId, true);
      return { kind: "mounted", mount: mountOf(mountPoint, device) };
    },
    async unmount({ mountPoint }) {
      deeds.push(`unmount ${mountPoint}`);
      const device = mounted.get(mountPoint);
      if (device !== undefined) disks.machines.setBusy(device.volumeId, false);
      mounted.delete(mountPoint);
      return { kind: "unmounted" };
    },
    holders: async () => [],
    isEmptyDirectory: async () => true,
  };
}

function unitsOf({ active, deeds }: Inside, machine: () => PaperMachine): HostPorts["units"] {
  return {
    state: async (unit) => (active.has(unit) ? "active" : "inactive"),
    async start(unit) {
      deeds.push(`start ${unit}`);
      await machine().onStart(unit);
      active.add(unit);
    },
    async stop(unit) {
      deeds.push(`stop ${unit}`);
      active.delete(unit);
    },
    async kill(unit) {
      active.delete(unit);
    },
    installDropIn: async () => undefined,
    async runCommand(command) {
      deeds.push(`run ${command.command}`);
      return machine().onCommand(command);
    },
    systemPoweringOff: async () => machine().power,
  };
}

function diskAt({ mounted, disks }: Inside, mountPoint: string): PaperDisk {
  const device = mounted.get(mountPoint);
  if (device === undefined) throw new Error(`Cannot use "${mountPoint}": nothing is mounted`);
  return disks.disk(device.volumeId);
}

function mountOf(mountPoint: string, device: { path: string; majorMinor: string }): Mount {
  const { path: source, majorMinor } = device;
  return { majorMinor, root: "/", mountPoint, options: ["rw"], type: "ext4", source };
}
