// What this machine itself shows of the seat: its disks by serial, where PID 1 has them mounted, what
// is on those that may have to be formatted, and the state of the units. No call leaves the machine.

import type { DiskContent, DiskFact, UnitFact, VolumeFact } from "../domain/facts.ts";
import type { Settings } from "../domain/settings.ts";
import type { BlockDevice } from "../port/devices.ts";
import { filesystemUuid } from "../port/filesystems.ts";
import type { Identity, Ports } from "./ports.ts";

/** Whatever EC2 says of attachments: a stale answer must not hide a disk that is mounted here. */
export async function observeDisks(
  ports: Ports,
  identity: Identity,
  volumes: readonly VolumeFact[],
): Promise<readonly DiskFact[]> {
  const disks = await Promise.all(volumes.map((volume) => observeDisk(ports, identity, volume)));
  return disks.filter((disk) => disk !== null);
}

export function observeUnits(ports: Ports, settings: Settings): Promise<readonly UnitFact[]> {
  return Promise.all(
    settings.units.map(async (name) => ({ name, state: await ports.units.state(name) })),
  );
}

async function observeDisk(
  ports: Ports,
  identity: Identity,
  volume: VolumeFact,
): Promise<DiskFact | null> {
  const { volumeId } = volume;
  const attachment = volume.attachments.find((entry) => entry.instanceId === identity.instanceId);
  const device = await ports.devices.find(volumeId, attachment?.device ?? null);
  if (device === null) {
    if (attachment === undefined) return null;
    return { volumeId, path: null, content: null, mountedAt: [], free: false };
  }
  const mounts = await ports.mounts.find({ majorMinor: device.majorMinor });
  const mountedAt = mounts.map((mount) => mount.mountPoint);
  const free = mountedAt.length === 0 && (await ports.devices.isFree(device));
  return {
    volumeId,
    path: device.path,
    content: await contentOf(ports, volume, { device, free }),
    mountedAt,
    free,
  };
}

/** Looked at only where a format may follow: born blank, never written, and held by nobody. */
async function contentOf(
  ports: Ports,
  volume: VolumeFact,
  found: { device: BlockDevice; free: boolean },
): Promise<DiskContent | null> {
  if (volume.parent !== "blank" || volume.written > 0 || !found.free) return null;
  const content = await ports.contents.inspect(found.device);
  if (content.kind !== "filesystem") return content;
  const ours = content.uuid === filesystemUuid(volume.volumeId);
  return { kind: "filesystem", type: content.type, ours };
}
