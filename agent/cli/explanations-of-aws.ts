// What the codes mean that are about AWS's answers: what it refuses, limits, does not answer, or takes
// back after it had said yes. In all of them the agent keeps what it has, holds the hook and tries on.

import type { ErrorCode, Explanation } from "./explanations.ts";

export const ofAws = {
  "EHA-ADDRESS-AMBIGUOUS": {
    meaning: "Several Elastic IPs carry the seat's tag, and the agent chooses none by itself.",
    causes: ["a second address was tagged ec2-ha:seat with this seat's name"],
    remedy: "Take the tag off all but one, or name the address under address.allocationId.",
  },
  "EHA-ATTACH-STUCK": {
    meaning:
      "A volume is attaching without an end, or attached without a device, under several device names.",
    causes: [
      "the instance or its host does not take the attachment",
      "an earlier attachment left the instance's device names in use",
      "the instance has as many volumes as its type takes",
    ],
    remedy:
      "See the attachment in the EC2 console. A reboot of the instance frees it; replacing the instance in its group does too. The agent tries once more every quarter of an hour.",
  },
  "EHA-AWS-LIMIT": {
    meaning: "A limit of the account, the zone or the instance keeps AWS from doing it.",
    causes: [
      "the account has as many volumes or snapshots as its quota allows",
      "the zone has no capacity for this volume type now",
      "the instance has as many volumes as its type takes",
    ],
    remedy: "Raise the quota, or delete what counts towards it. The agent tries on by itself.",
  },
  "EHA-AWS-REFUSED": {
    meaning: "AWS refuses a call, again and again, with the code that the message has.",
    causes: [
      "an id in the settings, as of a snapshot or a key, does not exist in this region",
      "a setting asks for what AWS does not offer, as a size or a type",
      "a resource is in a state that the call does not allow",
    ],
    remedy:
      "Look up AWS's code and put right what it names. The agent tries on, ever more slowly, up to every half minute.",
  },
  "EHA-AWS-SILENT": {
    meaning: "For three minutes AWS has not answered, or only with errors that should have passed.",
    causes: [
      "the instance has no way to the API: routes, DNS, a firewall, an endpoint policy",
      "the account's calls are throttled, by whatever makes too many",
      "the service has an outage",
    ],
    remedy:
      "See the network and AWS's health page. The agent tries on; a seat that is held is served meanwhile, as long as IMDS shows its address.",
  },
  "EHA-CREDENTIALS": {
    meaning: "For three minutes there have been no credentials that AWS accepts.",
    causes: [
      "the instance has no instance profile, or its role does not trust ec2.amazonaws.com",
      "the clock of the instance is wrong by more than five minutes and stays so",
      "the role was deleted",
    ],
    remedy:
      "See the instance profile, the role's trust policy and the clock. The agent goes on by itself.",
  },
  "EHA-HOOK-MISSING": {
    meaning: "The group has lifecycle hooks, and none has the name that the settings give.",
    causes: ["a name under hooks is misspelt, or the hook was renamed"],
    remedy: "Put hooks.launch or hooks.terminate right, and restart the agent.",
  },
  "EHA-VOLUME-VANISHED": {
    meaning:
      "EC2 said that it makes the volume, and several times it failed or was gone a moment later.",
    causes: [
      "the role may not use the KMS key: it lacks kms:CreateGrant or kms:GenerateDataKeyWithoutPlaintext",
      "the key is disabled, is to be deleted, or does not exist",
      "the snapshot's key belongs to another account that does not share it",
    ],
    remedy:
      "Allow the role to use the key, or name another. The agent makes one more volume every five minutes.",
  },
} as const satisfies Partial<Record<ErrorCode, Explanation>>;
