// Who watches the mounted seat while the API does not answer, or while one step takes long: an agent that
// was restarted into an outage, or that fills a new volume for an hour, holds it all the same. IMDS is
// asked; if it shows the address gone for as long as a successor might wait, what is mounted is let go
// of, whatever else is under way. Who is leaving lets go at once: the end of the machine does not wait
// for the API, and a service that was stopped in order needs no repair. Nothing is done here while
// looks at the world succeed.

import { Failure } from "../domain/failure.ts";
import { blankMemory } from "../plan/memory.ts";
import { pollMs } from "../plan/watch.ts";
import { readPublicIps } from "../port/imds-readings.ts";
import type { Daemon } from "./daemon.ts";
import { letGoLocally, mountedHere } from "./fence-self.ts";
import { notify } from "./notify.ts";
import type { Observer } from "./ports.ts";
import type { Ending, Mind } from "./pursue.ts";

export interface Post {
  readonly daemon: Daemon;
  readonly mind: Mind;
  readonly signal: AbortSignal;
}

/** Does the work under guard; `aborted` when the seat had to be let go of meanwhile. */
export async function guarded(
  post: Post,
  work: (signal: AbortSignal) => Promise<Ending>,
): Promise<Ending> {
  const lost = new AbortController();
  const over = new AbortController();
  const working = work(AbortSignal.any([post.signal, lost.signal]));
  const watching = watch(post, AbortSignal.any([post.signal, over.signal]));
  try {
    const why = await Promise.race([working.then(() => null), watching]);
    if (why === null) return await working;
    const { mind } = post;
    const { releasingSinceMs } = mind.memory;
    if (releasingSinceMs === null) notify(post.daemon.observer, "lease-lost", why);
    lost.abort();
    await letGoLocally(post, why);
    await working;
    // A mount that was under way may have come through.
    await letGoLocally(post, why);
    // Each command runs once in a release, and letting go has run them.
    const commandsRun =
      releasingSinceMs === null ? [] : post.daemon.observer.settings.beforeSnapshot;
    mind.memory = { ...blankMemory, releasingSinceMs, commandsRun };
    return { kind: "aborted" };
  } finally {
    over.abort();
    await watching;
  }
}

// Whole looks come every 15 s at most, as long as there are any.
const blindMs = 20_000;

/** Why the seat must be let go of; null once the signal has aborted. */
async function watch({ daemon, mind }: Post, signal: AbortSignal): Promise<string | null> {
  const { observer } = daemon;
  const { clock } = observer.ports;
  const startMs = clock.monotonicMs();
  const { patienceMs, address } = observer.settings;
  const blindAfterMs = Math.min(blindMs, patienceMs / 4);
  const eye = eyeOn(observer, mind);
  let goneMs: number | null = null;
  // What is mounted already, and shown now, is missed from now on.
  if (address !== null) await eye();
  while (address !== null && !signal.aborted) {
    await clock.sleep(pollMs, signal);
    const nowMs = clock.monotonicMs();
    const blind = nowMs - Math.max(startMs, mind.wholeMs) > blindAfterMs;
    // A step that takes long is the release itself, and is let be.
    const silent = nowMs - Math.max(startMs, mind.unansweredMs ?? nowMs) > blindAfterMs;
    if (silent && mind.memory.releasingSinceMs !== null && (await isMounted(observer))) {
      return "this instance is ending, and the API does not answer";
    }
    const gone = blind ? await eye() : false;
    if (gone === false) goneMs = null;
    if (gone === true) goneMs ??= nowMs;
    // Before a successor's patience can be over.
    if (goneMs !== null && nowMs - goneMs >= patienceMs / 2 - blindAfterMs) {
      return "IMDS does not show the address here, and nothing else can be seen";
    }
  }
  return null;
}

async function isMounted(observer: Observer): Promise<boolean> {
  try {
    return (await mountedHere(observer)).length > 0;
  } catch (thrown) {
    if (!(thrown instanceof Failure)) throw thrown;
    return false;
  }
}

/**
 * Asks IMDS whether the seat is mounted here and its address gone; null when there is no answer. IMDS lags
 * after an association: an address is missed only once it was shown. An agent that never saw the API
 * does not know which address it is, and misses any of those that it found.
 */
function eyeOn(observer: Observer, mind: Mind): () => Promise<boolean | null> {
  const { ports, identity } = observer;
  let shown: readonly string[] = [];
  return async () => {
    try {
      if ((await mountedHere(observer)).length === 0) return false;
      const found = await readPublicIps(ports.imds, identity.mac);
      const before = shown;
      shown = [...new Set([...before, ...found])];
      const known = mind.facts?.address?.publicIp;
      if (known !== undefined) return before.includes(known) && !found.includes(known);
      return found.length === 0 || before.some((address) => !found.includes(address));
    } catch (thrown) {
      if (!(thrown instanceof Failure)) throw thrown;
      return null;
    }
  };
}
