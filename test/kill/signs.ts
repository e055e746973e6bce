// How each step of the agent shows from outside, so that it can be killed there: the call that it
// sends to AWS, or the program that it runs. The table's type is the agent's own step map: a step
// without a sign is an error, and one that the rehearsal never reached fails its test.

import type { StepName } from "../../agent/domain/steps.ts";
import type { ApiCall } from "../region/contract.ts";

export type Sign =
  | {
      readonly kind: "call";
      readonly action: string;
      readonly matches: (call: ApiCall, seen: Seen) => boolean;
    }
  /** An extended regular expression on the whole command line. */
  | { readonly kind: "program"; readonly pattern: string }
  /** No part of a launch or a release. */
  | { readonly kind: "outside"; readonly why: string };

/** What the region knew when the call came. */
export interface Seen {
  /** The caller has the seat's address. */
  readonly holdsAddress: boolean;
}

const any = () => true;

export const signs: Readonly<Record<StepName, Sign>> = {
  associate: call("AssociateAddress", (_call, seen) => !seen.holdsAddress),
  prove: call("AssociateAddress", (_call, seen) => seen.holdsAddress),
  disassociate: call("DisassociateAddress", any),
  createVolume: call("CreateVolume", any),
  snapshotVolume: call("CreateSnapshot", any),
  snapshotSet: call("CreateSnapshots", any),
  validateSet: call("CreateTags", (made) => tags(made, "ec2-ha:valid")),
  attach: call("AttachVolume", any),
  detach: call("DetachVolume", any),
  claim: call("CreateTags", (made) => tags(made, "ec2-ha:generation")),
  mark: call("CreateTags", (made) => tags(made, "ec2-ha:mark")),
  write: call("CreateTags", (made) => tags(made, "ec2-ha:written")),
  announce: call("CreateTags", (made) => tags(made, "ec2-ha:releasing")),
  completeHook: call("CompleteLifecycleAction", any),
  fence: call("TerminateInstanceInAutoScalingGroup", any),
  format: program("mkfs[.]ext4 "),
  check: program("e2fsck "),
  mount: program("systemd-run .* mount -t"),
  settle: program("systemd-run .* resize2fs"),
  initialise: program("systemd-run .*first-init"),
  unmount: program("systemd-run .* umount "),
  guardUnits: program("systemctl daemon-reload"),
  startUnit: program("systemctl start kv"),
  stopUnit: program("systemctl stop kv"),
  checkReady: program("systemd-run .*probe-kv"),
  runCommand: program("systemd-run .*before-snapshot"),
  deleteVolume: { kind: "outside", why: "retention; nothing waits on it, and it may be repeated" },
  deleteSnapshots: {
    kind: "outside",
    why: "retention; nothing waits on it, and it may be repeated",
  },
};

/** When the agent dies: before the deed, after it with the answer withheld, or after the answer. */
export type Point = "before" | "withheld" | "after";
export const points: readonly Point[] = ["before", "withheld", "after"];

function call(action: string, matches: (call: ApiCall, seen: Seen) => boolean): Sign {
  return { kind: "call", action, matches };
}

function program(pattern: string): Sign {
  return { kind: "program", pattern };
}

function tags({ input }: ApiCall, key: string): boolean {
  const { Tags: list } = input;
  return Array.isArray(list) && list.some((tag: { Key?: string }) => tag.Key === key);
}
