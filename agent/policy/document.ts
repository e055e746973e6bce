// A policy as IAM reads it: the document, and its text. It carries no reasons, since JSON has no
// comments; the statements' names stand for them.

import type { Condition, Place, Statement } from "./statement.ts";

/** A block of conditions: by operator, then by key. */
type Block = Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;

export interface PolicyDocument {
  readonly Version: "2012-10-17";
  readonly Statement: readonly {
    readonly Sid: string;
    readonly Effect: "Allow";
    readonly Action: readonly string[];
    readonly Resource: readonly string[];
    readonly Condition?: Block;
  }[];
}

/** What `json` says where nothing was given. */
export const anywhere: Place = { partition: "aws", region: "*", account: "*" };

export function formatJson(statements: readonly Statement[]): string {
  return `${JSON.stringify(documentOf(statements), null, 2)}\n`;
}

function documentOf(statements: readonly Statement[]): PolicyDocument {
  return {
    Version: "2012-10-17",
    Statement: statements.map(({ sid, actions, resources, conditions }) => ({
      Sid: sid,
      Effect: "Allow",
      Action: actions,
      Resource: resources,
      ...(conditions.length === 0 ? {} : { Condition: blockOf(conditions) }),
    })),
  };
}

function blockOf(conditions: readonly Condition[]): Block {
  const block: Record<string, Record<string, readonly string[]>> = {};
  for (const { operator, key, values } of conditions) {
    block[operator] = { ...block[operator], [key]: values };
  }
  return block;
}
