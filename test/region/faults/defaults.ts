// What a fault's setting means where it says nothing: strike always, everywhere, until cleared. Figures
// that AWS documents or that were measured are named so; the others are only plausible.

import type { FaultName, FaultTable } from "./settings.ts";

const always = { chance: 1, count: Infinity, skip: 0, durationMs: Infinity } as const;
const everyCall = { ...always, actions: ["*"], callers: "plan" } as const;
const everyRead = {
  ...everyCall,
  actions: ["Describe*"],
  lookups: ["by id", "by tag", "by filter", "all"],
} as const;
const everyResource = { ...always, ids: ["*"] } as const;
const everyPath = { ...everyResource, paths: ["*"] } as const;

export const defaults: FaultTable = {
  throttling: {
    ...everyCall,
    startShare: 1,
    othersPerS: 0,
    autoScalingCapacity: 100,
    autoScalingRefillPerS: 10,
  },
  serverErrors: { ...everyCall, kind: "internal" },
  refusals: {
    ...everyCall,
    code: "UnauthorizedOperation",
    message: "You are not authorized to perform this operation.",
    status: 403,
  },
  timeouts: everyCall,
  lostRequests: everyCall,
  lostReplies: { ...everyCall, how: "cut" },
  lateCalls: { ...everyCall, delayMs: Infinity },
  lateReplies: { ...everyCall, delayMs: Infinity },
  garbledReplies: {
    ...everyCall,
    status: 502,
    body: "<html><head><title>502 Bad Gateway</title></head></html>",
  },

  staleReads: {
    ...everyRead,
    lagMs: 30_000,
    tables: [
      "volumes",
      "modifications",
      "attachments",
      "snapshots",
      "addresses",
      "interfaces",
      "instances",
      "groups",
      "hooks",
      "members",
      "actions",
      "activities",
    ],
  },
  missingRows: { ...everyRead, lookups: ["by tag", "by filter", "all"], ids: [] },
  emptyLists: { ...everyRead, lookups: ["by tag", "by filter", "all"] },
  // "Starting with a couple of seconds", says the page on eventual consistency.
  lateVisibility: { ...everyRead, actions: ["*"], lagMs: 5_000, ids: ["*"] },

  vanishingVolumes: { ...everyResource, becomes: "gone" },
  burnedTokens: everyCall,
  volumeLimit: { ...everyCall, volumesMax: 0 },
  snapshotErrors: { ...everyResource, becomes: "error" },
  // 15 s and 100,000 are documented; there is no figure for the account's pending ones.
  snapshotLimits: { ...everyCall, intervalMs: 15_000, pendingMax: 100, snapshotsMax: 100_000 },
  stuckAttaching: { ...everyResource, sameDevice: false },
  refusedDevices: { ...everyCall, devices: ["*"] },
  busyDetaches: { ...everyResource, busyMs: Infinity },
  slowTransitions: { ...everyResource, kinds: ["snapshot"], extraMs: Infinity },

  // The shortest that Auto Scaling takes.
  hookTimeouts: { ...everyResource, afterMs: 30_000 },
  lostHeartbeats: everyCall,

  absentMetadata: { ...everyPath, how: "silence" },
  slowMetadata: { ...everyPath, delayMs: 3_000 },
  refusedMetadata: { ...everyPath, status: 404 },
  garbledMetadata: { ...everyPath, body: "\u0000\u00ff<html>" },
  hopLimit: everyPath,
  lateCredentials: { ...everyResource, lagMs: 30_000 },
  shortCredentials: { ...everyResource, lifetimeMs: 60_000, renewalMs: 10_000 },
  // More than the 5 to 15 minutes that signatures are allowed.
  clockSkew: { ...always, skewMs: 20 * 60_000 },
};

export function isFaultName(name: string): name is FaultName {
  return Object.hasOwn(defaults, name);
}

export const faultNames: readonly FaultName[] = Object.keys(defaults).filter(isFaultName);
