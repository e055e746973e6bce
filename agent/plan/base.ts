// The tip table: from where the newest data is, and who has it, to what an opening starts from. One
// function for each row; the first row that fits decides. Nothing here attaches or opens: a base is
// only what will be brought once the lease is held, and the tip is compared again before and after.

import type { Decision } from "../domain/decision.ts";
import type { InstanceFact, VolumeFact } from "../domain/facts.ts";
import type { InstanceId } from "../domain/ids.ts";
import type { Mark } from "../domain/mark.ts";
import { membersOf } from "./copies.ts";
import { fenceLeaving, fenceOrWait } from "./fence.ts";
import { isTerminating } from "./lease.ts";
import { recover } from "./recovery.ts";
import { finalSet } from "./sets.ts";
import type { Tip } from "./tip.ts";
import {
  attachedTo,
  type Choice,
  effectiveMark,
  instanceOf,
  perform,
  refuse,
  type View,
  wait,
} from "./view.ts";

export function chooseBase(view: View, tip: Exclude<Tip, { kind: "look" | "refuse" }>): Choice {
  switch (tip.kind) {
    case "first":
      return { kind: "base", base: { kind: "create" } };
    case "set":
      return { kind: "base", base: { kind: "restore", setId: tip.set.setId, of: tip.from } };
    case "volumes":
      return fromVolumes(view, tip.volumes, tip.from);
  }
}

function fromVolumes(view: View, volumes: readonly VolumeFact[], written: number): Choice {
  const { me } = view.facts;
  const holder = volumes.flatMap(attachedTo).find((id) => id !== me.instanceId);
  const here = volumes.every((volume) => volume.zone === me.zone);
  if (holder !== undefined) return attachedElsewhere(view, { holder, volumes, written, here });
  if (volumes.some((volume) => volume.state === "creating")) {
    return next(wait("the volumes are being created", { pace: "volume", look: watching(volumes) }));
  }
  // Free in this zone, or attached here and not mounted (R4): attach what is not, open anew.
  if (here) return { kind: "base", base: { kind: "attach", members: membersOf(volumes) } };
  // Free in another zone: its final set, or a set taken of it now.
  const final = finalSet(view, written, effectiveMark(view.facts));
  if (final !== null) {
    return { kind: "base", base: { kind: "restore", setId: final.setId, of: written } };
  }
  return recover(view, volumes, written);
}

interface Elsewhere {
  readonly holder: InstanceId;
  readonly volumes: readonly VolumeFact[];
  readonly written: number;
  readonly here: boolean;
}

function attachedElsewhere(view: View, found: Elsewhere): Choice {
  const holder = instanceOf(view.facts, found.holder);
  if (holder === null) {
    return next(
      wait(`"${found.holder}" has the volumes, and nothing is known of it yet`, {
        pace: "attachment",
      }),
    );
  }
  const final = finalSet(view, found.written, effectiveMark(view.facts));
  const leaving = isTerminating(holder) || isEnding(holder) || holder.state === "stopped";
  if (!found.here && final !== null && leaving) {
    return { kind: "base", base: { kind: "restore", setId: final.setId, of: found.written } };
  }
  return next(untilFree(view, found, holder));
}

/** The rows in which the volumes are another instance's: wait, detach, fence, or refuse. */
function untilFree(view: View, found: Elsewhere, holder: InstanceFact): Decision {
  if (isEnding(holder)) {
    return wait(`"${holder.instanceId}" is ${holder.state}; its volumes come free`, {
      pace: "attachment",
      look: watching(found.volumes),
    });
  }
  if (holder.state === "stopped") return detachFromStopped(found, holder);
  if (isTerminating(holder)) return fenceLeaving(view, holder);
  const mark = effectiveMark(view.facts);
  const opened =
    mark === null || mark.opener === holder.instanceId || openedAbove(found.volumes, holder, mark);
  if (!opened) return fenceOrWait(view, holder, "it has the volumes but has not opened the seat");
  return heldByHealthy(view, holder);
}

/** A mark that an earlier opener's late call put back does not make its successor a mere taker. */
function openedAbove(volumes: readonly VolumeFact[], holder: InstanceFact, mark: Mark): boolean {
  return volumes.every(
    (volume) =>
      volume.opened?.opener === holder.instanceId &&
      volume.written === volume.generation &&
      volume.written >= mark.generation,
  );
}

function heldByHealthy(view: View, holder: InstanceFact): Decision {
  const { group } = view.facts.me;
  const who = `"${holder.instanceId}" is ${holder.state}${holder.group === null ? "" : ` and ${holder.group.lifecycleState}`}`;
  if (group !== null && group.name === holder.group?.name) {
    return refuse(
      "EHA-HANDOVER-UNSUPPORTED",
      `${who} and holds the seat: handing over is not supported yet: terminate it in its group`,
    );
  }
  return refuse(
    "EHA-WATCH-UNSUPPORTED",
    `${who} and holds the seat: watching it is not supported yet`,
  );
}

/** Always with the instance's id: a detach that arrives late must not hit the next holder. */
function detachFromStopped(found: Elsewhere, holder: InstanceFact): Decision {
  const held = found.volumes.filter((volume) =>
    volume.attachments.some(
      (entry) => entry.instanceId === holder.instanceId && entry.state !== "detaching",
    ),
  );
  const [first, ...rest] = held.map(
    (volume) =>
      ({
        name: "detach",
        with: { volumeId: volume.volumeId, instanceId: holder.instanceId },
      }) as const,
  );
  if (first === undefined) {
    return wait(`"${holder.instanceId}" is stopped, and its volumes are detaching`, {
      pace: "attachment",
      look: watching(found.volumes),
    });
  }
  return perform([first, ...rest], {
    why: `"${holder.instanceId}" is stopped and still has the volumes`,
  });
}

function isEnding(instance: InstanceFact): boolean {
  return ["shutting-down", "terminated", "stopping", "gone"].includes(instance.state);
}

function watching(volumes: readonly VolumeFact[]): {
  kind: "volumes";
  volumeIds: VolumeFact["volumeId"][];
} {
  return { kind: "volumes", volumeIds: volumes.map((volume) => volume.volumeId) };
}

function next(decision: Decision): Choice {
  return { kind: "next", decision };
}
