// Failures that do not pass. Each is in the journal as it happens; the operator is told only of those
// that time does not heal, once for each, in the words of the failure itself. What is kept here is no
// more than since when which work has been failing: forgetting it costs one notice.

import type { Refusal } from "../domain/decision.ts";
import { Failure } from "../domain/failure.ts";
import { legible } from "../domain/legible.ts";
import type { StepName } from "../domain/steps.ts";

export interface Trouble {
  readonly sinceMs: number;
  readonly count: number;
  /** What of it the operator knows. */
  readonly told: readonly string[];
}

/** By the work that fails. */
export type Troubles = ReadonlyMap<Work, Trouble>;

/** Looking at the world, a step, or a sign of life. */
export type Work = "look" | StepName | "sign" | "heartbeat";

// Throttles, restarts of a service and credentials at a boot pass within a minute or two.
const passingMs = 180_000;
// What was just made may be unknown for some seconds, and one odd answer may be a proxy's.
const oddMs = 15_000;
const oddCount = 3;

/** The troubles with this failure, and what the operator is to be told now; null for nothing. */
export function failed(
  troubles: Troubles,
  found: { readonly work: Work; readonly failure: Failure; readonly nowMs: number },
): { readonly troubles: Troubles; readonly refusal: Refusal | null } {
  const { work, failure, nowMs } = found;
  const known = troubles.get(work);
  const sinceMs = known?.sinceMs ?? nowMs;
  const told = known?.told ?? [];
  const count = (known?.count ?? 0) + 1;
  const lasts = isLasting(failure, { count, forMs: nowMs - sinceMs });
  const refusal = lasts ? refusalOf(work, failure) : null;
  const news = refusal === null ? null : newsOf(failure, refusal);
  const isNew = news !== null && !told.includes(news);
  const trouble: Trouble = { sinceMs, count, told: isNew ? [...told, news] : told };
  return { troubles: new Map([...troubles, [work, trouble]]), refusal: isNew ? refusal : null };
}

/** Each denial is mended by itself; of everything else the words differ from one time to the next. */
function newsOf({ kind }: Failure, { code, message }: Refusal): string {
  return kind === "denied" ? message : code;
}

/** Whether the operator knows of this trouble, and it is more than a flicker. */
export function wasTold(
  troubles: Troubles,
  { work, nowMs }: { readonly work: Work; readonly nowMs: number },
): boolean {
  const known = troubles.get(work);
  return known !== undefined && known.told.length > 0 && nowMs - known.sinceMs >= oddMs;
}

/** Every work that was done has no trouble any more. */
export function passed(troubles: Troubles, works: readonly Work[]): Troubles {
  if (!works.some((work) => troubles.has(work))) return troubles;
  return new Map([...troubles].filter(([work]) => !works.includes(work)));
}

function isLasting(failure: Failure, trouble: { count: number; forMs: number }): boolean {
  switch (failure.kind) {
    case "denied":
      return true;
    case "transient":
      return trouble.forMs >= passingMs;
    case "missing":
    case "conflict":
    case "broken":
      return trouble.count >= oddCount && trouble.forMs >= oddMs;
  }
}

/** Leaves room for how long it has lasted. */
const foundCharactersMax = 250;

function refusalOf(work: Work, failure: Failure): Refusal {
  const { refusal, found, next = "trying on, ever more slowly" } = failure.details;
  const unnamed = work === "startUnit" ? "EHA-NOT-READY" : "EHA-BROKEN";
  const code = refusal ?? (failure.kind === "denied" ? "EHA-DENIED" : unnamed);
  const lasted = failure.kind === "transient" ? ` (for ${passingMs / 60_000} minutes)` : "";
  const told = new Failure({
    ...failure.details,
    found: `${legible(found, foundCharactersMax)}${lasted}`,
    next,
  });
  return { code, message: told.message };
}
