// IMDS as an instance meets it when it fails: over HTTP, for some paths or all, and what its keys do when
// they are late, short-lived or over.

import { DescribeAddressesCommand, RunInstancesCommand } from "@aws-sdk/client-ec2";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createRegion, type Region } from "../region/region.ts";
import { awsDelays, scaled } from "../region/state/delays.ts";
import { defaultImageId, defaultSubnetId } from "../region/state/seeds.ts";
import { clientsOf, refusalOf } from "../region-wire/fixture.ts";

/** Long enough to be sure that nothing comes, short enough to wait for. */
const silenceMs = 150;

const patienceMs = 5_000;
const waiting = { timeout: patienceMs, interval: 10 };

let region: Region;
let instanceId: string;
let base: string;

beforeEach(async () => {
  region = await createRegion({ delays: scaled(awsDelays, 0.0005) });
  const { Instances } = await region.ec2.send(
    new RunInstancesCommand({
      ImageId: defaultImageId,
      InstanceType: "t3.small",
      MinCount: 1,
      MaxCount: 1,
      SubnetId: defaultSubnetId(0),
      IamInstanceProfile: { Name: "seat" },
    }),
  );
  instanceId = Instances?.[0]?.InstanceId ?? "";
  base = await region.listenMetadata(instanceId);
  await vi.waitUntil(() => region.world.metadata(instanceId)?.roleName === "seat", waiting);
});

afterEach(() => region.close());

async function token(forMs = patienceMs): Promise<string> {
  const response = await fetch(`${base}/latest/api/token`, {
    method: "PUT",
    headers: { "X-aws-ec2-metadata-token-ttl-seconds": "60" },
    signal: AbortSignal.timeout(forMs),
  });
  return response.status === 200 ? response.text() : `status ${response.status}`;
}

async function ask(path: string, good: string, forMs = patienceMs): Promise<string> {
  const headers = { "X-aws-ec2-metadata-token": good };
  const signal = AbortSignal.timeout(forMs);
  const response = await fetch(`${base}/latest/${path}`, { headers, signal });
  return response.status === 200 ? response.text() : `status ${response.status}`;
}

/** What ended a request that got no answer. */
async function ending(request: Promise<unknown>): Promise<string> {
  try {
    await request;
    return "answered";
  } catch (error) {
    return error instanceof DOMException && error.name === "TimeoutError" ? "silence" : "cut";
  }
}

describe("a metadata service", () => {
  test("that is not there cuts connections, or stays silent, also for a token", async () => {
    region.faults.set({ absentMetadata: { how: "cut" } });
    expect(await ending(token(silenceMs))).toBe("cut");
    region.faults.set({ absentMetadata: { how: "silence" } });
    expect(await ending(token(silenceMs))).toBe("silence");
    region.faults.clear();
    expect(await ask("meta-data/instance-id", await token())).toBe(instanceId);
  });

  test.each([401, 403, 404, 429, 500, 503])("refuses one path with %i", async (status) => {
    const good = await token();
    region.faults.set({ refusedMetadata: { status, paths: ["latest/meta-data/autoscaling/*"] } });
    expect(await ask("meta-data/autoscaling/target-lifecycle-state", good)).toBe(
      `status ${status}`,
    );
    expect(await ask("meta-data/instance-id", good)).toBe(instanceId);
    expect(region.faults.counts()).toMatchObject({ refusedMetadata: 1 });
  });

  test("whose token ended early says 401 once, and is content with a new one", async () => {
    const old = await token();
    region.faults.set({
      refusedMetadata: { status: 401, paths: ["latest/meta-data/*"], count: 1 },
    });
    expect(await ask("meta-data/instance-id", old)).toBe("status 401");
    expect(await ask("meta-data/instance-id", await token())).toBe(instanceId);
  });

  test("beyond the hop limit takes the PUT, never answers it, and serves what needs no PUT", async () => {
    const good = await token();
    region.faults.set({ hopLimit: {} });
    expect(await ending(token(silenceMs))).toBe("silence");
    expect(await ask("meta-data/instance-id", good)).toBe(instanceId);
  });

  test("is slow by so much", async () => {
    const good = await token();
    region.faults.set({ slowMetadata: { delayMs: 50 } });
    const startMs = performance.now();
    expect(await ask("meta-data/instance-id", good)).toBe(instanceId);
    expect(performance.now() - startMs).toBeGreaterThanOrEqual(49);
    region.faults.set({ slowMetadata: { delayMs: 3_000 } });
    expect(await ending(ask("meta-data/instance-id", good, silenceMs))).toBe("silence");
  });

  test("answers nonsense where asked for something", async () => {
    const good = await token();
    region.faults.set({ garbledMetadata: { paths: ["*instance-id"], body: "<html>" } });
    expect(await ask("meta-data/instance-id", good)).toBe("<html>");
    expect(await ask("meta-data/placement/availability-zone", good)).not.toBe("<html>");
  });

  test("of one instance can fail while another's is well", async () => {
    region.faults.set({ refusedMetadata: { ids: ["i-0123456789abcdef0"] } });
    expect(await ask("meta-data/instance-id", await token())).toBe(instanceId);
  });
});

