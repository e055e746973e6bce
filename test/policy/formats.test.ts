// The three formats say the same: each is read back by its own rules, its words for partition, region
// and account are filled in, and what is left is the same policy.

import { describe, expect, it } from "vitest";
import { parse, type ScalarTag } from "yaml";
import { type PolicyFormat, printedPolicy } from "../../agent/cli/policy.ts";
import type { PolicyDocument } from "../../agent/policy/document.ts";
import { cases } from "./cases.ts";
import { readTerraform } from "./terraform-reading.ts";

const known = { allocationId: "eipalloc-0123456789abcdef0", seedId: "snap-0123456789abcdef0" };
const place = { partition: "aws-us-gov", region: "us-gov-west-1", account: "210987654321" };
const anywhere = { partition: null, region: null, account: null };

describe.each(cases)("of a seat with $name", ({ settings }) => {
  const print = (format: PolicyFormat, narrowed: typeof place | typeof anywhere): string =>
    printedPolicy(settings(known), { format, ...narrowed });
  const wanted = JSON.parse(print("json", place)) as PolicyDocument;

  it.each([anywhere, place])("CloudFormation says what JSON says (%o)", (narrowed) => {
    expect(readTemplate(print("cloudformation", narrowed))).toEqual(wanted);
  });

  it.each([anywhere, place])("Terraform says what JSON says (%o)", (narrowed) => {
    expect(readTerraform(filled(print("terraform", narrowed)))).toEqual(wanted);
  });

  it.each<PolicyFormat>(["cloudformation", "terraform"])("%s gives each reason", (format) => {
    const comments = print(format, anywhere).match(/^ +# [A-Z].*\.$/gm) ?? [];
    expect(comments).toHaveLength(wanted.Statement.length);
  });
});

function readTemplate(text: string): PolicyDocument {
  const sub: ScalarTag = { tag: "!Sub", resolve: filled };
  const ref: ScalarTag = { tag: "!Ref", resolve: (name) => name };
  const template = parse(text, { customTags: [sub, ref] }) as {
    Resources: { AgentPolicy: { Properties: { PolicyDocument: PolicyDocument } } };
  };
  return template.Resources.AgentPolicy.Properties.PolicyDocument;
}

/** As the stack or the module would. */
function filled(text: string): string {
  return text
    .replaceAll(/\$\{(AWS::Partition|data\.aws_partition\.current\.partition)\}/g, place.partition)
    .replaceAll(/\$\{(AWS::Region|data\.aws_region\.current\.id)\}/g, place.region)
    .replaceAll(
      /\$\{(AWS::AccountId|data\.aws_caller_identity\.current\.account_id)\}/g,
      place.account,
    );
}
