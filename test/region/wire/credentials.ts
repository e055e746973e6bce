// Who may call the region: the operator's fixed key, and keys of instance roles with a session
// token and an end. An instance's keys are rotated before they end and stay good until they do,
// as IMDS does it; a revoked key is unknown at once.

import { randomBytes } from "node:crypto";
import type { Caller, RoleCredentials } from "../contract.ts";

/** What an access key stands for. */
export interface Grant {
  readonly secret: string;
  /** null for a long-lived key, which is used without a token. */
  readonly token: string | null;
  readonly expiration: Date | null;
  readonly caller: Caller;
}

export interface StaticKey {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

export interface CredentialBook {
  readonly operator: StaticKey;
  find(accessKeyId: string): Grant | null;
  /** New keys for an instance's role; its earlier ones stay good until their own end. */
  issue(instanceId: string, lifetimeMs: number): RoleCredentials;
  /** The instance's present keys, as IMDS shows them: new ones when the end is near. */
  current(instanceId: string): RoleCredentials;
  /** Makes every key of an instance unknown. */
  revoke(instanceId: string): void;
}

export interface CredentialBookOptions {
  readonly accountId: string;
  readonly nowMs: () => number;
  readonly roleName: (instanceId: string) => string;
  readonly operator?: StaticKey;
  /** How long an instance's keys last; null for as long as on AWS. */
  readonly term?: (instanceId: string) => KeyTerm | null;
}

interface KeyTerm {
  readonly lifetimeMs: number;
  /** How long before the end new keys are shown; they come too late where it is negative. */
  readonly renewalMs: number;
}

/** Made up, and the same in every region, so that examples can be pasted. */
const defaultOperator: StaticKey = {
  accessKeyId: "AKIAREHEARSALREGION0",
  secretAccessKey: "rehearsal/region/operator/not/secret/0000",
};

/**
 * How long the keys of an instance role last, which IMDS renews while they run: "New credentials are
 * available at least five minutes before the expiration" (EC2 user guide).
 */
const usualTerm: KeyTerm = { lifetimeMs: 6 * 3_600_000, renewalMs: 10 * 60_000 };

export function createCredentialBook(options: CredentialBookOptions): CredentialBook {
  const { accountId, nowMs, operator = defaultOperator } = options;
  const grants = new Map<string, Grant>([
    [operator.accessKeyId, operatorGrant(accountId, operator)],
  ]);
  const newest = new Map<string, RoleCredentials>();

  function issue(instanceId: string, keyLifetimeMs: number): RoleCredentials {
    const credentials = newCredentials(new Date(nowMs() + keyLifetimeMs));
    const role = options.roleName(instanceId);
    grants.set(credentials.accessKeyId, {
      secret: credentials.secretAccessKey,
      token: credentials.sessionToken,
      expiration: credentials.expiration,
      caller: {
        accountId,
        arn: `arn:aws:sts::${accountId}:assumed-role/${role}/${instanceId}`,
        instanceId,
      },
    });
    newest.set(instanceId, credentials);
    return credentials;
  }

  return {
    operator,
    find: (accessKeyId) => grants.get(accessKeyId) ?? null,
    issue,
    current(instanceId) {
      const { lifetimeMs, renewalMs } = options.term?.(instanceId) ?? usualTerm;
      const known = newest.get(instanceId);
      const leftMs = (known?.expiration.getTime() ?? 0) - nowMs();
      // Keys with more than a whole life before them were made under another term.
      const isFresh = known !== undefined && leftMs > renewalMs && leftMs <= lifetimeMs;
      return isFresh ? known : issue(instanceId, lifetimeMs);
    },
    revoke(instanceId) {
      newest.delete(instanceId);
      for (const [key, grant] of grants) {
        if (grant.caller.instanceId === instanceId) grants.delete(key);
      }
    },
  };
}

function operatorGrant(accountId: string, operator: StaticKey): Grant {
  return {
    secret: operator.secretAccessKey,
    token: null,
    expiration: null,
    caller: { accountId, arn: `arn:aws:iam::${accountId}:user/operator`, instanceId: null },
  };
}

function newCredentials(expiration: Date): RoleCredentials {
  return {
    accessKeyId: `ASIA${letters(16)}`,
    secretAccessKey: randomBytes(30).toString("base64"),
    sessionToken: randomBytes(96).toString("base64"),
    // IMDS shows whole seconds.
    expiration: new Date(Math.floor(expiration.getTime() / 1_000) * 1_000),
  };
}

function letters(count: number): string {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  return Array.from(randomBytes(count), (byte) => alphabet.charAt(byte % alphabet.length)).join("");
}
