// Filters of the Describe actions: all filters must match, a filter matches when one of its values
// does, values may hold the wildcards `*` and `?`, and names are case-sensitive. A name that the
// action does not know is an error, as in EC2: a misspelt filter must never mean "everything".

import { ApiError } from "../contract.ts";
import { invalidValue } from "./errors.ts";
import type { Tags } from "./resources.ts";

/** The user guide allows 50 filters of 200 values; what is refused in the field is 200 in a call. */
const filtersMax = 50;
const valuesMax = 200;

export interface Filter {
  readonly Name?: string | undefined;
  readonly Values?: readonly string[] | undefined;
}

/** For each filter name, the values that a row has for it. */
export type FilterTable<R> = Readonly<Record<string, (row: R) => readonly string[]>>;

export interface Filtering<R> {
  readonly filters: readonly Filter[] | undefined;
  readonly table: FilterTable<R>;
  /** Where rows have tags: `tag:KEY` and `tag-key` are known too. */
  readonly tagsOf?: (row: R) => Tags;
}

export function filtered<R>(rows: readonly R[], filtering: Filtering<R>): readonly R[] {
  const filters = filtering.filters ?? [];
  refuseTooMany(filters);
  const tests = filters.map((filter) => testOf(filter, filtering));
  return rows.filter((row) => tests.every((test) => test(row)));
}

function refuseTooMany(filters: readonly Filter[]): void {
  const count = filters.reduce((sum, filter) => sum + (filter.Values ?? []).length, 0);
  if (filters.length <= filtersMax && count <= valuesMax) return;
  throw new ApiError(
    "FilterLimitExceeded",
    `The maximum number of filter values specified on a single call is ${valuesMax}`,
  );
}

function testOf<R>(filter: Filter, filtering: Filtering<R>): (row: R) => boolean {
  const name = filter.Name ?? "";
  const valuesOf = reader(name, filtering);
  if (valuesOf === null) throw invalidValue(`The filter '${name}' is invalid`);
  const patterns = (filter.Values ?? []).map(patternOf);
  return (row) => valuesOf(row).some((value) => patterns.some((pattern) => pattern.test(value)));
}

function reader<R>(name: string, filtering: Filtering<R>): ((row: R) => readonly string[]) | null {
  const known = Object.hasOwn(filtering.table, name) ? filtering.table[name] : undefined;
  if (known !== undefined) return known;
  const tagsOf = filtering.tagsOf;
  if (tagsOf === undefined) return null;
  if (name === "tag-key") return (row) => Object.keys(tagsOf(row));
  if (!name.startsWith("tag:")) return null;
  const key = name.slice("tag:".length);
  return (row) => present(tagsOf(row)[key]);
}

/** A backslash before a wildcard takes its meaning away. */
function patternOf(value: string): RegExp {
  const source = value.replaceAll(/\\[*?\\]|[\s\S]/g, (part) => {
    if (part === "*") return "[\\s\\S]*";
    if (part === "?") return "[\\s\\S]";
    return escaped(part.length === 2 ? part.slice(1) : part);
  });
  return new RegExp(`^${source}$`);
}

function escaped(character: string): string {
  return character.replaceAll(/[$()*+.?[\\\]^{|}/-]/g, "\\$&");
}

/** Filters that the action knows and that match nothing, since no row has what they ask for. */
export function without<R>(...names: readonly string[]): FilterTable<R> {
  return Object.fromEntries(names.map((name) => [name, () => []]));
}

/** Filters for what is the same of every row. */
export function always<R>(values: Readonly<Record<string, string>>): FilterTable<R> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, () => [value]]));
}

/** The values of something that may be absent. */
export function present(value: string | number | null | undefined): readonly string[] {
  return value === null || value === undefined ? [] : [String(value)];
}

/** Times are compared as EC2 writes them. */
export function timeText(atMs: number): string {
  return new Date(atMs).toISOString();
}

/** Some of EC2's times have no fraction: they end in `.000Z`. */
export function wholeSeconds(atMs: number): Date {
  return new Date(Math.floor(atMs / 1000) * 1000);
}
