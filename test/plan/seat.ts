// Ids by number, one moment in time, and the settings of a plain seat: one volume named "data", an
// address, one unit. A test changes only what matters.

import {
  allocationId,
  associationId,
  instanceId,
  interfaceId,
  snapshotId,
  volumeId,
} from "../../agent/domain/ids.ts";
import type { Settings, VolumeSettings } from "../../agent/domain/settings.ts";

function known<T>(id: T | null): T {
  if (id === null) throw new Error("a builder made a malformed id");
  return id;
}

function digits(n: number): string {
  return n.toString(16).padStart(17, "0");
}

export const i = (n: number) => known(instanceId(`i-${digits(n)}`));
export const vol = (n: number) => known(volumeId(`vol-${digits(n)}`));
export const snap = (n: number) => known(snapshotId(`snap-${digits(n)}`));
export const eipassoc = (n: number) => known(associationId(`eipassoc-${digits(n)}`));
export const eipalloc = known(allocationId(`eipalloc-${digits(1)}`));
export const eni = (n: number) => known(interfaceId(`eni-${digits(n)}`));

export const me = i(1);
export const startMs = Date.parse("2026-11-22T09:00:00Z");

export function instantOf(afterMs: number): string {
  return new Date(startMs + afterMs).toISOString().replace(".000Z", "Z");
}

export function volumeSettings(name: string, over: Partial<VolumeSettings> = {}): VolumeSettings {
  return {
    name,
    mount: `/${name}`,
    filesystem: "ext4",
    options: [],
    owner: null,
    mode: null,
    first: {
      kind: "blank",
      sizeGib: 10,
      type: "gp3",
      encrypted: true,
      kmsKeyId: null,
      iops: null,
      throughputMibps: null,
      init: null,
    },
    restore: { type: "gp3", iops: null, throughputMibps: null, initializationMibps: null },
    ...over,
  };
}

export function settings(over: Partial<Settings> = {}): Settings {
  return {
    seat: "orders",
    address: "tag",
    volumes: [volumeSettings("data")],
    units: ["db.service"],
    ready: null,
    beforeSnapshot: [],
    notify: [],
    snapshots: { schedule: null, keep: { latest: 2, hourly: 0, daily: 0 } },
    maxDataLossMs: null,
    patienceMs: 120_000,
    releaseWithinMs: 300_000,
    keepOldVolumesMs: 86_400_000,
    onRefusal: "hold",
    hooks: { launch: null, terminate: null },
    ...over,
  };
}

export const twoVolumes = settings({ volumes: [volumeSettings("data"), volumeSettings("wal")] });
export const addressOnly = settings({ volumes: [] });
