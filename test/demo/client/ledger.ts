// What the client was promised: every acknowledged write with who acknowledged it and when. It is
// the one side of the proof; the other is the restored database, which never sees this list.

import { createHash } from "node:crypto";

export interface Acknowledgement {
  readonly sequence: number;
  /** The instance that acknowledged it. */
  readonly instanceId: string;
  readonly zone: string;
  /** Monotonic, by the client's clock. */
  readonly atMs: number;
}

/** One instance's holding of the seat, as a client sees it. */
export interface Life {
  readonly instanceId: string;
  readonly zone: string;
  readonly acknowledged: number;
  readonly firstAtMs: number;
  readonly lastAtMs: number;
}

export interface Ledger {
  record(acknowledgement: Acknowledgement): void;
  all(): readonly Acknowledgement[];
  /** In the order in which they were first heard of. */
  lives(): readonly Life[];
}

export function createLedger(): Ledger {
  const entries: Acknowledgement[] = [];
  const lives = new Map<string, Life>();
  return {
    record: (entry) => {
      entries.push(entry);
      lives.set(entry.instanceId, extend(lives.get(entry.instanceId), entry));
    },
    all: () => entries,
    lives: () => [...lives.values()],
  };
}

function extend(life: Life | undefined, entry: Acknowledgement): Life {
  const { instanceId, zone, atMs } = entry;
  if (life === undefined) {
    return { instanceId, zone, acknowledged: 1, firstAtMs: atMs, lastAtMs: atMs };
  }
  return { ...life, acknowledged: life.acknowledged + 1, lastAtMs: Math.max(life.lastAtMs, atMs) };
}

/** The value that belongs to a sequence number: the check needs no copy of what was sent. */
export function valueOf(seed: string, sequence: number): string {
  return createHash("sha256").update(`${seed}/${sequence}`).digest("hex");
}
