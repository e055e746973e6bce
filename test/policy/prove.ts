// The proof: every flow passes with exactly the printed policy, and with anything taken out of it some
// flow fails, by the denial of that very thing. Which flows could fail is found by asking the evaluator
// again what they asked; that one does fail is then rehearsed. A statement that stands in several
// policies is taken apart once; removals that leave the same policy behind share one rehearsal.

import { createJudge } from "../region/iam/judge.ts";
import type { Question } from "../region/iam/question.ts";
import { cases } from "./cases.ts";
import type { Crew } from "./crew.ts";
import type { Outcome } from "./rehearse.ts";
import { concerns, conditionsOf, describe, type Removal, removalsOf, without } from "./removals.ts";

export interface Progress {
  say(line: string): void;
}

export interface Baseline extends Outcome {
  readonly case: string;
  readonly flow: string;
}

export async function rehearseAll(crew: Crew, { say }: Progress): Promise<readonly Baseline[]> {
  const flows = cases.flatMap((each) =>
    each.flows.map((flow) => ({ case: each.name, flow: flow.name })),
  );
  return Promise.all(
    flows.map(async (wanted) => {
      const outcome = await crew.rehearse({ ...wanted, removal: null, graceMs: 0 });
      const ending = outcome.reached ? "passes" : `FAILS: ${outcome.why}`;
      say(`${wanted.case}: ${wanted.flow}: ${ending} in ${seconds(outcome.durationMs)}`);
      for (const { action, resource } of outcome.denied) say(`  denied ${action} on ${resource}`);
      return { ...wanted, ...outcome };
    }),
  );
}

type DocumentStatement = Outcome["policy"]["Statement"][number];

export interface Part {
  readonly case: string;
  readonly policy: Outcome["policy"];
  readonly statement: DocumentStatement;
}

/** Each statement once, in the first policy that has it. */
export function partsOf(baselines: readonly Baseline[]): readonly Part[] {
  const parts = new Map<string, Part>();
  for (const { case: name, policy } of baselines) {
    for (const statement of policy.Statement) {
      const key = JSON.stringify(statement);
      if (!parts.has(key)) parts.set(key, { case: name, policy, statement });
    }
  }
  return [...parts.values()];
}

export interface Catch {
  readonly removal: string;
  readonly caught: boolean;
}

export async function removeAll(
  crew: Crew,
  baselines: readonly Baseline[],
  progress: Progress,
): Promise<readonly Catch[]> {
  const rehearsed = new Map<string, () => Promise<boolean>>();
  const all = partsOf(baselines).flatMap((part) =>
    removalsOf(part.statement).map((removal) => {
      // What is left behind decides: the only action of a statement is the statement.
      const key = `${part.case} ${JSON.stringify(without(part.policy, removal))}`;
      const trial = { part, removal, baselines };
      if (!rehearsed.has(key)) rehearsed.set(key, () => isCaught(crew, trial, progress));
      return { removal: describe(removal), key };
    }),
  );
  const caught = new Map<string, boolean>();
  const queue = [...rehearsed];
  const work = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const [key, trial] = next;
      caught.set(key, await trial());
    }
  };
  await Promise.all(Array.from({ length: crew.size }, work));
  return all.map(({ removal, key }) => ({ removal, caught: caught.get(key) === true }));
}

interface Trial {
  readonly part: Part;
  readonly removal: Removal;
  readonly baselines: readonly Baseline[];
}

async function isCaught(crew: Crew, trial: Trial, { say }: Progress): Promise<boolean> {
  const { removal, part } = trial;
  const name = describe(removal);
  const flows = trial.baselines.filter((flow) => flow.case === part.case);
  for (const flow of flows.toSorted((left, right) => left.durationMs - right.durationMs)) {
    const deniedMs = await firstDenialMs(trial, flow);
    if (deniedMs === null) continue;
    // As long as the rest of the flow takes otherwise, and more, since the machine may be busier now.
    const graceMs = (flow.durationMs - deniedMs) * 1.5 + 1_000;
    const outcome = await crew.rehearse({ case: flow.case, flow: flow.flow, removal, graceMs });
    const denial = outcome.denied.find((asked) => concerns(removal, part.statement, asked));
    if (!outcome.reached && denial !== undefined) {
      say(`without ${name}: "${flow.flow}" fails: denied ${denial.action} on ${denial.resource}`);
      return true;
    }
    say(`without ${name}: "${flow.flow}" passes all the same`);
  }
  say(`NOT CAUGHT: ${name}`);
  return false;
}

/** When in the flow the first thing was asked that would be denied now; null where nothing was. */
async function firstDenialMs({ part, removal }: Trial, flow: Baseline): Promise<number | null> {
  const held = [without(part.policy, removal)];
  const asked = new Map<string, { readonly question: Question; readonly atMs: number }>();
  for (const each of flow.asked) {
    if (!concerns(removal, part.statement, each)) continue;
    const question = essence(each, part.policy);
    const key = JSON.stringify(question);
    if (!asked.has(key)) asked.set(key, { question, atMs: each.atMs });
  }
  for (const { question, atMs } of asked.values()) {
    if (!(await judge(anyRole, held, question))) return atMs;
  }
  return null;
}

/** Without what no condition asks for, such as the values of marks: what is left comes again and again. */
function essence({ action, resource, context }: Question, policy: Outcome["policy"]): Question {
  const keys = policy.Statement.flatMap(conditionsOf).map(({ key }) => key);
  const kept = Object.entries(context).filter(([key]) => keys.includes(key));
  return { action, resource, context: Object.fromEntries(kept) };
}

const judge = createJudge();
const anyRole = {
  accountId: "123456789012",
  arn: "arn:aws:sts::123456789012:assumed-role/ec2-ha-orders/i-00000000000000001",
};

function seconds(durationMs: number): string {
  return `${(durationMs / 1_000).toFixed(1)} s`;
}
