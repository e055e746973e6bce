// Settings as an operator writes them: what they become, every way in which they are refused, and the
// text that says so. A mistake never hides another one.

import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readSettingsFile } from "../../agent/port/settings.ts";
import { accepted, full, refused } from "./written-settings.ts";

describe("what is accepted", () => {
  test("the settings of the manual become what the planner reads", () => {
    expect(accepted(full)).toEqual({
      seat: "orders-db",
      address: "tag",
      volumes: [
        {
          name: "data",
          mount: "/var/lib/postgresql",
          filesystem: "xfs",
          options: ["noatime"],
          owner: "postgres:postgres",
          mode: "0750",
          first: {
            kind: "blank",
            sizeGib: 100,
            type: "gp3",
            encrypted: true,
            kmsKeyId: null,
            iops: null,
            throughputMibps: null,
            init: "/usr/local/bin/init-db",
          },
          restore: { type: "gp3", iops: null, throughputMibps: null, initializationMibps: 200 },
        },
      ],
      units: ["postgresql.service"],
      ready: {
        check: { kind: "tcp", port: 5432 },
        withinMs: 300_000,
        everyMs: 5_000,
        failures: 3,
        replace: false,
      },
      beforeSnapshot: [],
      notify: [],
      snapshots: { schedule: "*/5 * * * *", keep: { latest: 4, hourly: 24, daily: 7 } },
      maxDataLossMs: 1_200_000,
      patienceMs: 120_000,
      releaseWithinMs: 600_000,
      keepOldVolumesMs: 604_800_000,
      onRefusal: "hold",
      hooks: { launch: "db/launch", terminate: null },
    });
  });

  test("a seat may be an address alone", () => {
    const id = "eipalloc-0123456789abcdef0";
    const settings = accepted(`{ seat: web, address: { allocationId: ${id} } }`);
    expect(settings).toMatchObject({ address: { allocationId: id }, volumes: [], ready: null });
  });

  test("a first volume may come from a seed snapshot", () => {
    const first = "{ snapshot: snap-0123456789abcdef0 }";
    const text = `{ seat: web, address: true, volumes: { data: { mount: /srv/a, first: ${first} } } }`;
    expect(accepted(text).volumes[0]?.first).toEqual({
      kind: "snapshot",
      snapshotId: "snap-0123456789abcdef0",
      type: "gp3",
    });
  });

  test("volumes are in name order whatever the file's", () => {
    const text =
      "{ seat: x, address: true, volumes: { b: { mount: /srv/b }, a: { mount: /srv/a } } }";
    expect(accepted(text).volumes.map((volume) => volume.name)).toEqual(["a", "b"]);
  });

  test.each([
    ["90s", 90_000],
    ["5m", 300_000],
    ["2h", 7_200_000],
    ["1d", 86_400_000],
  ])("a patience of %s is %i ms", (text, expectedMs) => {
    expect(accepted(`{ seat: x, address: true, patience: ${text} }`).patienceMs).toBe(expectedMs);
  });

  test("a mode is octal in quotes and without", () => {
    const modes = ["0750", '"0750"', "750", '"750"'].map((mode) => {
      const text = `{ seat: x, address: true, volumes: { a: { mount: /srv/a, mode: ${mode} } } }`;
      return accepted(text).volumes[0]?.mode;
    });
    expect(modes).toEqual(["0750", "0750", "0750", "0750"]);
  });
});

describe("where settings come from", () => {
  const base = "{ seat: from-file, address: true }";

  test("the environment wins over the file, and --set over both", () => {
    const environment = {
      EC2_HA_SEAT: "from-environment",
      EC2_HA_SET: "patience=3m; units=[a.service]",
    };
    expect(accepted(base, { environment })).toMatchObject({
      seat: "from-environment",
      patienceMs: 180_000,
      units: ["a.service"],
    });
    const overrides = ["seat=from-set", "patience=4m"];
    expect(accepted(base, { environment, overrides })).toMatchObject({
      seat: "from-set",
      patienceMs: 240_000,
    });
  });

  test("the instance tag names the seat only where nothing else does", () => {
    const instanceTags = { "ec2-ha:seat": "from-tag" };
    expect(accepted("address: true", { instanceTags }).seat).toBe("from-tag");
    expect(accepted(base, { instanceTags }).seat).toBe("from-file");
  });

  test("an override reaches into what the file does not have, and an empty one takes away", () => {
    const overrides = ["ready.tcp=80", "snapshots.keep.latest=8", "units="];
    const text = "{ seat: x, address: true, units: [a.service] }";
    expect(accepted(text, { overrides })).toMatchObject({
      ready: { check: { kind: "tcp", port: 80 } },
      snapshots: { keep: { latest: 8, hourly: 24 } },
      units: [],
    });
  });

  test("an override keeps the equals signs of its value", () => {
    const overrides = ["ready.http=http://127.0.0.1/?a=b"];
    expect(accepted(base, { overrides }).ready?.check).toEqual({
      kind: "http",
      url: "http://127.0.0.1/?a=b",
    });
  });

  test("overrides that are none are all told", () => {
    const overrides = ["seat", "=x", "seat.name=x", "units=[", "__proto__.seat=x"];
    expect(refused(base, { overrides })).toEqual([
      '--set seat: "seat": name=value, as in a.b=5m',
      '--set =x: "=x": name=value, as in a.b=5m',
      '--set seat.name=x: "from-file": settings by name at seat',
      '--set units=[: "units=[": name=value, as in a.b=5m',
      '--set __proto__.seat=x: "__proto__.seat=x": name=value, as in a.b=5m',
    ]);
  });
});

describe("the settings file", () => {
  let directory: string;
  let path: string;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), "ec2-ha-agent-"));
    path = join(directory, "config.yaml");
    await writeFile(path, full);
  });
  afterAll(() => rm(directory, { recursive: true }));

  test("is read whole", async () => {
    await chmod(path, 0o640);
    expect(await readSettingsFile(path)).toBe(full);
  });

  test("is refused when everybody may write it", async () => {
    await chmod(path, 0o666);
    await expect(readSettingsFile(path)).rejects.toThrow(
      `Cannot read "${path}": everybody may write it: run chmod o-w ${path}`,
    );
  });

  test("is missed, and not made up, when it is not there", async () => {
    await expect(readSettingsFile("/nowhere/config.yaml")).rejects.toThrow(
      'Cannot read "/nowhere/config.yaml": there is no such file: write one, or name another with --config',
    );
  });

  test("is refused when it is a directory", async () => {
    await expect(readSettingsFile(directory)).rejects.toThrow(/it is not a file: name a file$/);
  });
});
