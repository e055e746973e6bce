// Changing a volume while it is used: size, type, IOPS, throughput. A change is `modifying`, then
// `optimizing` (the volume has its new size from here on) and `completed`; the next one must wait for
// that, and no more than four fit into a day ("ModifyVolume", EC2 API reference of 2026; before, it
// was one in six hours, and callers still see the old words).

import type {
  DescribeVolumesModificationsRequest,
  DescribeVolumesModificationsResult,
  ModifyVolumeRequest,
  ModifyVolumeResult,
  VolumeModification,
} from "@aws-sdk/client-ec2";
import { ApiError } from "../contract.ts";
import { incorrectState, invalidValue, required } from "./errors.ts";
import { type FilterTable, filtered, present, timeText } from "./filters.ts";
import { chosen, findVolume } from "./lookup.ts";
import { page, refuseIdsWithPages } from "./pages.ts";
import { type Region, sleep } from "./region.ts";
import type { Modification, Volume, VolumeMake } from "./resources.ts";
import { performanceOf, volumeTypeOf } from "./volume-types.ts";

const changesMax = 4;
const changesWindowMs = 24 * 3_600_000;

/** DescribeVolumesModifications shows fewer at a time than other actions. */
const pageLimits = { min: 1, max: 500, beyond: "cut" } as const;

export function modifyVolume(region: Region, input: ModifyVolumeRequest): ModifyVolumeResult {
  const volume = findVolume(region, required(input.VolumeId, "VolumeId"));
  if (volume.state !== "available" && volume.state !== "in-use") {
    throw incorrectState(`The volume '${volume.id}' is '${volume.state}'`);
  }
  const target = targetOf(volume, input);
  const startsAtMs = startsAllowed(region, volume.id);
  const modification: Modification = {
    id: volume.id,
    state: "modifying",
    original: shapeOf(volume),
    target,
    startsAtMs,
    endedAtMs: null,
  };
  region.modifications.put(modification);
  region.spawn(() => change(region, modification));
  return { VolumeModification: modificationShape(region, modification) };
}

export function describeVolumesModifications(
  region: Region,
  input: DescribeVolumesModificationsRequest,
): DescribeVolumesModificationsResult {
  refuseIdsWithPages(input.VolumeIds, input, "volumeSet");
  const asked = chosen(region.volumes, "volume", input.VolumeIds);
  const rows = asked.flatMap(({ id }) => region.modifications.get(id) ?? []);
  const isNamed = (input.VolumeIds ?? []).length > 0;
  const unmodified = asked.find(({ id }) => region.modifications.get(id) === undefined);
  if (isNamed && unmodified !== undefined) {
    throw new ApiError(
      "InvalidVolumeModification.NotFound",
      `Modification for volume '${unmodified.id}' does not exist.`,
    );
  }
  const matching = filtered(rows, { filters: input.Filters, table: modificationFilters });
  const { rows: shown, next } = page(matching, input, pageLimits);
  return {
    VolumesModifications: shown.map((row) => modificationShape(region, row)),
    NextToken: next,
  };
}

function targetOf(volume: Volume, input: ModifyVolumeRequest): VolumeMake {
  const { Size: size, VolumeType: type, Iops: iops, Throughput: throughput } = input;
  if ([size, type, iops, throughput].every((each) => each === undefined)) {
    throw invalidValue("At least one of size, type, iops and throughput must be given");
  }
  const sizeGib = size ?? volume.sizeGib;
  if (sizeGib < volume.sizeGib) {
    throw invalidValue(`New size cannot be smaller than existing size (${volume.sizeGib})`);
  }
  const wantedType = type === undefined ? volume.type : volumeTypeOf(type);
  const isSameType = wantedType === volume.type;
  const keepsIops = isSameType && wantedType !== "gp2";
  return {
    sizeGib,
    type: wantedType,
    ...performanceOf({
      type: wantedType,
      sizeGib,
      iops: iops ?? (keepsIops ? (volume.iops ?? undefined) : iopsDefaultOf(wantedType)),
      throughputMibps:
        throughput ?? (isSameType ? (volume.throughputMibps ?? undefined) : undefined),
    }),
  };
}

