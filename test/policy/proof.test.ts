// The proof, as `npm run policy-proof` runs it, and the little that it rests on: what is taken out of a
// policy is gone, and nothing else.

import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { printedFor, wholeSettings } from "../region/iam/printed.ts";
import { rehearse } from "./rehearse.ts";
import {
  concerns,
  conditionsOf,
  describe as inWords,
  removalsOf,
  without,
  withoutCondition,
} from "./removals.ts";

const program = fileURLToPath(new URL("main.ts", import.meta.url));
const policy = printedFor(wholeSettings("orders"));

describe("a removal", () => {
  const all = policy.Statement.flatMap(removalsOf);

  it("is there for each statement, action, resource and value", () => {
    const values = policy.Statement.flatMap((statement) => [
      statement.Sid,
      ...statement.Action,
      ...statement.Resource,
      ...conditionsOf(statement).flatMap((condition) => condition.values),
    ]);
    expect(all).toHaveLength(values.length);
  });

  it.each(all.map((removal) => [inWords(removal), removal] as const))(
    "of %s leaves every other statement as it was",
    (_what, removal) => {
      const left = without(policy, removal);
      const others = policy.Statement.filter(({ Sid: sid }) => sid !== removal.sid);
      expect(left.Statement.filter(({ Sid: sid }) => sid !== removal.sid)).toEqual(others);
      const shrunk = JSON.stringify(left).length < JSON.stringify(policy).length;
      expect(shrunk).toBe(true);
    },
  );

  it("concerns a question about the very value, and no other", () => {
    const statement = policy.Statement.find(({ Sid: sid }) => sid === "MarkAddress");
    if (statement === undefined) throw new Error("there is no such statement");
    const kind = {
      kind: "value",
      sid: "MarkAddress",
      operator: "ForAllValues:StringEquals",
    } as const;
    const removal = { ...kind, key: "aws:TagKeys", value: "ec2-ha:mark" };
    const asking = (keys: readonly string[]) => ({
      action: "ec2:CreateTags",
      resource: "arn:aws:ec2:eu-west-1:123456789012:elastic-ip/eipalloc-1",
      context: { "aws:TagKeys": keys },
    });
    expect(concerns(removal, statement, asking(["ec2-ha:mark", "ec2-ha:protocol"]))).toBe(true);
    expect(concerns(removal, statement, asking(["ec2-ha:protocol"]))).toBe(false);
  });
});

it("a condition that is taken out is gone, and its statement stands", () => {
  for (const statement of policy.Statement) {
    for (const condition of conditionsOf(statement)) {
      const left = withoutCondition(policy, condition);
      const found = left.Statement.find(({ Sid: sid }) => sid === statement.Sid);
      expect(found?.Action).toEqual(statement.Action);
      expect(found === undefined ? [] : conditionsOf(found)).toHaveLength(
        conditionsOf(statement).length - 1,
      );
    }
  }
});

describe("a flow", () => {
  const played = { case: "address and volume", flow: "reboot", graceMs: 5_000 } as const;

  it("that survives a denial has not failed", async () => {
    const value = "autoscaling:RecordLifecycleActionHeartbeat";
    const removal = { kind: "action", sid: "AnswerGroup", value } as const;
    const { denied, reached, why } = await rehearse({ ...played, removal });
    expect(denied.map(({ action }) => action)).toEqual([value]);
    expect({ reached, why }).toEqual({ reached: true, why: "" });
  });

  it("that asks for nothing new any more after a denial has failed", async () => {
    const removal = { kind: "statement", sid: "TakeAddress" } as const;
    const { reached, why } = await rehearse({ ...played, removal });
    expect({ reached, why }).toEqual({ reached: false, why: "denied ec2:AssociateAddress" });
  });
});

// About three minutes on two free cores.
const proofMs = 20 * 60_000;

it(
  "nothing can be taken out of the printed policies, and no other seat is in reach",
  async () => {
    const { code, printed } = await prove();
    const tally = JSON.parse(printed.trim().split("\n").at(-1) ?? "{}") as Record<string, number>;
    expect(printed).not.toMatch(/NOT CAUGHT|NOT NEEDED|LET THROUGH|FAILS/);
    expect(tally).toMatchObject({
      statements: expect.any(Number),
      removalsCaught: tally["removals"],
      conditionsNeeded: tally["conditions"],
    });
    expect(tally["removals"]).toBeGreaterThan(100);
    expect(tally["crossSeatRefused"]).toBeGreaterThan(200);
    expect(code).toBe(0);
  },
  proofMs,
);

function prove(): Promise<{ readonly code: number | null; readonly printed: string }> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [program], { stdio: ["ignore", "pipe", "inherit"] });
    let printed = "";
    child.stdout.on("data", (chunk: Buffer) => {
      printed += chunk.toString();
    });
    child.once("close", (code) => resolve({ code, printed }));
  });
}
