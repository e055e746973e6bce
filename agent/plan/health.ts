// When a service that stopped answering is reported to its group. Only with `replace`, only after
// several failures in a row, and at most twice an hour: a database that is slow to recover must not be
// replaced in a loop. Whether the data is safe never depends on it.

import type { Facts } from "../domain/facts.ts";

export interface Health {
  readonly failuresInRow: number;
  /** Monotonic times of the last reports. */
  readonly reportedMs: readonly number[];
}

export const healthy: Health = { failuresInRow: 0, reportedMs: [] };

export interface Answer {
  readonly ok: boolean;
  readonly nowMs: number;
}

const hourMs = 3_600_000;
const reportsPerHour = 2;

/** The health after one more check, and whether the group is to be told now. */
export function weigh(
  health: Health,
  answer: Answer,
  limit: { failures: number; replace: boolean },
): { health: Health; report: boolean } {
  if (answer.ok) return { health: { ...health, failuresInRow: 0 }, report: false };
  const failuresInRow = health.failuresInRow + 1;
  const recent = health.reportedMs.filter((atMs) => answer.nowMs - atMs < hourMs);
  const report = limit.replace && failuresInRow >= limit.failures && recent.length < reportsPerHour;
  if (!report) return { health: { failuresInRow, reportedMs: recent }, report };
  return { health: { failuresInRow: 0, reportedMs: [...recent, answer.nowMs] }, report };
}

// EBS fetches a restored volume's blocks as they are first read; 5 MiB/s have been seen, at which this
// is a hundred GiB.
const coldMs = 6 * hourMs;

/** Whether the service may be slow only because what it reads is still being fetched from a snapshot. */
export function isCold(facts: Facts, nowMs: number): boolean {
  return facts.volumes.some(
    (volume) =>
      volume.parent !== null &&
      volume.parent !== "blank" &&
      nowMs - volume.createdMs < coldMs &&
      facts.disks.some((disk) => disk.volumeId === volume.volumeId && disk.mountedAt.length > 0),
  );
}
