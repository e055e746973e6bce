// The SDK's clients, with every timeout and every number of attempts spelled out: the SDK has no
// timeouts of its own, and a call in flight while the public address changes hangs for good. Reads
// are tried again by the SDK; a write is sent once, since its reply may be lost and only a look can
// tell. The clients are thrown away after an association.

import { AutoScalingClient } from "@aws-sdk/client-auto-scaling";
import { EC2Client } from "@aws-sdk/client-ec2";
import { fromInstanceMetadata } from "@aws-sdk/credential-providers";
import { type Deed, failureOf } from "./aws-failures.ts";

export interface Aws {
  /** For reads: three attempts. */
  readonly reading: Clients;
  /** For writes: one attempt. */
  readonly writing: Clients;
  /** Closes every connection; the next call opens new ones. */
  renew(): void;
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

export function awsPort(region: string): Aws {
  const credentials = fromInstanceMetadata({
    timeout: metadataTimeoutMs,
    maxRetries: metadataAttempts,
    ec2MetadataV1Disabled: true,
  });
  const make = (maxAttempts: number) => {
    const settings = { region, credentials, maxAttempts, requestHandler };
    return { ec2: new EC2Client(settings), autoScaling: new AutoScalingClient(settings) };
  };
  let readers = make(readAttempts);
  let writers = make(1);
  return {
    reading: clientsOf(() => readers),
    writing: clientsOf(() => writers),
    renew() {
      const old = [readers.ec2, readers.autoScaling, writers.ec2, writers.autoScaling];
      readers = make(readAttempts);
      writers = make(1);
      for (const client of old) client.destroy();
    },
  };
}

// In the first seconds of a boot the role's credentials are not there: quick answers, many of them;
// what still fails then is tried again by the loop, for as long as it takes.
const metadataTimeoutMs = 1_000;
const metadataAttempts = 3;
const readAttempts = 3;

const requestHandler = {
  connectionTimeout: 3_000,
  // CreateSnapshots over several large volumes has been seen to take seconds.
  requestTimeout: 15_000,
  throwOnRequestTimeout: true,
};

// Above all attempts of one call together.
const callMs = 60_000;

interface Pair {
  readonly ec2: EC2Client;
  readonly autoScaling: AutoScalingClient;
}

function clientsOf(pair: () => Pair): Clients {
  const guarded = async <T>(deed: Deed, send: (options: SendOptions) => Promise<T>): Promise<T> => {
    try {
      return await send({ abortSignal: AbortSignal.timeout(callMs) });
    } catch (thrown) {
      throw failureOf(deed, thrown);
    }
  };
  return {
    ec2: (deed, send) => guarded(deed, (options) => send(pair().ec2, options)),
    autoScaling: (deed, send) => guarded(deed, (options) => send(pair().autoScaling, options)),
  };
}
