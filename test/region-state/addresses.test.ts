// Elastic IPs: one holder at a time, one winner of a race, and no way to take an address with a
// stale association id.

import { describe, expect, test } from "vitest";
import { codeOf, instanceState, type Rehearsal, rehearse, runInstance } from "./rehearsal.ts";

async function allocate(rehearsal: Rehearsal): Promise<string> {
  const { AllocationId } = await rehearsal.ec2("AllocateAddress", { Domain: "vpc" });
  return AllocationId ?? "";
}

async function holder(rehearsal: Rehearsal, allocationId: string) {
  const { Addresses } = await rehearsal.ec2("DescribeAddresses", { AllocationIds: [allocationId] });
  return { id: Addresses?.[0]?.InstanceId, association: Addresses?.[0]?.AssociationId };
}

async function pair(rehearsal: Rehearsal) {
  const one = await runInstance(rehearsal, 0);
  const other = await runInstance(rehearsal, 1);
  return { one, other, allocationId: await allocate(rehearsal) };
}

describe("associating without reassociation", () => {
  test("exactly one of two callers at once succeeds", async () => {
    const rehearsal = rehearse();
    const { one, other, allocationId } = await pair(rehearsal);
    const codes = await Promise.all(
      [one, other].map((InstanceId) =>
        codeOf(
          rehearsal.ec2("AssociateAddress", {
            AllocationId: allocationId,
            InstanceId,
            AllowReassociation: false,
          }),
        ),
      ),
    );
    expect(codes.toSorted()).toEqual(["Resource.AlreadyAssociated", "success"]);
  });

  test("an address that is mine already answers by the rule that is set", async () => {
    for (const [rule, code] of [
      ["already-associated", "Resource.AlreadyAssociated"],
      ["succeeds-same-association", "success"],
    ] as const) {
      const rehearsal = rehearse({ rules: { associateToSelf: rule } });
      const { one, allocationId } = await pair(rehearsal);
      const wish = { AllocationId: allocationId, InstanceId: one, AllowReassociation: false };
      const { AssociationId: first } = await rehearsal.ec2("AssociateAddress", wish);
      expect(await codeOf(rehearsal.ec2("AssociateAddress", wish))).toBe(code);
      expect((await holder(rehearsal, allocationId)).association).toBe(first);
    }
  });

  test("an instance that has another address is refused", async () => {
    const rehearsal = rehearse();
    const { one, allocationId } = await pair(rehearsal);
    const second = await allocate(rehearsal);
    await rehearsal.ec2("AssociateAddress", { AllocationId: allocationId, InstanceId: one });
    const code = await codeOf(
      rehearsal.ec2("AssociateAddress", {
        AllocationId: second,
        InstanceId: one,
        AllowReassociation: false,
      }),
    );
    expect(code).toBe("Resource.AlreadyAssociated");
  });
});

describe("associating with reassociation", () => {
  test("the address moves under a new association id and the old id takes nothing", async () => {
    const rehearsal = rehearse();
    const { one, other, allocationId } = await pair(rehearsal);
    const first = await rehearsal.ec2("AssociateAddress", {
      AllocationId: allocationId,
      InstanceId: one,
    });
    const second = await rehearsal.ec2("AssociateAddress", {
      AllocationId: allocationId,
      InstanceId: other,
    });
    expect(second.AssociationId).not.toBe(first.AssociationId);
    const stale = rehearsal.ec2("DisassociateAddress", { AssociationId: first.AssociationId });
    expect(await codeOf(stale)).toBe("InvalidAssociationID.NotFound");
    expect((await holder(rehearsal, allocationId)).id).toBe(other);
  });

  test("by the interface id, which must be of an instance that is not pending", async () => {
    const rehearsal = rehearse();
    const { one, allocationId } = await pair(rehearsal);
    const { NetworkInterfaces } = await rehearsal.ec2("DescribeNetworkInterfaces", {
      Filters: [{ Name: "attachment.instance-id", Values: [one] }],
    });
    await rehearsal.ec2("AssociateAddress", {
      AllocationId: allocationId,
      NetworkInterfaceId: NetworkInterfaces?.[0]?.NetworkInterfaceId,
    });
    expect((await holder(rehearsal, allocationId)).id).toBe(one);
  });

  test("a repeated call keeps the association", async () => {
    const rehearsal = rehearse();
    const { one, allocationId } = await pair(rehearsal);
    const wish = { AllocationId: allocationId, InstanceId: one };
    const first = await rehearsal.ec2("AssociateAddress", wish);
    expect(await rehearsal.ec2("AssociateAddress", wish)).toEqual(first);
  });
});

