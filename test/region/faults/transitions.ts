// Transitions that take longer than they do, or never end: what a fault adds to the usual time of one.
// An attachment that sticks does so until somebody detaches it; its device name may be spoilt with it.

import type { SlowTransition, Tables } from "../state/region.ts";
import type { Faults } from "./faults.ts";

/** What is known of the resources that the transitions are of. */
type Known = Pick<Tables, "attachments" | "snapshots">;

export function extraMsOf(faults: Faults, known: Known, { kind, id }: SlowTransition): number {
  const volumeId = known.snapshots.get(id)?.volumeId;
  const ids = volumeId === undefined ? [id] : [id, volumeId];
  const slowMs = faults.strike("slowTransitions", { what: kind, ids })?.extraMs ?? 0;
  return kind === "attach" && sticks(faults, known, id) ? Infinity : slowMs;
}

/**
 * kubernetes-sigs/aws-ebs-csi-driver, pkg/cloud: a device name that was used before may leave the volume
 * attaching for ever, which is detected after 90 s and mended by detaching.
 */
function sticks(faults: Faults, { attachments }: Known, volumeId: string): boolean {
  const attachment = attachments.get(volumeId);
  if (attachment === undefined) return false;
  const place = `${attachment.instanceId} ${attachment.device}`;
  const spoilt = faults.memory("stuckAttaching");
  if (spoilt.has(place)) {
    faults.note("stuckAttaching");
    return true;
  }
  const stuck = faults.strike("stuckAttaching", { ids: [volumeId, attachment.instanceId] });
  if (stuck?.sameDevice === true) spoilt.add(place);
  return stuck !== null;
}
