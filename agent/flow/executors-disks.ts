// The steps on this machine's disks. Everything that touches one checks its serial right before, since
// device names move; what is found wrong is an outcome with a code, never tried again by itself.

import type { RefusalCode } from "../domain/decision.ts";
import { Failure } from "../domain/failure.ts";
import type { VolumeId } from "../domain/ids.ts";
import type { Outcome, StepArguments } from "../domain/steps.ts";
import type { BlockDevice } from "../port/devices.ts";
import { filesystemUuid } from "../port/filesystems.ts";
import { inWords, mayFormat } from "./disk-contents.ts";
import { done, type Executors } from "./executors-type.ts";
import type { Ports } from "./ports.ts";

type DiskStep = "format" | "check" | "mount" | "settle" | "unmount";

/** What of the world these steps touch. */
type DiskPorts = Pick<
  Ports,
  "devices" | "contents" | "filesystems" | "mounts" | "units" | "journal"
>;

export function diskExecutors(ports: DiskPorts): Pick<Executors, DiskStep> {
  const { filesystems } = ports;
  return {
    format: (args) =>
      onDevice(ports, args.volumeId, async (device) => {
        const { type, label, volumeId } = args;
        const uuid = filesystemUuid(volumeId);
        // Looked at again: it was blank a moment ago, and what is formatted does not come back.
        const content = await ports.contents.inspect(device);
        if (!mayFormat(content, uuid)) {
          return refused(
            `"${volumeId}" was to be formatted and holds ${inWords(content)}, wanted nothing: see what wrote to it, then restart the agent`,
            "EHA-DISK-NOT-BLANK",
          );
        }
        await filesystems.mkfs({ device, type, uuid, label });
        return done;
      }),
    check: (args) => onDevice(ports, args.volumeId, (device) => check(ports, device)),
    mount: (args) => onDevice(ports, args.volumeId, (device) => mount(ports, args, device)),
    settle: (args) => onDevice(ports, args.volumeId, (device) => settle(ports, args, device)),
    unmount: (args) => unmount(ports, args),
  };
}

function refused(why: string, code: RefusalCode | null): Outcome {
  return { kind: "refused", why, code };
}

/** The device whose serial is the volume's id, looked up now: a name from a moment ago may be another's. */
async function onDevice(
  ports: DiskPorts,
  volumeId: VolumeId,
  work: (device: BlockDevice) => Promise<Outcome>,
): Promise<Outcome> {
  const device = await ports.devices.find(volumeId, null);
  if (device === null || !(await ports.devices.verify(device))) {
    return refused(`"${volumeId}" has no device here any more`, null);
  }
  return work(device);
}

async function check(ports: DiskPorts, device: BlockDevice): Promise<Outcome> {
  const content = await ports.contents.inspect(device);
  if (content.kind !== "filesystem") {
    return refused(
      `"${device.volumeId}" holds ${inWords(content)}, wanted a file system: mend it by hand, then restart the agent`,
      "EHA-DISK-DAMAGED",
    );
  }
  await untilFree(ports, device);
  const found = await ports.filesystems.fsck({ device, type: content.type });
  if (found.kind === "unended") {
    return refused(
      `the check of "${device.volumeId}" had not ended after ${found.detail}, and was ended: check it by hand, then restart the agent`,
      "EHA-DISK-CHECK",
    );
  }
  if (found.kind !== "damaged") return done;
  return refused(
    `fsck left "${device.volumeId}" damaged (${found.detail}): repair it by hand, then restart the agent`,
    "EHA-DISK-DAMAGED",
  );
}

/** A check that outlived the agent that began it is no damage: it is waited for. */
async function untilFree(ports: DiskPorts, device: BlockDevice): Promise<void> {
  if (await ports.devices.isFree(device)) return;
  throw new Failure({
    kind: "transient",
    action: "check",
    subject: `"${device.volumeId}"`,
    found: "something has it open",
    next: "waiting for it to end",
    refusal: "EHA-DISK-CHECK",
  });
}

