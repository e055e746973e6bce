// The role's keys, read by the SDK's own provider, but kept here: the SDK judges by this machine's clock,
// so that keys which seem to hold are used on for hours after AWS has ended them, and a provider that
// lives on hands out its last keys when it gets no new ones. Here they are a minute old at most, and
// forgotten once AWS says that they have ended. That there are none yet, as in the first seconds of a
// boot, is a Failure `transient`, whatever IMDS says.

import { fromInstanceMetadata } from "@aws-sdk/credential-providers";
import type { Clock } from "../domain/clock.ts";
import { Failure } from "../domain/failure.ts";
import { legible, shown } from "../domain/legible.ts";

export interface Keys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  /** Long past, so that the SDK keeps them for no second call. */
  readonly expiration: Date;
}

export interface RoleKeys {
  current(): Promise<Keys>;
  /** AWS refused them: the next call asks IMDS. */
  forget(): void;
}

/** What the provider finds; rejects with anything where it finds nothing. */
export type ReadKeys = () => Promise<{
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}>;

// IMDS has new keys long before the old ones end; a read costs a few milliseconds.
const ageMaxMs = 60_000;

export function roleKeys(world: { readonly read: ReadKeys; readonly clock: Clock }): RoleKeys {
  let kept: { readonly keys: Promise<Keys>; readonly sinceMs: number } | null = null;
  return {
    current() {
      const nowMs = world.clock.monotonicMs();
      if (kept !== null && nowMs - kept.sinceMs < ageMaxMs) return kept.keys;
      const fresh = { keys: checkedKeys(world.read), sinceMs: nowMs };
      kept = fresh;
      // Nobody is to wait out a minute for keys that could not be read.
      fresh.keys.catch(() => {
        if (kept === fresh) kept = null;
      });
      return fresh.keys;
    },
    forget() {
      kept = null;
    },
  };
}

// IMDS answers within a millisecond or, while throttled, not at all; the loop above tries again.
const timeoutMs = 1_000;
const retriesMax = 2;

/** The provider may print nothing of its own. */
const silent = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

/** From IMDSv2 alone. A provider for each read, since it remembers keys, and that a token was refused. */
export const readInstanceKeys: ReadKeys = () =>
  fromInstanceMetadata({
    timeout: timeoutMs,
    maxRetries: retriesMax,
    ec2MetadataV1Disabled: true,
    logger: silent,
  })();

async function checkedKeys(read: ReadKeys): Promise<Keys> {
  const { accessKeyId, secretAccessKey, sessionToken = "" } = await asked(read);
  const parts = [accessKeyId, secretAccessKey, sessionToken];
  if (!parts.every(fitsHeader)) throw notYet("keys that no request can carry");
  return { accessKeyId, secretAccessKey, sessionToken, expiration: new Date(0) };
}

/** Anything else would be refused by the HTTP client, as a defect of ours. */
function fitsHeader(text: string): boolean {
  return /^[\x21-\x7e]+$/.test(text);
}

async function asked(read: ReadKeys): ReturnType<ReadKeys> {
  try {
    return await read();
  } catch (thrown) {
    throw notYet(inWords(thrown), thrown);
  }
}

function inWords(thrown: unknown): string {
  if (!(thrown instanceof Error)) return shown(thrown);
  if (!("statusCode" in thrown)) return legible(thrown.message);
  const none = thrown.statusCode === 404 ? ", which is no role or no keys" : "";
  return `status ${String(thrown.statusCode)}${none}`;
}

function notYet(found: string, cause?: unknown): Failure {
  const details = { kind: "transient", refusal: "EHA-CREDENTIALS" } as const;
  const next = "see the instance profile, should it not pass";
  const action = "get";
  const subject = "the role's keys from IMDS";
  return new Failure({ ...details, action, subject, found, next }, cause);
}
