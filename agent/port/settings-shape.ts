// The settings one by one: each name, its type, its default. What several settings must be together is
// in the rules beside this file. The tables here are what the reference in the README is checked
// against, so a setting that is not here does not exist.

import * as v from "valibot";
import { allocationId, snapshotId } from "../domain/ids.ts";
import { shown } from "../domain/legible.ts";
import type { FirstVolume, ReadyCheck, Settings, VolumeSettings } from "../domain/settings.ts";
import { cronLongestGapMs, cronMistake } from "./schedule.ts";
import type { Mistake } from "./settings.ts";
import {
  command,
  duration,
  flag,
  id,
  matching,
  mode,
  mountOptions,
  mountPath,
  owner,
  seatName,
  table,
  text,
  unitName,
  unknownName,
  volumeName,
  whole,
} from "./settings-values.ts";

const volumeType = v.picklist(
  ["gp3", "gp2", "io1", "io2", "st1", "sc1"],
  "one of gp3, gp2, io1, io2, st1, sc1",
);
const performance = {
  type: v.optional(volumeType, "gp3"),
  // Outer bounds of all types; what a type takes of it is a rule.
  iops: v.optional(whole(100, 256_000)),
  throughputMibps: v.optional(whole(125, 2_000)),
};

const blankFirst = v.pipe(
  table({
    sizeGib: whole(1, 65_536),
    ...performance,
    encrypted: v.optional(flag, true),
    kmsKeyId: v.optional(matching("a KMS key's id, ARN or alias", /^[A-Za-z0-9:/_-]{1,2048}$/)),
    init: v.optional(command),
  }),
  v.transform(
    (found): FirstVolume => ({
      kind: "blank",
      sizeGib: found.sizeGib,
      type: found.type,
      encrypted: found.encrypted,
      kmsKeyId: found.kmsKeyId ?? null,
      iops: found.iops ?? null,
      throughputMibps: found.throughputMibps ?? null,
      init: found.init ?? null,
    }),
  ),
);
const seedFirst = v.pipe(
  table({
    snapshot: id('a snapshot id, as in "snap-0123456789abcdef0"', snapshotId),
    type: v.optional(volumeType, "gp3"),
  }),
  v.transform(
    ({ snapshot, type }): FirstVolume => ({ kind: "snapshot", snapshotId: snapshot, type }),
  ),
);
const first = v.lazy<typeof blankFirst | typeof seedFirst>((input) =>
  typeof input === "object" && input !== null && "snapshot" in input ? seedFirst : blankFirst,
);

const volume = table({
  mount: mountPath,
  filesystem: v.optional(v.picklist(["ext4", "xfs"], "ext4 or xfs"), "ext4"),
  options: v.optional(mountOptions, []),
  owner: v.optional(owner),
  mode: v.optional(mode),
  first: v.optional(first),
  restore: v.optional(
    // The rate is what AWS takes (100 to 300 MiB/s), billed for each GiB of the snapshot.
    table({ ...performance, initializationMibps: v.optional(whole(100, 300)) }),
    {},
  ),
});

const addressById = table({
  allocationId: id('an allocation id, as in "eipalloc-0123456789abcdef0"', allocationId),
});
const addressFlag = v.boolean("true, false, or { allocationId: eipalloc-… }");
const address = v.lazy<typeof addressById | typeof addressFlag>((input) =>
  typeof input === "object" ? addressById : addressFlag,
);

const port = whole(1, 65_535);
const url = text('a URL, as in "http://127.0.0.1:8080/health"', (value) => {
  const protocol = URL.parse(value)?.protocol;
  return protocol === "http:" || protocol === "https:";
});
const ready = table({
  tcp: v.optional(port),
  http: v.optional(url),
  command: v.optional(command),
  within: v.optional(duration("1s", "48h"), "5m"),
  every: v.optional(duration("1s", "1h"), "5s"),
  failures: v.optional(whole(1, 100), 3),
  replace: v.optional(flag, false),
});

const cronWanted =
  'a cron expression of five fields in UTC, as in "*/5 * * * *", with one of its two days "*"';
const schedule = v.pipe(
  v.string(cronWanted),
  v.check((value) => value !== "continuous", `${cronWanted} ("continuous" is not supported yet)`),
  v.check((value) => value === "continuous" || cronMistake(value) === null, cronWanted),
  v.check(
    (value) => cronMistake(value) !== null || cronLongestGapMs(value) !== null,
    "a schedule that runs more than once in four years",
  ),
);
const snapshots = table({
  schedule: v.optional(schedule),
  freeze: v.optional(v.literal(false, "false (freezing is not supported yet)"), false),
  keep: v.optional(
    table({
      latest: v.optional(whole(1, 1_000), 4),
      hourly: v.optional(whole(0, 1_000), 24),
      daily: v.optional(whole(0, 1_000), 7),
    }),
    {},
  ),
});

