// The metadata service as an instance finds it: tokens, directories, documents, and the paths that
// are absent until they mean something.

import { createServer, type Server } from "node:net";
import { fromInstanceMetadata } from "@aws-sdk/credential-providers";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { MetadataView } from "../region/contract.ts";
import { createMetadata, type Metadata } from "../region/imds/metadata.ts";
import { createCredentialBook } from "../region/wire/credentials.ts";
import type { Fate } from "../region/wire/intercept.ts";
import { bare } from "./bare-view.ts";

let view: MetadataView | null;
let nowMs: number;
let fate: Fate;
let metadata: Metadata;
let base: string;

beforeEach(async () => {
  view = bare;
  nowMs = Date.parse("2026-11-22T09:00:00Z");
  fate = { kind: "perform" };
  const book = createCredentialBook({
    accountId: "123456789012",
    nowMs: () => nowMs,
    roleName: () => "seat",
  });
  metadata = createMetadata({
    view: () => view,
    credentials: (instanceId) => (view?.roleName === null ? null : book.current(instanceId)),
    nowMs: () => nowMs,
    intercept: async () => fate,
  });
  const { port } = await metadata.listen("i-1", 0, "127.0.0.1");
  base = `http://127.0.0.1:${port}`;
});

afterEach(() => metadata.close());

function putToken(headers: Record<string, string>, path = "/latest/api/token"): Promise<Response> {
  return fetch(base + path, { method: "PUT", headers });
}

async function token(ttlSeconds = 60): Promise<string> {
  const headers = { "X-aws-ec2-metadata-token-ttl-seconds": String(ttlSeconds) };
  return (await putToken(headers)).text();
}

async function get(path: string, from = base): Promise<{ status: number; body: string }> {
  const headers = { "X-aws-ec2-metadata-token": await token() };
  const response = await fetch(from + path, { headers });
  return { status: response.status, body: await response.text() };
}

async function read(path: string): Promise<string> {
  const { status, body } = await get(`/latest/meta-data/${path}`);
  expect(status).toBe(200);
  return body;
}

async function statusOf(path: string): Promise<number> {
  return (await get(`/latest/meta-data/${path}`)).status;
}

describe("a token", () => {
  it("is given with the time to live that was asked for", async () => {
    const response = await putToken({ "X-aws-ec2-metadata-token-ttl-seconds": "21600" });
    expect(response.status).toBe(200);
    expect(response.headers.get("x-aws-ec2-metadata-token-ttl-seconds")).toBe("21600");
    expect((await response.text()).length).toBeGreaterThan(40);
  });

  it.each(["0", "21601", "-1", "1h", ""])("is refused for %o seconds", async (ttl) => {
    expect((await putToken({ "X-aws-ec2-metadata-token-ttl-seconds": ttl })).status).toBe(400);
  });

  it("is refused without a time to live", async () => {
    expect((await putToken({})).status).toBe(400);
  });

  it("is refused through a proxy and on a versioned path", async () => {
    const ttl = { "X-aws-ec2-metadata-token-ttl-seconds": "60" };
    expect((await putToken({ ...ttl, "X-Forwarded-For": "10.0.0.9" })).status).toBe(403);
    expect((await putToken(ttl, "/2021-07-15/api/token")).status).toBe(403);
  });

  it("is needed for everything", async () => {
    const path = `${base}/latest/meta-data/instance-id`;
    expect((await fetch(path)).status).toBe(401);
    const headers = { "X-aws-ec2-metadata-token": "made-up" };
    expect((await fetch(path, { headers })).status).toBe(401);
  });

  it("ends with its time to live", async () => {
    const headers = { "X-aws-ec2-metadata-token": await token(10) };
    const path = `${base}/latest/meta-data/instance-id`;
    nowMs += 9_999;
    expect((await fetch(path, { headers })).status).toBe(200);
    nowMs += 1;
    expect((await fetch(path, { headers })).status).toBe(401);
  });

  it("is worth nothing on another instance", async () => {
    const { port } = await metadata.listen("i-2", 0, "127.0.0.1");
    expect((await get("/latest/meta-data/mac", `http://127.0.0.1:${port}`)).status).toBe(401);
  });
});

