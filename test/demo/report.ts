// The numbers at the end of a demo: as JSON for programs, as lines for people. Both are made from
// one result, so that they cannot disagree.

import type { Life } from "./client/ledger.ts";
import { type Failover, outageMs } from "./failovers.ts";
import type { Pattern } from "./options.ts";
import type { Backend } from "./stage.ts";

export interface Result {
  readonly pattern: Pattern;
  readonly backend: Backend;
  readonly speed: number;
  readonly acknowledged: number;
  readonly lost: number;
  readonly lives: readonly Life[];
  readonly livesWanted: number;
  readonly failovers: readonly Failover[];
  /** How the loss was looked for, in one line for people. */
  readonly evidence: readonly string[];
}

/** Nothing lost, and every failover happened: from one zone to another, in as many lives. */
export function isGood(result: Result): boolean {
  const { lost, lives, livesWanted, failovers } = result;
  const moved = failovers.every((failover) => failover.fromAz !== failover.toAz);
  return (
    lost === 0 && lives.length === livesWanted && moved && failovers.length + 1 === livesWanted
  );
}

export function toJson(result: Result): string {
  const { pattern, backend, acknowledged, lost } = result;
  const failovers = result.failovers.map((failover) => ({
    cause: failover.cause,
    fromAz: failover.fromAz,
    toAz: failover.toAz,
    seconds: toSeconds(outageMs(failover)),
  }));
  return JSON.stringify({ pattern, backend, acknowledged, lost, failovers });
}

export function toLines(result: Result): readonly string[] {
  return [
    "Lives",
    ...result.lives.map((life, index) => `  ${index + 1}. ${describeLife(life, result.pattern)}`),
    `Failovers (AWS's delays are simulated ${result.speed} times as fast as AWS's own)`,
    ...result.failovers.map((failover, index) => `  ${index + 1}. ${describeFailover(failover)}`),
    "Proof",
    ...result.evidence.map((line) => `  ${line}`),
    isGood(result) ? "Nothing was lost." : describeFault(result),
  ];
}

const answers = { stateful: "acknowledged writes", address: "good answers" } as const;

const describeLife = (life: Life, pattern: Pattern): string =>
  `${life.instanceId} in ${life.zone}: ${life.acknowledged} ${answers[pattern]}`;

function describeFailover(failover: Failover): string {
  const { cause, fromAz, toAz, awsMs } = failover;
  const wholeMs = outageMs(failover);
  const shares = `AWS ${fixed(awsMs)} s, ours ${fixed(wholeMs - awsMs)} s`;
  return `${cause.padEnd(5)} ${fromAz} -> ${toAz}: ${fixed(wholeMs)} s without an answer (${shares})`;
}

function describeFault({ lost, failovers, livesWanted }: Result): string {
  if (lost > 0) return `LOST: ${lost} acknowledged writes are not in the restored database.`;
  return `FAILED: ${failovers.length} of ${livesWanted - 1} failovers happened as they should.`;
}

const fixed = (durationMs: number): string => (durationMs / 1000).toFixed(3);
const toSeconds = (durationMs: number): number => Math.round(durationMs) / 1000;
