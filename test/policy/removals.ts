// Everything that can be taken out of a policy: each statement, each of its actions, each of its
// resources, each value of its conditions; and each condition as a whole, which is another matter, since
// without it a statement allows more. A list that is left without values allows nothing, so that its
// statement goes with it.

import type { PolicyDocument } from "../../agent/policy/document.ts";
import type { Question } from "../region/iam/question.ts";

type DocumentStatement = PolicyDocument["Statement"][number];

export type Removal =
  | { readonly kind: "statement"; readonly sid: string }
  | { readonly kind: "action"; readonly sid: string; readonly value: string }
  | { readonly kind: "resource"; readonly sid: string; readonly value: string }
  | {
      readonly kind: "value";
      readonly sid: string;
      readonly operator: string;
      readonly key: string;
      readonly value: string;
    };

export interface ConditionName {
  readonly sid: string;
  readonly operator: string;
  readonly key: string;
}

export function removalsOf(statement: DocumentStatement): readonly Removal[] {
  const { Sid: sid } = statement;
  const values = conditionsOf(statement).flatMap(({ operator, key, values }) =>
    values.map((value): Removal => ({ kind: "value", sid, operator, key, value })),
  );
  return [
    { kind: "statement", sid },
    ...statement.Action.map((value): Removal => ({ kind: "action", sid, value })),
    ...statement.Resource.map((value): Removal => ({ kind: "resource", sid, value })),
    ...values,
  ];
}

export function conditionsOf(
  statement: DocumentStatement,
): readonly (ConditionName & { readonly values: readonly string[] })[] {
  return Object.entries(statement.Condition ?? {}).flatMap(([operator, keys]) =>
    Object.entries(keys).map(([key, values]) => ({ sid: statement.Sid, operator, key, values })),
  );
}

export function without(policy: PolicyDocument, removal: Removal): PolicyDocument {
  return rewritten(policy, removal.sid, (statement) => {
    switch (removal.kind) {
      case "statement":
        return null;
      case "action":
        return { ...statement, Action: others(statement.Action, removal.value) };
      case "resource":
        return { ...statement, Resource: others(statement.Resource, removal.value) };
      case "value": {
        const { operator, key, value } = removal;
        const keys = statement.Condition?.[operator] ?? {};
        const left = { ...keys, [key]: others(keys[key] ?? [], value) };
        return { ...statement, Condition: { ...statement.Condition, [operator]: left } };
      }
    }
  });
}

export function withoutCondition(policy: PolicyDocument, name: ConditionName): PolicyDocument {
  return rewritten(policy, name.sid, ({ Condition: block = {}, ...statement }) => {
    const left = Object.entries(block).flatMap(([operator, keys]) => {
      const kept = Object.entries(keys).filter(
        ([key]) => operator !== name.operator || key !== name.key,
      );
      return kept.length === 0 ? [] : [[operator, Object.fromEntries(kept)] as const];
    });
    return { ...statement, ...(left.length > 0 ? { Condition: Object.fromEntries(left) } : {}) };
  });
}

/** Whether a question is about the very thing that was taken out. */
export function concerns(removal: Removal, statement: DocumentStatement, asked: Question): boolean {
  if (!statement.Action.includes(asked.action)) return false;
  switch (removal.kind) {
    case "statement":
      return true;
    case "action":
      return asked.action === removal.value;
    case "resource":
      return matches(removal.value, asked.resource);
    case "value": {
      const found = asked.context[removal.key] ?? [];
      const values = typeof found === "string" ? [found] : found;
      return values.some((value) => matches(removal.value, value));
    }
  }
}

export function describe(removal: Removal): string {
  if (removal.kind === "statement") return removal.sid;
  const at = removal.kind === "value" ? ` ${removal.key}` : "";
  return `${removal.sid}${at} ${removal.value}`;
}

function rewritten(
  policy: PolicyDocument,
  sid: string,
  rewrite: (statement: DocumentStatement) => DocumentStatement | null,
): PolicyDocument {
  const statements = policy.Statement.flatMap((statement) => {
    const kept = statement.Sid === sid ? rewrite(statement) : statement;
    return kept === null || isEmpty(kept) ? [] : [kept];
  });
  return { ...policy, Statement: statements };
}

function isEmpty(statement: DocumentStatement): boolean {
  const lists = conditionsOf(statement).map(({ values }) => values);
  return [statement.Action, statement.Resource, ...lists].some((list) => list.length === 0);
}

function others(list: readonly string[], value: string): readonly string[] {
  return list.filter((each) => each !== value);
}

/** As IAM does: an asterisk stands for anything. */
function matches(pattern: string, text: string): boolean {
  const parts = pattern.split("*").map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${parts.join(".*")}$`).test(text);
}
