// Every reading with the bodies that EC2 documents, and with bodies that it must refuse.

import { expect, test } from "vitest";
import type { Imds } from "../../agent/port/imds.ts";
import {
  readIdentity,
  readInstanceTags,
  readMaintenance,
  readPublicIps,
  readRebalance,
  readSpotAction,
  readTargetState,
} from "../../agent/port/imds-readings.ts";

const mac = "02:29:96:8f:6a:2d";
const identity = {
  mac,
  "instance-id": "i-0123456789abcdef0",
  "placement/availability-zone": "eu-west-1a",
  "placement/region": "eu-west-1",
  [`network/interfaces/macs/${mac}/interface-id`]: "eni-0123456789abcdef0",
  "local-ipv4": "10.0.1.7",
};

function imdsWith(bodies: Readonly<Record<string, string>>): Imds {
  return { read: async (path) => bodies[path.replace(/^meta-data\//, "")] ?? null };
}

test("the identity is read from six paths", async () => {
  expect(await readIdentity(imdsWith(identity))).toEqual({
    instanceId: "i-0123456789abcdef0",
    zone: "eu-west-1a",
    region: "eu-west-1",
    mac,
    interfaceId: "eni-0123456789abcdef0",
    privateIp: "10.0.1.7",
  });
});

test("zones and regions of every partition are read", async () => {
  const places = [
    ["us-gov-west-1b", "us-gov-west-1"],
    ["us-west-2-lax-1a", "us-west-2"],
    ["cn-northwest-1c", "cn-northwest-1"],
  ] as const;
  for (const [zone, region] of places) {
    const bodies = {
      ...identity,
      "placement/availability-zone": zone,
      "placement/region": region,
    };
    expect(await readIdentity(imdsWith(bodies))).toMatchObject({ zone, region });
  }
});

test("an identity that is no identity is refused with what was found", async () => {
  const imds = imdsWith({ ...identity, "instance-id": "<html>" });
  await expect(readIdentity(imds)).rejects.toThrow(
    'Cannot read IMDS "meta-data/instance-id": "<html>": wanted an id',
  );
});

test("an identity that is not there yet is missing", async () => {
  await expect(readIdentity(imdsWith({}))).rejects.toMatchObject({ details: { kind: "missing" } });
});

test("the target state is the group's word, or null outside a group", async () => {
  const path = "autoscaling/target-lifecycle-state";
  expect(await readTargetState(imdsWith({ [path]: "Terminated" }))).toBe("Terminated");
  expect(await readTargetState(imdsWith({ [path]: "Warmed:Stopped" }))).toBe("Warmed:Stopped");
  expect(await readTargetState(imdsWith({}))).toBeNull();
  await expect(readTargetState(imdsWith({ [path]: "" }))).rejects.toThrow(/: "": wanted/);
});

test("public addresses are one a line, and none where the path is absent", async () => {
  const path = `network/interfaces/macs/${mac}/public-ipv4s`;
  expect(await readPublicIps(imdsWith({ [path]: "203.0.113.7\n198.51.100.2" }), mac)).toEqual([
    "203.0.113.7",
    "198.51.100.2",
  ]);
  expect(await readPublicIps(imdsWith({}), mac)).toEqual([]);
  for (const wrong of ["203.0.113", "203.0.113.256", "203.0.113.7."]) {
    await expect(readPublicIps(imdsWith({ [path]: wrong }), mac)).rejects.toThrow(
      /wanted addresses/,
    );
  }
});

test("only the seat's tags are read, and hidden tags are null", async () => {
  const imds = imdsWith({
    "tags/instance": "Name\nec2-ha:seat\nec2-ha:gone",
    "tags/instance/ec2-ha:seat": "orders-db",
  });
  expect(await readInstanceTags(imds)).toEqual({ "ec2-ha:seat": "orders-db" });
  expect(await readInstanceTags(imdsWith({}))).toBeNull();
});

test("a spot notice has an action and a time", async () => {
  const path = "spot/instance-action";
  const body = '{"action": "terminate", "time": "2026-11-22T08:22:00Z"}';
  expect(await readSpotAction(imdsWith({ [path]: body }))).toEqual({
    action: "terminate",
    timeMs: Date.UTC(2026, 10, 22, 8, 22),
  });
  for (const wrong of [
    '{"action": "terminate"}',
    '{"action": "dance", "time": "2026-11-22"}',
    "{",
  ]) {
    await expect(readSpotAction(imdsWith({ [path]: wrong }))).rejects.toThrow(/wanted \{"action"/);
  }
});

test("a rebalance recommendation has a time", async () => {
  const path = "events/recommendations/rebalance";
  const body = '{"noticeTime": "2026-11-22T08:22:00Z"}';
  expect(await readRebalance(imdsWith({ [path]: body }))).toEqual({
    noticeMs: Date.UTC(2026, 10, 22, 8, 22),
  });
  expect(await readRebalance(imdsWith({}))).toBeNull();
});

test("scheduled events carry EC2's own time format", async () => {
  const path = "events/maintenance/scheduled";
  const event = {
    NotBefore: "21 Jan 2026 09:00:43 GMT",
    Code: "system-reboot",
    Description: "scheduled reboot",
    EventId: "instance-event-0d59937288b749b32",
    NotAfter: "21 Jan 2026 09:17:23 GMT",
    State: "active",
  };
  expect(await readMaintenance(imdsWith({ [path]: JSON.stringify([event]) }))).toEqual([
    {
      eventId: "instance-event-0d59937288b749b32",
      code: "system-reboot",
      state: "active",
      notBeforeMs: Date.UTC(2026, 0, 21, 9, 0, 43),
    },
  ]);
  expect(await readMaintenance(imdsWith({ [path]: "[]" }))).toEqual([]);
  await expect(readMaintenance(imdsWith({ [path]: "[{}]" }))).rejects.toThrow(/wanted a list/);
});
