// The steps on volumes and snapshots. None may be repeated blindly, but for the volume that carries a
// token: what a lost reply made is found again by its tags.

import { Failure } from "../domain/failure.ts";
import type { VolumeId } from "../domain/ids.ts";
import type { Outcome, StepArguments } from "../domain/steps.ts";
import { tags } from "../domain/tags.ts";
import { done, type Executors, refusable } from "./executors-type.ts";
import type { Ports } from "./ports.ts";

type VolumeStep =
  | "createVolume"
  | "deleteVolume"
  | "snapshotVolume"
  | "snapshotSet"
  | "validateSet"
  | "deleteSnapshots"
  | "attach"
  | "detach";

export function volumeExecutors(ports: Ports): Pick<Executors, VolumeStep> {
  const { volumes, writes } = ports;
  const attach = attacher(ports);
  return {
    createVolume: (args) => createVolume(ports, args),
    async deleteVolume(args) {
      await volumes.deleteVolume(args.volumeId);
      return done;
    },
    async snapshotVolume(args) {
      const snapshotId = await volumes.snapshotVolume(args.volumeId, args.tags);
      return {
        kind: "created",
        created: { purpose: args.purpose, volumeId: null, snapshotIds: [snapshotId] },
      };
    },
    snapshotSet: (args) => refusable(() => snapshotSet(ports, args)),
    async validateSet(args) {
      await writes.tag(args.snapshotIds, { [tags.valid]: "true" });
      return done;
    },
    async deleteSnapshots(args) {
      for (const snapshotId of args.snapshotIds) {
        // One that an image uses is kept: retention is for what nobody needs.
        const outcome = await refusable(() => volumes.deleteSnapshot(snapshotId).then(() => done));
        if (outcome.kind === "refused") return outcome;
      }
      return done;
    },
    attach: (args) => refusable(() => attach(args)),
    async detach(args) {
      await volumes.detach(args.volumeId, args.instanceId);
      return done;
    },
  };
}

/**
 * A token that was used for another wish is refused, and burned. A source that is missing is not: nothing
 * was made, and it may only be too new to be known.
 */
async function createVolume(ports: Ports, args: StepArguments["createVolume"]): Promise<Outcome> {
  try {
    const volumeId = await createdOrSlow(ports, args);
    return { kind: "created", created: { purpose: args.token, volumeId, snapshotIds: [] } };
  } catch (thrown) {
    if (!(thrown instanceof Failure) || thrown.kind !== "conflict") throw thrown;
    return { kind: "refused", why: thrown.message, code: null };
  }
}

/** Reading ahead is billed and has a quota: a volume that AWS will not read ahead is slow, and serves. */
async function createdOrSlow(
  { volumes, journal }: Ports,
  args: StepArguments["createVolume"],
): Promise<VolumeId> {
  if (args.initializationMibps === null) return volumes.createVolume(args);
  try {
    return await volumes.createVolume(args);
  } catch (thrown) {
    if (!(thrown instanceof Failure)) throw thrown;
    if (thrown.kind !== "broken" && thrown.kind !== "denied") throw thrown;
    journal.trouble(thrown);
    journal.info("made without initializationMibps: the first reads are slow", {
      name: args.name,
    });
    // Another wish needs another token.
    const token = `${args.token}/slow`;
    return volumes.createVolume({ ...args, initializationMibps: null, token });
  }
}

/** Every other volume of the instance is excluded by id, as EC2 has them now. */
async function snapshotSet(ports: Ports, args: StepArguments["snapshotSet"]): Promise<Outcome> {
  const { instanceId, purpose } = args;
  const attached = await ports.reads.dataVolumesOf(instanceId);
  const excluded = attached.filter((volumeId) => !args.volumeIds.includes(volumeId));
  const snapshotIds = await ports.volumes.snapshotSet({ instanceId, excluded, tags: args.tags });
  return { kind: "created", created: { purpose, volumeId: null, snapshotIds } };
}

// "/dev/sd[f-p]" is the subset that every HVM instance takes; the wider range follows when those are
// used up, since a name that was used once may leave the next attachment hanging (EBS CSI driver).
const letters = "fghijklmnopbcdeqrstuvwxyz";
const deviceNames = letters.split("").map((letter) => `/dev/sd${letter}`);

/** Picks device names that this process never used; one that EC2 refuses is not tried again. */
function attacher(ports: Ports): (args: StepArguments["attach"]) => Promise<Outcome> {
  const spent = new Set<string>();
  return async ({ volumeId, instanceId }) => {
    for (const device of deviceNames) {
      if (spent.has(device)) continue;
      spent.add(device);
      try {
        await ports.volumes.attach(volumeId, instanceId, device);
        return done;
      } catch (thrown) {
        if (!isNameRefused(thrown)) throw thrown;
      }
    }
    spent.clear();
    const found = "no device name was free";
    throw new Failure({
      kind: "transient",
      action: "attach",
      subject: `"${volumeId}"`,
      found,
      next: "trying all names again",
    });
  };
}

function isNameRefused(thrown: unknown): boolean {
  return thrown instanceof Failure && thrown.details.code === "InvalidParameterValue";
}
