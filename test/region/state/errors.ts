// The errors of EC2 and Auto Scaling, with the codes, statuses and, where they are known, the words
// of the real services. Callers must decide by the code: AWS changes the words.

import { ApiError } from "../contract.ts";

/** The value of a member that the request must have. */
export function required<T>(value: T | null | undefined, parameter: string): T {
  if (value === undefined || value === null || value === "") {
    throw new ApiError(
      "MissingParameter",
      `The request must contain the parameter ${lowerFirst(parameter)}`,
    );
  }
  return value;
}

export function invalidValue(message: string): ApiError {
  return new ApiError("InvalidParameterValue", message);
}

export function invalidCombination(message: string): ApiError {
  return new ApiError("InvalidParameterCombination", message);
}

export function incorrectState(message: string): ApiError {
  return new ApiError("IncorrectState", message);
}

export function incorrectInstanceState(message: string): ApiError {
  return new ApiError("IncorrectInstanceState", message);
}

/** The words of DeleteVolume. */
export function volumeInUse(volumeId: string, instanceId: string): ApiError {
  return new ApiError("VolumeInUse", `Volume ${volumeId} is currently attached to ${instanceId}`);
}

/** The words of AttachVolume, whoever has the volume. */
export function alreadyAttached(volumeId: string): ApiError {
  return new ApiError("VolumeInUse", `${volumeId} is already attached to an instance`);
}

export function alreadyAssociated(subject: string, by: string): ApiError {
  return new ApiError(
    "Resource.AlreadyAssociated",
    `resource ${subject} is already associated with associate-id ${by}`,
  );
}

export function noAttachment(message: string): ApiError {
  return new ApiError("InvalidAttachment.NotFound", message);
}

/** The zone is out: EC2 answers as for an outage of its own. */
export function zoneUnavailable(zone: string): ApiError {
  return new ApiError(
    "Unavailable",
    `The service is unavailable in ${zone}. Please try again`,
    503,
  );
}

/** HTTP 500, as errors of capacity are. */
export function noCapacity(type: string, zone: string): ApiError {
  return new ApiError(
    "InsufficientInstanceCapacity",
    `We currently do not have sufficient ${type} capacity in the Availability Zone you requested (${zone})`,
    500,
  );
}

export function dryRun(): ApiError {
  const message = "Request would have succeeded, but DryRun flag is set.";
  return new ApiError("DryRunOperation", message, 412);
}

export function invalidAction(action: string): ApiError {
  return new ApiError("InvalidAction", `The action ${action} is not valid for this web service.`);
}

/** Auto Scaling's answer to nearly everything that is wrong with a request. */
export function validationError(message: string): ApiError {
  return new ApiError("ValidationError", message);
}

/** Auto Scaling's words for a member that is missing. */
export function requiredMember<T>(value: T | null | undefined, parameter: string): T {
  if (value === undefined || value === null || value === "") {
    const member = lowerFirst(parameter);
    throw validationError(
      `1 validation error detected: Value null at '${member}' failed to satisfy constraint: Member must not be null`,
    );
  }
  return value;
}

function lowerFirst(parameter: string): string {
  return parameter.charAt(0).toLowerCase() + parameter.slice(1);
}
