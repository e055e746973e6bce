// A policy as Terraform: data sources for where it applies, the policy document, and one managed policy.
// Each statement has its reason above it. Strings are written as JSON, which HCL reads the same way,
// its own templates included.

import type { Place, Statement } from "./statement.ts";

export const modulePlace: Place = {
  partition: "${data.aws_partition.current.partition}",
  // The one attribute that no version of the provider has renamed.
  region: "${data.aws_region.current.id}",
  account: "${data.aws_caller_identity.current.account_id}",
};

export function formatTerraform(seat: string, statements: readonly Statement[]): string {
  const name = JSON.stringify(`ec2-ha-agent-${seat}`);
  const lines = [
    'data "aws_partition" "current" {}',
    'data "aws_region" "current" {}',
    'data "aws_caller_identity" "current" {}',
    "",
    'data "aws_iam_policy_document" "ec2_ha_agent" {',
    ...statements.map(statementBlock),
    "}",
    "",
    'resource "aws_iam_policy" "ec2_ha_agent" {',
    `  name   = ${name}`,
    "  policy = data.aws_iam_policy_document.ec2_ha_agent.json",
    "}",
  ];
  return `${lines.join("\n")}\n`;
}

function statementBlock({ sid, reason, actions, resources, conditions }: Statement): string {
  const lines = [
    `  # ${reason}`,
    "  statement {",
    `    sid       = ${JSON.stringify(sid)}`,
    `    actions   = ${list(actions, "    ")}`,
    `    resources = ${list(resources, "    ")}`,
    ...conditions.flatMap(({ operator, key, values }) => [
      "    condition {",
      `      test     = ${JSON.stringify(operator)}`,
      `      variable = ${JSON.stringify(key)}`,
      `      values   = ${list(values, "      ")}`,
      "    }",
    ]),
    "  }",
  ];
  return lines.join("\n");
}

/** One value in its line, several in a line each. */
function list(values: readonly string[], indent: string): string {
  const written = values.map((value) => JSON.stringify(value));
  if (written.length < 2) return `[${written.join("")}]`;
  return `[\n${written.map((value) => `${indent}  ${value},\n`).join("")}${indent}]`;
}
