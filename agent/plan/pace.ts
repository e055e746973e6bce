// How soon to look again. The curves are measured ones (EBS CSI driver: a created volume is available
// in 1.5 s, an attachment takes 1 to 4 s); a throttle stretches them, and jitter keeps two agents
// from looking in step.

import type { Pace } from "../domain/decision.ts";
import type { Settings } from "../domain/settings.ts";

interface Curve {
  readonly firstMs: number;
  readonly factor: number;
  readonly maxMs: number;
}

const curves: Readonly<Record<Exclude<Pace, "ready">, Curve>> = {
  now: { firstMs: 0, factor: 1, maxMs: 0 },
  volume: { firstMs: 1_250, factor: 1.5, maxMs: 10_000 },
  attachment: { firstMs: 1_000, factor: 1.8, maxMs: 5_000 },
  // No service level is published; a small increment takes ten seconds to a minute.
  snapshot: { firstMs: 2_000, factor: 1.3, maxMs: 10_000 },
  device: { firstMs: 100, factor: 1.5, maxMs: 1_000 },
  hook: { firstMs: 500, factor: 1.5, maxMs: 5_000 },
  slow: { firstMs: 15_000, factor: 1, maxMs: 15_000 },
};

// While a service starts.
const readyMs = 250;

// Up to a tenth longer.
const jitter = 0.1;

/** Milliseconds to the next look: `turn` counts waits for the same thing from 0, `chance` is in [0, 1). */
export function pauseMs(
  pace: Pace,
  settings: Settings,
  turn: { readonly count: number; readonly chance: number },
): number {
  if (pace === "ready") return Math.min(readyMs, settings.ready?.everyMs ?? readyMs);
  const { firstMs, factor, maxMs } = curves[pace];
  const stretched = Math.min(
    firstMs * factor ** turn.count,
    maxMs,
    Math.max(250, settings.patienceMs / 4),
  );
  return Math.round(stretched * (1 + jitter * turn.chance));
}

// Asked for again and again without effect, the same steps come ever more slowly.
const repeatFirstMs = 500;
const repeatMaxMs = 30_000;

/** Milliseconds before the same steps are performed once more; `repeats` counts from 0. */
export function backOffMs(repeats: number): number {
  return repeats === 0 ? 0 : Math.min(repeatFirstMs * 2 ** (repeats - 1), repeatMaxMs);
}
