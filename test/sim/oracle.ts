// The invariants that are watched where calls leave an instance and where they reach the region: what
// a hook's answer claims must be so when it is sent, and what is deleted must not be the last copy of
// anything when it is gone.

import type { Settings } from "../../agent/domain/settings.ts";
import type { PaperDisks } from "../flow/paper-disks.ts";
import type { ApiCall } from "../region/contract.ts";
import type { Intercept } from "../region/state/world.ts";
import type { Client } from "./client.ts";
import type { Computer } from "./computer.ts";

export interface OracleOptions {
  readonly settings: Settings;
  readonly disks: PaperDisks;
  readonly computers: ReadonlyMap<string, Computer>;
  readonly client: () => Client;
  readonly violate: (invariant: string, found: string) => void;
}

export interface Oracle {
  /** A call may arrive late: what it claims is about the moment in which it was sent. */
  onSend(call: ApiCall): void;
  readonly onArrival: Intercept;
}

export function createOracle(options: OracleOptions): Oracle {
  /** Instances that ran out of time and said so by an unclean set: they may end mounted. */
  const outOfTime = new Set<string>();
  return {
    onSend(call) {
      const by = call.caller.instanceId ?? "";
      if (isUnclean(call)) outOfTime.add(by);
      if (!outOfTime.has(by)) weighAnswer(options, call);
    },
    async onArrival(call, next) {
      const answer = await next();
      if (call.action.startsWith("Delete")) afterDeletion(options, call.action);
      return answer;
    },
  };
}

function isUnclean({ action, input }: ApiCall): boolean {
  return action === "CreateSnapshots" && JSON.stringify(input).includes("final-unclean");
}

function weighAnswer(options: OracleOptions, call: ApiCall): void {
  const isOwn = call.input["InstanceId"] === call.caller.instanceId;
  if (call.action !== "CompleteLifecycleAction" || !isOwn) return;
  const computer = options.computers.get(call.caller.instanceId ?? "");
  if (computer === undefined || !computer.isOn()) return;
  const { machine } = computer;
  const isMounted = machine.mountPoints().length > 0;
  if (call.input["LifecycleHookName"] === "launch") {
    if (call.input["LifecycleActionResult"] !== "CONTINUE") return;
    const isServing = options.settings.units.every((unit) => machine.activeUnits().includes(unit));
    const isWhole = machine.mountPoints().length === options.settings.volumes.length;
    if (isServing && isWhole) return;
    options.violate("a launch is completed on evidence", `${computer.instanceId} does not serve`);
    return;
  }
  if (!isMounted) return;
  options.violate(
    "a termination is completed on evidence",
    `${computer.instanceId} has it mounted`,
  );
}

/** Something must still hold every acknowledged write. */
function afterDeletion({ disks, client, violate }: OracleOptions, action: string): void {
  if (disks.longest() >= client().acknowledged) return;
  const found = `after ${action} nothing has all ${client().acknowledged} writes`;
  violate("the newest copy is never deleted", found);
}
