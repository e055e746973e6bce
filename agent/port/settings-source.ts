// From texts to one tree of plain values: the YAML file, with the environment's and the command line's
// overrides laid over it. What the values mean is not looked at here. Everything read is untrusted:
// aliases are counted, and only own keys of plain mappings are followed.

import { type Document, parse, parseDocument } from "yaml";
import { shown } from "../domain/legible.ts";
import type { Mistake, SettingsSource } from "./settings.ts";

export interface Tree {
  readonly [key: string]: unknown;
}
interface GrowingTree {
  [key: string]: unknown;
}

/** Deeper than any setting; the parser and its readers follow each level with a call of their own. */
const depthMax = 32;
/** Keys that the language gives a meaning of its own: libraries drop them without a word. */
const reserved = new Set(["__proto__", "constructor", "prototype"]);
/** More references than any settings need; each may stand for a large value. */
const aliasesMax = 20;
const seatTag = "ec2-ha:seat";

/** The tree without its empty values, or the mistakes that keep it from being one. */
export function readSource(source: SettingsSource): {
  readonly raw: Tree;
  readonly mistakes: readonly Mistake[];
} {
  const mistakes: Mistake[] = [];
  const tree = readYaml(source.text, mistakes);
  const { EC2_HA_SEAT: seat, EC2_HA_SET: set } = source.environment;
  const fromEnvironment = (set ?? "").split(";").filter((text) => text.trim() !== "");
  if (seat !== undefined && seat !== "") tree["seat"] = seat;
  for (const text of fromEnvironment) override(tree, { origin: "EC2_HA_SET", text }, mistakes);
  for (const text of source.overrides) override(tree, { origin: "--set", text }, mistakes);
  const tagged = source.instanceTags?.[seatTag];
  if ((tree["seat"] ?? null) === null && tagged !== undefined) tree["seat"] = tagged;
  return { raw: withoutNulls(tree), mistakes };
}

export function isTree(value: unknown): value is Tree {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function readYaml(text: string, mistakes: Mistake[]): GrowingTree {
  const document = parseDocument(text, { prettyErrors: true, logLevel: "error" });
  mistakes.push(...syntaxMistakes(document));
  if (mistakes.length > 0) return {};
  try {
    const value: unknown = document.toJS({ maxAliasCount: aliasesMax });
    if (value === null || value === undefined) return {};
    mistakes.push(...treeMistakes(value, []));
    if (mistakes.length > 0) return {};
    if (isTree(value)) return copy(value);
    mistakes.push({ path: "", found: shown(value), wanted: "settings by name" });
  } catch (error) {
    const found = error instanceof Error ? error.message : String(error);
    mistakes.push({ path: "", found, wanted: "YAML" });
  }
  return {};
}

function syntaxMistakes(document: Document.Parsed): readonly Mistake[] {
  return [...document.errors, ...document.warnings].map((error) => {
    const line = error.linePos?.[0].line;
    const [said = ""] = error.message.split(" at line ");
    const found = said.startsWith("Maximum call stack") ? "nesting without end" : said;
    return { path: line === undefined ? "" : `line ${line}`, found, wanted: "YAML" };
  });
}

/** What no setting can be, whatever its name: nested without end (an alias of itself), or reserved. */
function treeMistakes(value: unknown, path: readonly string[]): readonly Mistake[] {
  if (typeof value !== "object" || value === null) return [];
  if (path.length > depthMax) {
    const found = `more than ${depthMax} levels`;
    return [
      { path: path.slice(0, 3).join("."), found, wanted: "settings that do not hold themselves" },
    ];
  }
  const mistakes: Mistake[] = [];
  for (const [key, inner] of Object.entries(value)) {
    const at = [...path, key];
    if (reserved.has(key)) {
      mistakes.push({ path: at.join("."), found: "unknown", wanted: "another name" });
    }
    mistakes.push(...treeMistakes(inner, at));
    // A value that holds itself twice has more places than can be counted.
    if (mistakes.length > 0) break;
  }
  return mistakes;
}

interface Override {
  readonly origin: string;
  readonly text: string;
}

/** Sets one value, as in "ready.within=10m"; the value is YAML, so that numbers and lists can be given. */
function override(tree: GrowingTree, { origin, text }: Override, mistakes: Mistake[]): void {
  const match = /^\s*([A-Za-z0-9.-]+)\s*=(.*)$/s.exec(text);
  const keys = match?.[1]?.split(".") ?? [""];
  const path = `${origin} ${text.trim()}`;
  const value = parseValue(match?.[2] ?? "");
  const odd = keys.some((key) => key === "" || reserved.has(key)) || keys.length > depthMax;
  if (odd || value === undefined || treeMistakes(value, []).length > 0) {
    mistakes.push({ path, found: shown(text), wanted: "name=value, as in a.b=5m" });
    return;
  }
  let place = tree;
  for (const [index, key] of keys.slice(0, -1).entries()) {
    const below = Object.hasOwn(place, key) ? place[key] : null;
    if (!isTree(below) && below !== null && below !== undefined) {
      const at = keys.slice(0, index + 1).join(".");
      mistakes.push({ path, found: shown(below), wanted: `settings by name at ${at}` });
      return;
    }
    const copied = copy(below ?? {});
    define(place, key, copied);
    place = copied;
  }
  define(place, keys.at(-1) ?? "", value);
}

/** Undefined for what is no YAML. */
function parseValue(text: string): unknown {
  try {
    return parse(text, { maxAliasCount: 0, logLevel: "error" }) ?? null;
  } catch {
    return undefined;
  }
}

/** Own properties only, whatever their name: "__proto__" is a key like any other. */
function define(place: GrowingTree, key: string, value: unknown): void {
  Object.defineProperty(place, key, {
    value,
    enumerable: true,
    configurable: true,
    writable: true,
  });
}

function copy(tree: Tree): GrowingTree {
  const copied: GrowingTree = {};
  for (const [key, value] of Object.entries(tree)) define(copied, key, value);
  return copied;
}

/** An empty value is the same as none, so that a line can be left standing without its value. */
function withoutNulls(tree: Tree): Tree {
  const kept: GrowingTree = {};
  for (const [key, value] of Object.entries(tree)) {
    if (value === null || value === undefined) continue;
    define(kept, key, isTree(value) ? withoutNulls(value) : value);
  }
  return kept;
}
