// Answers of the two APIs that are nearly right, through the real SDK clients from bytes on a socket,
// and as values that no SDK should give. Each reading of the agent's ends with a value in which every id
// and number is one, or with one Failure of a known kind.

import { AutoScalingClient } from "@aws-sdk/client-auto-scaling";
import { EC2Client } from "@aws-sdk/client-ec2";
import * as fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { instanceId, snapshotId, volumeId } from "../../agent/domain/ids.ts";
import { readSets, readVolumes } from "../../agent/domain/readings.ts";
import { autoScalingPort } from "../../agent/port/auto-scaling.ts";
import type { Aws, Clients } from "../../agent/port/aws.ts";
import { failureOf } from "../../agent/port/aws-failures.ts";
import { ec2Reads } from "../../agent/port/ec2-reads.ts";
import { answers, errors } from "./answers.ts";
import { anyText, woundedText, woundedValue } from "./mutations.ts";
import { http, openRawServer, type RawServer } from "./raw-server.ts";
import { always, outcomeOf } from "./runs.ts";

const known = <T>(value: T | null): T => {
  if (value === null) throw new Error("expected an id");
  return value;
};
const instance = known(instanceId("i-0123456789abcdef0"));
const volume = known(volumeId("vol-0123456789abcdef0"));
const snapshot = known(snapshotId("snap-0123456789abcdef0"));

/** Every reading there is, by the call that it makes. */
const readings = {
  DescribeAddresses: (aws: Aws) => ec2Reads(aws).address({ seat: "orders" }),
  DescribeVolumes: (aws: Aws) => ec2Reads(aws).volumesOf("orders"),
  DescribeSnapshots: (aws: Aws) => ec2Reads(aws).snapshots([snapshot]),
  DescribeInstances: (aws: Aws) => ec2Reads(aws).instance(instance),
  DescribeAutoScalingInstances: (aws: Aws) => autoScalingPort(aws).membership(instance),
  DescribeAutoScalingGroups: (aws: Aws) => autoScalingPort(aws).group("orders"),
  DescribeLifecycleHooks: (aws: Aws) => autoScalingPort(aws).hooks("orders"),
} as const;
const others: readonly ((aws: Aws) => Promise<unknown>)[] = [
  (aws) => ec2Reads(aws).volume(volume),
  (aws) => ec2Reads(aws).dataVolumesOf(instance),
];

type Call = keyof typeof readings;
const calls = Object.keys(readings).filter((name): name is Call => name in readings);

const idOf = /^(?:i|vol|snap|eipalloc|eipassoc)-(?:[0-9a-f]{8}|[0-9a-f]{17})$/;

/** No id that is none, no number that is none, no time that never was. */
function expectSound(value: unknown): void {
  if (typeof value === "number") expect(Number.isFinite(value)).toBe(true);
  if (typeof value !== "object" || value === null) return;
  for (const [key, inner] of Object.entries(value)) {
    if (key === "tags") continue;
    if (key.endsWith("Id") && inner !== null) expect(inner).toMatch(idOf);
    if (key === "state") expect(inner).toMatch(/\S/);
    expectSound(inner);
  }
}

let server: RawServer;
let aws: Aws;
beforeAll(async () => {
  server = await openRawServer();
  aws = awsAt(server.endpoint);
});
afterAll(() => server.close());

function awsAt(endpoint: string): Aws {
  const credentials = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "secret" };
  const settings = { region: "eu-west-1", endpoint, credentials, maxAttempts: 1 };
  const ec2 = new EC2Client(settings);
  const autoScaling = new AutoScalingClient(settings);
  const options = () => ({ abortSignal: AbortSignal.timeout(1_000) });
  const clients: Clients = {
    ec2: (deed, send) => send(ec2, options()).catch((thrown: unknown) => fail(deed, thrown)),
    autoScaling: (deed, send) =>
      send(autoScaling, options()).catch((thrown: unknown) => fail(deed, thrown)),
  };
  return { reading: clients, writing: clients, renew: () => undefined, abandon: () => undefined };
}

function fail(deed: Parameters<typeof failureOf>[0], thrown: unknown): never {
  throw failureOf(deed, thrown);
}

async function judge(reading: (aws: Aws) => Promise<unknown>, from: Aws): Promise<boolean> {
  const outcome = await outcomeOf(() => reading(from));
  if ("value" in outcome) expectSound(outcome.value);
  return "value" in outcome;
}

it("the answers that are wounded here are read whole where they are not", async () => {
  for (const call of calls) {
    server.answer(() => http(200, answers[call], "text/xml"));
    expect(await readings[call](aws)).toBeTruthy();
  }
});

/** What stands between an instance and AWS may answer for it, with 200. */
const strangers = ["", "<html><body>Please log in</body></html>", "<ok/>"];

it.each(strangers)(
  "%j in the place of an answer is never an empty list, nor a missing thing",
  async (page) => {
    server.answer(() => http(200, page, "text/html"));
    for (const reading of [...calls.map((call) => readings[call]), ...others]) {
      const outcome = await outcomeOf(() => reading(aws));
      expect(outcome).toMatchObject({ failure: { details: { kind: "broken" } } });
    }
  },
);

