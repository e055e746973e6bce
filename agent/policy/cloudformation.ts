// A policy as a CloudFormation template: one managed policy, to be attached to the instance's role. The
// partition, the region and the account are the stack's own, by pseudo parameters. Every scalar is
// written as JSON, which YAML reads as it is.

import type { Place, Statement } from "./statement.ts";

export const stackPlace: Place = {
  partition: "${AWS::Partition}",
  region: "${AWS::Region}",
  account: "${AWS::AccountId}",
};

export function formatCloudformation(seat: string, statements: readonly Statement[]): string {
  const lines = [
    'AWSTemplateFormatVersion: "2010-09-09"',
    `Description: ${JSON.stringify(`What ec2-ha-agent needs for the seat ${seat}`)}`,
    "Resources:",
    "  AgentPolicy:",
    "    Type: AWS::IAM::ManagedPolicy",
    "    Properties:",
    `      Description: ${JSON.stringify(`ec2-ha-agent, seat ${seat}`)}`,
    "      PolicyDocument:",
    '        Version: "2012-10-17"',
    "        Statement:",
    ...statements.flatMap(statementLines),
    "Outputs:",
    "  PolicyArn:",
    "    Value: !Ref AgentPolicy",
  ];
  return `${lines.join("\n")}\n`;
}

function statementLines(statement: Statement): readonly string[] {
  const { sid, reason, actions, resources, conditions } = statement;
  const operators = [...new Set(conditions.map(({ operator }) => operator))];
  const block = operators.flatMap((operator) => [
    `              ${JSON.stringify(operator)}:`,
    ...conditions
      .filter((condition) => condition.operator === operator)
      .flatMap(({ key, values }) => [
        `                ${JSON.stringify(key)}:`,
        ...values.map((value) => `                  - ${scalar(value)}`),
      ]),
  ]);
  return [
    `          # ${reason}`,
    `          - Sid: ${sid}`,
    "            Effect: Allow",
    "            Action:",
    ...actions.map((action) => `              - ${action}`),
    "            Resource:",
    ...resources.map((resource) => `              - ${scalar(resource)}`),
    ...(block.length === 0 ? [] : ["            Condition:", ...block]),
  ];
}

function scalar(value: string): string {
  return `${value.includes("${") ? "!Sub " : ""}${JSON.stringify(value)}`;
}
