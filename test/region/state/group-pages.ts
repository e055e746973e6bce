// Pages of Auto Scaling's Describe actions, which are paged even when not asked to be: 50 records
// where the request names no number. A page ends at the last id it shows, so that what is made or
// deleted between two pages neither hides nor repeats anything else.

import { ApiError } from "../contract.ts";
import { validationError } from "./errors.ts";
import type { Row } from "./table.ts";

export interface RecordsRequest {
  readonly MaxRecords?: number | undefined;
  readonly NextToken?: string | undefined;
}

export interface Records<R> {
  readonly rows: readonly R[];
  readonly next: string | undefined;
}

/** API reference: "The default value is 50 and the maximum value is 100", unless it says otherwise. */
const recordsDefault = 50;
const recordsMax = 100;

export function records<R extends Row>(
  rows: readonly R[],
  request: RecordsRequest,
  max: number = recordsMax,
): Records<R> {
  const size = sizeOf(request, max);
  const { NextToken: token } = request;
  if (token === undefined && rows.length <= size) return { rows, next: undefined };
  const after = token === undefined ? "" : readToken("after", token);
  const left = rows.toSorted(byId).filter((row) => row.id > after);
  const shown = left.slice(0, size);
  const last = shown.at(-1);
  const hasMore = left.length > size && last !== undefined;
  return { rows: shown, next: hasMore ? writeToken("after", last.id) : undefined };
}

/** For rows whose order means something and that nobody takes out: the token is a place in it. */
export function orderedRecords<R>(rows: readonly R[], request: RecordsRequest): Records<R> {
  const size = sizeOf(request, recordsMax);
  const { NextToken: token } = request;
  const place = token === undefined ? 0 : Number(readToken("at", token));
  const end = place + size;
  const next = rows.length > end ? writeToken("at", String(end)) : undefined;
  return { rows: rows.slice(place, end), next };
}

/** That a number outside is refused is certain, in which words is not. */
function sizeOf({ MaxRecords: wanted }: RecordsRequest, max: number): number {
  if (wanted !== undefined && (wanted < 1 || wanted > max)) {
    throw validationError(`MaxRecords must be between 1 and ${max}: ${wanted}`);
  }
  return wanted ?? recordsDefault;
}

type Mark = "after" | "at";

function writeToken(mark: Mark, value: string): string {
  return Buffer.from(`${mark} ${value}`, "utf8").toString("base64url");
}

function readToken(mark: Mark, token: string): string {
  const [found, value] = Buffer.from(token, "base64url").toString("utf8").split(" ", 2);
  const isFit = found === mark && value !== undefined && (mark === "after" || /^\d+$/.test(value));
  if (isFit) return value;
  throw new ApiError("InvalidNextToken", "The NextToken value is not valid.");
}

function byId(one: Row, other: Row): number {
  if (one.id === other.id) return 0;
  return one.id < other.id ? -1 : 1;
}
