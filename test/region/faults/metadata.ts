// What can go wrong with the instance metadata service: it is not there, slow, refuses, or answers with
// nonsense, for all paths or some. A fault is decided when the request arrives; the service behind it
// stays what it is.
// Statuses: "Use the Instance Metadata Service" and "Troubleshoot" in the EC2 user guide.

import type { Fate, Intercept } from "../wire/intercept.ts";
import type { Target } from "./aim.ts";
import type { Faults } from "./faults.ts";

/** Which IMDS answers a request for a token, and with what, is all that a hop limit spoils. */
const tokenRequest = "PUT /latest/api/token";

const keyPath = /^latest\/meta-data\/iam\/security-credentials\/./;

const reasons: Readonly<Record<number, string>> = {
  400: "Bad Request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  429: "Too Many Requests",
  500: "Internal Server Error",
  503: "Service Unavailable",
};

export function metadataFaults(faults: Faults): Intercept {
  return async ({ what, instanceId }) => {
    const target: Target = {
      what: what.slice(what.indexOf("/") + 1),
      ids: instanceId === null ? [] : [instanceId],
    };
    if (keyPath.test(target.what ?? "") && faults.aimed("shortCredentials", target) !== null) {
      faults.note("shortCredentials");
    }
    return (
      away(faults, target) ??
      hopped(faults, what, target) ??
      refused(faults, target) ??
      garbled(faults, target) ??
      slow(faults, target) ?? { kind: "perform" }
    );
  };
}

function away(faults: Faults, target: Target): Fate | null {
  const absent = faults.strike("absentMetadata", target);
  if (absent === null) return null;
  return { kind: absent.how === "cut" ? "lose request" : "hang" };
}

/** The connection stands, since only the packets of this one answer have a short life. */
function hopped(faults: Faults, what: string, target: Target): Fate | null {
  if (what !== tokenRequest) return null;
  return faults.strike("hopLimit", target) === null ? null : { kind: "hang" };
}

function refused(faults: Faults, target: Target): Fate | null {
  const refusal = faults.strike("refusedMetadata", target);
  if (refusal === null) return null;
  const message = reasons[refusal.status] ?? `Status ${refusal.status}`;
  return { kind: "refuse", code: message, message, status: refusal.status };
}

function garbled(faults: Faults, target: Target): Fate | null {
  const garble = faults.strike("garbledMetadata", target);
  return garble === null ? null : { kind: "garble", status: 200, body: garble.body };
}

function slow(faults: Faults, target: Target): Fate | null {
  const delay = faults.strike("slowMetadata", target);
  return delay === null ? null : { kind: "answer late", until: faults.hold(delay.delayMs) };
}
