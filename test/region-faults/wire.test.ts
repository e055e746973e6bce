// The faults of calls as the SDK meets them over HTTP: with codes and statuses, cut connections, silence,
// and AWS's clock apart from the caller's. The region is the one of `createRegion({ faults })`.

import { DescribeAutoScalingGroupsCommand } from "@aws-sdk/client-auto-scaling";
import {
  AllocateAddressCommand,
  DescribeAddressesCommand,
  type EC2Client,
} from "@aws-sdk/client-ec2";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createRegion, type Region } from "../region/region.ts";
import { awsDelays, scaled } from "../region/state/delays.ts";
import { clientsOf, refusalOf } from "../region-wire/fixture.ts";

let region: Region;
let ec2: EC2Client;

const waiting = { timeout: 5_000, interval: 10 };

beforeEach(async () => {
  region = await createRegion({
    delays: scaled(awsDelays, 0.001),
    faults: { callers: "everybody" },
  });
  ec2 = clientsOf(region.endpoint, region.operatorKey).ec2;
});

afterEach(async () => {
  ec2.destroy();
  await region.close();
});

function allocate(abortSignal?: AbortSignal): Promise<unknown> {
  return ec2.send(new AllocateAddressCommand({}), abortSignal === undefined ? {} : { abortSignal });
}

async function addresses(): Promise<number> {
  const { Addresses } = await ec2.send(new DescribeAddressesCommand({}));
  return Addresses?.length ?? 0;
}

describe("a call over the wire", () => {
  test("that is throttled is refused in each service's own XML", async () => {
    region.faults.set({ throttling: { startShare: 0, autoScalingRefillPerS: 0 } });
    expect(await refusalOf(allocate())).toMatchObject({
      code: "RequestLimitExceeded",
      status: 503,
    });
    const { autoScaling } = clientsOf(region.endpoint, region.operatorKey);
    const groups = autoScaling.send(new DescribeAutoScalingGroupsCommand({}));
    expect(await refusalOf(groups)).toMatchObject({ code: "Throttling", status: 400 });
  });

  test("whose reply is lost has been performed; the connection is cut", async () => {
    region.faults.set({ lostReplies: { count: 1 } });
    await expect(allocate()).rejects.toThrow(/socket hang up|ECONNRESET/);
    expect(await addresses()).toBe(1);
  });

  test("whose request is lost has not", async () => {
    region.faults.set({ lostRequests: { count: 1 } });
    await expect(allocate()).rejects.toThrow(/socket hang up|ECONNRESET/);
    expect(await addresses()).toBe(0);
  });

  test("that hangs ends by its caller's patience alone", async () => {
    region.faults.set({ timeouts: { count: 1 } });
    await expect(allocate(AbortSignal.timeout(50))).rejects.toThrow(/abort/i);
    expect(await addresses()).toBe(0);
  });

  test("that is late takes effect after its caller has gone", async () => {
    region.faults.set({ lateCalls: { count: 1 } });
    await expect(allocate(AbortSignal.timeout(50))).rejects.toThrow(/abort/i);
    expect(await addresses()).toBe(0);
    expect(region.faults.release()).toBe(1);
    await expect.poll(addresses, waiting).toBe(1);
  });

  test("that a proxy answered is no answer of EC2", async () => {
    region.faults.set({ garbledReplies: { count: 1, status: 502 } });
    expect((await refusalOf(allocate())).status).toBe(502);
    expect(await addresses()).toBe(0);
  });

  test("is told of with its fault, so that a journal shows it", async () => {
    const told: string[] = [];
    region.onCall(({ action, refusal }) => told.push(`${action} ${refusal}`));
    region.faults.set({ lostReplies: { actions: ["AllocateAddress"] } });
    await expect(allocate()).rejects.toThrow(/socket hang up|ECONNRESET/);
    await addresses();
    expect(told).toEqual(["AllocateAddress no answer", "DescribeAddresses null"]);
  });
});

describe("AWS's clock", () => {
  test("too far ahead or behind: both services refuse the signature in their own words", async () => {
    const { autoScaling } = clientsOf(region.endpoint, region.operatorKey);
    const refusals = async () => [
      await refusalOf(
        clientsOf(region.endpoint, region.operatorKey).ec2.send(new DescribeAddressesCommand({})),
      ),
      await refusalOf(autoScaling.send(new DescribeAutoScalingGroupsCommand({}))),
    ];
    region.faults.set({ clockSkew: { skewMs: 20 * 60_000 } });
    expect(await refusals()).toMatchObject([
      { code: "AuthFailure", status: 401 },
      { code: "SignatureDoesNotMatch", status: 403, message: /^Signature expired: / },
    ]);
  });

  test("within the tolerance nothing is refused", async () => {
    region.faults.set({ clockSkew: { skewMs: -4 * 60_000 } });
    expect(await addresses()).toBe(0);
  });

  test("is in the Date header, by which the SDK mends its own at the second try", async () => {
    region.faults.set({ clockSkew: { skewMs: 60 * 60_000 } });
    const response = await fetch(region.endpoint);
    const date = Date.parse(response.headers.get("date") ?? "");
    expect(date - Date.now()).toBeGreaterThan(59 * 60_000);
    const retrying = region.ec2.send(new DescribeAddressesCommand({}));
    await expect(retrying).resolves.toMatchObject({ Addresses: [] });
  });

  test("can step back while the region runs", async () => {
    region.faults.set({ clockSkew: { skewMs: 20 * 60_000 } });
    expect((await refusalOf(allocate())).code).toBe("AuthFailure");
    region.faults.clear("clockSkew");
    await expect.poll(addresses, waiting).toBe(0);
  });
});
