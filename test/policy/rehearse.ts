// One flow, rehearsed with the printed policy or with something taken out of it: whether its goal was
// reached, and which questions IAM was asked on the way. With something taken out, the flow is believed
// to have failed once it has asked for nothing new for longer than the rest of it takes otherwise. A busy
// machine makes a flow slow, and one that is slow goes on asking.

import type { PolicyDocument } from "../../agent/policy/document.ts";
import { openStage, type Stage } from "../flow/stage.ts";
import { printedFor } from "../region/iam/printed.ts";
import type { Question } from "../region/iam/question.ts";
import type { Verdict } from "../region/iam/roles.ts";
import { cases, prepare } from "./cases.ts";
import { concerns, type Removal, without } from "./removals.ts";

export interface Job {
  readonly case: string;
  readonly flow: string;
  readonly removal: Removal | null;
  /** How long the flow may ask for nothing new, from the denial on. */
  readonly graceMs: number;
}

/** A question, and when in the flow it was first asked. */
export interface Asked extends Question {
  readonly atMs: number;
}

export interface Outcome {
  readonly reached: boolean;
  /** What was waited for in vain; empty where the goal was reached. */
  readonly why: string;
  readonly durationMs: number;
  readonly policy: PolicyDocument;
  /** Each question once; those that were denied stand in `denied` instead. */
  readonly asked: readonly Asked[];
  readonly denied: readonly Question[];
}

export async function rehearse(job: Job): Promise<Outcome> {
  const played = cases.find(({ name }) => name === job.case);
  const flow = played?.flows.find(({ name }) => name === job.flow);
  if (played === undefined || flow === undefined) throw new Error(`Cannot play "${job.flow}"`);
  const stage = await openStage({ ...flow.stage, desiredCapacity: 0, policies: [] });
  const startMs = performance.now();
  try {
    const settings = await prepare(stage, played);
    const policy = printedFor(settings, stage.region.name);
    const record = createRecord(stage, policy, job);
    const ending = await Promise.race([
      flow.play({ stage, settings }).then(
        () => "",
        (error: unknown) => (error instanceof Error ? error.message : String(error)),
      ),
      record.overdue,
    ]);
    const durationMs = performance.now() - startMs;
    return { reached: ending === "", why: ending, durationMs, policy, ...record.found() };
  } finally {
    await stage.close();
  }
}

interface Record {
  readonly overdue: Promise<string>;
  found(): Pick<Outcome, "asked" | "denied">;
}

/** Gives the role its policy, and notes what is asked from then on. */
function createRecord(stage: Stage, policy: PolicyDocument, { removal, graceMs }: Job): Record {
  const { roles } = stage.region;
  const held = removal === null ? policy : without(policy, removal);
  const statement = policy.Statement.find(({ Sid: sid }) => sid === removal?.sid);
  const asked = new Map<string, Asked>();
  const denied = new Map<string, Question>();
  const concerned = (question: Question) =>
    removal !== null && statement !== undefined && concerns(removal, statement, question);
  const startMs = performance.now();
  const overdue = new Promise<string>((resolve) => {
    const patience = createPatience(graceMs, resolve);
    roles.on(({ action, resource, context, allowed }: Verdict) => {
      const question = { action, resource, context };
      const key = JSON.stringify(question);
      if (!allowed) denied.set(key, question);
      else if (!asked.has(key)) asked.set(key, { ...question, atMs: performance.now() - startMs });
      if (allowed) patience.progressed(`${action} ${resource}`);
      else if (concerned(question)) patience.begin(`denied ${action}`);
    });
  });
  roles.setPolicies(stage.seat.roleName, [held]);
  return {
    overdue,
    found: () => ({ asked: [...asked.values()], denied: [...denied.values()] }),
  };
}

/** A flow that goes on for good, by ever new instances say, is given so many times its grace. */
const graceMax = 4;

interface Patience {
  /** At the first denial; later ones change nothing. */
  begin(why: string): void;
  /** What was asked before is no progress. */
  progressed(what: string): void;
}

function createPatience(graceMs: number, lose: (why: string) => void): Patience {
  const seen = new Set<string>();
  let begun: { readonly why: string; readonly latestMs: number } | null = null;
  let timer: NodeJS.Timeout | undefined;

  function wait(): void {
    if (begun === null) return;
    const { why, latestMs } = begun;
    clearTimeout(timer);
    const leftMs = Math.max(0, latestMs - performance.now());
    timer = setTimeout(() => lose(why), Math.min(graceMs, leftMs)).unref();
  }

  return {
    begin(why) {
      if (begun !== null) return;
      begun = { why, latestMs: performance.now() + graceMs * graceMax };
      wait();
    },
    progressed(what) {
      if (seen.has(what)) return;
      seen.add(what);
      wait();
    },
  };
}
