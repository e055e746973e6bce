// Instance metadata from anything that answers at its address: bodies that are nearly right for every
// reading, and bytes that are nearly HTTP. A reading gives a value of the promised form or one Failure,
// and always ends.

import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { systemClock } from "../../agent/port/clock.ts";
import { type Imds, imdsPort } from "../../agent/port/imds.ts";
import {
  readIdentity,
  readInstanceTags,
  readMaintenance,
  readPublicIps,
  readRebalance,
  readSpotAction,
  readTargetState,
} from "../../agent/port/imds-readings.ts";
import { anyText } from "./mutations.ts";
import { http, openRawServer, type RawServer } from "./raw-server.ts";
import { always, outcomeOf } from "./runs.ts";

const mac = "02:29:96:8f:6a:2d";
const bodies: Readonly<Record<string, string>> = {
  mac,
  "instance-id": "i-0123456789abcdef0",
  "placement/availability-zone": "eu-west-1a",
  "placement/region": "eu-west-1",
  [`network/interfaces/macs/${mac}/interface-id`]: "eni-0123456789abcdef0",
  [`network/interfaces/macs/${mac}/public-ipv4s`]: "203.0.113.7\n203.0.113.8",
  "local-ipv4": "10.0.1.7",
  "autoscaling/target-lifecycle-state": "Warmed:Pending:Wait",
  "tags/instance": "Name\nec2-ha:seat\nec2-ha:protocol",
  "tags/instance/ec2-ha:seat": "orders",
  "tags/instance/ec2-ha:protocol": "1",
  "spot/instance-action": '{"action":"terminate","time":"2026-11-22T09:00:00Z"}',
  "events/recommendations/rebalance": '{"noticeTime":"2026-11-22T09:00:00Z"}',
  "events/maintenance/scheduled":
    '[{"NotBefore":"21 Jan 2027 09:00:43 GMT","Code":"system-reboot","EventId":"instance-event-0d","State":"active"}]',
};

const paths = Object.keys(bodies);
const spoiled = fc.record({
  path: fc.constantFrom(...paths),
  body: fc.option(anyText(...Object.values(bodies))),
});

function imdsWith(found: Readonly<Record<string, string | null>>): Imds {
  const all = new Map(Object.entries({ ...bodies, ...found }));
  return { read: async (path) => all.get(path.replace(/^meta-data\//, "")) ?? null };
}

const readings: readonly ((imds: Imds) => Promise<unknown>)[] = [
  readIdentity,
  readTargetState,
  (imds: Imds) => readPublicIps(imds, mac),
  readInstanceTags,
  readSpotAction,
  readRebalance,
  readMaintenance,
];

/** Nothing that reads well and is none. */
function expectSound(value: unknown): void {
  const text = JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === "number" && !Number.isFinite(inner) ? "not a number" : inner,
  );
  expect(text).not.toContain("not a number");
}

describe("any body", () => {
  it("of any path is a value or one failure", () =>
    always(spoiled, async ({ path, body }) => {
      const imds = imdsWith({ [path]: body });
      for (const reading of readings) {
        const outcome = await outcomeOf(() => reading(imds));
        if ("value" in outcome) expectSound(outcome.value);
        else expect(outcome.failure.details.next).toBeDefined();
      }
    }));

  it("of every path at once gives an identity of the promised form, or none", () =>
    always(
      fc.dictionary(fc.constantFrom(...paths), anyText(...Object.values(bodies))),
      async (all) => {
        const outcome = await outcomeOf(() => readIdentity(imdsWith(all)));
        if (!("value" in outcome)) return;
        const { instanceId, zone, region, privateIp } = outcome.value;
        expect(instanceId).toMatch(/^i-[0-9a-f]{8,17}$/);
        expect(`${zone} ${region} ${privateIp}`).toMatch(/^[a-z0-9-]+ [a-z0-9-]+ [0-9.]+$/);
      },
    ));
});

describe("any bytes on the wire", () => {
  let server: RawServer;
  beforeAll(async () => {
    server = await openRawServer();
  });
  afterAll(() => server.close());

  // Its pauses between two attempts are not what is looked at.
  const clock = { ...systemClock(), sleep: async () => undefined };
  const answers = anyText(
    http(200, "i-0123456789abcdef0").toString("latin1"),
    http(404, "<html>404</html>").toString("latin1"),
    "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\ntoken\r\n0\r\n\r\n",
    "HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n",
    "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n\r\n",
    "HTTP/1.0 301 Moved\r\nlocation: http://203.0.113.1/\r\n\r\n",
  );

  it("are a body, nothing, or one failure, for the token and for what is read", () =>
    always(
      fc.tuple(answers, fc.boolean()),
      async ([answer, spoilToken]) => {
        const bytes = Buffer.from(answer, "latin1");
        const spoiled = (line: string) => line.startsWith("PUT ") === spoilToken;
        server.answer((line) => (spoiled(line) ? bytes : http(200, "token")));
        // A port of its own, so that it has no token yet.
        const imds = imdsPort({ clock, endpoint: server.endpoint });
        const outcome = await outcomeOf(() => imds.read("meta-data/instance-id"));
        const body = "value" in outcome ? (outcome.value ?? "") : "";
        expect(body.length).toBeLessThanOrEqual(65_536);
      },
      0.5,
    ));
});
