// Every single setting with a value that it must refuse, where in the file it is told, and the text of
// a whole list of mistakes: one never hides another.

import { expect, test } from "vitest";
import { describeMistakes } from "../../agent/port/settings.ts";
import { load, refused, seat, volume } from "./written-settings.ts";

test("every mistake is told at once, with what was found and wanted", () => {
  const text = `
seat: Orders
adress: true
volumes:
  data: { moutn: /x, mode: 0888, first: { size: 3, init: initdb } }
ready: { tcp: 0, within: 5 }
`;
  const outcome = load(text);
  if (outcome.ok) throw new Error("expected mistakes");
  expect(describeMistakes("/etc/ec2-ha-agent/config.yaml", outcome.mistakes)).toBe(
    `Cannot use the settings in "/etc/ec2-ha-agent/config.yaml":
  seat: found "Orders", wanted a name of a-z, 0-9 and "-", at most 32 characters (in quotes if it looks like a number), here or in the instance tag ec2-ha:seat
  volumes.data.mount: found missing, wanted an absolute path without "..", of a directory that is not the system's, as in "/srv/data"
  volumes.data.mode: found 888, wanted three or four octal digits, as in "0750"
  volumes.data.first.sizeGib: found missing, wanted a whole number from 1 to 65536
  volumes.data.first.init: found "initdb", wanted a command with an absolute path
  volumes.data.first.size: found unknown, wanted one of sizeGib, type, iops, throughputMibps, encrypted, kmsKeyId, init
  volumes.data.moutn: found unknown, wanted "mount", or one of mount, filesystem, options, owner, mode, first, restore
  ready.tcp: found 0, wanted a whole number from 1 to 65535
  ready.within: found 5, wanted a duration from 1s to 48h, as in "5m"
  adress: found unknown, wanted "address", or one of seat, address, volumes, units, ready, beforeSnapshot, notify, snapshots, maxDataLoss, patience, releaseWithin, keepOldVolumes, onRefusal, hooks
  address: found missing, wanted true: volumes without an address are not supported yet`,
  );
});

test("a file that is no YAML, or no mapping, is told by its line", () => {
  expect(refused("a: 1\na: 2")).toEqual(["line 2: Map keys must be unique: YAML"]);
  expect(refused("- 1")).toEqual([": [1]: settings by name"]);
  expect(refused("seat: !secret x")[0]).toMatch(/^line 1: Unresolved tag: !secret: YAML$/);
});

test("a file of aliases upon aliases is refused and not unfolded", () => {
  const lines = Array.from({ length: 9 }, (_, index) => {
    const before = index === 0 ? "x" : `*a${index - 1}`;
    return `a${index}: &a${index} [${Array.from({ length: 9 }, () => before).join(", ")}]`;
  });
  expect(refused(lines.join("\n"))[0]).toMatch(/alias/);
});

/** A name, a settings file with one mistake, and how that mistake begins. */
const cases: readonly (readonly [string, string, string])[] = [
  ["a long seat name", `{ seat: ${"x".repeat(33)}, address: true }`, "seat: "],
  [
    "a volume name with capitals",
    seat("volumes: { Data: { mount: /srv/a } }"),
    'volumes.Data: "Data": a name',
  ],
  [
    "a relative mount point",
    seat("volumes: { a: { mount: srv/a } }"),
    'volumes.a.mount: "srv/a": an absolute path',
  ],
  ["a mount point with dots", seat("volumes: { a: { mount: /srv/../etc } }"), "volumes.a.mount: "],
  [
    "a mount point with a slash at its end",
    seat("volumes: { a: { mount: /srv/a/ } }"),
    "volumes.a.mount: ",
  ],
  ["the root directory", seat("volumes: { a: { mount: / } }"), 'volumes.a.mount: "/": '],
  ["a directory of the system", seat("volumes: { a: { mount: /var/lib } }"), "volumes.a.mount: "],
  [
    "an unknown file system",
    volume("filesystem: btrfs"),
    'volumes.data.filesystem: "btrfs": ext4 or xfs',
  ],
  [
    "options with a comma",
    volume('options: ["a,b"]'),
    'volumes.data.options.0: "a,b": mount options',
  ],
  [
    "an owner without a group",
    volume("owner: postgres"),
    'volumes.data.owner: "postgres": user:group',
  ],
  [
    "a size of nothing",
    volume("first: { sizeGib: 0 }"),
    "volumes.data.first.sizeGib: 0: a whole number from 1 to 65536",
  ],
  ["half a gibibyte", volume("first: { sizeGib: 1.5 }"), "volumes.data.first.sizeGib: 1.5: "],
  [
    "a slow initialization",
    volume("restore: { initializationMibps: 50 }"),
    "volumes.data.restore.initializationMibps: 50: a whole number from 100 to 300",
  ],
  [
    "a snapshot id that is none",
    volume("first: { snapshot: snap-1 }"),
    'volumes.data.first.snapshot: "snap-1": a snapshot id',
  ],
  [
    "a unit without its suffix",
    seat("units: [postgresql]"),
    'units.0: "postgresql": a systemd unit',
  ],
  ["the agent's own unit", seat("units: [ec2-ha-agent.service]"), "units.0: "],
  ["a URL that is not of the web", seat('ready: { http: "file:///etc/passwd" }'), "ready.http: "],
  [
    "a bare number as a duration",
    seat("patience: 120"),
    'patience: 120: a duration from 1s to 24h, as in "5m"',
  ],
  [
    "a duration out of its range",
    seat("patience: 2d"),
    'patience: "2d": a duration from 1s to 24h',
  ],
  [
    "six cron fields",
    seat('volumes: { a: { mount: /srv/a } }\nsnapshots: { schedule: "0 */5 * * * *" }'),
    "snapshots.schedule: ",
  ],
  [
    "a schedule by two kinds of days",
    seat('volumes: { a: { mount: /srv/a } }\nsnapshots: { schedule: "0 3 1 * 1" }'),
    'snapshots.schedule: "0 3 1 * 1": a cron expression of five fields',
  ],
  [
    "a cron field out of its range",
    seat('volumes: { a: { mount: /srv/a } }\nsnapshots: { schedule: "61 * * * *" }'),
    'snapshots.schedule: "61 * * * *": a cron expression of five fields',
  ],
  [
    "a schedule that never comes",
    seat('volumes: { a: { mount: /srv/a } }\nsnapshots: { schedule: "0 0 30 2 *" }'),
    "snapshots.schedule: ",
  ],
  [
    "a continuous schedule",
    seat("volumes: { a: { mount: /srv/a } }\nsnapshots: { schedule: continuous }"),
    'snapshots.schedule: "continuous": ',
  ],
  [
    "freezing",
    seat("snapshots: { freeze: true }"),
    "snapshots.freeze: true: false (freezing is not supported yet)",
  ],
  ["keeping nothing", seat("snapshots: { keep: { latest: 0 } }"), "snapshots.keep.latest: 0: "],
  [
    "a relative command",
    seat("beforeSnapshot: [sync]"),
    'beforeSnapshot.0: "sync": a command with an absolute path',
  ],
  ["a refusal's unknown effect", seat("onRefusal: panic"), 'onRefusal: "panic": hold or abandon'],
  [
    "a word for true",
    seat("ready: { tcp: 1, replace: yes }"),
    'ready.replace: "yes": true or false',
  ],
];
test.each(cases)("%s", (_name, text, start) => {
  expect(refused(text)).toHaveLength(1);
  expect(refused(text)[0]?.slice(0, start.length)).toBe(start);
});
