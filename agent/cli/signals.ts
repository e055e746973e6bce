// SIGTERM and SIGINT: the end of this process, and of the machine if that is powering off. Only then
// is the seat released; a restart of the agent or a reboot of the machine leaves it as it is.

import type { Units } from "../port/units.ts";

export interface Signals {
  readonly stop: AbortSignal;
  readonly powerOff: AbortSignal;
}

/** Listens from the start, so that a signal during start-up is not lost. */
export function watchSignals(): {
  /** A signal has come. */
  readonly asked: AbortSignal;
  over(units: Units): Signals;
} {
  const asked = new AbortController();
  for (const name of ["SIGTERM", "SIGINT"] as const) process.once(name, () => asked.abort());
  return {
    asked: asked.signal,
    over(units) {
      const stop = new AbortController();
      const powerOff = new AbortController();
      const decide = async () => {
        const state = await units.systemPoweringOff().catch(() => "no" as const);
        (state === "poweroff" ? powerOff : stop).abort();
      };
      if (asked.signal.aborted) void decide();
      else asked.signal.addEventListener("abort", () => void decide(), { once: true });
      return { stop: stop.signal, powerOff: powerOff.signal };
    },
  };
}
