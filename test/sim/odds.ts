// How likely each thing is to go wrong, by the temper of a run, and the calls of which some are held
// back for minutes. Nothing here has a behaviour.

export type Strike =
  | "lost request"
  | "lost answer"
  | "late call"
  | "throttled"
  | "internal error"
  | "stale read"
  | "slow transition"
  | "metadata silent"
  | "agent killed"
  | "agent paused";

export type Odds = Readonly<Record<Strike, number>>;

/** Of one call each. */
const usual: Odds = {
  "lost request": 0.01,
  "lost answer": 0.01,
  "late call": 0.01,
  throttled: 0.015,
  "internal error": 0.005,
  "stale read": 0.15,
  "slow transition": 0.05,
  "metadata silent": 0.01,
  "agent killed": 0.003,
  "agent paused": 0.003,
};

const none: Odds = {
  "lost request": 0,
  "lost answer": 0,
  "late call": 0,
  throttled: 0,
  "internal error": 0,
  "stale read": 0,
  "slow transition": 0,
  "metadata silent": 0,
  "agent killed": 0,
  "agent paused": 0,
};

/**
 * A run has one temper: without any strike it still has its races, and what is rare in all of them
 * together is common where one thing goes wrong all the time.
 */
export const tempers: readonly [Odds, ...Odds[]] = [
  none,
  usual,
  usual,
  { ...none, "agent paused": 0.03 },
  { ...usual, "agent paused": 0.015, "stale read": 0.5 },
  { ...none, "agent killed": 0.02 },
  { ...none, "late call": 0.06, "lost answer": 0.03, "stale read": 0.3 },
  { ...none, "slow transition": 0.4, "stale read": 0.9, "agent paused": 0.005 },
];

/**
 * The calls between which the rules order everything. In each run some of them are held back for
 * minutes: long enough for others to come, open, write and go.
 */
export const pivots = [
  "AssociateAddress",
  "AttachVolume",
  "CompleteLifecycleAction",
  "CreateOrUpdateTags",
  "CreateSnapshot",
  "CreateSnapshots",
  "CreateTags",
  "CreateVolume",
  "DetachVolume",
  "DisassociateAddress",
  "TerminateInstances",
  "mounts.mount",
  "units.start",
] as const;

export interface Hold {
  readonly name: string;
  /** A fresh memory for each who stands still. */
  isOver(by: string, situation: () => { server: string; isServed: boolean }): () => boolean;
}

/** Until when: what was decided before is wrong by then. */
export const holds: readonly [Hold, ...Hold[]] = [
  { name: "its time is over", isOver: () => () => false },
  {
    name: "another serves",
    isOver: (by, situation) => () => situation().isServed && situation().server !== by,
  },
  {
    name: "another has served and is gone",
    isOver(by, situation) {
      let hasServed = false;
      return () => {
        const { server, isServed } = situation();
        hasServed ||= isServed && server !== by;
        return hasServed && !isServed;
      };
    },
  },
];
