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

/**
 * The work's own result, or a transient Failure once `timeoutMs` have passed. What the operating system
 * says no to is a Failure `broken`; a mistake of this program stays what it is.
 */
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
  } catch (thrown) {
    throw failureOf(deadline, thrown);
  } finally {
    settled.abort();
  }
}

function failureOf({ action, subject }: Deadline, thrown: unknown): unknown {
  const refused = thrown instanceof Error && "syscall" in thrown && "code" in thrown;
  if (!refused) return thrown;
  const code = String(thrown.code);
  return new Failure({ kind: "broken", action, subject, found: code, code }, thrown);
}
