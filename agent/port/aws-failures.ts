// The one place that reads AWS's error codes: from whatever the SDK throws to a Failure of one of
// five kinds. Nobody matches message text, here or elsewhere. Sources: EC2 API reference, error
// codes; SDK for JavaScript v3, retry mode "standard".

import { Failure, type FailureDetails, type FailureKind } from "../domain/failure.ts";

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
  const text = thrown instanceof Error ? thrown.message : String(thrown);
  const base = { kind, action: deed.action, subject: deed.subject, code };
  return new Failure({ ...base, ...saying({ kind, text, code, deed }) }, thrown);
}

function saying(found: {
  kind: FailureKind;
  text: string;
  code: string;
  deed: Deed;
}): Pick<FailureDetails, "found"> & Partial<Pick<FailureDetails, "next">> {
  if (found.kind !== "denied") return { found: `${found.code}: ${firstLine(found.text)}` };
  return { found: `denied ${found.deed.permission}`, next: "add it to the instance role" };
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
  "CredentialsProviderError",
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

const deniedCodes = new Set([
  "AccessDenied",
  "AccessDeniedException",
  "UnauthorizedOperation",
  "OptInRequired",
]);

const conflicts = new Set([
  "AttachmentLimitExceeded",
  "IdempotentParameterMismatch",
  "IncorrectInstanceState",
  "IncorrectState",
  "InvalidSnapshot.InUse",
  "InvalidVolume.ZoneMismatch",
  "Resource.AlreadyAssociated",
  "ValidationError",
  "VolumeInUse",
]);

function kindOf(code: string, status: number): FailureKind {
  if (throttled.has(code) || unready.has(code) || network.has(code) || crowded.has(code)) {
    return "transient";
  }
  if (deniedCodes.has(code)) return "denied";
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
