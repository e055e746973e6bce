// From AWS's codes to the few kinds that make a difference, and to what an operator is told should they
// not pass. The codes are EC2's and Auto Scaling's own.

import { describe, expect, it } from "vitest";
import { failureOf } from "../../agent/port/aws-failures.ts";

const deed = { action: "attach", subject: '"vol-1"', permission: "ec2:AttachVolume" };

/** As the SDK throws it. */
function thrown(name: string, httpStatusCode = 400): Error {
  return Object.assign(new Error("It says so."), { name, $metadata: { httpStatusCode } });
}

describe("a refusal of AWS", () => {
  it.each(
    [
      ["RequestLimitExceeded", 503, "transient", "EHA-AWS-SILENT"],
      ["Throttling", 400, "transient", "EHA-AWS-SILENT"],
      ["InternalError", 500, "transient", "EHA-AWS-SILENT"],
      ["ECONNRESET", 0, "transient", "EHA-AWS-SILENT"],
      ["AuthFailure", 401, "transient", "EHA-CREDENTIALS"],
      ["ExpiredToken", 403, "transient", "EHA-CREDENTIALS"],
      ["RequestTimeTooSkewed", 403, "transient", "EHA-CREDENTIALS"],
      ["InsufficientVolumeCapacity", 400, "transient", "EHA-AWS-LIMIT"],
      ["SnapshotCreationPerVolumeRateExceeded", 400, "transient", "EHA-AWS-LIMIT"],
      ["VolumeLimitExceeded", 400, "denied", "EHA-AWS-LIMIT"],
      ["AttachmentLimitExceeded", 400, "denied", "EHA-AWS-LIMIT"],
      ["UnauthorizedOperation", 403, "denied", "EHA-DENIED"],
      ["InvalidSnapshot.NotFound", 400, "missing", "EHA-AWS-REFUSED"],
      ["IncorrectState", 400, "conflict", "EHA-AWS-REFUSED"],
      ["OperationNotPermitted", 400, "broken", "EHA-AWS-REFUSED"],
      ["SomethingNew", 400, "broken", "EHA-AWS-REFUSED"],
    ].map(([code, status, kind, refusal]) => ({ code, status, kind, refusal })),
  )("$code is $kind, and told as $refusal", ({ code, status, kind, refusal }) => {
    const failure = failureOf(deed, thrown(String(code), Number(status)));
    expect({ kind: failure.kind, refusal: failure.details.refusal }).toEqual({ kind, refusal });
    expect(failure.details.code).toBe(code);
  });
});

describe("a message", () => {
  it("of a denial names the permission and where it belongs", () => {
    expect(failureOf(deed, thrown("UnauthorizedOperation")).message).toBe(
      'Cannot attach "vol-1": denied ec2:AttachVolume: add it to the instance role',
    );
  });

  it("of a limit has AWS's own words and what to do", () => {
    expect(failureOf(deed, thrown("VolumeLimitExceeded")).message).toBe(
      'Cannot attach "vol-1": VolumeLimitExceeded: It says so.: raise this limit, or delete what counts towards it',
    );
  });
});
