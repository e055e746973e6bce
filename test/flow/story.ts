// What agents did to AWS, as a list that can be read: one line for each call that changes something,
// ids by the order in which they appear, times and tokens left out. Signs of life are no part of it:
// how many there are is a matter of speed.

import type { CallRecord } from "../region/call-log.ts";

/** The lines from a call on; ids that came before it have their names from there. */
export function storyOf(calls: readonly CallRecord[], from = 0): readonly string[] {
  const name = naming();
  const lines = calls.map((call) => ({ shown: changes(call), line: name(sentence(call)) }));
  return lines.slice(from).flatMap(({ shown, line }) => (shown ? [line] : []));
}

function changes({ action, input }: CallRecord): boolean {
  const signOfLife = action === "RecordLifecycleActionHeartbeat" || "taking" in tagsOf(input);
  return !action.startsWith("Describe") && !signOfLife;
}

type Input = CallRecord["input"];

/** The parts of a call that tell what it is about, in the order in which they are said. */
const parts: Readonly<Record<string, readonly string[]>> = {
  AssociateAddress: ["AllocationId", "NetworkInterfaceId"],
  AttachVolume: ["VolumeId", "InstanceId", "Device"],
  CompleteLifecycleAction: ["LifecycleHookName", "InstanceId", "LifecycleActionResult"],
  CreateOrUpdateTags: [],
  CreateSnapshot: ["VolumeId"],
  CreateSnapshots: [],
  CreateTags: ["Resources"],
  CreateVolume: ["SnapshotId", "AvailabilityZone"],
  DeleteSnapshot: ["SnapshotId"],
  DeleteVolume: ["VolumeId"],
  DetachVolume: ["VolumeId", "InstanceId"],
  DisassociateAddress: ["AssociationId"],
};

function sentence({ action, input, refusal }: CallRecord): string {
  const said = (parts[action] ?? Object.keys(input)).flatMap((key) => textOf(input[key]));
  const tags = Object.entries(tagsOf(input)).map(([key, value]) => `${key}=${value}`);
  const words = [action, ...said, ...tags].join(" ");
  return refusal === null ? words : `${words}: ${refusal}`;
}

function textOf(value: unknown): readonly string[] {
  if (typeof value === "string") return [value];
  return Array.isArray(value) ? value.flatMap(textOf) : [];
}

/** Those of the seat, without their prefix, and without those that are the same everywhere. */
function tagsOf(input: Input): Readonly<Record<string, string>> {
  const specified = listOf(input["TagSpecifications"]).flatMap((each) => listOf(each["Tags"]));
  const entries = [...specified, ...listOf(input["Tags"])].flatMap(({ Key: key, Value: value }) =>
    typeof key === "string" && typeof value === "string"
      ? [[key.replace("ec2-ha:", ""), value] as const]
      : [],
  );
  return Object.fromEntries(entries.filter(([key]) => key !== "seat" && key !== "protocol"));
}

function listOf(value: unknown): readonly Readonly<Record<string, unknown>>[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : [];
  return list.filter(isRecord);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

/** "vol-0af…" becomes "vol-1"; of a time of day nothing is left but that there was one. */
function naming(): (line: string) => string {
  const names = new Map<string, string>();
  const counts = new Map<string, number>();
  return (line) =>
    line
      .replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/g, "TIME")
      .replace(/\b(i|vol|snap|eipalloc|eipassoc|eni)-[0-9a-f]{17}\b/g, (id, prefix: string) => {
        const known = names.get(id);
        if (known !== undefined) return known;
        const count = (counts.get(prefix) ?? 0) + 1;
        counts.set(prefix, count);
        names.set(id, `${prefix}-${count}`);
        return `${prefix}-${count}`;
      });
}
