// The plot of both patterns: lives and the failovers between them. A life must have answered often
// enough, and the group must have come to rest, before the next blow falls. Every wait has an end, so
// that a take-over that never happens is reported and not waited for.

import { TerminateInstanceInAutoScalingGroupCommand } from "@aws-sdk/client-auto-scaling";
import type { Clock } from "../../agent/domain/clock.ts";
import type { Ledger, Life } from "./client/ledger.ts";
import type { Cause } from "./failovers.ts";
import { type Stage, settledInstance } from "./stage.ts";

export interface Plot {
  readonly stage: Stage;
  readonly ledger: Ledger;
  readonly causes: readonly Cause[];
  /** Answers that each life must give. */
  readonly answersMin: number;
  readonly clock: Clock;
  /** Right before an instance is ended. */
  readonly onBlow: (cause: Cause, instanceId: string) => void;
  /** When a life has given its first answer, and when it has given enough; lives count from 0. */
  readonly onLife: (index: number, life: Life) => void;
  readonly onEnough: (index: number, life: Life) => void;
}

// Far longer than a take-over at the demo's speed; a failure should end it well before a reader does.
const waitMs = 60_000;
const lookEveryMs = 50;

/** Resolves to what did not happen in time; null when all of it did. */
export async function play(plot: Plot): Promise<string | null> {
  const { causes, ledger, answersMin } = plot;
  for (let index = 0; index <= causes.length; index += 1) {
    const lifeOf = (answers: number): Life | null => {
      const life = ledger.lives()[index];
      return life !== undefined && life.acknowledged >= answers ? life : null;
    };
    const begun = await until(plot, () => lifeOf(1));
    if (begun === null) return `no answer from a ${ordinals[index] ?? "new"} instance`;
    plot.onLife(index, begun);
    const enough = await until(plot, () => lifeOf(answersMin));
    if (enough === null) return `fewer than ${answersMin} answers from "${begun.instanceId}"`;
    plot.onEnough(index, enough);
    const cause = causes[index];
    if (cause === undefined) return null;
    const instanceId = await until(plot, () => settledInstance(plot.stage));
    if (instanceId === null) return "the group did not come to rest";
    plot.onBlow(cause, instanceId);
    await blows[cause](plot.stage, instanceId);
  }
  return null;
}

const ordinals = ["first", "second", "third", "fourth"];

const blows: Readonly<Record<Cause, (stage: Stage, instanceId: string) => Promise<void>>> = {
  hook: async ({ region }, instanceId) => {
    await region.autoScaling.send(
      new TerminateInstanceInAutoScalingGroupCommand({
        InstanceId: instanceId,
        ShouldDecrementDesiredCapacity: false,
      }),
    );
  },
  crash: ({ region }, instanceId) => region.world.crash(instanceId),
};

/** What `probe` finds, looked for again and again; null where there is nothing in time. */
async function until<T>(
  { clock }: Plot,
  probe: () => T | null | Promise<T | null>,
): Promise<T | null> {
  const untilMs = clock.monotonicMs() + waitMs;
  while (clock.monotonicMs() < untilMs) {
    const found = await probe();
    if (found !== null) return found;
    await clock.sleep(lookEveryMs);
  }
  return null;
}
