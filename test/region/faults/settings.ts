// What can go wrong in the region, as plain data: one named setting for each fault, with what it is
// aimed at, how often it strikes and for how long. Nothing here has a behaviour; `defaults.ts` has the
// values that a setting need not name, and README.md the source of each fault.
// Text in `actions`, `paths` and `ids` may hold the wildcard `*`.

/** How often, and until when. */
interface Frequency {
  /** Of striking where aimed, 0 to 1; 1 unless set. */
  readonly chance: number;
  /** It ends after so many strikes; endless unless set. */
  readonly count: number;
  /** So many matching calls pass first; 0 unless set. */
  readonly skip: number;
  /** It ends so long after it was set; endless unless set. */
  readonly durationMs: number;
}

interface CallAim extends Frequency {
  /** Of both services, for instance `["Describe*"]`; every action unless set. */
  readonly actions: readonly string[];
  /** `plan` is what the plan says of all faults; ids of instances name single callers. */
  readonly callers: Callers | "plan" | readonly string[];
}

/** Whose calls fail: those signed with the keys of an instance's role, or the operator's too. */
export type Callers = "instances" | "everybody";

interface ReadAim extends CallAim {
  /** Which ways of asking are served so; every one unless set. */
  readonly lookups: readonly Lookup[];
}

/** How a Describe chooses: by ids or names, by a tag filter, by other filters, or not at all. */
export type Lookup = "by id" | "by tag" | "by filter" | "all";

interface ResourceAim extends Frequency {
  /**
   * Of the volume, the snapshot, the instance or the hook it is about; every one unless set. What is
   * made from something has both ids: a snapshot its volume's, a volume its snapshot's.
   */
  readonly ids: readonly string[];
}

interface PathAim extends Frequency {
  /** Without the first slash, for instance `["latest/meta-data/iam/*"]`; every path unless set. */
  readonly paths: readonly string[];
  /** The instances whose IMDS it is; every one unless set. */
  readonly ids: readonly string[];
}

/** The tables of which a read may show the past. */
export type StaleTable =
  | "volumes"
  | "modifications"
  | "attachments"
  | "snapshots"
  | "addresses"
  | "interfaces"
  | "instances"
  | "groups"
  | "hooks"
  | "members"
  | "actions"
  | "activities";

export type SlowKind =
  | "launch"
  | "terminate"
  | "volume"
  | "attach"
  | "detach"
  | "snapshot"
  | "route";

/** Every fault with its whole setting. A time in ms may be `Infinity`: for ever. */
export interface FaultTable {
  /** The token buckets of EC2 and one of Auto Scaling. Every call takes a token, whoever made it. */
  readonly throttling: CallAim & {
    /** How full the buckets are at first, 0 to 1. */
    readonly startShare: number;
    /** Calls a second that others of the account make, out of each bucket. */
    readonly othersPerS: number;
    /** Auto Scaling publishes no figures. */
    readonly autoScalingCapacity: number;
    readonly autoScalingRefillPerS: number;
  };
  /** 500 or 503, and nothing was done. */
  readonly serverErrors: CallAim & { readonly kind: "internal" | "unavailable" };
  /** Any other refusal, in the service's own words. */
  readonly refusals: CallAim & {
    readonly code: string;
    readonly message: string;
    readonly status: number;
  };
  /** Not performed and never answered; the connection stays open. */
  readonly timeouts: CallAim;
  /** Not performed; the connection is cut. */
  readonly lostRequests: CallAim;
  /** Performed; the connection is cut, or stays open without an answer. */
  readonly lostReplies: CallAim & { readonly how: "cut" | "silence" };
  /** Takes effect so long after it came, or on `release()`, whether its sender still lives or not. */
  readonly lateCalls: CallAim & { readonly delayMs: number };
  /** Takes effect at once and is answered so much later, or on `release()`. */
  readonly lateReplies: CallAim & { readonly delayMs: number };
  /** Not performed; something else answers, as a proxy or a load balancer would. */
  readonly garbledReplies: CallAim & { readonly status: number; readonly body: string };

