// Turns a request's flat parameters (`Filter.1.Value.2=x`) into an SDK command's input, along the
// operation's input schema. Every required parameter must be present. What the schema does not know is
// refused where the service refuses it (EC2), and passed over where it does that (Auto Scaling).

import type { NormalizedSchema } from "@smithy/core/schema";
import { isChoice } from "./choices.ts";
import type { Dialect } from "./dialect.ts";
import { requiredMembers } from "./shapes.ts";

/** A place in the parameters' tree: a value, or children, or (wrongly) both. */
export interface Branch {
  /** The whole name down to here, for error messages. */
  readonly path: string;
  value: string | null;
  readonly children: Map<string, Branch>;
}

/** Grows the tree of the parameters' dotted names. */
export function growTree(parameters: Iterable<readonly [string, string]>): Branch {
  const root = newBranch("");
  for (const [name, value] of parameters) {
    let at = root;
    for (const part of name.split(".")) at = childOf(at, part);
    at.value = value;
  }
  return root;
}

/** Throws an ApiError for the first flaw found. */
export function decodeInput(
  input: NormalizedSchema,
  tree: Branch,
  dialect: Dialect,
): Record<string, unknown> {
  if (!input.isUnitSchema()) return decodeStructure(input, tree, dialect);
  for (const extra of tree.children.values()) refuseUnknown(extra, dialect);
  return {};
}

function decodeStructure(
  structure: NormalizedSchema,
  branch: Branch,
  dialect: Dialect,
): Record<string, unknown> {
  const decoded: Record<string, unknown> = {};
  const unread = new Set(branch.children.keys());
  for (const [name, member] of structure.structIterator()) {
    const key = dialect.memberKey(name, member);
    const child = branch.children.get(key);
    unread.delete(key);
    if (child === undefined) continue;
    decoded[name] = decode(member, child, dialect);
    if (isChoice(structure.getName() ?? "", name, decoded[name])) continue;
    const value = child.value ?? "";
    throw dialect.refusal({ kind: "unknown choice", name: child.path, value });
  }
  for (const key of unread) refuseUnknown(childOf(branch, key), dialect);
  refuseMissing(structure, { decoded, branch, dialect });
  return decoded;
}

function refuseMissing(
  structure: NormalizedSchema,
  {
    decoded,
    branch,
    dialect,
  }: {
    readonly decoded: Readonly<Record<string, unknown>>;
    readonly branch: Branch;
    readonly dialect: Dialect;
  },
): void {
  for (const name of requiredMembers(structure)) {
    if (decoded[name] !== undefined) continue;
    const key = dialect.memberKey(name, structure.getMemberSchema(name));
    throw dialect.refusal({ kind: "missing parameter", name: join(branch.path, key) });
  }
}

function decode(schema: NormalizedSchema, branch: Branch, dialect: Dialect): unknown {
  if (schema.isStructSchema()) return decodeStructure(schema, noValue(branch, dialect), dialect);
  if (schema.isListSchema()) return decodeList(schema, branch, dialect);
  for (const extra of branch.children.values()) refuseUnknown(extra, dialect);
  return decodeValue(schema, { path: branch.path, value: branch.value ?? "" }, dialect);
}

function decodeList(list: NormalizedSchema, branch: Branch, dialect: Dialect): unknown[] {
  const item = list.getValueSchema();
  const key = dialect.listKey(item);
  // The services' own clients send an empty list as the bare name with an empty value.
  if (branch.value === "" && branch.children.size === 0) return [];
  const items = key === null ? noValue(branch, dialect) : onlyChild(branch, key, dialect);
  const isIndex = (part: string) => /^[1-9]\d{0,5}$/.test(part);
  const parts = [...items.children.keys()];
  for (const part of parts) if (!isIndex(part)) refuseUnknown(childOf(items, part), dialect);
  return parts
    .filter(isIndex)
    .toSorted((left, right) => Number(left) - Number(right))
    .map((index) => decode(item, childOf(items, index), dialect));
}

function decodeValue(
  schema: NormalizedSchema,
  { path, value }: { readonly path: string; readonly value: string },
  dialect: Dialect,
): unknown {
  const wrong = (
    wanted: "a number" | "true or false" | "a time" | "base64",
  ): ReturnType<Dialect["refusal"]> =>
    dialect.refusal({ kind: "wrong type", name: path, value, wanted });
  if (schema.isStringSchema()) return value;
  if (schema.isBooleanSchema()) {
    if (/^(true|false)$/i.test(value)) return value.toLowerCase() === "true";
    throw wrong("true or false");
  }
  if (schema.isNumericSchema()) {
    if (/^[-+]?\d{1,15}(\.\d+)?$/.test(value)) return Number(value);
    throw wrong("a number");
  }
  if (schema.isTimestampSchema()) {
    const time = new Date(value);
    if (/^\d{4}-\d\d-\d\d/.test(value) && !Number.isNaN(time.getTime())) return time;
    throw wrong("a time");
  }
  if (schema.isBlobSchema()) {
    if (/^[A-Za-z0-9+/\s]*={0,2}$/.test(value)) return new Uint8Array(Buffer.from(value, "base64"));
    throw wrong("base64");
  }
  throw new Error(`Cannot decode "${path}": its schema is "${schema.getName(true)}"`);
}

function noValue(branch: Branch, dialect: Dialect): Branch {
  if (branch.value === null || branch.value === "") return branch;
  const { path, value } = branch;
  throw dialect.refusal({ kind: "wrong type", name: path, value, wanted: "a list" });
}

function onlyChild(branch: Branch, key: string, dialect: Dialect): Branch {
  for (const [name, child] of branch.children) if (name !== key) refuseUnknown(child, dialect);
  return childOf(noValue(branch, dialect), key);
}

function refuseUnknown(branch: Branch, dialect: Dialect): void {
  if (dialect.unknownParameters === "passed over") return;
  throw dialect.refusal({ kind: "unknown parameter", name: deepest(branch).path });
}

/** What was sent, not merely its first part. */
function deepest(branch: Branch): Branch {
  for (const child of branch.children.values()) return deepest(child);
  return branch;
}

function childOf(branch: Branch, part: string): Branch {
  const known = branch.children.get(part);
  if (known !== undefined) return known;
  const child = newBranch(join(branch.path, part));
  branch.children.set(part, child);
  return child;
}

function newBranch(path: string): Branch {
  return { path, value: null, children: new Map() };
}

function join(path: string, part: string): string {
  return path === "" ? part : `${path}.${part}`;
}
