// The least that a role needs for exactly these settings: what they do not use is not in it. Every
// statement that changes something is bound to the seat, by the tag that the resource carries or is
// given; only what AWS lets nobody narrow stands for all resources. The rehearsal region enforces
// this very list, and the proof in the tests takes it apart piece by piece.

import type { Settings } from "../domain/settings.ts";
import { addressStatements } from "./address.ts";
import { groupStatements } from "./group.ts";
import { keyStatements } from "./keys.ts";
import type { Place, Statement } from "./statement.ts";
import { volumeStatements } from "./volumes.ts";

export function policyOf(settings: Settings, place: Place): readonly Statement[] {
  return [
    lookAround,
    ...groupStatements(settings, place),
    ...addressStatements(settings, place),
    ...volumeStatements(settings, place),
    ...keyStatements(settings, place),
  ];
}

/** A look asks for all of it, whatever the settings: a seat without volumes sees that there are none. */
const lookAround: Statement = {
  sid: "LookAround",
  reason: "Sees what there is; AWS offers no narrower resource for these.",
  actions: [
    "autoscaling:DescribeAutoScalingGroups",
    "autoscaling:DescribeAutoScalingInstances",
    "autoscaling:DescribeLifecycleHooks",
    "ec2:DescribeAddresses",
    "ec2:DescribeInstances",
    "ec2:DescribeSnapshots",
    "ec2:DescribeVolumes",
  ],
  resources: ["*"],
  conditions: [],
};