  /** A Describe shows its tables as they were, two minutes ago at most. */
  readonly staleReads: ReadAim & {
    readonly lagMs: number;
    readonly tables: readonly StaleTable[];
  };
  /** One row, or those of these ids, is missing from a list. */
  readonly missingRows: ReadAim & { readonly ids: readonly string[] };
  readonly emptyLists: ReadAim;
  /** For so long after it was made, a resource is not found by id and missing from lists. */
  readonly lateVisibility: ReadAim & { readonly lagMs: number; readonly ids: readonly string[] };

  /** CreateVolume says `creating`, and then the volume is gone or in `error`, as when KMS refuses. */
  readonly vanishingVolumes: ResourceAim & { readonly becomes: "gone" | "error" };
  /** A token that an earlier, failed creation has used up: each new one, and then for ever. */
  readonly burnedTokens: CallAim;
  /** More volumes are refused, and that before their token is looked at. */
  readonly volumeLimit: CallAim & { readonly volumesMax: number };
  /** A snapshot ends in `error`, and all of its set with it; or is gone, as when KMS refuses. */
  readonly snapshotErrors: ResourceAim & { readonly becomes: "gone" | "error" };
  /** The rate for one volume, and how many the account may have, pending and in all. */
  readonly snapshotLimits: CallAim & {
    readonly intervalMs: number;
    readonly pendingMax: number;
    readonly snapshotsMax: number;
  };
  /** Never ends until detached; the same name on the same instance sticks again where so set. */
  readonly stuckAttaching: ResourceAim & { readonly sameDevice: boolean };
  /** Refused as in use, though no Describe shows it there. */
  readonly refusedDevices: CallAim & { readonly devices: readonly string[] };
  /** The attachment is `busy` for so long, or until cleared, though nothing has the device open. */
  readonly busyDetaches: ResourceAim & { readonly busyMs: number };
  /** A transition takes longer; a snapshot shows 99 % meanwhile. */
  readonly slowTransitions: ResourceAim & {
    readonly kinds: readonly SlowKind[];
    readonly extraMs: number;
  };

  /** The wait ends with the hook's default result so soon, whatever heartbeats come. */
  readonly hookTimeouts: ResourceAim & { readonly afterMs: number };
  /** RecordLifecycleActionHeartbeat succeeds and the timer runs on. */
  readonly lostHeartbeats: CallAim;

  /** No IMDS: connections are cut, or nothing answers. */
  readonly absentMetadata: PathAim & { readonly how: "cut" | "silence" };
  readonly slowMetadata: PathAim & { readonly delayMs: number };
  /** 401 for a token that ended early, 403 for an IMDS switched off, 404, 429, 500, 503. */
  readonly refusedMetadata: PathAim & { readonly status: number };
  readonly garbledMetadata: PathAim & { readonly body: string };
  /** The answer to the PUT for a token does not survive the hops to the caller. */
  readonly hopLimit: PathAim;
  /** The role's keys are not there yet for so much longer after the start. */
  readonly lateCredentials: ResourceAim & { readonly lagMs: number };
  /** New keys show so long before the old ones end, or after it where negative. */
  readonly shortCredentials: ResourceAim & {
    readonly lifetimeMs: number;
    readonly renewalMs: number;
  };
  /** AWS's clock is so far ahead of the callers', or behind where negative. */
  readonly clockSkew: Frequency & { readonly skewMs: number };
}

export type FaultName = keyof FaultTable;

/** The faults that are on; what a setting leaves out has its default, `{}` is the fault as it is. */
export type FaultSettings = { readonly [Name in FaultName]?: Partial<FaultTable[Name]> };

export interface FaultPlan extends FaultSettings {
  /** Same seed and same calls: same faults. 1 unless set. */
  readonly seed?: number;
  /** The operator's calls pass unless this says `everybody`. */
  readonly callers?: Callers;
}

/** All faults are in it, with 0 for what never struck. */
export type FaultCounts = Readonly<Partial<Record<FaultName, number>>>;

/** What a rehearsal does with the faults while the region runs. */
export interface FaultHandle {
  /** Switches these faults on; one that is on already starts anew with the new setting. */
  set(settings: FaultSettings): void;
  /** Switches off the named faults, or all of them. Calls held back stay held. */
  clear(...names: readonly FaultName[]): void;
  /** Lets all late calls and late replies go on now; returns how many there were. */
  release(): number;
  /** How often each fault struck since the region began. */
  counts(): FaultCounts;
}