/** "If you change the volume type to io1, io2, or gp3, the default is 3,000." */
function iopsDefaultOf(type: Volume["type"]): number | undefined {
  return type === "io1" || type === "io2" ? 3_000 : undefined;
}

/** When this volume's changes of the last day began, this one among them. */
function startsAllowed(region: Region, volumeId: string): readonly number[] {
  const nowMs = region.clock.nowMs();
  const last = region.modifications.get(volumeId);
  if (last !== undefined && last.state !== "completed") {
    throw new ApiError(
      "IncorrectModificationState",
      `Cannot modify volume ${volumeId}, currently in modification state '${last.state.toUpperCase()}'`,
    );
  }
  const recent = (last?.startsAtMs ?? []).filter((atMs) => nowMs - atMs < changesWindowMs);
  const [oldestMs] = recent;
  if (oldestMs !== undefined && recent.length >= changesMax) {
    throw new ApiError(
      "VolumeModificationRateExceeded",
      "You've reached the maximum modification rate per volume limit. " +
        `The next modification is possible at ${timeText(oldestMs + changesWindowMs)}.`,
    );
  }
  return [...recent, nowMs];
}

async function change(region: Region, { id, target }: Modification): Promise<void> {
  await sleep(region, region.delays.volumeModifyMs);
  if (region.volumes.get(id) === undefined) return;
  region.volumes.change(id, target);
  region.modifications.change(id, { state: "optimizing" });
  await region.effects.run([id], () => region.machines.growVolume(id, target.sizeGib));
  await sleep(region, region.delays.volumeOptimizeMs);
  region.modifications.change(id, { state: "completed", endedAtMs: region.clock.nowMs() });
}

function shapeOf({ sizeGib, type, iops, throughputMibps }: Volume): VolumeMake {
  return { sizeGib, type, iops, throughputMibps };
}

function modificationShape(region: Region, row: Modification): VolumeModification {
  const { original, target, endedAtMs } = row;
  return {
    VolumeId: row.id,
    ModificationState: row.state,
    OriginalSize: original.sizeGib,
    TargetSize: target.sizeGib,
    OriginalVolumeType: original.type,
    TargetVolumeType: target.type,
    OriginalIops: original.iops ?? undefined,
    TargetIops: target.iops ?? undefined,
    OriginalThroughput: original.throughputMibps ?? undefined,
    TargetThroughput: target.throughputMibps ?? undefined,
    OriginalMultiAttachEnabled: false,
    TargetMultiAttachEnabled: false,
    Progress: progressOf(region, row),
    StartTime: new Date(startOf(row)),
    EndTime: endedAtMs === null ? undefined : new Date(endedAtMs),
  };
}

function startOf({ startsAtMs }: Modification): number {
  return startsAtMs.at(-1) ?? 0;
}

/** Counted over the optimizing, which takes nearly all of the time. */
function progressOf(region: Region, row: Modification): number {
  if (row.state === "completed") return 100;
  const { volumeModifyMs, volumeOptimizeMs } = region.delays;
  const doneMs = region.clock.nowMs() - startOf(row) - volumeModifyMs;
  const share = doneMs / Math.max(1, volumeOptimizeMs);
  return Math.max(0, Math.min(99, Math.floor(share * 100)));
}

const modificationFilters: FilterTable<Modification> = {
  "modification-state": (row) => [row.state],
  "original-iops": (row) => present(row.original.iops),
  "original-size": (row) => [String(row.original.sizeGib)],
  "original-volume-type": (row) => [row.original.type],
  originalMultiAttachEnabled: () => ["false"],
  "start-time": (row) => [timeText(startOf(row))],
  "target-iops": (row) => present(row.target.iops),
  "target-size": (row) => [String(row.target.sizeGib)],
  "target-volume-type": (row) => [row.target.type],
  targetMultiAttachEnabled: () => ["false"],
  "volume-id": (row) => [row.id],
};
