// Pages of a Describe: a page ends at the last id it shows, and its token names that id, so that
// what is made or deleted between two pages neither hides nor repeats anything else.

import { invalidCombination, invalidValue, validationError } from "./errors.ts";
import type { Row } from "./table.ts";

export interface Page<R> {
  readonly rows: readonly R[];
  readonly next: string | undefined;
}

export interface PageRequest {
  readonly MaxResults?: number | undefined;
  readonly NextToken?: string | undefined;
}

interface PageLimits {
  readonly min: number;
  readonly max: number;
}

/** EC2: most Describe actions take 5 to 1000 results a page. */
const limits: PageLimits = { min: 5, max: 1000 };

/** Auto Scaling pages even when not asked to: 50 a page, 100 at most. */
const recordsDefault = 50;
const recordsMax = 100;

export function page<R extends Row>(rows: readonly R[], request: PageRequest): Page<R> {
  const { MaxResults: size, NextToken: token } = request;
  if (size === undefined && token === undefined) return { rows, next: undefined };
  if (size !== undefined && size < limits.min) {
    throw invalidValue(
      `Value ( ${size} ) for parameter maxResults is invalid. Expecting a value greater than ${limits.min}.`,
    );
  }
  const invalid = () => invalidValue("The token 'nextToken' is invalid");
  return cut(rows, { size: Math.min(size ?? limits.max, limits.max), token, invalid });
}

/** EC2 refuses a page size beside a list of ids. */
export function refuseIdsWithPages(
  ids: readonly string[] | undefined,
  request: PageRequest,
  name: string,
): void {
  if (ids === undefined || ids.length === 0 || request.MaxResults === undefined) return;
  throw invalidCombination(`The parameter ${name} cannot be used with the parameter maxResults`);
}

export function records<R extends Row>(
  rows: readonly R[],
  request: { readonly MaxRecords?: number | undefined; readonly NextToken?: string | undefined },
): Page<R> {
  const size = Math.min(request.MaxRecords ?? recordsDefault, recordsMax);
  const invalid = () => validationError("The token is not valid");
  return cut(rows, { size: Math.max(1, size), token: request.NextToken, invalid });
}

interface Cut {
  readonly size: number;
  readonly token: string | undefined;
  readonly invalid: () => Error;
}

function cut<R extends Row>(rows: readonly R[], { size, token, invalid }: Cut): Page<R> {
  if (token === undefined && rows.length <= size) return { rows, next: undefined };
  const after = token === undefined ? "" : lastId(token, invalid);
  const left = rows.toSorted(byId).filter((row) => row.id > after);
  const shown = left.slice(0, size);
  const last = shown.at(-1);
  const next = left.length > size && last !== undefined ? tokenOf(last.id) : undefined;
  return { rows: shown, next };
}

function byId(one: Row, other: Row): number {
  if (one.id === other.id) return 0;
  return one.id < other.id ? -1 : 1;
}

function tokenOf(id: string): string {
  return Buffer.from(`after ${id}`, "utf8").toString("base64url");
}

function lastId(token: string, invalid: () => Error): string {
  const text = Buffer.from(token, "base64url").toString("utf8");
  if (!text.startsWith("after ")) throw invalid();
  return text.slice("after ".length);
}
