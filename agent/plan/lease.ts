// The right to open: the Elastic IP's association (R5). It is taken only when nobody has it. Who has
// it is cut off only in ways that cannot rob a writer: gone, or let go with all volumes free under
// the very association it opened with, or Terminating with a final set that holds everything.

import type { Decision } from "../domain/decision.ts";
import type { AddressFact, InstanceFact } from "../domain/facts.ts";
import type { AssociationId, InstanceId } from "../domain/ids.ts";
import type { Step } from "../domain/steps.ts";
import { fenceOrWait } from "./fence.ts";
import { isAddressMissing } from "./unseen.ts";
import {
  effectiveMark,
  everything,
  instanceOf,
  isAttachedTo,
  perform,
  refuse,
  silentMs,
  type View,
  wait,
} from "./view.ts";

/** Whether the data being brought is a final set without loss: it lets a Terminating holder be cut off. */
export interface Errand {
  readonly lossless: boolean;
  readonly opening: Parameters<typeof wait>[1]["opening"];
}

export type Lease =
  | { readonly kind: "mine"; readonly associationId: AssociationId }
  | { readonly kind: "next"; readonly decision: Decision };

export function takeLease(view: View, address: AddressFact, errand: Errand): Lease {
  const { me } = view.facts;
  if (address.associationId === null) return next(associate(view, address, errand));
  if (address.instanceId === me.instanceId) {
    return { kind: "mine", associationId: address.associationId };
  }
  return next(fromAnother(view, { ...address, associationId: address.associationId }, errand));
}

/** R7's proof: a write where AWS makes it one. Its outcome names the association. */
export function proveStep(view: View, address: AddressFact): Step {
  const { interfaceId, instanceId } = view.facts.me;
  return { name: "prove", with: { allocationId: address.allocationId, interfaceId, instanceId } };
}

/** null where the address is seen, or none is wanted. An opening under way outlives an empty answer. */
export function untilAddressSeen(view: View): Decision | null {
  const { settings, facts, memory } = view;
  if (settings.address === null || facts.address !== null) return null;
  const { address, seat } = settings;
  const wanted =
    address === "tag"
      ? { found: `no Elastic IP is tagged ec2-ha:seat=${seat}`, next: "tag one" }
      : { found: `there is no Elastic IP "${address.allocationId}"`, next: "put its id right" };
  if (isAddressMissing(view)) {
    return refuse("EHA-ADDRESS-MISSING", `${wanted.found}: ${wanted.next}`);
  }
  return wait(`${wanted.found}; one empty answer is never none`, {
    pace: "volume",
    opening: memory.opening,
  });
}

type Associated = AddressFact & { readonly associationId: AssociationId };

function fromAnother(view: View, address: Associated, errand: Errand): Decision {
  if (address.instanceId === null) {
    return refuse(
      "EHA-ADDRESS-HELD",
      `"${address.publicIp}" is associated to something that is no instance: free it`,
    );
  }
  const holder = instanceOf(view.facts, address.instanceId);
  const reason = mayDispossess(view, { address, holder, lossless: errand.lossless });
  if (reason !== null) return dispossess(address, address.instanceId, { why: reason, errand });
  const mark = effectiveMark(view.facts);
  if (holder === null || mark?.associationId === address.associationId) {
    return wait(`"${address.instanceId}" has the address it opened under, and may still write`, {
      pace: "attachment",
    });
  }
  if (holder.state === "stopping" || holder.state === "gone") {
    return wait(`"${holder.instanceId}" is ${holder.state} and has the address`, {
      pace: "attachment",
    });
  }
  if (view.settings.volumes.length === 0) return heldBeside(view, holder);
  return fenceOrWait(view, holder, "it has the address but has not opened the seat");
}

// An instance is believed gone when EC2 has not known it for this long.
const goneMs = 10_000;

/** R5, in one place: every way in which a holder may be cut off, with its reason in words. */
function mayDispossess(
  view: View,
  found: { address: Associated; holder: InstanceFact | null; lossless: boolean },
): string | null {
  const { address, holder, lossless } = found;
  const mark = effectiveMark(view.facts);
  if (holder === null) return null;
  if (holder.state === "terminated") return "its holder is terminated";
  // One empty answer is never none: an instance just launched may not be listed yet.
  if (holder.state === "gone" && silentMs(view, holder.instanceId) >= goneMs) {
    return "its holder is gone";
  }
  if (holder.state === "stopped") return "its holder is stopped";
  const leaving = isTerminating(holder) || holder.state === "shutting-down";
  if (leaving && view.settings.volumes.length === 0) return "its holder is leaving and has no data";
  if (leaving && lossless) return "its holder is leaving and its final set holds everything";
  const marked =
    mark?.members.map((member) =>
      view.facts.volumes.find((volume) => volume.volumeId === member.volumeId),
    ) ?? [];
  const free = marked.length > 0 && marked.every((volume) => volume?.state === "available");
  if (free && mark?.associationId === address.associationId) {
    return "its holder let go of every volume it opened";
  }
  return null;
}

export function isTerminating(instance: InstanceFact): boolean {
  return instance.group?.lifecycleState.startsWith("Terminating") ?? false;
}

/** An address-only seat is taken from no one who lives: handing over comes later. */
function heldBeside(view: View, holder: InstanceFact): Decision {
  const { me } = view.facts;
  const beside = holder.group !== null && holder.group.name === me.group?.name;
  const code = beside ? "EHA-HANDOVER-UNSUPPORTED" : "EHA-ADDRESS-HELD";
  return refuse(
    code,
    `"${holder.instanceId}" is ${holder.state} and has the address, wanted it gone or Terminating: terminate it in its group, or disassociate the address`,
  );
}

function associate(view: View, address: AddressFact, errand: Errand): Decision {
  const { interfaceId } = view.facts.me;
  const step: Step = {
    name: "associate",
    with: { allocationId: address.allocationId, interfaceId },
  };
  return perform([step], {
    why: `"${address.publicIp}" is free`,
    look: everything,
    opening: errand.opening ?? null,
  });
}

function dispossess(
  address: Associated,
  from: InstanceId,
  say: { why: string; errand: Errand },
): Decision {
  const step: Step = { name: "disassociate", with: { associationId: address.associationId, from } };
  return perform([step], { why: say.why, look: everything, opening: say.errand.opening ?? null });
}

/** Attaching is only for who has the lease: whoever finds it at another's lets go of what it attached. */
export function holdsWithoutLease(view: View): boolean {
  const { address, me, volumes } = view.facts;
  const elsewhere = address?.instanceId !== null && address?.instanceId !== me.instanceId;
  return elsewhere && volumes.some((volume) => isAttachedTo(volume, me.instanceId));
}

function next(decision: Decision): Lease {
  return { kind: "next", decision };
}
