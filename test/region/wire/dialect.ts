// A dialect is what differs between the two Query protocols: how parameters are named, how an
// answer is wrapped, and with which code, status and words a flaw is refused. Everything else
// about the wire is common to both services.

import type { NormalizedSchema } from "@smithy/core/schema";
import type { ApiError, Service } from "../contract.ts";
import type { Flaw } from "./flaw.ts";

/** What an answer is wrapped with. */
export interface Envelope {
  readonly action: string;
  readonly requestId: string;
}

export interface Dialect {
  readonly service: Service;
  readonly version: string;
  readonly unknownParameters: "refused" | "passed over";
  /** The name of a structure's member in a request's parameters. */
  memberKey(name: string, member: NormalizedSchema): string;
  /** What stands between a list's name and its index; null where the index follows at once. */
  listKey(item: NormalizedSchema): string | null;
  /** The whole document; `result` is null for an operation that answers nothing. */
  answer(result: string | null, envelope: Envelope): string;
  error(error: ApiError, requestId: string): string;
  refusal(flaw: Flaw): ApiError;
}
