// What becomes of a call: refused, lost before or after its effect, late, garbled. In one process and under
// virtual time, as a simulation has it; the wire's part is in wire.test.ts.

import { expect, test } from "vitest";
import { Unanswered } from "../region/contract.ts";
import type { FaultSettings } from "../region/faults/settings.ts";
import { codeOf, makeVolume, type Rehearsal, rehearse } from "../region-state/rehearsal.ts";

function faulty(faults: FaultSettings): Rehearsal {
  return rehearse({ faults: { callers: "everybody", ...faults } });
}

async function addressesOf(rehearsal: Rehearsal): Promise<number> {
  rehearsal.world.faults.clear();
  const { Addresses } = await rehearsal.ec2("DescribeAddresses", {});
  return Addresses?.length ?? 0;
}

/** Notes how a call ends, without waiting for it. */
function watch(call: Promise<unknown>): { ended: string } {
  const watched = { ended: "not yet" };
  call.then(
    () => {
      watched.ended = "answered";
    },
    (error: unknown) => {
      watched.ended = error instanceof Error ? error.name : "failed";
    },
  );
  return watched;
}

test.each([
  { kind: "internal", service: "ec2", code: "InternalError", status: 500 },
  { kind: "unavailable", service: "ec2", code: "Unavailable", status: 503 },
  { kind: "internal", service: "autoscaling", code: "InternalFailure", status: 500 },
  { kind: "unavailable", service: "autoscaling", code: "ServiceUnavailable", status: 503 },
] as const)("$service, $kind: $code with $status, and no effect", async (each) => {
  const rehearsal = faulty({ serverErrors: { kind: each.kind } });
  const action = each.service === "ec2" ? "AllocateAddress" : "DescribeAutoScalingGroups";
  await expect(rehearsal.raw(each.service, action, {})).rejects.toMatchObject({
    code: each.code,
    status: each.status,
  });
  expect(await addressesOf(rehearsal)).toBe(0);
});

test("any other refusal can be set word for word", async () => {
  const rehearsal = faulty({
    refusals: { actions: ["AllocateAddress"], code: "AddressLimitExceeded", status: 400 },
  });
  expect(await codeOf(rehearsal.ec2("AllocateAddress", {}))).toBe("AddressLimitExceeded");
  expect(await codeOf(rehearsal.ec2("DescribeAddresses", {}))).toBe("success");
});

test("a lost request has no effect, and its caller hears of a lost connection", async () => {
  const rehearsal = faulty({ lostRequests: { count: 1 } });
  await expect(rehearsal.ec2("AllocateAddress", {})).rejects.toThrow(Unanswered);
  expect(await addressesOf(rehearsal)).toBe(0);
});

test("a lost reply leaves the effect", async () => {
  const rehearsal = faulty({ lostReplies: { count: 1 } });
  await expect(rehearsal.ec2("AllocateAddress", {})).rejects.toThrow(Unanswered);
  expect(await addressesOf(rehearsal)).toBe(1);
});

test("a reply can be lost in silence too", async () => {
  const rehearsal = faulty({ lostReplies: { how: "silence" } });
  const watched = watch(rehearsal.ec2("AllocateAddress", {}));
  await rehearsal.clock.advance(3_600_000);
  expect(watched.ended).toBe("not yet");
  expect(await addressesOf(rehearsal)).toBe(1);
});

test("the reply that is lost may have been a refusal", async () => {
  const rehearsal = faulty({ lostReplies: {} });
  await expect(rehearsal.ec2("ReleaseAddress", {})).rejects.toThrow(Unanswered);
});

test("a call that times out is never answered and never has an effect", async () => {
  const rehearsal = faulty({ timeouts: {} });
  const watched = watch(rehearsal.ec2("AllocateAddress", {}));
  await rehearsal.clock.advance(3_600_000);
  expect(watched.ended).toBe("not yet");
  expect(await addressesOf(rehearsal)).toBe(0);
});

test("a late call takes effect when its time comes, whoever still waits for it", async () => {
  const rehearsal = faulty({ lateCalls: { delayMs: 20_000, count: 1 } });
  const watched = watch(rehearsal.ec2("AllocateAddress", {}));
  await rehearsal.clock.advance(19_999);
  expect((await rehearsal.ec2("DescribeAddresses", {})).Addresses).toEqual([]);
  await rehearsal.clock.advance(1);
  expect(watched.ended).toBe("answered");
  expect(await addressesOf(rehearsal)).toBe(1);
});

test("a late call is judged by the region as it is then", async () => {
  const rehearsal = faulty({});
  const { AllocationId } = await rehearsal.ec2("AllocateAddress", {});
  rehearsal.world.faults.set({ lateCalls: { count: 1 } });
  const late = codeOf(rehearsal.ec2("ReleaseAddress", { AllocationId }));
  await rehearsal.ec2("ReleaseAddress", { AllocationId });
  expect(rehearsal.world.faults.release()).toBe(1);
  expect(await late).toBe("InvalidAllocationID.NotFound");
});

test("a late reply comes after an effect that was in time", async () => {
  const rehearsal = faulty({ lateReplies: { delayMs: 20_000, actions: ["AllocateAddress"] } });
  const watched = watch(rehearsal.ec2("AllocateAddress", {}));
  await rehearsal.clock.advance(0);
  expect((await rehearsal.ec2("DescribeAddresses", {})).Addresses).toHaveLength(1);
  expect(watched.ended).toBe("not yet");
  await rehearsal.clock.advance(20_000);
  expect(watched.ended).toBe("answered");
});

test("somebody else's answer is told with its status and words", async () => {
  const rehearsal = faulty({ garbledReplies: { status: 504, body: "<html>" } });
  await expect(rehearsal.ec2("AllocateAddress", {})).rejects.toMatchObject({
    name: "Unanswered",
    instead: { status: 504, body: "<html>" },
  });
  expect(await addressesOf(rehearsal)).toBe(0);
});

test("times in answers are told by AWS's clock, and what lies between them is as it was", async () => {
  const rehearsal = faulty({});
  const VolumeId = await makeVolume(rehearsal);
  const { StartTime: before } = await rehearsal.ec2("CreateSnapshot", { VolumeId });
  rehearsal.world.faults.set({ clockSkew: { skewMs: -60_000 } });
  const { StartTime: after } = await rehearsal.ec2("CreateSnapshot", { VolumeId });
  expect((before?.getTime() ?? 0) - (after?.getTime() ?? 0)).toBe(60_000);
});

test("with no fault on, calls are as ever, and nothing is counted", async () => {
  const rehearsal = faulty({});
  expect(await codeOf(rehearsal.ec2("AllocateAddress", {}))).toBe("success");
  expect(Object.values(rehearsal.world.faults.counts()).every((count) => count === 0)).toBe(true);
});