describe("the tree", () => {
  it("lists directories with a slash behind what can be listed further", async () => {
    expect((await get("/latest/")).body).toBe("dynamic\nmeta-data");
    expect(await read("placement/")).toBe("availability-zone\navailability-zone-id\nregion");
    expect(await read("placement")).toBe("availability-zone\navailability-zone-id\nregion");
    expect(await read("network/interfaces/macs/")).toBe("02:00:0a:00:00:05/");
    expect((await read("")).split("\n")).toContain("placement/");
    expect((await read("")).split("\n")).toContain("instance-id");
  });

  it("knows the instance, its place and its interface", async () => {
    expect(await read("instance-id")).toBe("i-1");
    expect(await read("mac")).toBe("02:00:0a:00:00:05");
    expect(await read("placement/availability-zone")).toBe("eu-west-1a");
    expect(await read("placement/availability-zone-id")).toBe("euw1-az1");
    expect(await read("placement/region")).toBe("eu-west-1");
    expect(await read("network/interfaces/macs/02:00:0a:00:00:05/interface-id")).toBe("eni-1");
    expect(await read("network/interfaces/macs/02:00:0a:00:00:05/subnet-id")).toBe("subnet-1");
  });

  it("has public addresses as long as there are any", async () => {
    const root = "network/interfaces/macs/02:00:0a:00:00:05";
    expect(await statusOf("public-ipv4")).toBe(404);
    expect(await statusOf(`${root}/public-ipv4s`)).toBe(404);
    expect(await statusOf(`${root}/ipv4-associations/`)).toBe(404);
    view = { ...bare, publicIps: ["203.0.113.7"] };
    expect(await read("public-ipv4")).toBe("203.0.113.7");
    expect(await read(`${root}/public-ipv4s`)).toBe("203.0.113.7");
    expect(await read(`${root}/ipv4-associations/203.0.113.7`)).toBe("10.0.0.5");
  });

  it("lacks what has not been said yet", async () => {
    expect(await statusOf("autoscaling/target-lifecycle-state")).toBe(404);
    expect(await statusOf("spot/instance-action")).toBe(404);
    expect(await statusOf("events/recommendations/rebalance")).toBe(404);
    expect(await statusOf("tags/instance/")).toBe(404);
    expect(await statusOf("iam/security-credentials/")).toBe(404);
    expect((await get("/latest/user-data")).status).toBe(404);
    expect(await read("events/maintenance/scheduled")).toBe("[]");
  });

  it("shows notices once they are there", async () => {
    view = {
      ...bare,
      targetLifecycleState: "Terminated",
      spotInstanceAction: { action: "terminate", time: "2026-11-22T09:02:00Z" },
      rebalanceNoticeTime: "2026-11-22T09:00:00Z",
      scheduledEvents: [{ Code: "system-reboot", State: "active" }],
      tags: { "ec2-ha:seat": "db", Name: "one" },
      userData: "#cloud-config\n",
    };
    expect(await read("autoscaling/target-lifecycle-state")).toBe("Terminated");
    expect(JSON.parse(await read("spot/instance-action"))).toEqual(view.spotInstanceAction);
    expect(await read("spot/termination-time")).toBe("2026-11-22T09:02:00Z");
    expect(JSON.parse(await read("events/recommendations/rebalance"))).toEqual({
      noticeTime: "2026-11-22T09:00:00Z",
    });
    expect(JSON.parse(await read("events/maintenance/scheduled"))).toEqual(view.scheduledEvents);
    expect(await read("tags/instance/")).toBe("ec2-ha:seat\nName");
    expect(await read("tags/instance/ec2-ha:seat")).toBe("db");
    expect((await get("/latest/user-data")).body).toBe("#cloud-config\n");
  });

  it("has an identity document", async () => {
    const { body } = await get("/latest/dynamic/instance-identity/document");
    expect(JSON.parse(body)).toMatchObject({
      accountId: "123456789012",
      availabilityZone: "eu-west-1a",
      instanceId: "i-1",
      privateIp: "10.0.0.5",
      region: "eu-west-1",
    });
  });

  it("takes the doubled slash of some SDKs", async () => {
    expect((await get("//latest/meta-data/instance-id")).body).toBe("i-1");
  });

  it("cuts the connection of an instance that is gone", async () => {
    const headers = { "X-aws-ec2-metadata-token": await token() };
    view = null;
    await expect(fetch(`${base}/latest/meta-data/mac`, { headers })).rejects.toThrow(
      "fetch failed",
    );
  });
});

describe("the role's keys", () => {
  it("are what the SDK reads", async () => {
    view = { ...bare, roleName: "seat" };
    nowMs = Date.now();
    expect(await read("iam/security-credentials/")).toBe("seat");
    process.env["AWS_EC2_METADATA_SERVICE_ENDPOINT"] = base;
    const keys = await fromInstanceMetadata({ maxRetries: 0 })();
    delete process.env["AWS_EC2_METADATA_SERVICE_ENDPOINT"];
    const shown: unknown = JSON.parse(await read("iam/security-credentials/seat"));
    expect(shown).toMatchObject({
      Code: "Success",
      Type: "AWS-HMAC",
      AccessKeyId: keys.accessKeyId,
      SecretAccessKey: keys.secretAccessKey,
      Token: keys.sessionToken,
      Expiration: keys.expiration?.toISOString().replace(".000Z", "Z"),
    });
  });
});

describe("a connection from inside an instance", () => {
  let relay: Server;

  beforeEach(async () => {
    relay = createServer({ pauseOnConnect: true }, (socket) => metadata.accept(socket, "i-1"));
    await new Promise<void>((resolve) => {
      relay.listen(0, "127.0.0.1", resolve);
    });
  });

  afterEach(() => relay.close());

  it("is served as that instance", async () => {
    const address = relay.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    expect((await get("/latest/meta-data/instance-id", `http://127.0.0.1:${port}`)).body).toBe(
      "i-1",
    );
  });
});

describe("a fault", () => {
  it("takes the place of the answer", async () => {
    fate = { kind: "refuse", code: "", message: "slow down", status: 503 };
    const response = await putToken({ "X-aws-ec2-metadata-token-ttl-seconds": "60" });
    expect([response.status, await response.text()]).toEqual([503, "slow down"]);
  });

  it("cuts the connection", async () => {
    fate = { kind: "lose request" };
    await expect(token()).rejects.toThrow("fetch failed");
  });
});
