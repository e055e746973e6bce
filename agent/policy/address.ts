// What the agent may do with the Elastic IP: take it, give it back, and write the mark on it. Which
// resources EC2 authorizes for an association (the address, the interface, the instance) is optional
// in its own reference, so each of them has to be the seat's: whichever of them EC2 asks for, no other
// seat's address moves and no other seat's instance loses its own.

import type { Settings } from "../domain/settings.ts";
import { tags } from "../domain/tags.ts";
import { ec2Arn, ofSeat, onlyTags, type Place, type Statement } from "./statement.ts";

export function addressStatements(settings: Settings, place: Place): readonly Statement[] {
  const { address } = settings;
  if (address === null) return [];
  const mark = settings.volumes.length === 0 ? [] : [markAddress(settings, place)];
  return [...takeAddress(settings, place), ...mark];
}

const actions = ["ec2:AssociateAddress", "ec2:DisassociateAddress"];

/** An address that the settings name is allowed by its id, and needs no tag. */
function takeAddress(settings: Settings, place: Place): readonly Statement[] {
  const ends = [ec2Arn(place, "instance"), ec2Arn(place, "network-interface")];
  const byTag: Statement = {
    sid: "TakeAddress",
    reason: "Moves the seat's address, between the seat's own instances only.",
    actions,
    resources: [...addressArns(settings, place), ...ends],
    conditions: [ofSeat(settings.seat)],
  };
  if (settings.address === "tag") return [byTag];
  const named: Statement = {
    sid: "TakeNamedAddress",
    reason: "Moves the one address that the settings name.",
    actions,
    resources: addressArns(settings, place),
    conditions: [],
  };
  return [named, { ...byTag, resources: ends }];
}

function markAddress(settings: Settings, place: Place): Statement {
  return {
    sid: "MarkAddress",
    reason: "Writes the mark of each opening on the address.",
    actions: ["ec2:CreateTags"],
    resources: addressArns(settings, place),
    conditions: [
      ...(settings.address === "tag" ? [ofSeat(settings.seat)] : []),
      onlyTags([tags.mark, tags.protocol]),
    ],
  };
}

function addressArns({ address }: Settings, place: Place): readonly string[] {
  const named = typeof address === "object" && address !== null ? address.allocationId : "*";
  return [ec2Arn(place, "elastic-ip", named)];
}