/** As Auto Scaling takes them (PutLifecycleHook). */
const hookName = matching("a lifecycle hook's name", /^[A-Za-z0-9_/-]{1,255}$/);
const commands = v.optional(v.array(command, "a list of commands"), []);
const shape = table({
  seat: seatName,
  address: v.optional(address, false),
  volumes: v.optional(v.record(volumeName, volume, "volumes by name"), {}),
  units: v.optional(v.array(unitName, "a list of units"), []),
  ready: v.optional(ready),
  beforeSnapshot: commands,
  notify: commands,
  snapshots: v.optional(snapshots, {}),
  maxDataLoss: v.optional(duration("1m", "365d")),
  patience: v.optional(duration("1s", "24h"), "2m"),
  releaseWithin: v.optional(duration("1s", "48h"), "10m"),
  keepOldVolumes: v.optional(duration("0s", "3650d"), "7d"),
  onRefusal: v.optional(v.picklist(["hold", "abandon"], "hold or abandon"), "hold"),
  hooks: v.optional(table({ launch: v.optional(hookName), terminate: v.optional(hookName) }), {}),
});

type Shape = v.InferOutput<typeof shape>;
type VolumeShape = Shape["volumes"][string];
type ReadyShape = NonNullable<Shape["ready"]>;

/** How much of a value that was found is shown: enough to find it in the file. */
const foundCharactersMax = 80;

/** The settings, or the mistakes in single ones; never both. */
export function checkShape(raw: unknown): {
  readonly settings: Settings | null;
  readonly mistakes: readonly Mistake[];
} {
  const result = v.safeParse(shape, raw);
  if (result.success) return { settings: settle(result.output), mistakes: [] };
  return { settings: null, mistakes: result.issues.map(mistakeOf) };
}

function mistakeOf(issue: v.BaseIssue<unknown>): Mistake {
  const path = issue.path?.map((item) => String(item.key)).join(".") ?? "";
  const found = issue.type === unknownName ? "unknown" : shown(issue.input, foundCharactersMax);
  return { path, found, wanted: issue.message };
}

function settle(output: Shape): Settings {
  const { address: chosen, volumes, ready: readiness, snapshots: saving } = output;
  const names = Object.keys(volumes).toSorted();
  return {
    seat: output.seat,
    address: settleAddress(chosen),
    volumes: names.flatMap((name) => {
      const found = volumes[name];
      return found === undefined ? [] : [settleVolume(name, found)];
    }),
    units: output.units,
    ready: readiness === undefined ? null : settleReady(readiness),
    beforeSnapshot: output.beforeSnapshot,
    notify: output.notify,
    snapshots: { schedule: saving.schedule ?? null, keep: saving.keep },
    maxDataLossMs: output.maxDataLoss ?? null,
    patienceMs: output.patience,
    releaseWithinMs: output.releaseWithin,
    keepOldVolumesMs: output.keepOldVolumes,
    onRefusal: output.onRefusal,
    hooks: { launch: output.hooks.launch ?? null, terminate: output.hooks.terminate ?? null },
  };
}

function settleAddress(chosen: Shape["address"]): Settings["address"] {
  if (chosen === true) return "tag";
  return chosen === false ? null : chosen;
}

function settleVolume(name: string, found: VolumeShape): VolumeSettings {
  const { type, iops, throughputMibps, initializationMibps } = found.restore;
  return {
    name,
    mount: found.mount,
    filesystem: found.filesystem,
    options: found.options,
    owner: found.owner ?? null,
    mode: found.mode ?? null,
    first: found.first ?? null,
    restore: {
      type,
      iops: iops ?? null,
      throughputMibps: throughputMibps ?? null,
      initializationMibps: initializationMibps ?? null,
    },
  };
}

/** Exactly one check is there: the rules refuse none and several. */
function settleReady(found: ReadyShape): Settings["ready"] {
  const check = checkOf(found);
  if (check === null) return null;
  const { within: withinMs, every: everyMs, failures, replace } = found;
  return { check, withinMs, everyMs, failures, replace };
}

function checkOf({ tcp, http, command: line }: ReadyShape): ReadyCheck | null {
  if (tcp !== undefined) return { kind: "tcp", port: tcp };
  if (http !== undefined) return { kind: "http", url: http };
  return line === undefined ? null : { kind: "command", command: line };
}
