// Auto Scaling's dialect: the AWS Query protocol of 2011-01-01. Lists have a `member` between name
// and index, results stand in an element of their own, an error says who sinned, and a parameter that
// the service does not know is passed over without a word.

import { ApiError } from "../contract.ts";
import type { Dialect } from "./dialect.ts";
import type { Flaw } from "./flaw.ts";
import { declaration, element, text } from "./xml.ts";

const version = "2011-01-01";
const namespace = `xmlns="http://autoscaling.amazonaws.com/doc/${version}/"`;

/** From here on an error is the service's own fault. */
const receiverStatus = 500;

export const autoScalingDialect: Dialect = {
  service: "autoscaling",
  version,
  unknownParameters: "passed over",
  memberKey: (name, member) => member.getMergedTraits().xmlName ?? name,
  listKey: (item) => item.getMergedTraits().xmlName ?? "member",
  answer(result, { action, requestId }) {
    const metadata = element("ResponseMetadata", element("RequestId", requestId));
    const content = result === null ? metadata : element(`${action}Result`, result) + metadata;
    return declaration + element(`${action}Response`, content, namespace);
  },
  error(error, requestId) {
    const content =
      element("Type", typeOf(error)) +
      element("Code", text(error.code)) +
      element("Message", text(error.message));
    const whole = element("Error", content) + element("RequestId", requestId);
    return declaration + element("ErrorResponse", whole, namespace);
  },
  refusal,
};

/** The model marks each of its faults as the sender's, whatever its status is. */
function typeOf({ code, status }: ApiError): "Receiver" | "Sender" {
  return status >= receiverStatus && code !== "ResourceContention" ? "Receiver" : "Sender";
}

function refusal(flaw: Flaw): ApiError {
  switch (flaw.kind) {
    case "unsigned":
      return new ApiError("MissingAuthenticationToken", "Missing Authentication Token", 403);
    case "malformed signature":
      return new ApiError("IncompleteSignature", flaw.why, 400);
    case "unknown key":
    case "wrong token":
      return new ApiError(
        "InvalidClientTokenId",
        "The security token included in the request is invalid.",
        403,
      );
    case "expired token":
      return new ApiError(
        "ExpiredToken",
        "The security token included in the request is expired",
        403,
      );
    case "wrong signature":
      return new ApiError(
        "SignatureDoesNotMatch",
        "The request signature we calculated does not match the signature you provided. " +
          "Check your AWS Secret Access Key and signing method.",
        403,
      );
    case "skewed clock":
      return new ApiError("SignatureDoesNotMatch", skew(flaw), 403);
    case "wrong scope":
      return new ApiError(
        "SignatureDoesNotMatch",
        `Credential should be scoped to "${flaw.wanted}", not "${flaw.found}"`,
        403,
      );
    case "unknown action":
      return new ApiError(
        "InvalidAction",
        `Could not find operation ${flaw.action} for version ${flaw.version}`,
      );
    case "wrong version":
      return new ApiError("NoSuchVersion", `Could not find version ${flaw.version}`);
    case "unknown parameter":
      return invalid(`'${flaw.name}' is no parameter of this operation`);
    case "missing parameter":
      return invalid(
        `Value null at '${lowered(flaw.name)}' failed to satisfy constraint: Member must not be null`,
      );
    case "unknown choice":
      return invalid(`Value '${flaw.value}' at '${flaw.name}' failed to satisfy constraint`);
    case "wrong type":
      return invalid(
        `Value '${flaw.value}' at '${flaw.name}' failed to satisfy constraint: ` +
          `Member must be ${flaw.wanted}`,
      );
  }
}

/** The real service speaks of members as they are called in its model's code. */
function lowered(name: string): string {
  return name.charAt(0).toLowerCase() + name.slice(1);
}

function invalid(what: string): ApiError {
  return new ApiError("ValidationError", `1 validation error detected: ${what}`);
}

function skew({
  found,
  now,
  toleranceMs,
}: {
  readonly found: Date;
  readonly now: Date;
  readonly toleranceMs: number;
}): string {
  const minutes = Math.round(toleranceMs / 60_000);
  const early = found < now;
  const edge = new Date(now.getTime() + (early ? -toleranceMs : toleranceMs));
  const sum = `(${compact(now)} ${early ? "-" : "+"} ${minutes} min.)`;
  return early
    ? `Signature expired: ${compact(found)} is now earlier than ${compact(edge)} ${sum}`
    : `Signature not yet current: ${compact(found)} is still later than ${compact(edge)} ${sum}`;
}

function compact(time: Date): string {
  return time.toISOString().replace(/[-:]|\.\d+/g, "");
}
