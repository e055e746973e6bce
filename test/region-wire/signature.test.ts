// Who is let in: real SDK clients with right and wrong keys, clocks and tokens, and each service's
// own way of saying no. Nothing that is refused may reach the Api.

import { AutoScalingClient, DescribeAutoScalingGroupsCommand } from "@aws-sdk/client-auto-scaling";
import { DescribeVolumesCommand, EC2Client } from "@aws-sdk/client-ec2";
import { afterEach, beforeEach, expect, it } from "vitest";
import {
  clientsOf,
  type Fixture,
  type Keys,
  type Refusal,
  refusalOf,
  startWire,
} from "./fixture.ts";

const minuteMs = 60_000;

let fixture: Fixture;
/** How far the region's clock is ahead of the clients'. */
let aheadMs = 0;

beforeEach(async () => {
  aheadMs = 0;
  fixture = await startWire({ nowMs: () => Date.now() + aheadMs });
});

afterEach(() => fixture.close());

async function callEc2(keys: Keys): Promise<unknown> {
  const { ec2 } = clientsOf(fixture.endpoint, keys);
  return ec2.send(new DescribeVolumesCommand({})).finally(() => ec2.destroy());
}

async function callAutoScaling(keys: Keys): Promise<unknown> {
  const { autoScaling } = clientsOf(fixture.endpoint, keys);
  const command = new DescribeAutoScalingGroupsCommand({});
  return autoScaling.send(command).finally(() => autoScaling.destroy());
}

async function bothRefusals(keys: Keys): Promise<readonly Refusal[]> {
  const refusals = [await refusalOf(callEc2(keys)), await refusalOf(callAutoScaling(keys))];
  expect(fixture.calls).toEqual([]);
  return refusals;
}

it("lets an instance in with its role's keys, and tells the Api which instance it is", async () => {
  await callEc2(fixture.book.current("i-1"));
  await callAutoScaling(fixture.book.current("i-1"));
  const caller = {
    accountId: "123456789012",
    arn: "arn:aws:sts::123456789012:assumed-role/seat/i-1",
    instanceId: "i-1",
  };
  expect(fixture.calls).toMatchObject([{ caller }, { caller }]);
});

it("refuses a wrong secret", async () => {
  const keys = { ...fixture.book.operator, secretAccessKey: "wrong" };
  expect(await bothRefusals(keys)).toMatchObject([
    {
      code: "AuthFailure",
      status: 401,
      message: "AWS was not able to validate the provided access credentials",
    },
    { code: "SignatureDoesNotMatch", status: 403 },
  ]);
});

it("refuses a key that nobody has", async () => {
  expect(await bothRefusals({ accessKeyId: "AKIANOBODY", secretAccessKey: "x" })).toMatchObject([
    { code: "AuthFailure", status: 401 },
    {
      code: "InvalidClientTokenId",
      status: 403,
      message: "The security token included in the request is invalid.",
    },
  ]);
});

it("refuses role keys without their token", async () => {
  const { accessKeyId, secretAccessKey } = fixture.book.current("i-1");
  expect(await bothRefusals({ accessKeyId, secretAccessKey })).toMatchObject([
    { code: "AuthFailure", status: 401 },
    { code: "InvalidClientTokenId", status: 403 },
  ]);
});

it("refuses the keys of an instance that were revoked", async () => {
  const keys = fixture.book.current("i-1");
  fixture.book.revoke("i-1");
  expect(await bothRefusals(keys)).toMatchObject([
    { code: "AuthFailure", status: 401 },
    { code: "InvalidClientTokenId", status: 403 },
  ]);
});

it("refuses an expired token", async () => {
  const keys = fixture.book.issue("i-1", 2 * minuteMs);
  aheadMs = 2 * minuteMs + 1_000;
  expect(await bothRefusals(keys)).toMatchObject([
    { code: "RequestExpired", status: 400, message: "Request has expired." },
    {
      code: "ExpiredToken",
      status: 403,
      message: "The security token included in the request is expired",
    },
  ]);
});

it("rotates an instance's keys before they end, and takes the old ones until then", async () => {
  const first = fixture.book.current("i-1");
  expect(fixture.book.current("i-1")).toBe(first);
  aheadMs = first.expiration.getTime() - Date.now() - 6 * minuteMs;
  const second = fixture.book.current("i-1");
  expect(second.accessKeyId).not.toBe(first.accessKeyId);
  expect(fixture.book.find(first.accessKeyId)?.expiration).toEqual(first.expiration);
});

it.each([
  {
    side: "behind",
    skewMs: 6 * minuteMs,
    words: /^Signature expired: \d{8}T\d{6}Z is now earlier/,
  },
  { side: "ahead", skewMs: -6 * minuteMs, words: /^Signature not yet current: .* still later/ },
])("refuses a clock that is 6 minutes $side", async ({ skewMs, words }) => {
  aheadMs = skewMs;
  const [ec2, autoScaling] = await bothRefusals(fixture.book.operator);
  expect(ec2).toMatchObject({ code: "AuthFailure", status: 401 });
  expect(autoScaling).toMatchObject({ code: "SignatureDoesNotMatch", status: 403 });
  expect(autoScaling?.message).toMatch(words);
});

it("takes a clock that is 4 minutes behind", async () => {
  aheadMs = 4 * minuteMs;
  await callEc2(fixture.book.operator);
  await callAutoScaling(fixture.book.operator);
  expect(fixture.calls).toHaveLength(2);
});

it("tells the SDK the region's time, so that a second attempt is signed right", async () => {
  aheadMs = 3_600_000;
  const ec2 = new EC2Client({
    endpoint: fixture.endpoint,
    credentials: fixture.book.operator,
    region: "eu-west-1",
    maxAttempts: 2,
  });
  await ec2.send(new DescribeVolumesCommand({}));
  ec2.destroy();
  expect(fixture.calls).toHaveLength(1);
});

it("refuses what is signed for another region", async () => {
  const autoScaling = new AutoScalingClient({
    endpoint: fixture.endpoint,
    credentials: fixture.book.operator,
    region: "us-east-1",
    maxAttempts: 1,
  });
  const refusal = await refusalOf(autoScaling.send(new DescribeAutoScalingGroupsCommand({})));
  autoScaling.destroy();
  expect(refusal).toMatchObject({
    code: "SignatureDoesNotMatch",
    message: 'Credential should be scoped to "eu-west-1", not "us-east-1"',
  });
});

it("refuses a request without a signature in the XML of the version it names", async () => {
  const ec2 = await fetch(`${fixture.endpoint}/?Action=DescribeVolumes&Version=2016-11-15`);
  expect(ec2.status).toBe(403);
  expect(await ec2.text()).toMatch(
    /^<\?xml .*\n<Response><Errors><Error><Code>MissingAuthenticationToken<\/Code>/,
  );
  const body = new URLSearchParams({ Action: "DescribeTags", Version: "2011-01-01" });
  const autoScaling = await fetch(fixture.endpoint, { method: "POST", body });
  expect(autoScaling.status).toBe(403);
  expect(await autoScaling.text()).toMatch(
    /<Error><Type>Sender<\/Type><Code>MissingAuthenticationToken<\/Code>/,
  );
});
