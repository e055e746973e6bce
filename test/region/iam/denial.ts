// A refusal in the words of the service that gives it, as reported from the field: EC2 puts a general
// sentence before who may not do what, and an encoded message behind it; Auto Scaling says the plain
// sentence. Both answer with 403.

import { ApiError, type Caller, type Service } from "../contract.ts";
import { newId, type Question } from "./question.ts";

const denied = 403;

export function denial(service: Service, caller: Caller, question: Question): ApiError {
  const { action, resource } = question;
  const shown = resource.replace(new RegExp(`/${newId}$`), "/*");
  const on = resource === "*" ? "" : ` on resource: ${shown}`;
  const sentence =
    `User: ${caller.arn} is not authorized to perform: ${action}${on} ` +
    `because no identity-based policy allows the ${action} action`;
  if (service === "autoscaling") return new ApiError("AccessDenied", sentence, denied);
  const encoded = Buffer.from(JSON.stringify({ action, resource: shown })).toString("base64url");
  return new ApiError(
    "UnauthorizedOperation",
    `You are not authorized to perform this operation. ${sentence}. ` +
      `Encoded authorization failure message: ${encoded}`,
    denied,
  );
}
