// Writes a command's output as XML along the operation's output schema. A member that the schema
// does not know is a mistake of the region's state, and is refused loudly: the SDK would never
// have shown it to anyone.

import type { NormalizedSchema } from "@smithy/core/schema";
import { element, text } from "./xml.ts";

/** The members of the output, one element each; null for an operation that answers nothing. */
export function encodeOutput(
  output: NormalizedSchema,
  value: Readonly<Record<string, unknown>>,
): string | null {
  return output.isUnitSchema() ? null : encodeStructure(output, value);
}

function encodeStructure(structure: NormalizedSchema, value: unknown): string {
  if (typeof value !== "object" || value === null) throw mismatch(structure, value);
  const members = new Map(Object.entries(value));
  let written = "";
  for (const [name, member] of structure.structIterator()) {
    const found: unknown = members.get(name);
    members.delete(name);
    if (found === undefined || found === null) continue;
    written += element(member.getMemberTraits().xmlName ?? name, encode(member, found));
  }
  members.delete("$metadata");
  for (const name of members.keys()) {
    throw new Error(`Cannot write "${name}": "${structure.getName()}" has no such member`);
  }
  return written;
}

function encode(schema: NormalizedSchema, value: unknown): string {
  if (schema.isStructSchema()) return encodeStructure(schema, value);
  if (schema.isListSchema()) return encodeList(schema, value);
  return text(encodeValue(schema, value));
}

function encodeList(list: NormalizedSchema, value: unknown): string {
  if (!Array.isArray(value)) throw mismatch(list, value);
  const item = list.getValueSchema();
  const name = item.getMergedTraits().xmlName ?? "member";
  return value.map((each: unknown) => element(name, encode(item, each))).join("");
}

function encodeValue(schema: NormalizedSchema, value: unknown): string {
  if (schema.isStringSchema() && typeof value === "string") return value;
  if (schema.isBooleanSchema() && typeof value === "boolean") return String(value);
  if (schema.isNumericSchema() && typeof value === "number") return String(value);
  if (schema.isTimestampSchema() && value instanceof Date) return value.toISOString();
  if (schema.isBlobSchema() && value instanceof Uint8Array) {
    return Buffer.from(value).toString("base64");
  }
  throw mismatch(schema, value);
}

function mismatch(schema: NormalizedSchema, value: unknown): Error {
  const name = schema.isMemberSchema() ? schema.getMemberName() : schema.getName();
  return new Error(`Cannot write "${name}": a value of type ${typeof value} does not fit it`);
}
