// Answers a question by a role's policies, with an evaluator that others maintain: effects, wildcards,
// condition operators and which key belongs to which action are its affair. Answers are kept, since an
// agent asks the same few questions again and again.

import { runSimulation } from "@cloud-copilot/iam-simulate";
import type { PolicyDocument } from "../../../agent/policy/document.ts";
import type { Caller } from "../contract.ts";
import type { Question } from "./question.ts";

export type Judge = (
  caller: Pick<Caller, "accountId" | "arn">,
  policies: readonly PolicyDocument[],
  question: Question,
) => Promise<boolean>;

/** More than any run asks; a run that does begins anew. */
const answersMax = 10_000;

export function createJudge(): Judge {
  const answers = new Map<string, Promise<boolean>>();
  return (caller, policies, question) => {
    const key = JSON.stringify([caller.arn, policies, question]);
    const known = answers.get(key);
    if (known !== undefined) return known;
    if (answers.size >= answersMax) answers.clear();
    const answer = evaluate(caller, policies, question);
    answers.set(key, answer);
    return answer;
  };
}

async function evaluate(
  { accountId, arn }: Parameters<Judge>[0],
  policies: readonly PolicyDocument[],
  { action, resource, context }: Question,
): Promise<boolean> {
  const contextVariables = Object.fromEntries(
    Object.entries(context).map(([key, value]) => [
      key,
      typeof value === "string" ? value : [...value],
    ]),
  );
  const outcome = await runSimulation(
    {
      request: { principal: arn, action, resource: { resource, accountId }, contextVariables },
      identityPolicies: policies.map((policy, index) => ({ name: `policy-${index}`, policy })),
      serviceControlPolicies: [],
      resourceControlPolicies: [],
      ...(action.startsWith("kms:") ? { resourcePolicy: keyPolicy(accountId) } : {}),
    },
    {},
  );
  if (outcome.resultType !== "error") return outcome.overallResult === "Allowed";
  const why = JSON.stringify(outcome.errors);
  throw new Error(`Cannot judge ${action} on "${resource}": ${why}`);
}

/** The policy that a key has where nobody wrote another: the account's own policies decide. */
function keyPolicy(accountId: string): object {
  return {
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Principal: { AWS: `arn:aws:iam::${accountId}:root` },
        Action: "kms:*",
        Resource: "*",
      },
    ],
  };
}