const body = fc
  .constantFrom(...calls)
  .chain((call) =>
    fc.tuple(fc.constant(call), fc.oneof(woundedText(answers[call]), anyText(...errors))),
  );

it("any XML in the place of any answer is read or refused", async () => {
  let read = 0;
  await always(
    fc.tuple(body, fc.constantFrom(200, 200, 200, 400, 403, 500, 503, 302)),
    async ([[call, text], status]) => {
      server.answer(() => http(status, text, "text/xml"));
      read += (await judge(readings[call], aws)) ? 1 : 0;
      for (const other of others) await judge(other, aws);
    },
    0.5,
  );
  expect(read).toBeGreaterThan(0);
});

it("any bytes in the place of any answer are read or refused", () =>
  always(
    fc.tuple(
      fc.constantFrom(...calls),
      anyText(
        http(200, answers.DescribeVolumes, "text/xml").toString("latin1"),
        http(400, errors[0], "text/xml").toString("latin1"),
      ),
    ),
    async ([call, bytes]) => {
      server.answer(() => Buffer.from(bytes, "latin1"));
      await judge(readings[call], aws);
    },
    0.3,
  ));

it("anything at all that is thrown in a call is one failure that names the call", () => {
  const code = fc.oneof(
    fc.constantFrom("InvalidVolume.NotFound", "RequestLimitExceeded", "AuthFailure", "ECONNRESET"),
    fc.string({ unit: "binary", maxLength: 500 }),
  );
  const thrown = fc.oneof(
    fc.anything(),
    fc.tuple(code, code).map(([name, message]) => Object.assign(new Error(message), { name })),
    fc.record({ Code: code, $metadata: fc.record({ httpStatusCode: fc.anything() }) }),
  );
  return always(thrown, async (found) => {
    const deed = { action: "attach", subject: '"vol-1"', permission: "ec2:AttachVolume" };
    const outcome = await outcomeOf(() => fail(deed, found));
    expect(outcome).toMatchObject({ failure: { details: { action: "attach" } } });
  });
});

const values = {
  Volumes: [
    {
      VolumeId: volume,
      AvailabilityZone: "eu-west-1a",
      State: "in-use",
      Size: 8,
      MultiAttachEnabled: false,
      CreateTime: new Date(0),
      Attachments: [{ InstanceId: instance, State: "attached", Device: "/dev/sdf" }],
      Tags: [{ Key: "ec2-ha:volume", Value: "data" }],
    },
  ],
  Snapshots: [
    {
      SnapshotId: snapshot,
      VolumeId: volume,
      State: "completed",
      Progress: "100%",
      VolumeSize: 8,
      StartTime: new Date(0),
      StorageTier: "standard",
      Tags: [{ Key: "ec2-ha:set", Value: "orders/1/final" }],
    },
  ],
  Addresses: [
    { AllocationId: "eipalloc-0123456789abcdef0", PublicIp: "203.0.113.7", InstanceId: instance },
  ],
  Reservations: [
    {
      Instances: [
        {
          InstanceId: instance,
          State: { Name: "running" },
          BlockDeviceMappings: [{ DeviceName: "/dev/sdf", Ebs: { VolumeId: volume } }],
        },
      ],
    },
  ],
  AutoScalingInstances: [{ AutoScalingGroupName: "orders", LifecycleState: "InService" }],
  AutoScalingGroups: [
    { Instances: [{ InstanceId: instance, LifecycleState: "InService" }], Tags: [{ Key: "a" }] },
  ],
  LifecycleHooks: [
    {
      LifecycleHookName: "launch",
      LifecycleTransition: "autoscaling:EC2_INSTANCE_LAUNCHING",
      HeartbeatTimeout: 300,
    },
  ],
};

/** An SDK that answers everything with this value. */
function answering(value: unknown): Aws {
  // An answer is a structure, whatever is in it.
  const client = { send: async () => (typeof value === "object" && value !== null ? value : {}) };
  const options = { abortSignal: new AbortController().signal };
  const clients: Clients = {
    // What is handed over is what no client of the SDK's has: the cast is the point.
    ec2: (deed, send) =>
      send(client as never, options).catch((thrown: unknown) => fail(deed, thrown)),
    autoScaling: (deed, send) =>
      send(client as never, options).catch((thrown: unknown) => fail(deed, thrown)),
  };
  return { reading: clients, writing: clients, renew: () => undefined, abandon: () => undefined };
}

it("any value in the place of the SDK's is read or refused, and its tags with it", async () => {
  let read = 0;
  await always(fc.tuple(fc.constantFrom(...calls), woundedValue(values)), async ([call, value]) => {
    const from = answering(value);
    read += (await judge(readings[call], from)) ? 1 : 0;
    for (const other of others) await judge(other, from);
    const volumes = await outcomeOf(() => ec2Reads(from).volumesOf("orders"));
    if ("value" in volumes) readVolumes(volumes.value);
    const snapshots = await outcomeOf(() => ec2Reads(from).snapshots([snapshot]));
    if ("value" in snapshots) readSets(snapshots.value);
  });
  expect(read).toBeGreaterThan(0);
});
