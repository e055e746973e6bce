// What an idle holder makes of IMDS, which is all that it reads: whether to go on, to look through the
// API because something is in doubt, or to release. The address is a reason for doubt only once IMDS
// has shown it here: it lags after an association.

export interface Polled {
  /** Auto Scaling's target state; null while none is set. */
  readonly target: string | null;
  /** The addresses that IMDS shows; null when this turn did not ask. */
  readonly publicIps: readonly string[] | null;
  /** Whether a spot notice is up. */
  readonly interrupted: boolean;
  /** Time since the poll before this one. */
  readonly gapMs: number;
}

export interface Watch {
  readonly publicIp: string | null;
  /** IMDS has shown the address here since it was taken. */
  readonly armed: boolean;
}

export type Verdict =
  | { readonly kind: "hold"; readonly watch: Watch }
  /** `gone`: IMDS answered, and the address was not among what it shows. */
  | { readonly kind: "doubt"; readonly why: string; readonly gone: boolean }
  | { readonly kind: "release"; readonly why: string };

/** Target state is polled this often, addresses and notices every few turns. */
export const pollMs = 2_000;

// After this many missed turns the machine was paused, and the seat may have been taken meanwhile.
const pausedTurns = 3;

export function judge(watch: Watch, polled: Polled): Verdict {
  if (polled.target === "Terminated") {
    return { kind: "release", why: "the group is terminating this instance" };
  }
  if (polled.interrupted) return { kind: "release", why: "EC2 is interrupting this spot instance" };
  if (polled.gapMs > pausedTurns * pollMs) {
    return {
      kind: "doubt",
      gone: false,
      why: `this machine stood still for ${Math.round(polled.gapMs / 1000)} s`,
    };
  }
  if (polled.publicIps === null || watch.publicIp === null) return { kind: "hold", watch };
  const shown = polled.publicIps.includes(watch.publicIp);
  if (!shown && watch.armed) {
    const why = `IMDS does not show ${watch.publicIp} here any more`;
    return { kind: "doubt", why, gone: true };
  }
  return { kind: "hold", watch: { ...watch, armed: watch.armed || shown } };
}
