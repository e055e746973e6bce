// Releasing the seat: stop, unmount, prove it, save, let go, and only then answer the hook. Nothing
// about how far it has come is stored: units, mounts, the final set and the attachments tell, so an
// agent killed anywhere goes on where it was. What this instance did not open, it does not save.

import type { Decision } from "../domain/decision.ts";
import type { VolumeFact } from "../domain/facts.ts";
import type { Step } from "../domain/steps.ts";
import { mountedHere, openedHere, rewriteMark } from "./holding.ts";
import { completeOwn } from "./hook.ts";
import { proveStep, untilAddressSeen } from "./lease.ts";
import { attachedHere, detachHere, quiet, stopUnits } from "./letgo.ts";
import { finalSetId, setTags } from "./names.ts";
import { isWhole, namesOf } from "./sets.ts";
import { effectiveMark, lookAgain, perform, refuse, type View, wait } from "./view.ts";

export function planRelease(view: View): Decision {
  const released =
    view.settings.volumes.length === 0
      ? stopUnits(view, "this instance is terminating")
      : releaseVolumes(view);
  if (released !== null) return released;
  return (
    completeOwn(view, "terminate", "nothing is left to save") ?? {
      kind: "done",
      why: "the seat is released",
    }
  );
}

function releaseVolumes(view: View): Decision | null {
  const mounted = mountedHere(view);
  if (mounted.length > 0) return saveMounted(view, mounted);
  const before = stopUnits(view, "this instance is terminating") ?? unseen(view);
  if (before !== null) return before;
  const attached = attachedHere(view);
  if (attached.length === 0) return null;
  // Whatever else is attached here was opened by others: it is let go of, and does not count.
  const own = attached.filter((volume) => openedHere(view, [volume]));
  if (own.length < namesOf(view).length && finalOf(view, own) === undefined) {
    return detachHere(view, "not opened here: nothing to save");
  }
  return saveUnmounted(view, own);
}

/** Letting the hook go takes evidence: what this instance opened is seen, or was denied again and again. */
function unseen(view: View): Decision | null {
  const { facts, memory } = view;
  const bad = facts.malformed.find((entry) => entry.candidate);
  if (bad !== undefined) {
    return refuse(
      "EHA-TAG-MALFORMED",
      `"${bad.subject}" has ${bad.tag}="${bad.found}", wanted ${bad.wanted}: put the tag right`,
    );
  }
  const mark = effectiveMark(facts);
  if (mark?.opener !== facts.me.instanceId) return null;
  const hidden = mark.members.find(
    ({ volumeId }) =>
      !facts.volumes.some((volume) => volume.volumeId === volumeId) &&
      !memory.lost.some((entry) => entry.volumeId === volumeId && entry.looks >= deniedLooks),
  );
  if (hidden === undefined) return null;
  return wait(`"${hidden.volumeId}" was opened here and cannot be seen`, { pace: "volume" });
}

// One empty answer is never none.
const deniedLooks = 3;

/** Still mounted: whoever waits is told first, with a deadline; then stop, commands, unmount. */
function saveMounted(view: View, mounted: readonly VolumeFact[]): Decision {
  const { facts, memory, settings } = view;
  const since = memory.releasingSinceMs ?? facts.monotonicMs;
  const announced = mounted.every(
    (volume) => volume.releasing !== null && volume.releasing.deadlineMs > facts.nowMs,
  );
  const own = openedHere(view, mounted);
  if (own && !announced) {
    const deadlineMs = facts.nowMs + settings.releaseWithinMs - (facts.monotonicMs - since);
    const releasing = {
      phase: "stopping",
      atMs: facts.nowMs,
      deadlineMs: Math.max(deadlineMs, facts.nowMs + 1_000),
    };
    const step: Step = {
      name: "announce",
      with: { volumeIds: mounted.map((volume) => volume.volumeId), releasing },
    };
    if (facts.monotonicMs - since < settings.releaseWithinMs * announceShare) {
      return perform([step], { why: "a successor waits on this" });
    }
  }
  if (isOverdue(view)) return own ? giveUpUnmounting(view, mounted) : leaveMounted(view);
  const stop = stopUnits(view, "this instance is terminating");
  if (stop !== null) return stop;
  const command = settings.beforeSnapshot.find((entry) => !memory.commandsRun.includes(entry));
  if (own && command !== undefined) {
    return perform([{ name: "runCommand", with: { command, timeoutMs: commandMs } }], {
      why: "before the final snapshot",
      look: { kind: "local" },
    });
  }
  return quiet(view, "the units have stopped") ?? lookAgain("unmounted");
}

