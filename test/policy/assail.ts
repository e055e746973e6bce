// Carries out the attacks: for each condition one that it alone stands against, and for each printed policy
// all trespasses on the other seat. A refusal counts only if it is IAM's, and if every question about
// what is the other's is answered with no by itself: so it holds whichever of them AWS really asks.

import type { PolicyDocument } from "../../agent/policy/document.ts";
import { createJudge } from "../region/iam/judge.ts";
import { printedFor } from "../region/iam/printed.ts";
import type { Question } from "../region/iam/question.ts";
import { type Attack, attacks } from "./attacks.ts";
import { trespassesOnKeys } from "./attacks-on-keys.ts";
import { type Case, cases } from "./cases.ts";
import { type Call, type Field, type Holding, openField } from "./field.ts";
import type { Part, Progress } from "./prove.ts";
import { conditionsOf, withoutCondition } from "./removals.ts";
import { trespassesOn } from "./trespasses.ts";

export interface Need {
  readonly condition: string;
  readonly needed: boolean;
}

export async function assailAll(
  parts: readonly Part[],
  { say }: Progress,
): Promise<readonly Need[]> {
  const conditions = parts.flatMap((part) =>
    conditionsOf(part.statement).map((condition) => ({ part, condition })),
  );
  const needs: Need[] = [];
  for (const { part, condition } of conditions) {
    const { sid, key } = condition;
    const name = `${sid} ${key}`;
    const attack = attacks.find((each) => each.sid === sid && each.key === key);
    const played = cases.find((each) => each.name === part.case);
    const needed =
      attack !== undefined && played !== undefined && (await isNeeded(attack, played, condition));
    const harm = attack?.harm ?? "no attack is known";
    say(needed ? `without ${name}: ${harm}` : `NOT NEEDED: ${name}: ${harm}`);
    needs.push({ condition: name, needed });
  }
  return needs;
}

/** Refused as printed, and let through without the condition. */
async function isNeeded(
  attack: Attack,
  played: Case,
  condition: Parameters<typeof withoutCondition>[1],
): Promise<boolean> {
  const field = await openField();
  try {
    const printed = policyFor(field, played);
    const weakened = withoutCondition(printed, condition);
    if (attack.question !== undefined) {
      const { question } = attack;
      const ask = (policy: PolicyDocument) => isAllowed(policy, question);
      return !(await ask(printed)) && (await ask(weakened));
    }
    const calls = attack.calls?.(field.mine, field.theirs) ?? [];
    const held = await refusals(field, printed, calls);
    const open = await refusals(field, weakened, calls);
    return held.every(isDenial) && open.every((refusal) => refusal === null) && calls.length > 0;
  } finally {
    await field.close();
  }
}

async function refusals(
  field: Field,
  policy: PolicyDocument,
  calls: readonly Call[],
): Promise<readonly (string | null)[]> {
  field.region.roles.setPolicies(field.mine.roleName, [policy]);
  const found: (string | null)[] = [];
  for (const call of calls) found.push((await field.call(call)).refusal);
  return found;
}

export interface Crossing {
  readonly tried: number;
  readonly refused: number;
}

export async function trespassAll({ say }: Progress): Promise<Crossing> {
  const total = { tried: 0, refused: 0 };
  for (const played of cases) {
    const field = await openField();
    const policy = policyFor(field, played);
    field.region.roles.setPolicies(field.mine.roleName, [policy]);
    const calls = trespassesOn(field.mine, field.theirs);
    const tried = calls.length + trespassesOnKeys.length;
    let refused = 0;
    for (const call of calls) {
      if (await isRefused(field, call)) refused += 1;
      else say(`LET THROUGH: ${call.action} ${JSON.stringify(call.input)}`);
    }
    for (const question of trespassesOnKeys) {
      if (!(await isAllowed(policy, question))) refused += 1;
      else say(`LET THROUGH: ${question.action} ${JSON.stringify(question.context)}`);
    }
    await field.close();
    say(`${played.name}: ${refused} of ${tried} trespasses on another seat refused`);
    total.tried += tried;
    total.refused += refused;
  }
  return total;
}

async function isRefused(field: Field, call: Call): Promise<boolean> {
  const { refusal, asked } = await field.call(call);
  const theirs = idsOf(field.theirs);
  const about = asked.filter(({ resource }) => theirs.some((id) => resource.includes(id)));
  return isDenial(refusal) && about.every(({ allowed }) => !allowed);
}

function idsOf(holding: Holding): readonly string[] {
  const { allocationId, instanceId, interfaceId, volumeId, snapshotId, groupName } = holding;
  return [allocationId, instanceId, interfaceId, volumeId, snapshotId, groupName];
}

function isDenial(refusal: string | null): boolean {
  return refusal === "UnauthorizedOperation" || refusal === "AccessDenied";
}

function policyFor({ mine, region }: Field, played: Case): PolicyDocument {
  const { allocationId, snapshotId: seedId } = mine;
  return printedFor(played.settings({ allocationId, seedId }), region.name);
}

async function isAllowed(policy: PolicyDocument, question: Question): Promise<boolean> {
  const accountId = "123456789012";
  const arn = `arn:aws:sts::${accountId}:assumed-role/ec2-ha-orders/i-00000000000000001`;
  return judge({ accountId, arn }, [policy], question);
}

const judge = createJudge();
