// What the codes mean that are about the seat: where its address is, and which copy of its data is the
// newest. All of them keep what there is; most end by themselves once an operator has decided.

import type { ErrorCode, Explanation } from "./explanations.ts";

export const ofSeat = {
  "EHA-ADDRESS-HELD": {
    meaning: "The seat's Elastic IP is associated to something that this agent may not cut off.",
    causes: [
      "it was associated by hand, or by another tool, to an instance that is no member of this seat",
      "it is associated to a network interface of no instance, as of a NAT gateway",
      "two instances outside of one group want the same seat",
    ],
    remedy:
      "Disassociate the address from what the message names, or end that instance; the agent then takes it by itself.",
  },
  "EHA-ADDRESS-MISSING": {
    meaning: "The settings want an Elastic IP, and none is found.",
    causes: [
      "no address has the tag ec2-ha:seat with the seat's name, in this region and account",
      "address.allocationId names one that was released",
      "the settings have volumes and no address, which is not supported yet",
    ],
    remedy: "Allocate an Elastic IP and tag it ec2-ha:seat=SEAT and ec2-ha:protocol=1.",
  },
  "EHA-FALLBACK-UNSUPPORTED": {
    meaning:
      "The newest data is gone, and going back to older data is not supported yet, whatever maxDataLoss says.",
    causes: [
      "the volumes that the mark names were deleted, and no clean final set stands in for them",
    ],
    remedy:
      "Bring the volume back (the recycle bin of EC2 may have it), or decide by hand what is newest: see EHA-TIP-LOST.",
  },
  "EHA-FIRST-UNSET": {
    meaning:
      "The seat has never had data for a volume, and the settings do not say how to make it.",
    causes: [
      "a first launch without volumes.NAME.first",
      "a wrong seat's name, so that the data of the right one is not found",
    ],
    remedy:
      "If there never was data, set volumes.NAME.first; else find the volumes, and see that their tag ec2-ha:seat is this seat's name.",
  },
  "EHA-HANDOVER-UNSUPPORTED": {
    meaning:
      "A healthy instance of the same group holds the seat, and handing over is not supported yet.",
    causes: [
      "the group wants more than one instance, or launches before it terminates",
      "a rebalance between zones (AZRebalance is not suspended)",
    ],
    remedy: "Terminate in the group whichever of the two should go.",
  },
  "EHA-TAG-MALFORMED": {
    meaning: "A tag of the seat has a value that is not understood; it is never guessed at.",
    causes: [
      "it was edited by hand, or by a tool",
      "a newer version of the agent wrote it, with a higher ec2-ha:protocol",
    ],
    remedy: "Put the tag right as the message says, or upgrade the agent.",
  },
  "EHA-TIP-FORK": {
    meaning:
      "Two copies both claim to be the newest data, and nothing tells which is; neither was opened.",
    causes: [
      "a volume was copied or restored by hand with its tags",
      "ec2-ha:written or the mark was edited",
    ],
    remedy: "Decide which one is right, and remove the tag ec2-ha:seat from the other.",
  },
  "EHA-TIP-INCOMPLETE": {
    meaning: "A part of the newest data is out of sight, and EC2 does not say that it is gone.",
    causes: [
      "a volume lost its tags, or was moved to another account",
      "a volume was deleted a moment ago, or the answers of EC2 are behind",
    ],
    remedy:
      "Find the volume that the message names, and put its tags back; the agent keeps looking.",
  },
  "EHA-TIP-LOST": {
    meaning: "The newest data no longer exists, and older data is not used.",
    causes: [
      "the volumes that the mark names were deleted, and no clean final set stands in for them",
    ],
    remedy:
      "Bring the volume back (the recycle bin of EC2 may have it). Else choose a snapshot set (ec2-ha-agent sets), and start a new seat from it with first.snapshot.",
  },
  "EHA-TIP-SPLIT": {
    meaning:
      "The volumes of the newest data lie in different zones, so that no instance can have them all.",
    causes: ["one of them was restored by hand into another zone, with its tags"],
    remedy: "Bring them into one zone, by a snapshot and a new volume with the same tags.",
  },
  "EHA-TIP-UNPROVEN": {
    meaning:
      "Something of the seat exists, and nothing proves that there never was data; nothing was made.",
    causes: [
      "volumes or snapshots have the seat's tag, but none that was ever written",
      "the tags of the volume that holds the data were removed",
    ],
    remedy:
      "Remove the tag ec2-ha:seat from what is not this seat's, or find the volume with the data.",
  },
  "EHA-VOLUME-ADDED": {
    meaning:
      "The settings have a volume that the seat was opened without; adding one is not supported yet.",
    causes: ["volumes.NAME was added or renamed after the seat had data"],
    remedy: "Put the settings back as they were.",
  },
  "EHA-VOLUME-ERROR": {
    meaning: "EC2 has a volume of the seat in the state error.",
    causes: ["its KMS key is disabled, deleted or not allowed to the role", "its storage failed"],
    remedy: "See the volume's KMS key and its events in the EC2 console.",
  },
  "EHA-VOLUME-REMOVED": {
    meaning:
      "The seat was opened with a volume that the settings lack; going on without it would lose it.",
    causes: ["volumes.NAME was removed or renamed after the seat had data"],
    remedy: "Put the settings back as they were.",
  },
  "EHA-WATCH-UNSUPPORTED": {
    meaning:
      "A healthy instance of another group, or of none, holds the seat; a standby is not supported yet.",
    causes: ["two groups, or two single instances, have the same seat in their settings"],
    remedy: "Stop this instance, or the other one.",
  },
} as const satisfies Partial<Record<ErrorCode, Explanation>>;
