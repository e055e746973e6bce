// What EC2 may do with customer managed KMS keys on the agent's behalf: make a volume's data key, and
// grant the instance's host the use of it. It follows what AWS lists for EBS encryption. The grant is
// tied to AWS's own use (kms:GrantIsForAWSResource) and the rest to calls that come through EC2
// (kms:ViaService); kms:CallerAccount would add nothing, since a role only ever calls as its account.

import type { Settings } from "../domain/settings.ts";
import type { Condition, Place, Statement } from "./statement.ts";

export function keyStatements({ volumes }: Settings, place: Place): readonly Statement[] {
  const given = volumes.flatMap(({ first }) =>
    first?.kind === "blank" && first.kmsKeyId !== null ? [first.kmsKeyId] : [],
  );
  const all = [...new Set(given)].toSorted();
  const aliases = all.filter((key) => aliasOf(key) !== null);
  const keys = all.filter((key) => aliasOf(key) === null);
  return [
    ...(keys.length === 0
      ? []
      : statements(
          place,
          keys.map((key) => keyArn(place, key)),
          [],
        )),
    ...(aliases.length === 0 ? [] : aliasStatements(place, aliases)),
  ];
}

/** AWS: an alias is no resource of these actions; a condition says which keys have it. */
function aliasStatements(place: Place, aliases: readonly string[]): readonly Statement[] {
  const names = aliases.flatMap((key) => aliasOf(key) ?? []);
  const named: Condition = {
    operator: "ForAnyValue:StringEquals",
    key: "kms:ResourceAliases",
    values: [...new Set(names)],
  };
  const found = statements(place, [keyArn(place, "*")], [named]);
  return found.map((statement) => ({ ...statement, sid: `${statement.sid}ByAlias` }));
}

function statements(
  place: Place,
  resources: readonly string[],
  named: readonly Condition[],
): readonly Statement[] {
  const viaEc2: Condition = {
    operator: "StringLike",
    key: "kms:ViaService",
    // In China, names of services end in `.com.cn`.
    values: [`ec2.${place.region}.amazonaws.com*`],
  };
  return [
    {
      sid: "UseKeys",
      reason: "Lets EC2 encrypt the seat's volumes with the keys that the settings name.",
      actions: [
        "kms:Decrypt",
        "kms:DescribeKey",
        "kms:GenerateDataKeyWithoutPlaintext",
        "kms:ReEncryptFrom",
        "kms:ReEncryptTo",
      ],
      resources,
      conditions: [...named, viaEc2],
    },
    {
      sid: "GrantKeys",
      reason: "Lets EC2 hand the use of a key to the host that a volume is attached to.",
      actions: ["kms:CreateGrant"],
      resources,
      conditions: [
        ...named,
        { operator: "Bool", key: "kms:GrantIsForAWSResource", values: ["true"] },
      ],
    },
  ];
}

/** `alias/NAME` of an alias or its ARN; null for a key. */
function aliasOf(key: string): string | null {
  return /(?:^|:)(alias\/.+)$/.exec(key)?.[1] ?? null;
}

function keyArn({ partition, region, account }: Place, key: string): string {
  if (key.startsWith("arn:")) return key;
  return `arn:${partition}:kms:${region}:${account}:key/${key.replace(/^key\//, "")}`;
}
