// The SDK's clients, with every timeout and every number of attempts spelled out: the SDK has no
// timeouts of its own, and a call in flight while the public address changes hangs for good. Reads
// are tried again by the SDK; a write is sent once, since its reply may be lost and only a look can
// tell. The clients are thrown away after an association.

import { AutoScalingClient } from "@aws-sdk/client-auto-scaling";
import { EC2Client } from "@aws-sdk/client-ec2";
import { type Deed, failureOf } from "./aws-failures.ts";
import type { RoleKeys } from "./credentials.ts";

export interface Aws {
  /** For reads: three attempts. */
  readonly reading: Clients;
  /** For writes: one attempt. */
  readonly writing: Clients;
  /** Closes every connection; the next call opens new ones. */
  renew(): void;
  /** Ends every call in flight: nobody waits for its answer any more, and only a look tells what it did. */
  abandon(): void;
}

export interface Clients {
  ec2<T>(deed: Deed, send: (client: EC2Client, options: SendOptions) => Promise<T>): Promise<T>;
  autoScaling<T>(
    deed: Deed,
    send: (client: AutoScalingClient, options: SendOptions) => Promise<T>,
  ): Promise<T>;
}

export interface SendOptions {
  readonly abortSignal: AbortSignal;
}

/** How long one attempt may take; without it, as long as AWS's own calls do. */
export interface AttemptLimit {
  readonly connectionTimeout: number;
  readonly requestTimeout: number;
}

export interface AwsOptions {
  readonly region: string;
  readonly keys: RoleKeys;
  readonly limit?: AttemptLimit;
}

export function awsPort({ region, keys, limit = attemptLimit }: AwsOptions): Aws {
  const credentials = () => keys.current();
  const requestHandler = { ...limit, throwOnRequestTimeout: true };
  const make = (maxAttempts: number) => {
    const settings = { region, credentials, maxAttempts, requestHandler };
    return { ec2: new EC2Client(settings), autoScaling: new AutoScalingClient(settings) };
  };
  let readers = make(readAttempts);
  let writers = make(1);
  let flight = new AbortController();
  return {
    reading: clientsOf(() => ({ ...readers, keys, abandoned: flight.signal })),
    writing: clientsOf(() => ({ ...writers, keys, abandoned: flight.signal })),
    abandon() {
      const ended = flight;
      flight = new AbortController();
      ended.abort();
    },
    renew() {
      const old = [readers.ec2, readers.autoScaling, writers.ec2, writers.autoScaling];
      readers = make(readAttempts);
      writers = make(1);
      for (const client of old) client.destroy();
    },
  };
}

const readAttempts = 3;

const attemptLimit: AttemptLimit = {
  connectionTimeout: 3_000,
  // CreateSnapshots over several large volumes has been seen to take seconds.
  requestTimeout: 15_000,
};

// Above all attempts of one call together.
const callMs = 60_000;

interface Pair {
  readonly ec2: EC2Client;
  readonly autoScaling: AutoScalingClient;
  readonly keys: RoleKeys;
  readonly abandoned: AbortSignal;
}

function clientsOf(pair: () => Pair): Clients {
  const guarded = async <T>(deed: Deed, send: (now: Sending) => Promise<T>): Promise<T> => {
    const { abandoned, keys, ...clients } = pair();
    const abortSignal = AbortSignal.any([AbortSignal.timeout(callMs), abandoned]);
    try {
      return await send({ ...clients, options: { abortSignal } });
    } catch (thrown) {
      const failure = failureOf(deed, thrown);
      if (failure.details.refusal === "EHA-CREDENTIALS") keys.forget();
      throw failure;
    }
  };
  return {
    ec2: (deed, send) => guarded(deed, ({ ec2, options }) => send(ec2, options)),
    autoScaling: (deed, send) =>
      guarded(deed, ({ autoScaling, options }) => send(autoScaling, options)),
  };
}

interface Sending extends Omit<Pair, "abandoned" | "keys"> {
  readonly options: SendOptions;
}
