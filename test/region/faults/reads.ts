// Reads that are not the newest truth, as EC2's are not for seconds to minutes: old rows, rows that are
// missing, lists that are empty, and resources that nobody finds yet. A read is given a view of the region
// to look at; a write always sees the region itself, or does not find what is too new.
// Source: "Ensuring idempotency" and "Eventual consistency in the Amazon EC2 API" in the developer guide.

import type { ApiCall } from "../contract.ts";
import type { RegionEvent } from "../state/events.ts";
import { find, kindOf } from "../state/lookup.ts";
import { type Region, stale } from "../state/region.ts";
import type { Row, Table } from "../state/table.ts";
import type { Target } from "./aim.ts";
import { targetOf } from "./calls.ts";
import type { Faults } from "./faults.ts";
import type { Lookup } from "./settings.ts";

type Output = Record<string, unknown>;

export interface ReadFaults {
  /** What the call gets to see; throws where it names something that is not to be found yet. */
  view(call: ApiCall): Region;
  /** The answer with what the faults took out of it. */
  thin(call: ApiCall, output: Output): Output;
}

/** The list in each answer, and the member that names its rows. */
const lists: Readonly<Record<string, readonly [string, string]>> = {
  DescribeAddresses: ["Addresses", "AllocationId"],
  DescribeAutoScalingGroups: ["AutoScalingGroups", "AutoScalingGroupName"],
  DescribeAutoScalingInstances: ["AutoScalingInstances", "InstanceId"],
  DescribeInstanceStatus: ["InstanceStatuses", "InstanceId"],
  DescribeInstances: ["Reservations", "Instances"],
  DescribeLifecycleHooks: ["LifecycleHooks", "LifecycleHookName"],
  DescribeNetworkInterfaces: ["NetworkInterfaces", "NetworkInterfaceId"],
  DescribeScalingActivities: ["Activities", "ActivityId"],
  DescribeSnapshots: ["Snapshots", "SnapshotId"],
  DescribeTags: ["Tags", "ResourceId"],
  DescribeVolumeStatus: ["VolumeStatuses", "VolumeId"],
  DescribeVolumes: ["Volumes", "VolumeId"],
};

/** The inputs that choose by id or name. */
const idMembers: readonly string[] = [
  "AllocationIds",
  "AutoScalingGroupNames",
  "InstanceIds",
  "LifecycleHookNames",
  "NetworkInterfaceIds",
  "PublicIps",
  "SnapshotIds",
  "VolumeIds",
];

export function readFaults(faults: Faults, region: Region): ReadFaults {
  const bornAtMs = new Map<string, number>();
  region.events.on((event) => noteBirth(bornAtMs, event));

  return {
    view(call) {
      const target = { ...targetOf(call), lookup: lookupOf(call) };
      const hidden = hiddenFrom({ ...target, lookup: target.lookup ?? "by id" });
      const note = once(() => faults.note("lateVisibility"));
      if (hidden.size > 0) refuseNamed(region, call, { hidden, note });
      if (target.lookup === null) return region;
      const old = faults.strike("staleReads", target);
      const seen = old === null ? region : stale(region, old.lagMs, old.tables);
      return hidden.size === 0 ? seen : without(seen, { hidden, note });
    },
    thin(call, output) {
      const target = { ...targetOf(call), lookup: lookupOf(call) };
      const [list = "", id = ""] = lists[call.action] ?? [];
      const rows = output[list];
      if (!Array.isArray(rows) || target.lookup === null) return output;
      if (faults.strike("emptyLists", target) !== null) return { ...output, [list]: [] };
      if (rows.length === 0) return output;
      const ids = faults.aimed("missingRows", target)?.ids ?? [];
      const isNamed = (row: unknown): boolean => ids.some((each) => namesIt(row, id, each));
      if (ids.length > 0 && !rows.some(isNamed)) return output;
      if (faults.strike("missingRows", target) === null) return output;
      const place = Math.floor(faults.random("missingRows") * rows.length);
      const isMissing = ids.length > 0 ? isNamed : isAt(place);
      return { ...output, [list]: rows.filter((row, index) => !isMissing(row, index)) };
    },
  };

  function hiddenFrom(target: Target): ReadonlySet<string> {
    const late = faults.on("lateVisibility");
    if (late === null) return new Set();
    const youngest = region.clock.nowMs() - late.lagMs;
    const ids = [...bornAtMs].filter(([, atMs]) => atMs > youngest).map(([id]) => id);
    return new Set(
      ids.filter((id) => faults.aimed("lateVisibility", { ...target, ids: [id] }) !== null),
    );
  }
}

/** How a Describe chooses its rows; null for a call that is no Describe. */
function lookupOf({ action, input }: ApiCall): Lookup | null {
  if (!action.startsWith("Describe")) return null;
  if (idMembers.some((member) => isFilled(input[member]))) return "by id";
  const filters = input["Filters"];
  if (!Array.isArray(filters) || filters.length === 0) return "all";
  return filters.some(isTagFilter) ? "by tag" : "by filter";
}

function noteBirth(bornAtMs: Map<string, number>, event: RegionEvent): void {
  const { kind, id, from, atMs } = event;
  const isBorn = from === null && (kind === "volume" || kind === "snapshot" || kind === "instance");
  if (isBorn) bornAtMs.set(id, atMs);
  else if (event.to === null) bornAtMs.delete(id);
}

interface Hiding {
  readonly hidden: ReadonlySet<string>;
  /** Tells that something was hidden indeed. */
  readonly note: () => void;
}

function refuseNamed(region: Region, call: ApiCall, { hidden, note }: Hiding): void {
  const id = textsIn(call.input).find((text) => hidden.has(text));
  const kind = id === undefined ? null : kindOf(id);
  if (id === undefined || kind === null) return;
  note();
  find({ ...region.volumes, get: () => undefined }, kind, id);
}

/** All text in the input but that in filters, which find nothing instead of failing. */
function textsIn(value: unknown): readonly string[] {
  if (typeof value === "string") return [value];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value)
    .filter(([member]) => member !== "Filters")
    .flatMap(([, inner]) => textsIn(inner));
}

function without(region: Region, hiding: Hiding): Region {
  return {
    ...region,
    volumes: hide(region.volumes, hiding),
    snapshots: hide(region.snapshots, hiding),
    instances: hide(region.instances, hiding),
  };
}

function hide<R extends Row>(table: Table<R>, { hidden, note }: Hiding): Table<R> {
  return {
    ...table,
    get: (id) => (hidden.has(id) ? undefined : table.get(id)),
    all: () =>
      table.all().filter((row) => {
        if (!hidden.has(row.id)) return true;
        note();
        return false;
      }),
  };
}

function once(work: () => void): () => void {
  let isDone = false;
  return () => {
    if (!isDone) work();
    isDone = true;
  };
}

function isAt(place: number) {
  return (_row: unknown, index: number): boolean => index === place;
}

/** Whether a row of an answer is about this id: for instances, the reservation that holds it. */
function namesIt(row: unknown, member: string, id: string): boolean {
  if (typeof row !== "object" || row === null) return false;
  const value = new Map<string, unknown>(Object.entries(row)).get(member);
  if (!Array.isArray(value)) return value === id;
  return value.some((inner) => namesIt(inner, "InstanceId", id));
}

function isTagFilter(filter: unknown): boolean {
  if (typeof filter !== "object" || filter === null || !("Name" in filter)) return false;
  const { Name: name } = filter;
  return typeof name === "string" && (name.startsWith("tag:") || name === "tag-key");
}

function isFilled(value: unknown): boolean {
  return Array.isArray(value) && value.length > 0;
}
