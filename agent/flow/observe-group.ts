// The group and the other instances: who is in the way, and in what state EC2 and the group have it. An
// instance that EC2 does not know is gone, not unknown.

import type { GroupFact, InstanceFact, VolumeFact } from "../domain/facts.ts";
import type { InstanceId } from "../domain/ids.ts";
import type { Address } from "../domain/resources.ts";
import { tags } from "../domain/tags.ts";
import type { Observer } from "./ports.ts";

export interface Members {
  readonly fact: GroupFact;
  readonly states: ReadonlyMap<InstanceId, string>;
  readonly marks: Readonly<Record<string, string>>;
}

export async function lookAtMembers(observer: Observer): Promise<Members | null> {
  const { ports, identity } = observer;
  const membership = await ports.autoScaling.membership(identity.instanceId);
  if (membership === null) return null;
  const [group, hooks] = await Promise.all([
    ports.autoScaling.group(membership.group),
    ports.autoScaling.hooks(membership.group),
  ]);
  const { lifecycleState } = membership;
  return {
    fact: { name: membership.group, lifecycleState, hooks },
    states: new Map(
      (group?.members ?? []).map((member) => [member.instanceId, member.lifecycleState]),
    ),
    marks: group?.tags ?? {},
  };
}

export interface InTheWay {
  readonly address: Address | null;
  readonly volumes: readonly VolumeFact[];
  readonly openers: readonly InstanceId[];
  readonly group: Members | null;
}

export function instancesInTheWay(found: InTheWay): readonly InstanceId[] {
  const attached = found.volumes.flatMap((volume) =>
    volume.attachments.map((entry) => entry.instanceId),
  );
  const holder = found.address?.instanceId ?? null;
  return [
    ...new Set([
      ...attached,
      ...found.openers,
      ...(found.group?.states.keys() ?? []),
      ...(holder === null ? [] : [holder]),
    ]),
  ];
}

export async function lookAtInstances(
  observer: Observer,
  group: Members | null,
  ids: readonly InstanceId[],
): Promise<readonly InstanceFact[]> {
  const others = ids.filter((id) => id !== observer.identity.instanceId);
  return Promise.all(others.map((id) => lookAtInstance(observer, group, id)));
}

async function lookAtInstance(
  observer: Observer,
  group: Members | null,
  id: InstanceId,
): Promise<InstanceFact> {
  const { ports, settings } = observer;
  const state = group?.states.get(id) ?? null;
  const found = await ports.reads.instance(id);
  const inGroup =
    group !== null && state !== null ? { name: group.fact.name, lifecycleState: state } : null;
  return {
    instanceId: id,
    state: found?.state ?? "gone",
    group: inGroup,
    member: inGroup !== null || found?.tags[tags.seat] === settings.seat,
    taking: found?.tags[tags.taking] ?? null,
  };
}
