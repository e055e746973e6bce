// What goes wrong in a run, drawn from its seed: calls that are lost, late, throttled or refused,
// answers that are old, transitions that are slow, processes killed or paused in the middle of
// anything. Every strike has a number, so that a run can be repeated without some of them, and is
// counted by its kind.

import { type Chance, createChance } from "./chance.ts";
import { holds, pivots, type Strike, tempers } from "./odds.ts";
import { latencyMs, type Passage } from "./process.ts";

export interface Hazards {
  /** What becomes of a call to AWS; `refused` is answered instead of performing it. */
  onCall(asked: Asked): Passage & { readonly refused: Error | null };
  /** What becomes of work on the machine itself. */
  onWork(asked: Asked): Passage;
  onMetadata(asked: Pick<Asked, "by">): Passage;
  /** How old an answer is. */
  staleMs(action: string): number;
  /** What a transition takes longer than usual. */
  extraMs(id: string): number;
  /** Who serves, for what is held until somebody does. */
  watch(situation: () => Situation): void;
  /** From here on the world behaves. */
  calm(): void;
  readonly counts: ReadonlyMap<Strike, number>;
  /** Numbers of the strikes that happened. */
  readonly struck: readonly number[];
}

export interface Situation {
  /** The instance that answered the client last; empty before the first. */
  readonly server: string;
  /** It does so now. */
  readonly isServed: boolean;
}

/** Who asks for what, and what can be done to its process meanwhile. */
export interface Asked {
  readonly what: string;
  readonly by: string;
  readonly disturb: (
    strike: "agent killed" | "agent paused",
    afterMs: number,
    forMs: number,
  ) => void;
}

export interface HazardOptions {
  readonly seed: string;
  /** Strikes that do not happen in this run. */
  readonly muted: ReadonlySet<number>;
  readonly say: (line: string) => void;
  /** How old a read may be at most. */
  readonly staleMsMax: number;
}

// The agent gives up a request after 15 s of silence.
const timeoutMs = 15_000;
const lateMsMax = 600_000;
const slowMsMax = 120_000;
const pauseMsMax = 400_000;

export function createHazards(options: HazardOptions): Hazards {
  const root = createChance(`${options.seed}/hazards`);
  const latency = root.fork("latency");
  const striker = createStriker(options, root);
  const { strike } = striker;
  const { disturb, watch } = createDisturbance(options, root, striker);
  return {
    watch,
    counts: striker.counts,
    struck: striker.struck,
    onCall(asked) {
      const about = `${asked.what} of ${asked.by}`;
      const { laterMs, isHeld } = disturb(asked);
      const arrivesMs = laterMs + latencyMs(latency);
      const usual = { arrivesMs, isHeld, answersMs: latencyMs(latency), otherwise: null };
      return { ...lossOf(strike, about, usual), refused: refusalOf(strike, about) };
    },
    onWork(asked) {
      const { laterMs, isHeld } = disturb(asked);
      const arrivesMs = laterMs + latency.between(1, 300);
      return { arrivesMs, isHeld, answersMs: latency.between(0, 50), otherwise: null };
    },
    // An idle agent asks for little else: it would be struck all day.
    onMetadata({ by }) {
      if (strike("metadata silent", by) === null) {
        return { arrivesMs: 1, answersMs: latency.between(0, 5), otherwise: null };
      }
      return { arrivesMs: null, answersMs: null, otherwise: { afterMs: 3_000, error: silence } };
    },
    staleMs: (action) => strike("stale read", action)?.between(100, options.staleMsMax) ?? 0,
    extraMs: (id) => strike("slow transition", id)?.between(1_000, slowMsMax) ?? 0,
    calm: striker.calm,
  };
}

type Strikes = (kind: Strike, about: string) => Chance | null;

interface Striker extends Pick<Hazards, "counts" | "struck" | "calm"> {
  /** The strike's own chance where it happens. */
  readonly strike: Strikes;
  readonly isCalm: () => boolean;
}

function createStriker({ muted, say }: HazardOptions, root: Chance): Striker {
  const odds = root.pick(tempers);
  const counts = new Map<Strike, number>();
  const struck: number[] = [];
  let number = 0;
  let isCalm = false;
  return {
    counts,
    struck,
    isCalm: () => isCalm,
    calm() {
      isCalm = true;
    },
    strike(kind, about) {
      if (isCalm) return null;
      number += 1;
      // A stream of its own, so that muting one strike moves no other.
      const chance = root.fork(`${number}`);
      if (!chance.isHit(odds[kind]) || muted.has(number)) return null;
      struck.push(number);
      counts.set(kind, (counts.get(kind) ?? 0) + 1);
      if (kind !== "stale read") say(`${kind}: ${about} (strike ${number})`);
      return chance;
    },
  };
}

