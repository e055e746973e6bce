// The words of the refusals that only faults bring about: EC2's and Auto Scaling's own codes, with the
// statuses that were seen with them. Callers must decide by the code.

import { ApiError, type Service } from "../contract.ts";

/** EC2: 503, as in cloudfoundry/bosh-aws-cpi-release issue 61. */
export function requestLimitExceeded(action: string, accountId: string): ApiError {
  return new ApiError(
    "RequestLimitExceeded",
    `Request limit exceeded. Account ${accountId} has been throttled on ec2:${action} because it exceeded its request rate limit.`,
    503,
  );
}

/** Auto Scaling: 400, and so of the sender, as in aws/aws-sdk-go issue 3119. */
export function rateExceeded(): ApiError {
  return new ApiError("Throttling", "Rate exceeded", 400);
}

/** "Server error codes" of the EC2 API, and the common errors of the Query APIs. */
export function serverError(service: Service, kind: "internal" | "unavailable"): ApiError {
  if (kind === "internal") {
    const code = service === "ec2" ? "InternalError" : "InternalFailure";
    return new ApiError(code, "An internal error has occurred", 500);
  }
  const code = service === "ec2" ? "Unavailable" : "ServiceUnavailable";
  return new ApiError(code, "The service is unavailable. Please try again", 503);
}

/** As in kubernetes-sigs/aws-ebs-csi-driver issue 1608. */
export function snapshotRateExceeded(): ApiError {
  return new ApiError(
    "SnapshotCreationPerVolumeRateExceeded",
    "The maximum per volume CreateSnapshot request rate has been exceeded. Use an increasing or variable sleep interval between requests.",
  );
}

export function limitExceeded(
  code: "PendingSnapshotLimitExceeded" | "SnapshotLimitExceeded" | "VolumeLimitExceeded",
  most: number,
): ApiError {
  const noun = code === "VolumeLimitExceeded" ? "volumes" : "snapshots";
  return new ApiError(code, `The maximum number of ${noun}, ${most}, has been reached`);
}
