// Builders for what a planner sees, each with defaults for a plain seat: one volume named "data",
// an address, a group, and this instance launching as i-1 in zone "a". A test says only what matters.

import type { Memory, Opening } from "../../agent/domain/decision.ts";
import type {
  AddressFact,
  Facts,
  GroupFact,
  Hook,
  InstanceFact,
  Malformed,
  SnapshotFact,
  SnapshotSet,
  VolumeFact,
} from "../../agent/domain/facts.ts";
import type { InstanceId } from "../../agent/domain/ids.ts";
import type { Mark } from "../../agent/domain/mark.ts";
import type { Settings } from "../../agent/domain/settings.ts";
import { blankMemory } from "../../agent/plan/memory.ts";
import type { View } from "../../agent/plan/view.ts";
import { eipalloc, eipassoc, eni, i, instantOf, me, settings, snap, startMs, vol } from "./seat.ts";

/** A volume of the seat that was never claimed nor written, free in zone "a". */
export function volume(n: number, over: Partial<VolumeFact> = {}): VolumeFact {
  return {
    volumeId: vol(n),
    name: "data",
    zone: "a",
    state: (over.attachments ?? []).length > 0 ? "in-use" : "available",
    sizeGib: 10,
    attachments: [],
    parent: "blank",
    generation: 0,
    opened: null,
    written: 0,
    releasing: null,
    init: { kind: "done" },
    createdMs: startMs - 30 * 86_400_000,
    ...over,
  };
}

/** A volume that `opener` opened as `generation`, under the association of the same number. */
export function opened(
  n: number,
  generation: number,
  over: Partial<VolumeFact> & { readonly by?: InstanceId } = {},
): VolumeFact {
  const { by = i(2), ...rest } = over;
  const claim = { opener: by, at: instantOf(0), associationId: eipassoc(generation) };
  return volume(n, { generation, written: generation, opened: claim, parent: snap(90), ...rest });
}

export function attachedTo(
  instance: InstanceId,
  state: VolumeFact["attachments"][number]["state"] = "attached",
): VolumeFact["attachments"] {
  return [{ instanceId: instance, state, device: "/dev/sdf" }];
}

/** The mark of an opening of these volumes, under the association of the same number. */
export function markOf(
  generation: number,
  volumes: readonly VolumeFact[],
  over: Partial<Mark> = {},
): Mark {
  return {
    generation,
    opener: i(2),
    at: instantOf(0),
    associationId: eipassoc(generation),
    members: volumes.map((entry) => ({ name: entry.name, volumeId: entry.volumeId })),
    fallback: false,
    ...over,
  };
}

/** The seat's address; free unless a holder is said, who then has association `association`. */
export function address(
  over: { holder?: InstanceId; association?: number; mark?: Mark | null } = {},
): AddressFact {
  const { holder = null, association = 1, mark = null } = over;
  return {
    allocationId: eipalloc,
    publicIp: "203.0.113.9",
    associationId: holder === null ? null : eipassoc(association),
    instanceId: holder,
    mark,
  };
}

export function instance(n: number, over: Partial<InstanceFact> = {}): InstanceFact {
  return {
    instanceId: i(n),
    state: "running",
    group: { name: "asg", lifecycleState: "InService" },
    member: true,
    taking: null,
    ...over,
  };
}

/** Another instance in a state of its group's. */
export function inGroup(n: number, lifecycleState: string): InstanceFact {
  return instance(n, { group: { name: "asg", lifecycleState } });
}

export function hook(transition: Hook["transition"], name = `on-${transition}`): Hook {
  return { name, transition, heartbeatTimeoutMs: 300_000 };
}

export function group(lifecycleState: string, over: Partial<GroupFact> = {}): GroupFact {
  return { name: "asg", lifecycleState, hooks: [hook("launch"), hook("terminate")], ...over };
}

