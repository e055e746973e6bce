// Holds what the client was promised against what the restored database says. A promised write is
// lost when its row is missing or has another value; which instance promised it makes no difference.

import type { Acknowledgement } from "./client/ledger.ts";
import { valueOf } from "./client/ledger.ts";
import type { Restored } from "./client/reader.ts";

export interface Proof {
  /** Distinct acknowledged writes. */
  readonly acknowledged: number;
  /** Sequence numbers that were promised and are not there. */
  readonly missing: readonly number[];
  /** Sequence numbers that are there with a value that nobody wrote under them. */
  readonly wrong: readonly number[];
  readonly rows: number;
  readonly integrity: string;
}

export function prove(
  promised: readonly Acknowledgement[],
  restored: Restored,
  seed: string,
): Proof {
  const sequences = [...new Set(promised.map((entry) => entry.sequence))];
  const isWrong = ([sequence, value]: readonly [number, string]): boolean =>
    value !== valueOf(seed, sequence);
  return {
    acknowledged: sequences.length,
    missing: sequences.filter((sequence) => !restored.pairs.has(sequence)),
    wrong: [...restored.pairs].filter(isWrong).map(([sequence]) => sequence),
    rows: restored.pairs.size,
    integrity: restored.integrity,
  };
}

/** A file that SQLite itself calls broken counts as one loss more: no number of rows excuses it. */
export const lostIn = (proof: Proof): number =>
  proof.missing.length + proof.wrong.length + (proof.integrity === "ok" ? 0 : 1);