interface Delay {
  /** The process may stand still between its decision and the deed. */
  readonly laterMs: number;
  readonly isHeld: () => boolean;
}

const noDelay: Delay = { laterMs: 0, isHeld: () => false };

function createDisturbance(options: HazardOptions, root: Chance, { strike, isCalm }: Striker) {
  // By the how-many-eth call of the how-many-eth instance that makes it.
  const held = [1, 2, 3, 4].map(() => ({
    what: root.pick(pivots),
    instance: root.between(2, 6),
    call: root.pick([1, 1, 2, 3]),
    until: root.pick(holds),
  }));
  const calls = new Map<string, Map<string, number>>();
  const ordinals = ({ what, by }: Asked): { readonly instance: number; readonly call: number } => {
    const made = calls.get(what) ?? new Map<string, number>();
    calls.set(what, made.set(by, (made.get(by) ?? 0) + 1));
    return { instance: [...made.keys()].indexOf(by) + 1, call: made.get(by) ?? 0 };
  };
  const view = { situation: (): Situation => ({ server: "", isServed: false }) };
  const disturb = (asked: Asked): Delay => {
    const { what, by } = asked;
    const { instance, call } = ordinals(asked);
    const pivot = held.find(
      (each) => each.what === what && each.instance === instance && each.call === call,
    );
    if (pivot !== undefined && !isCalm()) {
      options.say(`${by} stands still before ${what} until ${pivot.until.name}`);
      return standStill(asked, pivot.until.isOver(by, view.situation), isCalm);
    }
    const killed = strike("agent killed", `${by} in ${what}`);
    if (killed !== null) {
      asked.disturb("agent killed", killed.between(0, 400), killed.between(500, 5_000));
    }
    const paused = strike("agent paused", `${by} in ${what}`);
    if (paused === null) return noDelay;
    const forMs = pauseLength(paused);
    const isBefore = paused.isHit(0.5);
    asked.disturb("agent paused", isBefore ? 0 : paused.between(0, 400), forMs);
    return isBefore ? { ...noDelay, laterMs: forMs } : noDelay;
  };
  const watch = (situation: () => Situation): void => {
    view.situation = situation;
  };
  return { disturb, watch };
}

/** A hook's timeout ends most of those who stand still for longer. */
const standSecondsMax = 280;

function standStill({ disturb }: Asked, isOver: () => boolean, isCalm: () => boolean): Delay {
  let seconds = 0;
  const isHeld = (): boolean => {
    seconds += 1;
    if (isOver() || isCalm() || seconds > standSecondsMax) return false;
    disturb("agent paused", 0, 1_100);
    return true;
  };
  return { laterMs: 0, isHeld };
}

/** Most pauses are short; some outlast every patience. */
function pauseLength(chance: Chance): number {
  const [low, high] = chance.pick([
    [100, 8_000],
    [8_000, 60_000],
    [60_000, pauseMsMax],
  ]);
  return chance.between(low, high);
}

function refusalOf(strike: Strikes, about: string): Error | null {
  if (strike("throttled", about) !== null) return awsError("RequestLimitExceeded", 503);
  return strike("internal error", about) === null ? null : awsError("InternalError", 500);
}

function lossOf(strike: Strikes, about: string, usual: Passage): Passage {
  const timeout = { afterMs: timeoutMs, error: silence };
  if (strike("lost request", about) !== null) {
    return { arrivesMs: null, answersMs: null, otherwise: timeout };
  }
  if (strike("lost answer", about) !== null) {
    return { arrivesMs: usual.arrivesMs, answersMs: null, otherwise: timeout };
  }
  const late = strike("late call", about);
  if (late === null) return usual;
  return { arrivesMs: late.between(1_000, lateMsMax), answersMs: null, otherwise: timeout };
}

function silence(): Error {
  return Object.assign(new Error("no answer"), { name: "TimeoutError" });
}

/** As the SDK throws what AWS answers. */
export function awsError(code: string, status: number, message = code): Error {
  return Object.assign(new Error(message), { name: code, $metadata: { httpStatusCode: status } });
}
