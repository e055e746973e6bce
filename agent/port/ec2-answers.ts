// What the AWS ports share: pages, tags, and the rule that an answer without what AWS always gives
// makes no sense. Nothing is filled in for it: a list that is not there is no empty list, since a page
// of a proxy's or an answer cut short looks so, and would say that there is nothing.

import type { ResourceType, Tag, TagSpecification } from "@aws-sdk/client-ec2";
import { Failure, type FailureKind } from "../domain/failure.ts";
import type { Tags } from "../domain/tags.ts";

// A seat has tens of resources; this many pages means that a filter was ignored.
const pagesMax = 100;

/** Every page of a list; an empty page is not the last one unless it says so. */
export async function allPages<Page extends { NextToken?: string | undefined }, Item>(
  ask: (token: { NextToken?: string }) => Promise<Page>,
  items: (page: Page) => readonly Item[] | undefined,
): Promise<readonly Item[]> {
  const all: Item[] = [];
  let token: { NextToken?: string } = {};
  for (let count = 0; count < pagesMax; count += 1) {
    const page = await ask(token);
    all.push(...listed(items(page), "list"));
    if (page.NextToken === undefined || page.NextToken === "") return all;
    token = { NextToken: page.NextToken };
  }
  throw new Failure({
    kind: "broken",
    action: "list",
    subject: "the seat's resources",
    found: `more than ${pagesMax} pages`,
    next: "looking again",
  });
}

/** A failure of this kind is an answer: null. */
export async function unless<T>(kind: FailureKind, ask: () => Promise<T>): Promise<T | null> {
  try {
    return await ask();
  } catch (thrown) {
    if (thrown instanceof Failure && thrown.kind === kind) return null;
    throw thrown;
  }
}

export function must<T>(value: T | null | undefined, what: string): T {
  if (value !== null && value !== undefined) return value;
  throw senseless(what);
}

/** A list of structures, which may be empty and must be there. */
export function listed<Item>(value: readonly Item[] | undefined, what: string): readonly Item[] {
  // `Array.isArray` would make it a list of anything.
  const whole: boolean = Array.isArray(value) && value.every(isStructure);
  if (whole && value !== undefined) return value;
  throw senseless(what);
}

/** A text with something in it. */
export function text<Text extends string>(value: Text | undefined, what: string): Text {
  if (typeof value === "string" && value.trim() !== "") return value;
  throw senseless(what);
}

/** In milliseconds since the epoch. */
export function timeMs(value: Date | undefined, what: string): number {
  const atMs = value instanceof Date ? value.getTime() : Number.NaN;
  if (Number.isFinite(atMs)) return atMs;
  throw senseless(what);
}

/** A whole number from 0. */
export function count(value: number | undefined, what: string): number {
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0) return value;
  throw senseless(what);
}

export function flag(value: unknown, what: string): boolean {
  if (typeof value === "boolean") return value;
  throw senseless(what);
}

/** A resource without any may lack the list. */
export function tagsOf(
  list:
    | readonly { readonly Key?: string | undefined; readonly Value?: string | undefined }[]
    | undefined,
): Tags {
  const all = list === undefined ? [] : listed(list, "list of tags");
  return Object.fromEntries(all.map((tag) => [text(tag.Key, "tag's key"), textOrEmpty(tag.Value)]));
}

function textOrEmpty(value: string | undefined): string {
  return typeof value === "string" ? value : "";
}

function isStructure(value: unknown): boolean {
  return typeof value === "object" && value !== null;
}

function senseless(what: string): Failure {
  return new Failure({
    kind: "broken",
    action: "read",
    subject: "AWS's answer",
    found: `no ${what}`,
    next: "looking again",
  });
}

export function listOf(tags: Tags): Tag[] {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
}

/** Tags go on in the call that creates: a resource is never seen without them. */
export function tagging(type: ResourceType, tags: Tags): TagSpecification[] {
  return [{ ResourceType: type, Tags: listOf(tags) }];
}
