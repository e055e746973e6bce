// EC2's dialect: the EC2 Query protocol of 2016-11-15. Lists are flat, names are capitalised,
// results stand at the top of the answer, errors come in a list of one.
// Codes and statuses: EC2's "Error codes for the Amazon EC2 API" and reports from the field; a
// wrong secret and a wrong clock are both answered with AuthFailure, which tells them apart from
// nothing (aws/aws-sdk-java issue 519).

import { ApiError } from "../contract.ts";
import type { Dialect } from "./dialect.ts";
import type { Flaw } from "./flaw.ts";
import { declaration, element, text } from "./xml.ts";

const version = "2016-11-15";
const namespace = `xmlns="http://ec2.amazonaws.com/doc/${version}/"`;

/** Actions that answer with more, and all the same with this; the SDK's model does not have it. */
const alsoTrue: ReadonlySet<string> = new Set(["AssociateAddress"]);

export const ec2Dialect: Dialect = {
  service: "ec2",
  version,
  unknownParameters: "refused",
  memberKey(name, member) {
    const { ec2QueryName, xmlName } = member.getMergedTraits();
    return typeof ec2QueryName === "string" ? ec2QueryName : capitalised(xmlName ?? name);
  },
  listKey: () => null,
  answer(result, { action, requestId }) {
    const isTold = result === null || alsoTrue.has(action);
    const content =
      element("requestId", requestId) + (isTold ? element("return", "true") : "") + (result ?? "");
    return declaration + element(`${action}Response`, content, namespace);
  },
  error(error, requestId) {
    const content = element("Code", text(error.code)) + element("Message", text(error.message));
    const errors = element("Errors", element("Error", content));
    return declaration + element("Response", errors + element("RequestID", requestId));
  },
  refusal,
};

function refusal(flaw: Flaw): ApiError {
  switch (flaw.kind) {
    case "unsigned":
      return new ApiError(
        "MissingAuthenticationToken",
        "Request is missing Authentication Token",
        403,
      );
    case "malformed signature":
      return new ApiError("IncompleteSignature", flaw.why, 400);
    case "unknown key":
    case "wrong token":
    case "wrong signature":
    case "skewed clock":
      return authFailure("AWS was not able to validate the provided access credentials");
    case "wrong scope":
      return authFailure(`Credential should be scoped to "${flaw.wanted}", not "${flaw.found}"`);
    case "expired token":
      return new ApiError("RequestExpired", "Request has expired.", 400);
    case "unknown action":
      return new ApiError(
        "InvalidAction",
        `The action ${flaw.action} is not valid for this web service.`,
      );
    case "wrong version":
      return new ApiError(
        "NoSuchVersion",
        `The requested version (${flaw.version}) of service AmazonEC2 does not exist`,
      );
    case "unknown parameter":
      return new ApiError("UnknownParameter", `The parameter ${flaw.name} is not recognized`);
    case "missing parameter":
      return new ApiError(
        "MissingParameter",
        `The request must contain the parameter ${flaw.name}`,
      );
    case "unknown choice":
      return new ApiError(
        "InvalidParameterValue",
        `Invalid value '${flaw.value}' for ${flaw.name}.`,
      );
    case "wrong type":
      return new ApiError(
        "InvalidParameterValue",
        `Invalid value '${flaw.value}' for ${flaw.name}: it is not ${flaw.wanted}`,
      );
  }
}

function authFailure(message: string): ApiError {
  return new ApiError("AuthFailure", message, 401);
}

function capitalised(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1);
}
