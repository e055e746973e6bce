// Pages of a Describe: a page ends at the last id it shows, and its token names that id, so that
// what is made or deleted between two pages neither hides nor repeats anything else. A token belongs
// to the request it was given to: with other filters or ids it is refused.

import { createHash } from "node:crypto";
import { invalidCombination, invalidValue } from "./errors.ts";
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
  /** Where the reference gives a range, more than its end is refused; elsewhere it is cut to it. */
  readonly beyond: "cut" | "refused";
}

/** EC2: most Describe actions take 5 to 1000 results a page. */
const usualLimits: PageLimits = { min: 5, max: 1000, beyond: "cut" };

/** Of the SHA-256 of the request: enough to tell two requests of one caller apart. */
const digestLength = 16;

export function page<R extends Row>(
  rows: readonly R[],
  request: PageRequest,
  limits: PageLimits = usualLimits,
): Page<R> {
  const { MaxResults: size, NextToken: token } = request;
  if (size === undefined && token === undefined) return { rows, next: undefined };
  if (size !== undefined && size < limits.min) {
    throw invalidValue(
      `Value ( ${size} ) for parameter maxResults is invalid. Expecting a value greater than ${limits.min}.`,
    );
  }
  if (size !== undefined && size > limits.max && limits.beyond === "refused") {
    throw invalidValue(
      `Value ( ${size} ) for parameter maxResults is invalid. Expecting a value smaller than or equal to ${limits.max}.`,
    );
  }
  const invalid = () => invalidValue("Unable to parse pagination token");
  const scope = digest(request);
  return cut(rows, { size: Math.min(size ?? limits.max, limits.max), token, invalid, scope });
}

/** Of everything in a request but its page: that may change from one page to the next. */
function digest(request: PageRequest): string {
  const { MaxResults: _size, NextToken: _token, ...rest } = request;
  const text = JSON.stringify(
    Object.entries(rest).toSorted(([one], [other]) => (one < other ? -1 : 1)),
  );
  return createHash("sha256").update(text).digest("hex").slice(0, digestLength);
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

interface Cut {
  readonly size: number;
  readonly token: string | undefined;
  readonly invalid: () => Error;
  /** What the token is good for. */
  readonly scope: string;
}

function cut<R extends Row>(rows: readonly R[], request: Cut): Page<R> {
  const { size, token, scope } = request;
  if (token === undefined && rows.length <= size) return { rows, next: undefined };
  const after = token === undefined ? "" : lastId(token, request);
  const left = rows.toSorted(byId).filter((row) => row.id > after);
  const shown = left.slice(0, size);
  const last = shown.at(-1);
  const next = left.length > size && last !== undefined ? tokenOf(last.id, scope) : undefined;
  return { rows: shown, next };
}

function byId(one: Row, other: Row): number {
  if (one.id === other.id) return 0;
  return one.id < other.id ? -1 : 1;
}

function tokenOf(id: string, scope: string): string {
  return Buffer.from(`${scope} after ${id}`, "utf8").toString("base64url");
}

function lastId(token: string, { scope, invalid }: Cut): string {
  const text = Buffer.from(token, "base64url").toString("utf8");
  const start = `${scope} after `;
  if (!text.startsWith(start)) throw invalid();
  return text.slice(start.length);
}
