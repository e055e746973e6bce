// ClientTokens: the same token with the same request gives the resource of the first time, with
// another request it is refused. A token whose resource failed or is gone is burned: AWS then
// answers IdempotentParameterMismatch, and a caller must come with another token.

import { ApiError } from "../contract.ts";
import type { Region } from "./region.ts";

/** The EBS CSI driver measured 12 hours until EC2 forgets a token. */
const rememberedMs = 12 * 3_600_000;

export interface TokenUse {
  readonly action: string;
  readonly token: string | undefined;
  readonly input: object;
}

/** The resources that this token made before; null where it is new. */
export function usedBefore(region: Region, use: TokenUse): readonly string[] | null {
  if (use.token === undefined) return null;
  const used = region.tokens.get(`${use.action} ${use.token}`);
  if (used === undefined || region.clock.nowMs() - used.usedAtMs > rememberedMs) return null;
  if (used.request !== requestText(use.input)) throw mismatch();
  return used.resourceIds;
}

export function rememberToken(region: Region, use: TokenUse, resourceIds: readonly string[]): void {
  if (use.token === undefined) return;
  region.tokens.put({
    id: `${use.action} ${use.token}`,
    request: requestText(use.input),
    resourceIds,
    usedAtMs: region.clock.nowMs(),
  });
}

export function mismatch(): ApiError {
  return new ApiError(
    "IdempotentParameterMismatch",
    "Arguments on this idempotent request are inconsistent with arguments used in previous request(s).",
  );
}

/** The request as text in which neither the order of its members nor absent ones matter. */
function requestText(input: object): string {
  return JSON.stringify(input, (_key, value: unknown) =>
    typeof value === "object" && value !== null && !Array.isArray(value)
      ? Object.fromEntries(
          Object.entries(value).toSorted(([one], [other]) => (one < other ? -1 : 1)),
        )
      : value,
  );
}
