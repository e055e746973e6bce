// Holding the seat, quietly: IMDS is polled, nothing else is called, until something is due or in
// doubt. What comes then is another flow's; this one only says which.

import { Failure } from "../domain/failure.ts";
import { judge, type Polled, pollMs, type Verdict, type Watch } from "../plan/watch.ts";
import { readPublicIps, readSpotAction, readTargetState } from "../port/imds-readings.ts";
import type { Observer } from "./ports.ts";

export type Event =
  | { readonly kind: "doubt"; readonly why: string; readonly gone: boolean }
  | { readonly kind: "release"; readonly why: string }
  | { readonly kind: "due"; readonly dueMs: number }
  | { readonly kind: "check" }
  | { readonly kind: "aborted" };

export interface Vigil {
  readonly observer: Observer;
  /** Kept over all vigils of one holding: IMDS having shown the address once arms the watch. */
  readonly post: {
    watch: Watch;
    /** IMDS fails, and that has been said. */
    silent: boolean;
  };
  readonly signal: AbortSignal;
  /** The oldest run of the schedule that nobody has taken up; null when nothing is due. */
  readonly takeDue: () => number | null;
  /** When the service is to be checked next, by the monotonic clock; null for never. */
  readonly checkMs: number | null;
}

// Every third turn: a spot notice comes two minutes ahead, and AWS asks to poll it every 5 s.
const slowTurns = 3;

/** Watches until something happens. Failures of IMDS are said and sat out: they prove nothing. */
export async function serve(vigil: Vigil): Promise<Event> {
  const { observer, signal } = vigil;
  const { clock } = observer.ports;
  let polledMs = clock.monotonicMs();
  for (let turn = 0; !signal.aborted; turn += 1) {
    await clock.sleep(pollMs, signal);
    const nowMs = clock.monotonicMs();
    const verdict = await poll(vigil, { turn, gapMs: nowMs - polledMs });
    // Time spent asking counts: a pause in the middle of a question cannot be told from a slow answer, and
    // the seat may have been taken in either. The doubt costs calls, the other mistake more.
    polledMs = nowMs;
    if (verdict?.kind === "hold") vigil.post.watch = verdict.watch;
    else if (verdict !== null) return verdict;
    const dueMs = vigil.takeDue();
    if (dueMs !== null) return { kind: "due", dueMs };
    if (vigil.checkMs !== null && nowMs >= vigil.checkMs) return { kind: "check" };
  }
  return { kind: "aborted" };
}

async function poll(vigil: Vigil, now: { turn: number; gapMs: number }): Promise<Verdict | null> {
  const { ports, identity } = vigil.observer;
  const slow = now.turn % slowTurns === 0;
  try {
    const target = await readTargetState(ports.imds);
    const publicIps = slow ? await readPublicIps(ports.imds, identity.mac) : null;
    const interrupted = slow && (await readSpotAction(ports.imds)) !== null;
    const polled: Polled = { target, publicIps, interrupted, gapMs: now.gapMs };
    if (vigil.post.silent) ports.journal.info("IMDS answers again", {});
    vigil.post.silent = false;
    return judge(vigil.post.watch, polled);
  } catch (thrown) {
    if (!(thrown instanceof Failure)) throw thrown;
    // Said once, and again when it is over: it is asked every two seconds.
    if (!vigil.post.silent) ports.journal.trouble(thrown);
    vigil.post.silent = true;
    return null;
  }
}
