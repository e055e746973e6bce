// Faults between a caller and the region's state: around each call, whether it came over the wire or from
// a simulation in this process. What strikes is decided before the call is performed, so that a fault
// depends on the calls alone and not on how they end.

import { type ApiCall, ApiError, Unanswered } from "../contract.ts";
import type { Target } from "./aim.ts";
import { createBuckets, ec2Buckets } from "./buckets.ts";
import type { Faults } from "./faults.ts";
import { rateExceeded, requestLimitExceeded, serverError } from "./refusals.ts";
import type { FaultTable } from "./settings.ts";
import { shifted } from "./skew.ts";

type Output = Record<string, unknown>;

type Around = (call: ApiCall, next: () => Promise<Output>) => Promise<Output>;

/** The faults that refuse, lose or delay a call, whatever it is about. */
export function callFaults(faults: Faults, nowMs: () => number): Around {
  const throttle = createThrottle(faults, nowMs);
  return async (call, next) => {
    const target = targetOf(call);
    if (faults.strike("lostRequests", target) !== null) throw new Unanswered();
    if (faults.strike("timeouts", target) !== null) return never();
    const garbled = faults.strike("garbledReplies", target);
    if (garbled !== null) throw new Unanswered({ status: garbled.status, body: garbled.body });
    throttle(call, target);
    refuse(faults, call, target);
    const late = faults.strike("lateCalls", target);
    const lost = faults.strike("lostReplies", target);
    const lateReply = faults.strike("lateReplies", target);
    if (late !== null) await faults.hold(late.delayMs);
    const outcome = settled(next);
    if (lateReply !== null) await Promise.all([outcome, faults.hold(lateReply.delayMs)]);
    const output = await deliver(await outcome, lost);
    return shifted(output, faults.on("clockSkew")?.skewMs ?? 0);
  };
}

export function targetOf({ action, caller }: ApiCall): Target {
  return { what: action, instanceId: caller.instanceId };
}

function refuse(faults: Faults, { service }: ApiCall, target: Target): void {
  const error = faults.strike("serverErrors", target);
  if (error !== null) throw serverError(service, error.kind);
  const refusal = faults.strike("refusals", target);
  if (refusal !== null) throw new ApiError(refusal.code, refusal.message, refusal.status);
}

/** All calls take tokens; only those that the fault is aimed at are refused. */
function createThrottle(faults: Faults, nowMs: () => number) {
  const random = (): number => faults.random("throttling");
  let setting: FaultTable["throttling"] | null = null;
  let buckets = createBuckets(nowMs, random);
  return (call: ApiCall, target: Target): void => {
    const found = faults.on("throttling");
    if (found !== setting) {
      // Set anew: all buckets are as the new setting says.
      setting = found;
      buckets = createBuckets(nowMs, random);
    }
    if (found === null) return;
    const kinds = call.service === "ec2" ? ec2Buckets(call) : [autoScalingBucket(found)];
    if (buckets.take(kinds, found) || faults.aimed("throttling", target) === null) return;
    faults.note("throttling");
    throw call.service === "ec2"
      ? requestLimitExceeded(call.action, call.caller.accountId)
      : rateExceeded();
  };
}

function autoScalingBucket(setting: FaultTable["throttling"]) {
  return {
    name: "Auto Scaling",
    capacity: setting.autoScalingCapacity,
    refillPerS: setting.autoScalingRefillPerS,
    cost: 1,
  };
}

type Outcome =
  | { readonly kind: "output"; readonly output: Output }
  | { readonly kind: "refused"; readonly error: ApiError };

/** Anything but a refusal is a defect of the region, and goes on up. */
async function settled(next: () => Promise<Output>): Promise<Outcome> {
  try {
    return { kind: "output", output: await next() };
  } catch (error) {
    if (error instanceof ApiError) return { kind: "refused", error };
    throw error;
  }
}

function deliver(
  outcome: Outcome,
  lost: FaultTable["lostReplies"] | null,
): Output | Promise<Output> {
  if (lost?.how === "cut") throw new Unanswered();
  if (lost?.how === "silence") return never();
  if (outcome.kind === "refused") throw outcome.error;
  return outcome.output;
}

function never(): Promise<never> {
  return new Promise(() => undefined);
}
