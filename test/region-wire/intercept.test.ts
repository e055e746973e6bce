// Faults on the wire: a call can be refused, lost before or after it took effect, answered late,
// or answered with nonsense, and the client sees exactly that.

import { DescribeVolumesCommand } from "@aws-sdk/client-ec2";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { Fate, SeenRequest } from "../region/wire/intercept.ts";
import { type Fixture, refusalOf, startWire } from "./fixture.ts";

let fixture: Fixture;
let fate: Fate = { kind: "perform" };
let seen: SeenRequest[] = [];

beforeEach(async () => {
  seen = [];
  fixture = await startWire({
    intercept: async (request) => {
      seen.push(request);
      return fate;
    },
  });
});

afterEach(() => fixture.close());

function call(): Promise<unknown> {
  return fixture.ec2.send(new DescribeVolumesCommand({}));
}

it("is told what is asked and by whom", async () => {
  fate = { kind: "perform" };
  await call();
  expect(seen).toEqual([{ server: "ec2", what: "DescribeVolumes", instanceId: null }]);
});

it("refuses in the service's own words, and the call has no effect", async () => {
  fate = {
    kind: "refuse",
    code: "RequestLimitExceeded",
    message: "Request limit exceeded.",
    status: 503,
  };
  expect(await refusalOf(call())).toEqual({
    code: "RequestLimitExceeded",
    status: 503,
    message: "Request limit exceeded.",
  });
  expect(fixture.calls).toHaveLength(0);
});

it("loses a request, which has no effect", async () => {
  fate = { kind: "lose request" };
  await expect(call()).rejects.toThrow(/socket hang up|ECONNRESET/);
  expect(fixture.calls).toHaveLength(0);
});

it("loses an answer, and the call has taken effect", async () => {
  fate = { kind: "lose answer" };
  await expect(call()).rejects.toThrow(/socket hang up|ECONNRESET/);
  expect(fixture.calls).toHaveLength(1);
});

it("answers late, and the call has taken effect at once", async () => {
  const { promise: until, resolve } = Promise.withResolvers<void>();
  fate = { kind: "answer late", until };
  const outcome = call();
  await expect.poll(() => fixture.calls.length).toBe(1);
  resolve();
  await expect(outcome).resolves.toMatchObject({ $metadata: { httpStatusCode: 200 } });
});

it("answers with nonsense", async () => {
  fate = { kind: "garble", status: 502, body: "<html>Bad Gateway</html>" };
  expect((await refusalOf(call())).status).toBe(502);
  expect(fixture.calls).toHaveLength(0);
});
