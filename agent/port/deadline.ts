// A bound on work that cannot be called off, such as a read from a disk that has stopped answering.
// The work itself goes on in the background; what ends is the waiting for it. Whoever gets the
// Failure must therefore assume that the work may still happen.

import type { Clock } from "../domain/clock.ts";
import { Failure } from "../domain/failure.ts";

export interface Deadline {
  readonly timeoutMs: number;
  /** An imperative and its subject, for the message. */
  readonly action: string;
  readonly subject: string;
}

/** The work's own result, or a transient Failure once `timeoutMs` have passed. */
export async function within<T>(clock: Clock, deadline: Deadline, work: Promise<T>): Promise<T> {
  const settled = new AbortController();
  const late = clock.sleep(deadline.timeoutMs, settled.signal).then((): never => {
    throw new Failure({
      kind: "transient",
      action: deadline.action,
      subject: deadline.subject,
      found: `no answer within ${deadline.timeoutMs} ms`,
    });
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    settled.abort();
  }
}
