// What KMS is asked when EC2 uses a customer managed key for a caller. AWS lists the actions that
// encryption of EBS volumes needs (EBS user guide, "Requirements for Amazon EBS encryption") and tells
// which come at the creation of a volume and which at its attachment; where it does not, the earlier
// one is taken. The key that an account has from the start, `aws/ebs`, asks nobody.

import { createHash } from "node:crypto";
import type { AttachVolumeRequest, CreateVolumeRequest } from "@aws-sdk/client-ec2";
import type { Region } from "../state/region.ts";
import { encryptionOf, ownKeyId } from "../state/volumes.ts";
import type { Question } from "./question.ts";

export function questionsOfCreation(
  region: Region,
  input: CreateVolumeRequest,
): readonly Question[] {
  const snapshot = region.snapshots.get(input.SnapshotId ?? "") ?? null;
  const key = keyOf(encryptionOf(region, input, snapshot).kmsKeyId);
  if (key === null) return [];
  // The data key of an encrypted snapshot is taken over, or wrapped anew.
  const again = snapshot?.encrypted === true ? ["ReEncryptFrom", "ReEncryptTo"] : [];
  const actions = ["DescribeKey", "GenerateDataKeyWithoutPlaintext", ...again];
  return actions.map((action) => throughEc2(region, key, action));
}

export function questionsOfAttachment(
  region: Region,
  { VolumeId: volumeId = "" }: AttachVolumeRequest,
): readonly Question[] {
  const key = keyOf(region.volumes.get(volumeId)?.kmsKeyId ?? null);
  if (key === null) return [];
  return ["CreateGrant", "Decrypt"].map((action) => throughEc2(region, key, action));
}

interface Key {
  readonly arn: string;
  readonly aliases: readonly string[];
}

/** null for no key, and for the account's own. */
function keyOf(kmsKeyId: string | null): Key | null {
  if (kmsKeyId === null || kmsKeyId.endsWith(`/${ownKeyId}`)) return null;
  const alias = /alias\/.+$/.exec(kmsKeyId)?.[0];
  if (alias === undefined) return { arn: kmsKeyId, aliases: [] };
  // The key behind an alias has an id that nobody knows but KMS.
  const id = createHash("sha256").update(alias).digest("hex").slice(0, 32);
  const arn = kmsKeyId.replace(/:(?:key\/)?alias\/.+$/, `:key/${id}`);
  return { arn, aliases: [alias] };
}

function throughEc2(region: Region, key: Key, action: string): Question {
  return {
    action: `kms:${action}`,
    resource: key.arn,
    context: {
      "kms:CallerAccount": region.accountId,
      "kms:ViaService": `ec2.${region.name}.amazonaws.com`,
      ...(action === "CreateGrant" ? { "kms:GrantIsForAWSResource": "true" } : {}),
      ...(key.aliases.length > 0 ? { "kms:ResourceAliases": key.aliases } : {}),
    },
  };
}
