// The session tokens of IMDSv2: good for one instance and for as long as was asked, 6 hours at
// most. There is no version 1 here: a request without a token is refused, as on every instance
// that requires tokens.

import { randomBytes } from "node:crypto";

export interface Tokens {
  issue(instanceId: string, ttlSeconds: number): string;
  isGood(token: string, instanceId: string): boolean;
}

/** The longest life that IMDS grants, which is also what the SDK asks for. */
const ttlSecondsMax = 21_600;

/** null where the header is missing or not a whole number of 1 to 21600. */
export function readTtlSeconds(header: string | undefined): number | null {
  if (header === undefined || !/^\d{1,5}$/.test(header)) return null;
  const seconds = Number(header);
  return seconds >= 1 && seconds <= ttlSecondsMax ? seconds : null;
}

export function createTokens(nowMs: () => number): Tokens {
  const issued = new Map<string, { readonly instanceId: string; readonly endMs: number }>();

  function forgetExpired(): void {
    for (const [token, { endMs }] of issued) if (endMs <= nowMs()) issued.delete(token);
  }

  return {
    issue(instanceId, ttlSeconds) {
      forgetExpired();
      const token = randomBytes(42).toString("base64url");
      issued.set(token, { instanceId, endMs: nowMs() + ttlSeconds * 1_000 });
      return token;
    },
    isGood(token, instanceId) {
      const found = issued.get(token);
      return found?.instanceId === instanceId && found.endMs > nowMs();
    },
  };
}
