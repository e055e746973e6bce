// What the agent may do with volumes and snapshots. What exists must carry the seat's tag; what is
// made must be given it, in the call that makes it. CreateVolume is allowed twice, since EC2
// authorizes the new volume by the request's tags and the snapshot behind it by its own. Snapshots
// and attachments ask for the same resources and stand together: IAM counts a policy's characters.

import type { Settings } from "../domain/settings.ts";
import { tags } from "../domain/tags.ts";
import { ec2Arn, madeForSeat, ofSeat, onlyTags, type Place, type Statement } from "./statement.ts";

export function volumeStatements(settings: Settings, place: Place): readonly Statement[] {
  if (settings.volumes.length === 0) return [];
  return [
    ...makeVolumes(settings, place),
    ...use(settings, place),
    makeSnapshots(settings, place),
    ...retag(settings, place),
  ];
}

/**
 * To a policy, which does not know capitals in the name of a key, `EC2-HA:SEAT` is the seat's tag as
 * well, and to the agents it is not: beside it, a volume could be given another seat's real one.
 */
const givenAtCreation = [
  tags.seat,
  tags.protocol,
  tags.volume,
  tags.parent,
  tags.init,
  tags.set,
  tags.members,
  tags.of,
  tags.reason,
  tags.clean,
];

function makeVolumes({ seat, volumes }: Settings, place: Place): readonly Statement[] {
  const seeds = volumes.flatMap(({ first }) =>
    first?.kind === "snapshot" ? [ec2Arn(place, "snapshot", first.snapshotId)] : [],
  );
  const fromSeed: Statement = {
    sid: "RestoreSeed",
    reason: "Makes the first volumes from the snapshots that the settings name.",
    actions: ["ec2:CreateVolume"],
    resources: [...new Set(seeds)],
    conditions: [],
  };
  return [
    {
      sid: "MakeVolumes",
      reason: "Makes volumes that are the seat's from the start.",
      actions: ["ec2:CreateVolume"],
      resources: [ec2Arn(place, "volume")],
      conditions: [madeForSeat(seat)],
    },
    {
      sid: "RestoreSnapshots",
      reason: "Makes them from the seat's own snapshots.",
      actions: ["ec2:CreateVolume"],
      resources: [ec2Arn(place, "snapshot")],
      conditions: [ofSeat(seat)],
    },
    ...(seeds.length === 0 ? [] : [fromSeed]),
    {
      sid: "TagWhatIsMade",
      reason: "Gives tags in the call that makes a volume or a snapshot, and in no other.",
      actions: ["ec2:CreateTags"],
      resources: [ec2Arn(place, "snapshot"), ec2Arn(place, "volume")],
      conditions: [
        {
          operator: "StringEquals",
          key: "ec2:CreateAction",
          values: ["CreateSnapshot", "CreateSnapshots", "CreateVolume"],
        },
        onlyTags(givenAtCreation),
      ],
    },
  ];
}

const saving = ["ec2:CreateSnapshot", "ec2:CreateSnapshots"];

function use({ seat, snapshots }: Settings, place: Place): readonly Statement[] {
  const instances = ec2Arn(place, "instance");
  const conditions = [ofSeat(seat)];
  const clear: Statement = {
    sid: "ThrowAway",
    reason: "Deletes snapshots that no rule keeps, and volumes superseded long ago.",
    actions: ["ec2:DeleteSnapshot", "ec2:DeleteVolume"],
    resources: [ec2Arn(place, "snapshot"), ec2Arn(place, "volume")],
    conditions,
  };
  return [
    {
      sid: "UseVolumes",
      reason: "Attaches the seat's volumes to its instances, saves them, and takes them off.",
      actions: ["ec2:AttachVolume", "ec2:DetachVolume", ...saving],
      resources: [instances, ec2Arn(place, "volume")],
      conditions,
    },
    {
      sid: "FenceInstances",
      reason: "Ends an instance of the seat that is in the way and has gone silent.",
      actions: ["ec2:TerminateInstances"],
      resources: [instances],
      conditions,
    },
    // Only a run of the schedule is followed by a look at what can go.
    ...(snapshots.schedule === null ? [] : [clear]),
  ];
}

function makeSnapshots({ seat }: Settings, place: Place): Statement {
  return {
    sid: "MakeSnapshots",
    reason: "Makes snapshots that are the seat's from the start.",
    actions: saving,
    resources: [ec2Arn(place, "snapshot")],
    conditions: [madeForSeat(seat)],
  };
}

function retag({ seat, volumes }: Settings, place: Place): readonly Statement[] {
  const initialised = volumes.some(({ first }) => first?.kind === "blank" && first.init !== null);
  const progress = [tags.generation, tags.opened, tags.written, tags.releasing];
  return [
    {
      sid: "RecordOpenings",
      reason:
        "Records on the seat's volumes who opened them, what was written, how a release goes.",
      actions: ["ec2:CreateTags"],
      resources: [ec2Arn(place, "volume")],
      conditions: [ofSeat(seat), onlyTags([...progress, ...(initialised ? [tags.init] : [])])],
    },
    {
      sid: "ValidateSets",
      reason: "Says of a recovery set that its volumes were unchanged.",
      actions: ["ec2:CreateTags"],
      resources: [ec2Arn(place, "snapshot")],
      conditions: [ofSeat(seat), onlyTags([tags.valid])],
    },
  ];
}