// A tag that cannot be written must not keep the service from being stopped and saved.
const announceShare = 1 / 4;

// One command's share of a release.
const commandMs = 60_000;

/** The deadline is over and something still holds the mount: an unclean set rather than none. */
function giveUpUnmounting(view: View, mounted: readonly VolumeFact[]): Decision {
  const over = isLeaseLost(view)
    ? "the deadline is over, and another has the lease"
    : "the deadline is over, and an unclean set was taken";
  if (isLeaseLost(view) || finalOf(view, mounted, "unclean") !== undefined) {
    return completeOwn(view, "terminate", over) ?? { kind: "done", why: over };
  }
  return proven(view, mounted) ?? takeFinal(view, mounted, "unclean");
}

/** Outranked, with nothing to save, and the mount does not go away: the end of the machine ends it. */
function leaveMounted(view: View): Decision {
  const why = "the deadline is over, and what is mounted was outranked";
  return completeOwn(view, "terminate", why) ?? { kind: "done", why };
}

function saveUnmounted(view: View, attached: readonly VolumeFact[]): Decision | null {
  if (finalOf(view, attached) !== undefined) return detachHere(view, "the final set is taken");
  const held = attached.find(
    ({ volumeId }) => !view.facts.disks.some((disk) => disk.volumeId === volumeId && disk.free),
  );
  if (held !== undefined && !isOverdue(view)) {
    return wait(`"${held.volumeId}" is unmounted, and was not seen free`, {
      pace: "device",
      look: { kind: "local" },
    });
  }
  // Not the holder any more: there is nothing to save.
  if (isLeaseLost(view)) return null;
  // Something holds a device past the deadline: the unclean set is all that can be had.
  if (held !== undefined && finalOf(view, attached, "unclean") !== undefined) {
    const why = "the deadline is over, and an unclean set was taken";
    return completeOwn(view, "terminate", why) ?? { kind: "done", why };
  }
  return (
    proven(view, attached) ?? takeFinal(view, attached, held === undefined ? "clean" : "unclean")
  );
}

function isOverdue(view: View): boolean {
  const { facts, memory, settings } = view;
  const since = memory.releasingSinceMs;
  return since !== null && facts.monotonicMs - since > settings.releaseWithinMs;
}

/** The last proof found the address at another's. */
function isLeaseLost(view: View): boolean {
  const { proven: proof } = view.memory;
  return proof !== null && proof.associationId === null && view.facts.look > proof.look;
}

/** Every write-side step checks the lease first: null once it was proven just before this look. */
function proven(view: View, volumes: readonly VolumeFact[]): Decision | null {
  const { address, look } = view.facts;
  const { proven: proof } = view.memory;
  if (address === null) {
    return untilAddressSeen(view) ?? lookAgain("without the address the lease is not proven");
  }
  const mark = effectiveMark(view.facts);
  if (proof?.associationId != null && look === proof.look + 1) {
    if (proof.associationId === mark?.associationId) return null;
    return rewriteMark(view, { volumes, mark, associationId: proof.associationId });
  }
  const ids = volumes.map((volume) => volume.volumeId).join('", "');
  return perform([proveStep(view, address)], { why: `before "${ids}" is saved` });
}

function takeFinal(
  view: View,
  volumes: readonly VolumeFact[],
  state: "clean" | "unclean",
): Decision {
  const of = volumes[0]?.written ?? 0;
  const setId = finalSetId(view.settings.seat, of, state);
  const tags = setTags(view, volumes, { setId, of, reason: "final", clean: state === "clean" });
  const volumeIds = volumes.map((volume) => volume.volumeId);
  const step: Step = {
    name: "snapshotSet",
    with: { instanceId: view.facts.me.instanceId, volumeIds, purpose: setId, tags },
  };
  return perform([step], { why: `the final set of generation ${of}` });
}

/** The set that this release took, found by its derived name. */
function finalOf(view: View, volumes: readonly VolumeFact[], state: "clean" | "unclean" = "clean") {
  const setId = finalSetId(view.settings.seat, volumes[0]?.written ?? 0, state);
  return view.facts.sets.find((set) => set.setId === setId && isWhole(set, namesOf(view)));
}
