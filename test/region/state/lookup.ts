// Finding a resource by an id that a caller gave. What is not formed like an id is malformed, what is
// formed like one but unknown is not found; EC2 has a code of its own for each kind of resource.

import { ApiError } from "../contract.ts";
import type { Region } from "./region.ts";
import type { Address, Instance, NetworkInterface, Snapshot, Volume } from "./resources.ts";
import type { Row, Table } from "./table.ts";

interface Kind {
  readonly prefix: string;
  readonly notFound: string;
  readonly malformed: string;
  readonly noun: string;
}

const kinds = {
  volume: {
    prefix: "vol",
    notFound: "InvalidVolume.NotFound",
    malformed: "InvalidVolumeID.Malformed",
    noun: "volume",
  },
  snapshot: {
    prefix: "snap",
    notFound: "InvalidSnapshot.NotFound",
    malformed: "InvalidSnapshotID.Malformed",
    noun: "snapshot",
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
    malformed: "InvalidAllocationID.Malformed",
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

/** The row with this id, or the error that EC2 has for its absence. */
export function find<R extends Row>(table: Table<R>, kindName: KindName, id: string): R {
  const kind = kinds[kindName];
  const row = table.get(id);
  if (row !== undefined) return row;
  if (!isWellFormed(kind.prefix, id)) throw new ApiError(kind.malformed, `Invalid id: "${id}"`);
  throw new ApiError(kind.notFound, `The ${kind.noun} '${id}' does not exist`);
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

/** EC2's own ids have 8 or 17 digits; seeds of a rehearsal may use any length up to that. */
function isWellFormed(prefix: string, id: string): boolean {
  return id.startsWith(`${prefix}-`) && /^[0-9a-f]{1,17}$/.test(id.slice(prefix.length + 1));
}

function isKindName(name: string): name is KindName {
  return name in kinds;
}
