// Ports whose calls cost an agent no time of its own: what its clock measures is then the same on an idle
// machine and on a busy one.

import type { FastClock } from "./fast-clock.ts";

type Work = (...given: readonly unknown[]) => Promise<unknown>;

/** The same port, with the clock standing still during each of its calls. */
export function held<P extends object>(clock: FastClock, port: P): P {
  const methods = Object.entries(port).map(([name, work]) => {
    const call: Work = (...given) => clock.during((work as Work)(...given));
    return [name, call] as const;
  });
  return Object.fromEntries(methods) as P;
}
