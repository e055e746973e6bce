// Reads back the one shape of Terraform that the command prints: a policy document with statements, their
// lists and their conditions. It knows nothing else of the language, and anything else is an error.

import type { PolicyDocument } from "../../agent/policy/document.ts";

type DocumentStatement = PolicyDocument["Statement"][number];

interface Reading {
  readonly lists: Record<string, string | readonly string[]>;
  readonly conditions: Record<string, string | readonly string[]>[];
}

export function readTerraform(text: string): PolicyDocument {
  const body = /data "aws_iam_policy_document" "\w+" \{\n([\s\S]*?)\n\}/.exec(text)?.[1] ?? "";
  const blocks = body.split(/^ {2}statement \{$/m).slice(1);
  return { Version: "2012-10-17", Statement: blocks.map((block) => statementOf(readBlock(block))) };
}

function readBlock(block: string): Reading {
  const reading: Reading = { lists: {}, conditions: [] };
  let place = reading.lists;
  for (const line of joined(block)) {
    const [, name, value] = /^(\w+) *= (.+)$/.exec(line) ?? [];
    if (line === "condition {") {
      place = {};
      reading.conditions.push(place);
    } else if (name !== undefined && value !== undefined) {
      place[name] = JSON.parse(value.replace(/,\s*\]$/, "]")) as string | readonly string[];
    } else if (line !== "}" && !line.startsWith("#")) {
      throw new Error(`Cannot read "${line}": it is none of what is printed`);
    }
  }
  return reading;
}

/** Lists may stand over several lines. */
function joined(block: string): readonly string[] {
  return block
    .replaceAll(/\[\n([^\]]*)\]/g, (_, inner: string) => `[${inner.replaceAll(/\s*\n\s*/g, " ")}]`)
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
}

function statementOf({ lists, conditions }: Reading): DocumentStatement {
  const block: Record<string, Record<string, readonly string[]>> = {};
  for (const { test, variable, values } of conditions) {
    const operator = String(test);
    block[operator] = { ...block[operator], [String(variable)]: [values ?? []].flat() };
  }
  return {
    Sid: String(lists["sid"]),
    Effect: "Allow",
    Action: [lists["actions"] ?? []].flat(),
    Resource: [lists["resources"] ?? []].flat(),
    ...(conditions.length === 0 ? {} : { Condition: block }),
  };
}
