// Keys of one of several instances in one process. The SDK's provider finds IMDS by the environment,
// which they share, so that they read one after the other.

import { type ReadKeys, readInstanceKeys } from "../../agent/port/credentials.ts";

let last: Promise<unknown> = Promise.resolve();

export function instanceKeysAt(endpoint: string): ReadKeys {
  return () => {
    const turn = last.then(() => {
      process.env["AWS_EC2_METADATA_SERVICE_ENDPOINT"] = endpoint;
      return readInstanceKeys();
    });
    last = turn.catch(() => undefined);
    return turn;
  };
}
