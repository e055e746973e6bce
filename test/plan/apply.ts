// What each step does to the small world, and what it reports: as the executors and EC2 would, without
// failures. A step that the world does not allow is a mistake of the planner, and throws.

import type { VolumeId } from "../../agent/domain/ids.ts";
import { formatMark, formatOpened, formatReleasing } from "../../agent/domain/mark.ts";
import type { Outcome, Step, StepOf } from "../../agent/domain/steps.ts";
import { type Tags, tags } from "../../agent/domain/tags.ts";
import { eipassoc, snap, startMs, vol } from "./seat.ts";
import { die, type Machine, type SmallWorld } from "./small-world.ts";

const done: Outcome = { kind: "done" };

export function apply(world: SmallWorld, machine: Machine, step: Step): Outcome {
  world.log.push({ by: machine.number, step });
  switch (step.name) {
    case "associate":
    case "prove":
      return associate(world, machine, step.name);
    case "disassociate":
      if (world.address.associationId === step.with.associationId) {
        Object.assign(world.address, { associationId: null, holder: null });
      }
      return done;
    case "createVolume":
      return create(world, step);
    case "snapshotVolume":
      return save(world, [step.with.volumeId], step.with);
    case "snapshotSet":
      return save(world, step.with.volumeIds, step.with);
    case "validateSet":
      return validate(world, step);
    case "attach":
    case "detach":
      return connect(world, step);
    case "claim":
      return tag(world, step.with.volumeIds, {
        [tags.generation]: String(step.with.generation),
        [tags.opened]: formatOpened(step.with.opened),
      });
    case "write":
      return tag(world, step.with.volumeIds, { [tags.written]: String(step.with.generation) });
    case "announce":
      return tag(world, step.with.volumeIds, {
        [tags.releasing]: formatReleasing(step.with.releasing),
      });
    case "mark": {
      const value = { [tags.mark]: formatMark(step.with.mark) };
      Object.assign(world.address, { tags: value });
      if (step.with.group !== null) world.groupTags = value;
      return done;
    }
    case "completeHook":
    case "fence":
      return end(world, step);
    case "deleteVolume":
    case "deleteSnapshots":
      throw new Error("nothing is thrown away while a seat is taken or released");
    case "format":
    case "check":
    case "mount":
    case "settle":
    case "initialise":
    case "unmount":
    case "guardUnits":
    case "startUnit":
    case "stopUnit":
    case "checkReady":
    case "runCommand":
      return local(world, machine, step);
  }
}

function associate(world: SmallWorld, machine: Machine, name: string): Outcome {
  const { address } = world;
  if (address.holder === null) {
    world.counter += 1;
    const associationId = eipassoc(world.counter);
    Object.assign(address, { associationId, holder: machine.instanceId });
  }
  if (address.holder === machine.instanceId && address.associationId !== null) {
    return { kind: "lease", associationId: address.associationId };
  }
  return { kind: "refused", why: `cannot ${name}: the address is another's`, code: null };
}

function validate(world: SmallWorld, step: StepOf<"validateSet">): Outcome {
  for (const [k, snapshot] of world.snapshots.entries()) {
    if (!step.with.snapshotIds.includes(snapshot.snapshotId)) continue;
    const value = { ...snapshot.tags, [tags.valid]: "true" };
    world.snapshots[k] = { ...snapshot, tags: value };
  }
  return done;
}

/** The same token makes the same volume. */
function create(world: SmallWorld, step: StepOf<"createVolume">): Outcome {
  const { token, zone, source, tags: from } = step.with;
  const known = world.tokens.get(token);
  if (source.snapshotId !== null) {
    const parent = world.snapshots.find((entry) => entry.snapshotId === source.snapshotId);
    if (parent?.state !== "completed") throw new Error("restored from what is not complete");
  }
  const volumeId = known ?? vol(world.volumes.size + 1);
  if (known === undefined) {
    world.tokens.set(token, volumeId);
    world.contents.set(
      volumeId,
      source.snapshotId === null
        ? { kind: "blank" }
        : { kind: "filesystem", type: "ext4", ours: false },
    );
    world.volumes.set(volumeId, {
      volumeId,
      zone,
      state: "creating",
      sizeGib: source.sizeGib ?? 10,
      attachments: [],
      multiAttach: false,
      createdMs: startMs + world.timeMs,
      tags: from,
    });
  }
  return { kind: "created", created: { purpose: token, volumeId, snapshotIds: [] } };
}

