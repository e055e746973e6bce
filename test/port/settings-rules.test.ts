// What settings must be together: seats that hold something, mounts that do not depend on an order,
// volumes that EC2 would take, and losses that the schedule can keep to.

import { expect, test } from "vitest";
import { full, refused, seat, volume } from "./written-settings.ts";

/** A name, a settings file with one mistake, and how that mistake begins. */
const cases: readonly (readonly [string, string, string])[] = [
  [
    "a seat that holds nothing",
    "seat: x",
    ": neither an address nor volumes: an address or volumes",
  ],
  [
    "an address that is switched off with volumes",
    "{ seat: x, address: false, volumes: { a: { mount: /srv/a } } }",
    "address: false: true: volumes without an address are not supported yet",
  ],
  [
    "two volumes on one mount point",
    seat("volumes: { a: { mount: /srv/a }, b: { mount: /srv/a } }"),
    'volumes.b.mount: "/srv/a": a directory apart from that of "a" (/srv/a)',
  ],
  [
    "one mount point inside of another",
    seat("volumes: { a: { mount: /srv/a/b }, b: { mount: /srv/a } }"),
    'volumes.b.mount: "/srv/a": a directory apart',
  ],
  [
    "more IOPS than gp3 has",
    volume("restore: { iops: 100000 }"),
    "volumes.data.restore.iops: 100000: 3000 to 80000 for gp3",
  ],
  [
    "IOPS for a type without",
    volume("restore: { type: st1, iops: 500 }"),
    "volumes.data.restore.iops: 500: none for st1",
  ],
  [
    "io2 without its IOPS",
    volume("restore: { type: io2 }"),
    "volumes.data.restore.iops: missing: a number: io2 needs it",
  ],
  [
    "throughput for a type without",
    volume("restore: { type: gp2, throughputMibps: 125 }"),
    "volumes.data.restore.throughputMibps: 125: none: it is for gp3 only",
  ],
  ["a unit twice", seat("units: [a.service, a.service]"), 'units.1: "a.service": each unit once'],
  [
    "two ready checks",
    seat("ready: { tcp: 1, command: /bin/true }"),
    "ready: tcp and command: one of tcp, http, command",
  ],
  ["no ready check", seat("ready: { within: 5m }"), "ready: no check: one of tcp, http, command"],
  [
    "a schedule with nothing to save",
    seat('snapshots: { schedule: "*/5 * * * *" }'),
    'snapshots.schedule: "*/5 * * * *": volumes: there is nothing to snapshot',
  ],
  [
    "less loss than the schedule allows",
    full.replace("20m", "9m"),
    'maxDataLoss: "9m": at least 10m: the longest time between two snapshots, and 5m for the last',
  ],
  ["loss without snapshots", seat("maxDataLoss: 1h"), 'maxDataLoss: "1h": snapshots.schedule too'],
];
test.each(cases)("%s", (_name, text, start) => {
  expect(refused(text)).toHaveLength(1);
  expect(refused(text)[0]?.slice(0, start.length)).toBe(start);
});

test("volumes whose names are too long for the mark together", () => {
  const names = Array.from({ length: 5 }, (_, index) => `a-rather-long-${index}`);
  const volumes = names.map((name) => `${name}: { mount: /srv/${name} }`).join(", ");
  expect(refused(seat(`volumes: { ${volumes} }`))).toEqual([
    "volumes: 5 volumes whose names need 276 characters in a tag: at most 256: fewer volumes, or shorter names",
  ]);
});
