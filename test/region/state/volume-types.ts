// What each EBS volume type allows: sizes, IOPS and throughput. The figures are those of
// "CreateVolume" and "ModifyVolume" in the EC2 API reference (2026); the codes are the ones that
// callers report. A wish is checked as a whole before anything is made or changed.

import { VolumeType } from "@aws-sdk/client-ec2";
import { ApiError } from "../contract.ts";
import { invalidCombination, invalidValue } from "./errors.ts";

interface Range {
  readonly min: number;
  readonly max: number;
}

interface Provisioned extends Range {
  /** What a volume has where the request does not say; null where it must say. */
  readonly default: number | null;
  /** How many of them there may be for each GiB. */
  readonly perGibMax: number;
}

interface Kind {
  readonly sizeGib: Range;
  /** null where IOPS cannot be provisioned. */
  readonly iops: Provisioned | null;
}

const kinds: Readonly<Record<VolumeType, Kind>> = {
  gp2: { sizeGib: { min: 1, max: 16_384 }, iops: null },
  gp3: {
    sizeGib: { min: 1, max: 65_536 },
    iops: { min: 3_000, max: 80_000, default: 3_000, perGibMax: 500 },
  },
  io1: {
    sizeGib: { min: 4, max: 16_384 },
    iops: { min: 100, max: 64_000, default: null, perGibMax: 50 },
  },
  io2: {
    sizeGib: { min: 4, max: 65_536 },
    iops: { min: 100, max: 256_000, default: null, perGibMax: 1_000 },
  },
  st1: { sizeGib: { min: 125, max: 16_384 }, iops: null },
  sc1: { sizeGib: { min: 125, max: 16_384 }, iops: null },
  standard: { sizeGib: { min: 1, max: 1_024 }, iops: null },
};

/** Only gp3 has a throughput of its own choice, in MiB/s. */
const throughput: Range & { readonly default: number; readonly perIopsMax: number } = {
  min: 125,
  max: 2_000,
  default: 125,
  perIopsMax: 0.25,
};

/** gp2 has 3 IOPS a GiB between these two. */
const gp2Iops = { min: 100, max: 16_000, perGib: 3 } as const;

/** As a request gives them. */
export interface PerformanceWish {
  readonly type: VolumeType;
  readonly sizeGib: number;
  readonly iops: number | undefined;
  readonly throughputMibps: number | undefined;
}

export interface Performance {
  readonly iops: number | null;
  readonly throughputMibps: number | null;
}

/** The type that a request names: EC2's own default is gp2. */
export function volumeTypeOf(given: string | undefined): VolumeType {
  const name = given ?? "gp2";
  for (const type of Object.values(VolumeType)) if (type === name) return type;
  throw new ApiError("UnknownVolumeType", `Unsupported volume type '${name}' for volume creation.`);
}

/** Throws for a wish that the type does not allow; else what the volume has then. */
export function performanceOf(wish: PerformanceWish): Performance {
  refuseSize(wish);
  const iops = iopsOf(wish);
  return { iops, throughputMibps: throughputOf(wish, iops) };
}

function refuseSize({ type, sizeGib }: PerformanceWish): void {
  const { min, max } = kinds[type].sizeGib;
  if (Number.isInteger(sizeGib) && sizeGib >= min && sizeGib <= max) return;
  const [limit, word] = sizeGib < min ? [min, "at least"] : [max, "at most"];
  throw invalidValue(
    `The volume size is invalid for ${type} volumes: ${sizeGib} GiB. ` +
      `${type} volumes must be ${word} ${limit} GiB in size.`,
  );
}

function iopsOf({ type, sizeGib, iops: given }: PerformanceWish): number | null {
  const limits = kinds[type].iops;
  if (limits === null) {
    if (given !== undefined) {
      throw invalidCombination(`The parameter iops is not supported for ${type} volumes.`);
    }
    const { min, max, perGib } = gp2Iops;
    return type === "gp2" ? Math.min(max, Math.max(min, perGib * sizeGib)) : null;
  }
  const iops = given ?? limits.default;
  if (iops === null) {
    throw invalidCombination(`The parameter iops must be specified for ${type} volumes.`);
  }
  if (iops < limits.min) {
    throw invalidValue(`Volume iops of ${iops} is too low; minimum is ${limits.min}.`);
  }
  if (iops > limits.max) {
    throw invalidValue(`Volume iops of ${iops} is too high; maximum is ${limits.max}.`);
  }
  const isDefault = given === undefined;
  if (!isDefault && iops > limits.min && iops / sizeGib > limits.perGibMax) {
    throw invalidValue(
      `Iops to volume size ratio of ${iops / sizeGib} is too high; maximum is ${limits.perGibMax}`,
    );
  }
  return iops;
}

function throughputOf(wish: PerformanceWish, iops: number | null): number | null {
  const { type, throughputMibps: given } = wish;
  if (type !== "gp3") {
    if (given === undefined) return null;
    throw invalidCombination("throughput can only be specified for volumeType gp3.");
  }
  const wanted = given ?? throughput.default;
  if (wanted < throughput.min || wanted > throughput.max) {
    throw invalidValue(
      `Throughput of ${wanted} MiBps is not between ${throughput.min} and ${throughput.max}.`,
    );
  }
  const ratio = wanted / (iops ?? 1);
  if (ratio > throughput.perIopsMax) {
    throw invalidValue(
      `Throughput (MiBps) to iops ratio of ${ratio} is too high; ` +
        `maximum is ${throughput.perIopsMax} MiBps per iops.`,
    );
  }
  return wanted;
}
