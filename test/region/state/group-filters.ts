// Filters of Auto Scaling: as those of EC2, but without wildcards, and a name that the action does
// not know is a ValidationError.

import { ApiError } from "../contract.ts";
import { validationError } from "./errors.ts";
import { type Filtering, filtered } from "./filters.ts";

export function groupFiltered<R>(rows: readonly R[], filtering: Filtering<R>): readonly R[] {
  const filters = filtering.filters?.map(({ Name, Values }) => ({
    Name,
    Values: (Values ?? []).map(literally),
  }));
  try {
    return filtered(rows, { ...filtering, filters });
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    throw validationError(error.message);
  }
}

/** With the backslash that takes a wildcard's meaning away. */
function literally(value: string): string {
  return value.replaceAll(/[*?\\]/g, (part) => `\\${part}`);
}
