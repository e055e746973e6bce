// Finds an operation's input and output among the schemas that the SDK itself exports, so that
// the wire accepts and answers exactly what the SDK and the command line send and expect. No
// shape is written down by hand.

import * as autoScaling from "@aws-sdk/client-auto-scaling";
import * as ec2 from "@aws-sdk/client-ec2";
import { NormalizedSchema } from "@smithy/core/schema";
import type { Service } from "../contract.ts";

export interface Operation {
  readonly input: NormalizedSchema;
  readonly output: NormalizedSchema;
}

type OperationSchema = typeof ec2.AttachVolume$;

/** The number that marks an operation among the exported schemas. */
const operationMark = 9;

/** The place in a structure's schema that counts its required members, which come first. */
const requiredPlace = 6;

const exportsOf: Readonly<Record<Service, Readonly<Record<string, unknown>>>> = {
  ec2,
  autoscaling: autoScaling,
};

export function findOperation(service: Service, action: string): Operation | null {
  const found = exportsOf[service][`${action}$`];
  if (!isOperation(found)) return null;
  return { input: NormalizedSchema.of(found[4]), output: NormalizedSchema.of(found[5]) };
}

/** The members that a structure cannot do without. */
export function requiredMembers(structure: NormalizedSchema): readonly string[] {
  const schema: unknown = structure.getSchema();
  if (!Array.isArray(schema)) return [];
  const count: unknown = schema[requiredPlace];
  if (typeof count !== "number") return [];
  return [...structure.structIterator()].slice(0, count).map(([name]) => name);
}

function isOperation(value: unknown): value is OperationSchema {
  return Array.isArray(value) && value[0] === operationMark;
}