describe("an instance role's keys", () => {
  const path = "meta-data/iam/security-credentials/seat";

  interface Keys {
    readonly AccessKeyId: string;
    readonly SecretAccessKey: string;
    readonly Token: string;
    readonly Expiration: string;
  }

  async function keys(): Promise<Keys> {
    const text = await ask(path, await token());
    const found: Keys = JSON.parse(text);
    return found;
  }

  function leftMs({ Expiration }: Keys): number {
    return Date.parse(Expiration) - Date.now();
  }

  async function callWith(found: Keys): Promise<string> {
    const { ec2 } = clientsOf(region.endpoint, {
      accessKeyId: found.AccessKeyId,
      secretAccessKey: found.SecretAccessKey,
      sessionToken: found.Token,
    });
    const call = ec2.send(new DescribeAddressesCommand({}));
    return call.then(
      () => "success",
      async () => (await refusalOf(call)).code,
    );
  }

  test("last for a minute where so set, and six hours again after", async () => {
    expect(leftMs(await keys())).toBeGreaterThan(5 * 3_600_000);
    region.faults.set({ shortCredentials: { lifetimeMs: 60_000 } });
    const short = await keys();
    expect(leftMs(short)).toBeLessThanOrEqual(60_000);
    expect((await keys()).AccessKeyId).toBe(short.AccessKeyId);
    region.faults.clear();
    expect(leftMs(await keys())).toBeGreaterThan(5 * 3_600_000);
    expect(region.faults.counts().shortCredentials).toBe(2);
  });

  test("are renewed too late where the renewal is behind the end", async () => {
    region.faults.set({ shortCredentials: { lifetimeMs: 1_000, renewalMs: -3_600_000 } });
    const first = await keys();
    await expect.poll(() => leftMs(first), waiting).toBeLessThan(0);
    expect((await keys()).AccessKeyId).toBe(first.AccessKeyId);
    expect(await callWith(first)).toBe("RequestExpired");
  });

  test("come so much later after the start, with 404 until then", async () => {
    region.faults.set({ lateCredentials: { lagMs: 1_500 } });
    const { Instances } = await region.ec2.send(
      new RunInstancesCommand({
        ImageId: defaultImageId,
        MinCount: 1,
        MaxCount: 1,
        SubnetId: defaultSubnetId(0),
        IamInstanceProfile: { Name: "seat" },
      }),
    );
    const lateId = Instances?.[0]?.InstanceId ?? "";
    base = await region.listenMetadata(lateId);
    await expect.poll(() => region.world.metadata(lateId) !== null, waiting).toBe(true);
    expect(await ask("meta-data/iam/security-credentials/", await token())).toBe("status 404");
    await expect
      .poll(async () => ask("meta-data/iam/security-credentials/", await token()), waiting)
      .toBe("seat");
  });
});
