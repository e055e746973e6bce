// The role's keys: read once for many calls, again after a minute or a refusal, and never guessed at.
// What the SDK's provider makes of an IMDS is seen against a server that answers as one.

import { createServer } from "node:http";
import { afterEach, describe, expect, it } from "vitest";
import type { Clock } from "../../agent/domain/clock.ts";
import { Failure } from "../../agent/domain/failure.ts";
import { readInstanceKeys, roleKeys } from "../../agent/port/credentials.ts";

const found = { accessKeyId: "ASIAEXAMPLE", secretAccessKey: "secret+/x", sessionToken: "token==" };

function clockOf(now: { readonly ms: number }): Clock {
  return {
    nowMs: () => now.ms,
    monotonicMs: () => now.ms,
    sleep: async () => undefined,
    random: () => 0,
    every: () => () => undefined,
  };
}

describe("the role's keys", () => {
  function counting() {
    const now = { ms: 0 };
    const count = { reads: 0, fails: false };
    const read = async () => {
      count.reads += 1;
      if (count.fails) throw new Error("nothing yet");
      return found;
    };
    return { keys: roleKeys({ read, clock: clockOf(now) }), now, count };
  }

  it("are read once for all calls of a minute", async () => {
    const { keys, now, count } = counting();
    const [one] = await Promise.all([keys.current(), keys.current()]);
    expect(one).toMatchObject(found);
    expect(count.reads).toBe(1);
    now.ms = 60_000;
    await keys.current();
    expect(count.reads).toBe(2);
  });

  it("are read again at once when AWS has refused them", async () => {
    const { keys, count } = counting();
    await keys.current();
    keys.forget();
    await keys.current();
    expect(count.reads).toBe(2);
  });

  it("are asked for again at once where there were none", async () => {
    const { keys, count } = counting();
    count.fails = true;
    await expect(keys.current()).rejects.toThrow("nothing yet");
    count.fails = false;
    expect(await keys.current()).toMatchObject(found);
  });
});

describe("an IMDS", () => {
  const role = "/latest/meta-data/iam/security-credentials/";
  const body = JSON.stringify({
    Code: "Success",
    AccessKeyId: found.accessKeyId,
    SecretAccessKey: found.secretAccessKey,
    Token: found.sessionToken,
    Expiration: "2026-11-22T15:00:00Z",
  });
  const whole: Readonly<Record<string, string>> = {
    [role]: "orders-role\n",
    [`${role}orders-role`]: body,
  };

  let close = (): void => undefined;
  afterEach(() => {
    close();
    delete process.env["AWS_EC2_METADATA_SERVICE_ENDPOINT"];
  });

  async function serve(bodies: Readonly<Record<string, string>>): Promise<void> {
    const server = createServer((request, response) => {
      const answer = request.method === "PUT" ? "token" : bodies[request.url ?? ""];
      response.statusCode = answer === undefined ? 404 : 200;
      response.end(answer);
    });
    await new Promise<void>((resolve) => {
      server.listen(0, "127.0.0.1", resolve);
    });
    close = () => void server.close();
    const address = server.address();
    const port = typeof address === "object" ? address?.port : null;
    process.env["AWS_EC2_METADATA_SERVICE_ENDPOINT"] = `http://127.0.0.1:${port}`;
  }

  it("gives keys that this machine's clock takes to have ended", async () => {
    await serve(whole);
    const keys = roleKeys({ read: readInstanceKeys, clock: clockOf({ ms: 0 }) });
    expect(await keys.current()).toMatchObject(found);
  });

  it.each<readonly [string, Readonly<Record<string, string>>]>([
    ["no role", {}],
    ["no keys yet", { [role]: "orders-role" }],
    ["nonsense", { ...whole, [`${role}orders-role`]: "<html>" }],
    ["null", { ...whole, [`${role}orders-role`]: "null" }],
    [
      "keys that no header can carry",
      { ...whole, [`${role}orders-role`]: body.replace("==", "\\n") },
    ],
    ["a key left out", { ...whole, [`${role}orders-role`]: body.replace("Token", "Other") }],
  ])("has no keys yet where it shows %s", async (_what, bodies) => {
    await serve(bodies);
    const keys = roleKeys({ read: readInstanceKeys, clock: clockOf({ ms: 0 }) });
    const thrown: unknown = await keys.current().catch((error: unknown) => error);
    expect(thrown).toBeInstanceOf(Failure);
    expect(thrown).toMatchObject({ kind: "transient", details: { refusal: "EHA-CREDENTIALS" } });
  });
});
