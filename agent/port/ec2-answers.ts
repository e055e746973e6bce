// What the EC2 ports share: pages, tags, and the rule that an answer without what EC2 always gives
// makes no sense. Nothing is filled in for it.

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
    all.push(...(items(page) ?? []));
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
  throw new Failure({
    kind: "broken",
    action: "read",
    subject: "EC2's answer",
    found: `no ${what}`,
    next: "looking again",
  });
}

export function tagsOf(list: readonly Tag[] | undefined): Tags {
  return Object.fromEntries((list ?? []).map((tag) => [tag.Key ?? "", tag.Value ?? ""]));
}

export function listOf(tags: Tags): Tag[] {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
}

/** Tags go on in the call that creates: a resource is never seen without them. */
export function tagging(type: ResourceType, tags: Tags): TagSpecification[] {
  return [{ ResourceType: type, Tags: listOf(tags) }];
}
