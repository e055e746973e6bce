// Throttling as EC2 documents it: the size of each bucket, its rate, its own name, and what others of the
// account take out of it. Time is virtual, so that a rate is a number and no race.

import { describe, expect, test } from "vitest";
import type { FaultTable } from "../region/faults/settings.ts";
import { codeOf, type Rehearsal, rehearse } from "../region-state/rehearsal.ts";

function throttled(setting: Partial<FaultTable["throttling"]> = {}): Rehearsal {
  return rehearse({ faults: { callers: "everybody", throttling: setting } });
}

/** How many of so many calls at one moment are let through. */
async function granted(
  rehearsal: Rehearsal,
  action: string,
  { calls, input = {} }: { readonly calls: number; readonly input?: object },
): Promise<number> {
  const service = action.includes("AutoScaling") ? "autoscaling" : "ec2";
  let count = 0;
  for (let call = 0; call < calls; call += 1) {
    const code = await codeOf(rehearsal.raw(service, action, input));
    if (code !== "RequestLimitExceeded" && code !== "Throttling") count += 1;
  }
  return count;
}

const some = { MaxResults: 5 };

describe("the documented buckets", () => {
  test.each([
    { action: "DescribeVolumes", input: some, capacity: 100, refill: 20 },
    { action: "DescribeVolumes", input: {}, capacity: 50, refill: 10 },
    { action: "DescribeAddresses", input: {}, capacity: 100, refill: 20 },
    { action: "AssociateAddress", input: {}, capacity: 50, refill: 5 },
    { action: "AttachVolume", input: {}, capacity: 50, refill: 5 },
    { action: "CreateSnapshot", input: {}, capacity: 100, refill: 5 },
    { action: "CreateTags", input: {}, capacity: 100, refill: 10 },
    { action: "StartInstances", input: { InstanceIds: ["i-1"] }, capacity: 5, refill: 2 },
    { action: "StopInstances", input: { InstanceIds: ["i-1"] }, capacity: 50, refill: 5 },
  ])(
    "$action $input: $capacity at once, then $refill a second",
    async ({ action, input, capacity, refill }) => {
      const rehearsal = throttled();
      expect(await granted(rehearsal, action, { calls: capacity + 10, input })).toBe(capacity);
      await rehearsal.clock.advance(1_000);
      expect(await granted(rehearsal, action, { calls: refill + 10, input })).toBe(refill);
      await rehearsal.clock.advance(60_000);
      expect(await granted(rehearsal, action, { calls: capacity + 10, input })).toBe(capacity);
    },
  );

  test("each EC2 action has its own bucket", async () => {
    const rehearsal = throttled();
    await granted(rehearsal, "AttachVolume", { calls: 60 });
    expect(await granted(rehearsal, "DetachVolume", { calls: 60 })).toBe(50);
  });

  test("instances have a bucket beside that of the requests", async () => {
    const rehearsal = throttled();
    const input = { InstanceIds: Array.from({ length: 400 }, (_, index) => `i-${index}`) };
    expect(await granted(rehearsal, "TerminateInstances", { calls: 5, input })).toBe(2);
    expect(await granted(rehearsal, "TerminateInstances", { calls: 5, input: some })).toBe(5);
  });

  test("Auto Scaling's actions share one", async () => {
    const rehearsal = throttled({ autoScalingCapacity: 10, autoScalingRefillPerS: 2 });
    expect(await granted(rehearsal, "DescribeAutoScalingGroups", { calls: 6 })).toBe(6);
    expect(await granted(rehearsal, "DescribeAutoScalingInstances", { calls: 6 })).toBe(4);
    await rehearsal.clock.advance(1_000);
    expect(await granted(rehearsal, "DescribeAutoScalingGroups", { calls: 6 })).toBe(2);
  });
});

describe("refusals", () => {
  test("EC2 answers RequestLimitExceeded with 503, Auto Scaling Throttling with 400", async () => {
    const rehearsal = throttled({ startShare: 0, autoScalingRefillPerS: 0 });
    await expect(rehearsal.ec2("DescribeAddresses", {})).rejects.toMatchObject({
      code: "RequestLimitExceeded",
      status: 503,
      message: expect.stringContaining("Request limit exceeded."),
    });
    await expect(rehearsal.group("DescribeAutoScalingGroups", {})).rejects.toMatchObject({
      code: "Throttling",
      status: 400,
      message: "Rate exceeded",
    });
    expect(rehearsal.world.faults.counts()).toMatchObject({ throttling: 2 });
  });

  test("without the fault nothing is throttled", async () => {
    expect(await granted(rehearse(), "DescribeAddresses", { calls: 200 })).toBe(200);
  });

  test("calls that it is not aimed at take tokens too, and are let through", async () => {
    const rehearsal = throttled({ callers: "instances" });
    expect(await granted(rehearsal, "AttachVolume", { calls: 60 })).toBe(60);
    const caller = { accountId: "123456789012", arn: "arn", instanceId: "i-1" };
    const call = { service: "ec2", action: "AttachVolume", input: {}, caller } as const;
    expect(await codeOf(rehearsal.world.call(call))).toBe("RequestLimitExceeded");
  });
});

describe("others of the account", () => {
  test("they drain a bucket that they empty faster than it fills", async () => {
    const rehearsal = throttled({ othersPerS: 25, actions: ["DescribeAddresses"] });
    expect(await granted(rehearsal, "DescribeAddresses", { calls: 1 })).toBe(1);
    await rehearsal.clock.advance(10_000);
    expect(await granted(rehearsal, "DescribeAddresses", { calls: 50 })).toBe(50);
    await rehearsal.clock.advance(30_000);
    const left = await granted(rehearsal, "DescribeAddresses", { calls: 1_000 });
    // 20 of 25 tokens a second go round: four of five calls happen on one.
    expect(left / 1_000).toBeCloseTo(0.8, 1);
  });
});
