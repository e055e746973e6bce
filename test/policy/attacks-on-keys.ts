// The attacks by way of KMS, on a key that two seats share or that is the other's alone. The region has no
// KMS that could be called, so that these are questions to the evaluator.

import type { Question } from "../region/iam/question.ts";
import type { Attack } from "./attacks.ts";
import { keyAlias, keyArn } from "./cases.ts";

const throughEc2 = { "kms:ViaService": "ec2.eu-west-1.amazonaws.com" };
const toAws = { "kms:GrantIsForAWSResource": "true" };
const ofAnother = { "kms:ResourceAliases": ["alias/invoices"] };
const ofOurs = { "kms:ResourceAliases": [keyAlias] };

const theirKey = keyArn.replace(/.$/, "f");

/** Every use of a key that the settings do not name, by way of EC2 and past it, with and without an alias. */
export const trespassesOnKeys: readonly Question[] = [
  "CreateGrant",
  "Decrypt",
  "DescribeKey",
  "GenerateDataKeyWithoutPlaintext",
  "ReEncryptFrom",
  "ReEncryptTo",
].flatMap((action) =>
  [{}, ofAnother].flatMap((alias) => [
    { action: `kms:${action}`, resource: theirKey, context: alias },
    { action: `kms:${action}`, resource: theirKey, context: { ...alias, ...throughEc2, ...toAws } },
  ]),
);

export const attacksOnKeys: readonly Attack[] = [
  {
    sid: "UseKeys",
    key: "kms:ViaService",
    harm: "what it encrypted under a key that is shared is decrypted by hand",
    question: { action: "kms:Decrypt", resource: keyArn, context: {} },
  },
  {
    sid: "GrantKeys",
    key: "kms:GrantIsForAWSResource",
    harm: "a key that is shared is granted to anybody",
    question: { action: "kms:CreateGrant", resource: keyArn, context: {} },
  },
  {
    sid: "UseKeysByAlias",
    key: "kms:ViaService",
    harm: "what it encrypted under a key that is shared is decrypted by hand",
    question: { action: "kms:Decrypt", resource: keyArn, context: ofOurs },
  },
  {
    sid: "UseKeysByAlias",
    key: "kms:ResourceAliases",
    harm: "its own key is used",
    question: {
      action: "kms:Decrypt",
      resource: theirKey,
      context: { ...throughEc2, ...ofAnother },
    },
  },
  {
    sid: "GrantKeysByAlias",
    key: "kms:GrantIsForAWSResource",
    harm: "a key that is shared is granted to anybody",
    question: { action: "kms:CreateGrant", resource: keyArn, context: ofOurs },
  },
  {
    sid: "GrantKeysByAlias",
    key: "kms:ResourceAliases",
    harm: "its own key is granted to our instance",
    question: {
      action: "kms:CreateGrant",
      resource: theirKey,
      context: { ...toAws, ...ofAnother },
    },
  },
];