/** A complete, clean final set of these volumes in their generation; the snapshots count from 100 n. */
export function setOf(
  n: number,
  volumes: readonly VolumeFact[],
  over: Partial<SnapshotSet> & { readonly state?: SnapshotFact["state"] } = {},
): SnapshotSet {
  const { state = "completed", ...rest } = over;
  return {
    setId: `orders/${n}`,
    of: volumes[0]?.written ?? 0,
    reason: "final",
    clean: true,
    valid: false,
    members: volumes.map((entry) => ({ name: entry.name, volumeId: entry.volumeId })),
    initPending: [],
    snapshots: volumes.map((entry, k) => ({
      snapshotId: snap(100 * n + k),
      volumeId: entry.volumeId,
      state,
      archived: false,
      progressPercent: state === "completed" ? 100 : 10,
      sizeGib: 10,
    })),
    startedMs: startMs - 1_000 * (1_000 - n),
    ...rest,
  };
}

export function disk(n: number, over: Partial<Facts["disks"][number]> = {}) {
  const mountedAt = over.mountedAt ?? [];
  const free = mountedAt.length === 0;
  return { volumeId: vol(n), path: `/dev/nvme${n}n1`, content: null, mountedAt, free, ...over };
}

export function malformed(over: Partial<Malformed> = {}): Malformed {
  return {
    subject: vol(1),
    tag: "ec2-ha:written",
    found: "x",
    wanted: "1",
    candidate: true,
    ...over,
  };
}

type FactsOver = Partial<Omit<Facts, "me">> & { readonly me?: Partial<Facts["me"]> };

export function facts(over: FactsOver = {}): Facts {
  const { me: mine, ...rest } = over;
  return {
    look: 10,
    nowMs: startMs,
    monotonicMs: 1_000_000,
    me: {
      instanceId: me,
      zone: "a",
      interfaceId: eni(1),
      target: null,
      group: group("Pending:Wait"),
      ...mine,
    },
    address: address(),
    groupMark: null,
    volumes: [],
    notFound: [],
    sets: [],
    instances: [],
    disks: [],
    units: [{ name: "db.service", state: "inactive" }],
    malformed: [],
    ...rest,
  };
}

interface ViewOver extends FactsOver {
  readonly settings?: Settings;
  readonly memory?: Partial<Memory>;
}

/** A view of these facts, with a memory that has seen "nothing" long enough to believe it. */
export function view(over: ViewOver = {}): View {
  const { settings: set = settings(), memory = {}, ...rest } = over;
  const nothing = { sinceMs: 0, sinceLook: 1 };
  return { settings: set, facts: facts(rest), memory: { ...blankMemory, nothing, ...memory } };
}

/** An opening of volumes attached here, this far. */
export function openingAt(stage: Opening["stage"], over: Partial<Opening> = {}): Opening {
  const members = over.members ?? [{ name: "data", volumeId: vol(1) }];
  return {
    base: { kind: "attach", members },
    tipKey: "",
    from: 3,
    stage,
    sinceLook: 1,
    associationId: eipassoc(4),
    leasedMs: 0,
    wroteMs: null,
    generation: 4,
    members,
    ...over,
  };
}

export function silentFor(subject: string, durationMs: number): Pick<Memory, "lives"> {
  return { lives: [{ subject, fingerprint: "", sinceMs: 1_000_000 - durationMs }] };
}

/** This instance serving generation 4 on vol-1, mounted, with address, mark and a fresh proof. */
export function serving(over: ViewOver = {}): View {
  const volumes = [opened(1, 4, { by: me, attachments: attachedTo(me) })];
  const mark = markOf(4, volumes, { opener: me });
  return view({
    volumes,
    disks: [disk(1, { mountedAt: ["/data"] })],
    units: [{ name: "db.service", state: "active" }],
    address: address({ holder: me, association: 4, mark }),
    groupMark: mark,
    ...over,
    me: { group: group("InService"), ...over.me },
    memory: { proven: { associationId: eipassoc(4), look: 9 }, ...over.memory },
  });
}