function save(
  world: SmallWorld,
  volumeIds: readonly VolumeId[],
  wish: { readonly purpose: string; readonly tags: Tags },
): Outcome {
  const snapshotIds = volumeIds.map((volumeId) => {
    const snapshotId = snap(world.snapshots.length + 1);
    world.snapshots.push({
      snapshotId,
      volumeId,
      state: "pending",
      archived: false,
      progressPercent: 0,
      sizeGib: 10,
      startedMs: startMs + world.timeMs,
      tags: wish.tags,
    });
    return snapshotId;
  });
  return { kind: "created", created: { purpose: wish.purpose, volumeId: null, snapshotIds } };
}

function connect(world: SmallWorld, step: StepOf<"attach"> | StepOf<"detach">): Outcome {
  const { volumeId, instanceId } = step.with;
  const volume = world.volumes.get(volumeId);
  const machine = world.machines.find((entry) => entry.instanceId === instanceId);
  if (volume === undefined || machine?.zone !== volume.zone) throw new Error("wrong zone");
  if (machine.mounts.has(volumeId)) throw new Error("detached while mounted");
  const attached = volume.attachments.some((entry) => entry.instanceId === instanceId);
  if (step.name === "detach") {
    if (attached) world.volumes.set(volumeId, { ...volume, attachments: [], state: "available" });
    return done;
  }
  if (volume.attachments.length > 0 && !attached) throw new Error("attached twice");
  const attachments = [{ instanceId, state: "attached", device: "/dev/sdf" } as const];
  world.volumes.set(volumeId, { ...volume, attachments, state: "in-use" });
  return done;
}

function tag(world: SmallWorld, volumeIds: readonly VolumeId[], value: Tags): Outcome {
  for (const volumeId of volumeIds) {
    const volume = world.volumes.get(volumeId);
    if (volume === undefined) throw new Error(`no "${volumeId}" to tag`);
    world.volumes.set(volumeId, { ...volume, tags: { ...volume.tags, ...value } });
  }
  return done;
}

function end(world: SmallWorld, step: StepOf<"completeHook"> | StepOf<"fence">): Outcome {
  const machine = world.machines.find((entry) => entry.instanceId === step.with.instanceId);
  if (machine === undefined) throw new Error("nobody to end");
  if (step.name === "completeHook" && machine.lifecycleState === "Pending:Wait") {
    machine.lifecycleState = "InService";
  } else die(world, machine);
  return done;
}

type LocalStep = StepOf<
  | "format"
  | "check"
  | "mount"
  | "settle"
  | "initialise"
  | "unmount"
  | "guardUnits"
  | "startUnit"
  | "stopUnit"
  | "checkReady"
  | "runCommand"
>;

function local(world: SmallWorld, machine: Machine, step: LocalStep): Outcome {
  switch (step.name) {
    case "format":
      world.contents.set(step.with.volumeId, {
        kind: "filesystem",
        type: step.with.type,
        ours: true,
      });
      return done;
    case "mount":
      if (world.contents.get(step.with.volumeId)?.kind !== "filesystem") {
        throw new Error("mounted what has no file system");
      }
      machine.mounts.set(step.with.volumeId, step.with.mountPoint);
      return done;
    case "unmount":
      for (const [volumeId, mountPoint] of machine.mounts) {
        if (mountPoint === step.with.mountPoint) machine.mounts.delete(volumeId);
      }
      return done;
    case "initialise":
      return tag(world, [step.with.volumeId], { [tags.init]: "done" });
    case "startUnit":
      machine.units.set(step.with.unit, "active");
      return done;
    case "stopUnit":
      machine.units.set(step.with.unit, "inactive");
      return done;
    case "check":
    case "settle":
    case "guardUnits":
    case "checkReady":
    case "runCommand":
      return done;
  }
}
