// What the commands print: plain data first, and the same data in words. Nothing here looks at the
// world or decides anything.

import type { Decision } from "../domain/decision.ts";
import type { Facts, SnapshotSet } from "../domain/facts.ts";
import { formatMark } from "../domain/mark.ts";
import type { Settings } from "../domain/settings.ts";
import { isCompleted, isWhole } from "../plan/sets.ts";
import { effectiveMark } from "../plan/view.ts";

export interface Report {
  readonly data: unknown;
  readonly text: string;
}

export function reportPlan(decision: Decision): Report {
  return { data: decision, text: describeDecision(decision) };
}

function describeDecision(decision: Decision): string {
  switch (decision.kind) {
    case "perform": {
      const steps = decision.steps.map((step) => `  ${step.name} ${JSON.stringify(step.with)}`);
      return [`perform, because ${decision.why}:`, ...steps].join("\n");
    }
    case "wait":
      return `wait: ${decision.why}`;
    case "done":
      return `done: ${decision.why}`;
    case "refuse":
      return `refuse ${decision.refusal.code}: ${decision.refusal.message}`;
  }
}

export function reportStatus(settings: Settings, facts: Facts): Report {
  const mark = effectiveMark(facts);
  const newest = newestComplete(settings, facts.sets);
  const data = {
    seat: settings.seat,
    instance: facts.me.instanceId,
    zone: facts.me.zone,
    lifecycleState: facts.me.group?.lifecycleState ?? null,
    address: facts.address?.publicIp ?? null,
    holder: facts.address?.instanceId ?? null,
    generation: mark?.generation ?? 0,
    openedBy: mark?.opener ?? null,
    mark: mark === null ? null : formatMark(mark),
    volumes: facts.volumes.map((volume) => ({
      volumeId: volume.volumeId,
      name: volume.name,
      zone: volume.zone,
      state: volume.state,
      written: volume.written,
      attachedTo: volume.attachments.map((entry) => entry.instanceId),
      mountedAt: facts.disks.find((disk) => disk.volumeId === volume.volumeId)?.mountedAt ?? [],
    })),
    units: facts.units,
    newestSet:
      newest === null
        ? null
        : { setId: newest.setId, ageSeconds: Math.round((facts.nowMs - newest.startedMs) / 1000) },
    hooks: facts.me.group?.hooks ?? [],
  };
  return { data, text: textOfStatus(data) };
}

function textOfStatus(data: { readonly [key: string]: unknown }): string {
  const lines = Object.entries(data).map(
    ([key, value]) => `${key}: ${typeof value === "string" ? value : JSON.stringify(value)}`,
  );
  return lines.join("\n");
}

export function reportSets(settings: Settings, sets: readonly SnapshotSet[]): Report {
  const names = settings.volumes.map((volume) => volume.name);
  const data = sets
    .toSorted((a, b) => b.startedMs - a.startedMs)
    .map((set) => ({
      setId: set.setId,
      startedAt: new Date(set.startedMs).toISOString(),
      generation: set.of,
      reason: set.reason,
      clean: set.clean,
      complete: isWhole(set, names) && isCompleted(set),
      snapshots: set.snapshots.map((snapshot) => snapshot.snapshotId),
    }));
  const rows = data.map(
    (set) =>
      `${set.startedAt}  generation ${set.generation}  ${set.reason}  ${set.complete ? "complete" : "incomplete"}  ${set.setId}`,
  );
  return { data, text: rows.length === 0 ? "no snapshot sets" : rows.join("\n") };
}

function newestComplete(settings: Settings, sets: readonly SnapshotSet[]): SnapshotSet | null {
  const names = settings.volumes.map((volume) => volume.name);
  const complete = sets.filter((set) => isWhole(set, names) && isCompleted(set));
  return complete.toSorted((a, b) => b.startedMs - a.startedMs)[0] ?? null;
}