async function mount(
  ports: DiskPorts,
  args: StepArguments["mount"],
  device: BlockDevice,
): Promise<Outcome> {
  const outcome = await ports.mounts.mount({
    device,
    mountPoint: args.mountPoint,
    type: args.type,
    options: args.options,
    timeoutMs: mountMs,
  });
  switch (outcome.kind) {
    case "mounted":
      return done;
    case "occupied":
      return refused(
        `something else is mounted at ${args.mountPoint}: unmount it, then restart the agent`,
        "EHA-MOUNT-POINT",
      );
    case "elsewhere":
      return refused(
        `"${args.volumeId}" is mounted at ${outcome.at.mountPoint}, wanted ${args.mountPoint}: unmount it, then restart the agent`,
        "EHA-MOUNT-POINT",
      );
    case "notEmpty":
      return refused(
        `${args.mountPoint} is not empty (${outcome.entries.join(", ")}): a mount would hide it: move it away, then restart the agent`,
        "EHA-MOUNT-POINT",
      );
    case "unfit":
      return refused(
        `${args.mountPoint} cannot be mounted on: ${outcome.detail}: put a directory there, or name another, then restart the agent`,
        "EHA-MOUNT-POINT",
      );
    case "refused":
      return unmounted(ports, args, { device, detail: outcome.detail });
  }
}

/** The kernel says "no" alike to options that it does not know and to what it cannot read. */
async function unmounted(
  ports: DiskPorts,
  { volumeId, type, options }: StepArguments["mount"],
  found: { readonly device: BlockDevice; readonly detail: string },
): Promise<Outcome> {
  const { device, detail } = found;
  const content = await ports.contents.inspect(device);
  if (content.kind === "filesystem" && content.type !== type) {
    return refused(
      `"${volumeId}" holds ${inWords(content)}, and the settings say ${type}: put "filesystem" right, then restart the agent`,
      "EHA-MOUNT-REFUSED",
    );
  }
  if (await ports.filesystems.isDamaged({ device, type })) {
    return refused(
      `"${volumeId}" is damaged (${detail}): repair it by hand, then restart the agent`,
      "EHA-DISK-DAMAGED",
    );
  }
  const given = options.length === 0 ? "" : ` with the options ${options.join(",")}`;
  return refused(
    `the kernel does not mount "${volumeId}" as ${type}${given} (${detail}): see its log (dmesg) and the settings, then restart the agent`,
    "EHA-MOUNT-REFUSED",
  );
}

// Replaying a large journal takes a while; a mount that takes longer never comes.
const mountMs = 120_000;

/** A file system that cannot grow now serves all the same: it is said, and the next opening tries again. */
async function growIfPossible(
  ports: DiskPorts,
  mounted: Parameters<Ports["filesystems"]["grow"]>[0],
): Promise<void> {
  try {
    await ports.filesystems.grow(mounted);
  } catch (thrown) {
    if (!(thrown instanceof Failure)) throw thrown;
    ports.journal.trouble(thrown);
  }
}

async function settle(
  ports: DiskPorts,
  args: StepArguments["settle"],
  device: BlockDevice,
): Promise<Outcome> {
  const { mountPoint, type } = args;
  await growIfPossible(ports, { device, mountPoint, type });
  if (args.owner !== null) await ports.filesystems.setOwner(args.mountPoint, args.owner);
  if (args.mode !== null) await ports.filesystems.setMode(args.mountPoint, args.mode);
  return done;
}

const unmountMs = 30_000;

/** Busy: what is left of the units is killed; what is not theirs is named. */
async function unmount(ports: DiskPorts, args: StepArguments["unmount"]): Promise<Outcome> {
  const first = await ports.mounts.unmount({ mountPoint: args.mountPoint, timeoutMs: unmountMs });
  if (first.kind === "unmounted") return done;
  const owned = new Set(
    first.holders.flatMap((holder) => (holder.unit === null ? [] : [holder.unit])),
  );
  for (const unit of args.units) {
    if (owned.has(unit)) await ports.units.kill(unit);
  }
  const second = await ports.mounts.unmount({ mountPoint: args.mountPoint, timeoutMs: unmountMs });
  if (second.kind === "unmounted") return done;
  const names = second.holders.map((holder) => `${holder.command} (${holder.pid})`).join(", ");
  throw new Failure({
    kind: "transient",
    action: "unmount",
    subject: args.mountPoint,
    found: `it is in use by ${names === "" ? second.detail : names}`,
    next: "trying again",
    refusal: "EHA-MOUNT-BUSY",
  });
}
