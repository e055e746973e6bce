// The one place that reads AWS's error codes: from whatever the SDK throws to a Failure of one of
// five kinds. Nobody matches message text, here or elsewhere. Sources: EC2 API reference, error
// codes; SDK for JavaScript v3, retry mode "standard".

import type { RefusalCode } from "../domain/decision.ts";
import { Failure, type FailureKind } from "../domain/failure.ts";
import { shown } from "../domain/legible.ts";

export interface Deed {
  /** An imperative, as in "attach". */
  readonly action: string;
  readonly subject: string;
  /** The permission that it needs, as in "ec2:AttachVolume". */
  readonly permission: string;
}

/** Never throws: whatever is thrown at it becomes a Failure. */
export function failureOf(deed: Deed, thrown: unknown): Failure {
  if (thrown instanceof Failure) return thrown;
  const code = codeOf(thrown);
  const status = statusOf(thrown);
  const kind = kindOf(code, status);
  const refusal = refusalOf(code, kind);
  const text = thrown instanceof Error ? thrown.message : shown(thrown);
  const base = { kind, action: deed.action, subject: deed.subject, code, refusal };
  const next = nexts[refusal];
  const found =
    refusal === "EHA-DENIED" ? `denied ${deed.permission}` : `${code}: ${firstLine(text)}`;
  return new Failure({ ...base, found, ...(next === undefined ? {} : { next }) }, thrown);
}

type Told = Extract<RefusalCode, "EHA-CREDENTIALS" | "EHA-DENIED" | `EHA-AWS-${string}`>;

/** What only an operator can do about it. */
const nexts: Readonly<Record<Told, string | undefined>> = {
  "EHA-AWS-LIMIT": "raise this limit, or delete what counts towards it",
  "EHA-AWS-REFUSED": undefined,
  "EHA-AWS-SILENT": undefined,
  "EHA-CREDENTIALS": "see the instance profile and the clock, should it not pass",
  "EHA-DENIED": "add it to the instance role",
};

function refusalOf(code: string, kind: FailureKind): Told {
  if (unready.has(code)) return "EHA-CREDENTIALS";
  if (limits.has(code) || crowded.has(code)) return "EHA-AWS-LIMIT";
  if (kind === "transient") return "EHA-AWS-SILENT";
  return kind === "denied" ? "EHA-DENIED" : "EHA-AWS-REFUSED";
}

const throttled = new Set([
  "BandwidthLimitExceeded",
  "EC2ThrottledException",
  "LimitExceededException",
  "PriorRequestNotComplete",
  "RequestLimitExceeded",
  "RequestThrottled",
  "RequestThrottledException",
  "ResourceContention",
  "ResourceContentionFault",
  "SlowDown",
  "Throttled",
  "Throttling",
  "ThrottlingException",
  "TooManyRequestsException",
]);

// Credentials and clocks put themselves right: new ones come from IMDS, and the SDK corrects its clock
// by the server's Date header. AuthFailure is what EC2 says to a skewed clock.
const unready = new Set([
  "AuthFailure",
  "ExpiredToken",
  "ExpiredTokenException",
  "InvalidClientTokenId",
  "RequestExpired",
  "RequestTimeTooSkewed",
  "SignatureDoesNotMatch",
]);

const network = new Set([
  "ECONNABORTED",
  "ECONNREFUSED",
  "ECONNRESET",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENOTFOUND",
  "EPIPE",
  "ETIMEDOUT",
  "RequestTimeout",
  "RequestTimeoutException",
  "TimeoutError",
  "AbortError",
]);

// Limits that empty themselves: of concurrent snapshots, of volumes being made, of capacity.
const crowded = new Set([
  "ConcurrentSnapshotLimitExceeded",
  "InsufficientVolumeCapacity",
  "PendingSnapshotLimitExceeded",
  "SnapshotCreationPerVolumeRateExceeded",
]);

// Limits of the account or the instance, which nothing but an operator moves (EC2 API reference, error
// codes).
const limits = new Set([
  "AttachmentLimitExceeded",
  "MaxIOPSLimitExceeded",
  "MaxIOPSLimitExceededPerInstance",
  "SnapshotLimitExceeded",
  "TagLimitExceeded",
  "VolumeLimitExceeded",
]);

const deniedCodes = new Set([
  "AccessDenied",
  "AccessDeniedException",
  "UnauthorizedOperation",
  "OptInRequired",
]);

const conflicts = new Set([
  "IdempotentParameterMismatch",
  "IncorrectInstanceState",
  "IncorrectState",
  "InvalidSnapshot.InUse",
  "InvalidVolume.ZoneMismatch",
  "Resource.AlreadyAssociated",
  "ScalingActivityInProgress",
  "ScalingActivityInProgressFault",
  "ValidationError",
  "VolumeInUse",
]);

function kindOf(code: string, status: number): FailureKind {
  if (throttled.has(code) || unready.has(code) || network.has(code) || crowded.has(code)) {
    return "transient";
  }
  if (deniedCodes.has(code) || limits.has(code)) return "denied";
  if (code.endsWith(".NotFound")) return "missing";
  if (conflicts.has(code)) return "conflict";
  return status >= 500 || status === 429 ? "transient" : "broken";
}

function codeOf(thrown: unknown): string {
  if (typeof thrown !== "object" || thrown === null) return "unknown";
  const { Code, code, name } = thrown as { Code?: unknown; code?: unknown; name?: unknown };
  const named = [name, Code, code].filter((entry) => typeof entry === "string");
  // When every address of a host failed, Node's name for it says nothing and its code says all.
  const telling =
    named.find((entry) => network.has(entry)) ?? named.find((entry) => entry !== "Error");
  return telling ?? "unknown";
}

function statusOf(thrown: unknown): number {
  if (typeof thrown !== "object" || thrown === null) return 0;
  const { $metadata } = thrown as { $metadata?: { httpStatusCode?: unknown } };
  return typeof $metadata?.httpStatusCode === "number" ? $metadata.httpStatusCode : 0;
}

function firstLine(text: string): string {
  return text.split("\n")[0] ?? "";
}
