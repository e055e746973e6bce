// Finding a resource by an id that a caller gave. What is not formed like an id is malformed, what is
// formed like one but unknown is not found; EC2 has a code of its own for each kind of resource
// ("Error codes for the Amazon EC2 API"). For volumes and snapshots it tells an id of another kind
// from one with wrong digits, and for allocations it knows no malformed ones at all.

import { ApiError } from "../contract.ts";
import { invalidValue } from "./errors.ts";
import type { Region } from "./region.ts";
import type { Address, Instance, NetworkInterface, Snapshot, Volume } from "./resources.ts";
import type { Row, Table } from "./table.ts";

interface Kind {
  readonly prefix: string;
  readonly notFound: string;
  /** null where EC2 says not found of any text at all. */
  readonly malformed: string | null;
  readonly noun: string;
  /** The parameter that EC2 names when the id is of another kind. */
  readonly parameter?: string;
}

const kinds = {
  volume: {
    prefix: "vol",
    notFound: "InvalidVolume.NotFound",
    malformed: "InvalidVolumeID.Malformed",
    noun: "volume",
    parameter: "volumeId",
  },
  snapshot: {
    prefix: "snap",
    notFound: "InvalidSnapshot.NotFound",
    malformed: "InvalidSnapshotID.Malformed",
    noun: "snapshot",
    parameter: "snapshotId",
  },
  instance: {
    prefix: "i",
    notFound: "InvalidInstanceID.NotFound",
    malformed: "InvalidInstanceID.Malformed",
    noun: "instance ID",
  },
  address: {
    prefix: "eipalloc",
    notFound: "InvalidAllocationID.NotFound",
    malformed: null,
    noun: "allocation ID",
  },
  interface: {
    prefix: "eni",
    notFound: "InvalidNetworkInterfaceID.NotFound",
    malformed: "InvalidNetworkInterfaceId.Malformed",
    noun: "networkInterface ID",
  },
  image: {
    prefix: "ami",
    notFound: "InvalidAMIID.NotFound",
    malformed: "InvalidAMIID.Malformed",
    noun: "image id",
  },
  subnet: {
    prefix: "subnet",
    notFound: "InvalidSubnetID.NotFound",
    malformed: "InvalidSubnetID.Malformed",
    noun: "subnet ID",
  },
  vpc: {
    prefix: "vpc",
    notFound: "InvalidVpcID.NotFound",
    malformed: "InvalidVpcID.Malformed",
    noun: "vpc ID",
  },
  template: {
    prefix: "lt",
    notFound: "InvalidLaunchTemplateId.NotFound",
    malformed: "InvalidLaunchTemplateId.Malformed",
    noun: "launch template ID",
  },
} as const satisfies Record<string, Kind>;

export type KindName = keyof typeof kinds;

/** EC2 looks at the form of all ids in a request before it looks for any of them. */
export function refuseIllFormed(kindName: KindName, id: string): void {
  const kind: Kind = kinds[kindName];
  const { prefix, malformed } = kind;
  if (malformed !== null && !isWellFormed(prefix, id)) throw illFormed(kind, malformed, id);
}

/** The row with this id, or the error that EC2 has for its absence. */
export function find<R extends Row>(table: Table<R>, kindName: KindName, id: string): R {
  const row = table.get(id);
  if (row !== undefined) return row;
  refuseIllFormed(kindName, id);
  const { notFound, noun } = kinds[kindName];
  throw new ApiError(notFound, absent(kindName, id) ?? `The ${noun} '${id}' does not exist`);
}

/** Where EC2 has words of its own, as seen in many reports: brackets, full stops. */
function absent(kindName: KindName, id: string): string | null {
  if (kindName === "image") return `The image id '[${id}]' does not exist`;
  if (kindName === "template") {
    return `The specified launch template, with template ID ${id}, does not exist.`;
  }
  const isDisk = kindName === "volume" || kindName === "snapshot";
  return isDisk ? `The ${kindName} '${id}' does not exist.` : null;
}

function illFormed({ prefix, parameter }: Kind, malformed: string, id: string): ApiError {
  if (id.startsWith(`${prefix}-`)) return new ApiError(malformed, `Invalid id: "${id}"`);
  if (parameter === undefined) {
    return new ApiError(malformed, `Invalid id: "${id}" (expecting "${prefix}-...")`);
  }
  return invalidValue(
    `Value (${id}) for parameter ${parameter} is invalid. Expected: '${prefix}-...'.`,
  );
}

/** The kind of resource that an id names, by its prefix; null for ids of no kind known here. */
export function kindOf(id: string): KindName | null {
  const prefix = id.slice(0, id.indexOf("-"));
  for (const [name, kind] of Object.entries(kinds)) {
    if (kind.prefix === prefix && isKindName(name)) return name;
  }
  return null;
}

export const findVolume = (region: Region, id: string): Volume =>
  find(region.volumes, "volume", id);

export const findSnapshot = (region: Region, id: string): Snapshot =>
  find(region.snapshots, "snapshot", id);

export const findInstance = (region: Region, id: string): Instance =>
  find(region.instances, "instance", id);

export const findAddress = (region: Region, id: string): Address =>
  find(region.addresses, "address", id);

export const findInterface = (region: Region, id: string): NetworkInterface =>
  find(region.interfaces, "interface", id);

/** The rows that a Describe asks for by id: all where it names none. */
export function chosen<R extends Row>(
  table: Table<R>,
  kindName: KindName,
  ids: readonly string[] | undefined,
): readonly R[] {
  if (ids === undefined || ids.length === 0) return table.all();
  return [...new Set(ids)].map((id) => find(table, kindName, id));
}

/** 17 hexadecimal digits; resources from before 2016 have 8. */
function isWellFormed(prefix: string, id: string): boolean {
  const digits = id.slice(prefix.length + 1);
  return id.startsWith(`${prefix}-`) && /^(?:[0-9a-f]{8}|[0-9a-f]{17})$/.test(digits);
}

function isKindName(name: string): name is KindName {
  return name in kinds;
}
