// The names of AWS's resources, each a type of its own, so that a volume's id cannot be handed to
// what wants an instance's. The parsers are the only place in the program that casts: what they
// return has the shape that EC2 documents, "prefix-" and 8 or 17 hexadecimal digits.

declare const brand: unique symbol;
type Id<Name extends string> = string & { readonly [brand]: Name };

export type InstanceId = Id<"instance">;
export type VolumeId = Id<"volume">;
export type SnapshotId = Id<"snapshot">;
export type AllocationId = Id<"allocation">;
export type AssociationId = Id<"association">;
export type InterfaceId = Id<"interface">;

export const instanceId = (text: unknown): InstanceId | null => parse(text, "i");
export const volumeId = (text: unknown): VolumeId | null => parse(text, "vol");
export const snapshotId = (text: unknown): SnapshotId | null => parse(text, "snap");
export const allocationId = (text: unknown): AllocationId | null => parse(text, "eipalloc");
export const associationId = (text: unknown): AssociationId | null => parse(text, "eipassoc");
export const interfaceId = (text: unknown): InterfaceId | null => parse(text, "eni");

function parse<T extends string>(text: unknown, prefix: string): T | null {
  if (typeof text !== "string") return null;
  const match = /^([a-z]+)-([0-9a-f]{8}|[0-9a-f]{17})$/.exec(text);
  return match?.[1] === prefix ? (text as T) : null;
}
