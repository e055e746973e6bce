// Settings from anywhere: the file's text, its values, the environment, `--set`, an instance tag. Each
// input is accepted, and then gives the same settings again, or is refused with mistakes that each say
// where, what was found and what was wanted. Nothing that is written there changes this program.

import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { describeMistakes, loadSettings, type SettingsSource } from "../../agent/port/settings.ts";
import { ruleMistakes } from "../../agent/port/settings-rules.ts";
import { checkShape } from "../../agent/port/settings-shape.ts";
import { isTree } from "../../agent/port/settings-source.ts";
import { full } from "../port/written-settings.ts";
import { anyText, woundedText, woundedValue } from "./mutations.ts";
import { always } from "./runs.ts";

const small = "{ seat: x, address: true }";
const anchored = `seat: x
address: true
volumes:
  a: &one { mount: /srv/a, first: { sizeGib: 1 } }
  b: { <<: *one, mount: /srv/b }
`;
const values = {
  seat: "orders",
  address: { allocationId: "eipalloc-0123456789abcdef0" },
  volumes: {
    data: {
      mount: "/srv/data",
      filesystem: "xfs",
      options: ["noatime"],
      owner: "1000:1000",
      mode: "0750",
      first: { sizeGib: 10, type: "io2", iops: 4000, encrypted: false, init: "/bin/true" },
      restore: { type: "gp3", throughputMibps: 250, initializationMibps: 200 },
    },
    wal: { mount: "/srv/wal", first: { snapshot: "snap-0123456789abcdef0" } },
  },
  units: ["a.service", "b.target"],
  ready: { http: "http://127.0.0.1:80/", within: "90s", every: "1s", failures: 2 },
  beforeSnapshot: ["/bin/sync"],
  notify: ["/usr/bin/logger seat"],
  snapshots: { schedule: "*/10 * * * *", keep: { latest: 1, hourly: 0, daily: 1 } },
  maxDataLoss: "1h",
  hooks: { launch: "a", terminate: "b" },
};

/** A schedule with a loss is followed over four years, which takes a while. */
const yearly = 0.1;

/** After so many mistakes the rest are counted. */
const toldMax = 25;

function load(source: Partial<SettingsSource>) {
  return loadSettings({
    text: small,
    overrides: [],
    environment: {},
    instanceTags: null,
    ...source,
  });
}

/** Accepted or refused, and in either way as promised. */
function judge(source: Partial<SettingsSource>): boolean {
  const before = Object.getOwnPropertyNames(Object.prototype);
  const outcome = load(source);
  expect(Object.getOwnPropertyNames(Object.prototype)).toEqual(before);
  if (!outcome.ok) {
    expect(outcome.mistakes.length).toBeGreaterThan(0);
    for (const { found, wanted } of outcome.mistakes) {
      expect(found.trim()).not.toBe("");
      expect(wanted.trim()).not.toBe("");
    }
    const told = describeMistakes("config.yaml", outcome.mistakes);
    // One line for each mistake, none so long or so late that the others are lost from sight.
    const lines =
      Math.min(outcome.mistakes.length, toldMax) + (outcome.mistakes.length > toldMax ? 2 : 1);
    expect(told.split(/[\n\r\u2028\u2029]/)).toHaveLength(lines);
    for (const line of told.split("\n")) expect(line.length).toBeLessThan(700);
    return false;
  }
  expect(load(source)).toEqual(outcome);
  expect(outcome.settings.seat).toMatch(/^[a-z0-9-]{1,32}$/);
  expect(outcome.settings.address).not.toBeNull();
  return true;
}

describe("any text of the file", () => {
  it("is settings or mistakes", () =>
    always(
      anyText(small, anchored, "seat: x\naddress: true\nready: { tcp: 5432, within: 5m }\n"),
      (text) => {
        judge({ text });
      },
    ));

  it("stays so where it is nearly the manual's", async () => {
    let accepted = 0;
    const shared = (text: string) => {
      accepted += judge({ text }) ? 1 : 0;
    };
    await always(woundedText(full), shared, yearly);
    // Else this would show nothing of what is accepted.
    expect(accepted).toBeGreaterThan(0);
  });
});

it("any values, however the file came by them, are settings or mistakes", async () => {
  expect(checkShape(values).mistakes).toEqual([]);
  const check = (raw: unknown) => {
    const { settings, mistakes } = checkShape(raw);
    expect(settings === null).toBe(mistakes.length > 0);
    if (isTree(raw)) ruleMistakes(raw);
  };
  await always(fc.oneof(woundedValue(values), fc.anything()), check, yearly);
});

it("values that JSON can hold are the same written as YAML", () =>
  always(
    woundedValue(values),
    (raw) => {
      judge({ text: JSON.stringify(raw ?? null) });
    },
    yearly,
  ));

const override = anyText(
  "snapshots.keep.latest=8",
  "units=[a.service]",
  "volumes.data.first={ sizeGib: 1 }",
  "__proto__.polluted=1",
  "constructor.prototype.polluted=1",
  "ready.tcp=80",
);

it("any overrides are settings or mistakes", () =>
  always(fc.array(override, { maxLength: 4 }), (overrides) => {
    judge({ overrides });
    judge({ environment: { EC2_HA_SET: overrides.join(";") } });
  }));

it("any seat from the environment or the tag is taken as it is, or is a mistake", () =>
  always(anyText("orders", "orders-db"), (seat) => {
    judge({ text: "address: true", environment: { EC2_HA_SEAT: seat } });
    judge({ text: "address: true", instanceTags: { "ec2-ha:seat": seat } });
  }));