describe("what follows an association", () => {
  test("traffic follows after its delay and IMDS after its own", async () => {
    const rehearsal = rehearse();
    const { one, allocationId } = await pair(rehearsal);
    await rehearsal.clock.advance(rehearsal.delays.metadataAddressMs);
    const before = rehearsal.world.metadata(one)?.publicIps;
    await rehearsal.ec2("AssociateAddress", { AllocationId: allocationId, InstanceId: one });
    expect(rehearsal.machines.routeOf("203.0.113.1")).toBeNull();
    expect(rehearsal.world.metadata(one)?.publicIps).toEqual(before);
    await rehearsal.clock.advance(rehearsal.delays.addressEffectMs);
    expect(rehearsal.machines.routeOf("203.0.113.1")).toBe("10.0.1.10");
    await rehearsal.clock.advance(rehearsal.delays.metadataAddressMs);
    expect(rehearsal.world.metadata(one)?.publicIps).toEqual(["203.0.113.1"]);
  });

  test("an instance that loses its address gets a new public one", async () => {
    const rehearsal = rehearse();
    const { one, allocationId } = await pair(rehearsal);
    const before = rehearsal.world.metadata(one)?.publicIps;
    const { AssociationId } = await rehearsal.ec2("AssociateAddress", {
      AllocationId: allocationId,
      InstanceId: one,
    });
    await rehearsal.ec2("DisassociateAddress", { AssociationId });
    await rehearsal.clock.advance(rehearsal.delays.metadataAddressMs);
    const after = rehearsal.world.metadata(one)?.publicIps;
    expect(after).toHaveLength(1);
    expect(after).not.toEqual(before);
  });

  test("a terminated instance has its address until it is terminated", async () => {
    const rehearsal = rehearse();
    const { one, allocationId } = await pair(rehearsal);
    await rehearsal.ec2("AssociateAddress", { AllocationId: allocationId, InstanceId: one });
    await rehearsal.ec2("TerminateInstances", { InstanceIds: [one] });
    expect((await holder(rehearsal, allocationId)).id).toBe(one);
    await rehearsal.clock.advance(rehearsal.delays.instanceShuttingDownMs);
    expect(await instanceState(rehearsal, one)).toBe("terminated");
    expect((await holder(rehearsal, allocationId)).id).toBeUndefined();
  });
});

describe("releasing", () => {
  test("an address that is released at once leads nowhere afterwards", async () => {
    const rehearsal = rehearse();
    const { one, allocationId } = await pair(rehearsal);
    const { AssociationId } = await rehearsal.ec2("AssociateAddress", {
      AllocationId: allocationId,
      InstanceId: one,
    });
    await rehearsal.clock.advance(rehearsal.delays.addressEffectMs);
    await rehearsal.ec2("DisassociateAddress", { AssociationId });
    await rehearsal.ec2("ReleaseAddress", { AllocationId: allocationId });
    await rehearsal.clock.advance(rehearsal.delays.addressEffectMs);
    expect(rehearsal.machines.routeOf("203.0.113.1")).toBeNull();
  });
});

describe("requests that cannot be served", () => {
  test.each([
    ["MissingParameter", {}],
    ["InvalidAllocationID.NotFound", { AllocationId: "eipalloc-1", InstanceId: "i-1" }],
    ["InvalidAllocationID.NotFound", { AllocationId: "address", InstanceId: "i-1" }],
    ["InvalidAddress.NotFound", { PublicIp: "192.0.2.1", InstanceId: "i-1" }],
    ["InvalidParameterCombination", { AllocationId: "eipalloc-1", PublicIp: "192.0.2.1" }],
  ])("%s", async (code, input) => {
    expect(await codeOf(rehearse().ec2("AssociateAddress", input))).toBe(code);
  });

  test("one is released by its id only, not by its address", async () => {
    const rehearsal = rehearse();
    await allocate(rehearsal);
    const release = rehearsal.ec2("ReleaseAddress", { PublicIp: "203.0.113.1" });
    expect(await codeOf(release)).toBe("InvalidParameterValue");
  });

  test("a released address can be had again by name, one that never was ours cannot", async () => {
    const rehearsal = rehearse();
    const first = await allocate(rehearsal);
    await allocate(rehearsal);
    await rehearsal.ec2("ReleaseAddress", { AllocationId: first });
    const Address = "203.0.113.1";
    expect(await rehearsal.ec2("AllocateAddress", { Address })).toMatchObject({
      PublicIp: Address,
    });
    const foreign = rehearsal.ec2("AllocateAddress", { Address: "192.0.2.1" });
    expect(await codeOf(foreign)).toBe("InvalidAddress.NotFound");
  });

  test("an address is not associated with a private address that the interface has not", async () => {
    const rehearsal = rehearse();
    const { one, allocationId } = await pair(rehearsal);
    const wish = { AllocationId: allocationId, InstanceId: one };
    const other = rehearsal.ec2("AssociateAddress", { ...wish, PrivateIpAddress: "10.0.1.200" });
    expect(await codeOf(other)).toBe("InvalidParameterValue");
    const own = rehearsal.ec2("AssociateAddress", { ...wish, PrivateIpAddress: "10.0.1.10" });
    expect(await codeOf(own)).toBe("success");
  });

  test("an address in use cannot be released", async () => {
    const rehearsal = rehearse();
    const { one, allocationId } = await pair(rehearsal);
    await rehearsal.ec2("AssociateAddress", { AllocationId: allocationId, InstanceId: one });
    const release = rehearsal.ec2("ReleaseAddress", { AllocationId: allocationId });
    expect(await codeOf(release)).toBe("InvalidIPAddress.InUse");
  });
});
