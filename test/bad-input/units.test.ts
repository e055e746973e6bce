// Units that do not do as they are told, and a root disk that does not take the agent's only file: what
// becomes of each, with a stand-in for systemctl and real file systems for the rest.

import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { systemClock } from "../../agent/port/clock.ts";
import { hostPrograms } from "../../agent/port/host-programs.ts";
import { type Programs, programsPort } from "../../agent/port/programs.ts";
import { type Units, unitsPort } from "../../agent/port/units.ts";
import { disksMissing, run } from "../port/real-disks.ts";

const stub = (name: string) => fileURLToPath(new URL(`../port/stubs/${name}`, import.meta.url));
const unit = "postgresql.service";
const clock = systemClock();
let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "ec2-ha-units-"));
});
afterEach(() => {
  if (disksMissing === null && existsSync(join(directory, "etc"))) {
    try {
      run("umount", join(directory, "etc"));
    } catch {
      // Nothing was mounted there.
    }
  }
  rmSync(directory, { recursive: true });
});

const put = (name: string, text: string) => writeFileSync(join(directory, name), text);

function units(): Units {
  const real = programsPort({ clock });
  const programs: Programs = {
    run: (command) =>
      real.run({
        ...command,
        file: command.file === "systemctl" ? stub("systemctl") : command.file,
        environment: { ...command.environment, EC2_HA_STUB: directory },
      }),
  };
  return unitsPort({
    clock,
    programs,
    host: hostPrograms({ programs, systemdRun: stub("systemd-run") }),
    dropInRoot: join(directory, "etc"),
    volatileRoot: join(directory, "run"),
  });
}

describe("a unit", () => {
  it.each([
    ["masked", "inactive", "unusable"],
    ["bad-setting", "inactive", "unusable"],
    ["error", "inactive", "unusable"],
    ["not-found", "inactive", "missing"],
    // Masked while it ran: it still does.
    ["masked", "active", "active"],
  ])("that is %s and %s is %s", async (load, active, expected) => {
    put(unit, `LoadState=${load}\nActiveState=${active}\n`);
    expect(await units().state(unit)).toBe(expected);
  });

  it("that is masked, missing or failed counts as stopped when it is to be stopped", async () => {
    await units().stop("no-such.service", 1_000);
    expect(await units().state("no-such.service")).toBe("missing");
  });

  it("that will not stop, killed or not, is told with its code and tried again", async () => {
    const stubborn: Programs = {
      run: async ({ args }) => ({
        exitCode: args[0] === "show" ? 0 : 1,
        signal: null,
        stdout: "LoadState=loaded\nActiveState=deactivating\n",
        stderr: "Job timed out.",
      }),
    };
    const port = unitsPort({ clock, programs: stubborn, host: stubborn });
    await expect(port.stop(unit, 100)).rejects.toMatchObject({
      message: expect.stringMatching(/^Cannot stop "postgresql.service": exit 1, Job timed out/),
      details: { kind: "transient", refusal: "EHA-UNIT-STUCK" },
    });
  });
});

describe.skipIf(disksMissing !== null)("the file that guards a unit", () => {
  const guard = () => units().installDropIn(unit, ["/srv/data"]);
  const guardIn = (place: string) => join(directory, place, `${unit}.d`, "50-ec2-ha.conf");

  it("goes to /run where the root is read-only", async () => {
    mkdirSync(join(directory, "etc"));
    run("mount", "-t", "tmpfs", "-o", "ro", "none", join(directory, "etc"));
    await guard();
    expect(readFileSync(guardIn("run"), "utf8")).toContain("AssertPathIsMountPoint=/srv/data");
  });

  it("is not half there where the root is full", async () => {
    const etc = join(directory, "etc");
    mkdirSync(etc);
    run("mount", "-t", "tmpfs", "-o", "size=4k", "none", etc);
    writeFileSync(join(etc, "filler"), Buffer.alloc(4096));
    await expect(guard()).rejects.toMatchObject({
      message: `Cannot guard "${unit}": ENOSPC: see that ${etc} can be written`,
      details: { kind: "broken", refusal: "EHA-UNIT-GUARD" },
    });
    expect(readdirSync(join(etc, `${unit}.d`))).toEqual([]);
    // As soon as there is room.
    rmSync(join(etc, "filler"));
    await guard();
    expect(existsSync(guardIn("etc"))).toBe(true);
  });

  it("is told where something else stands in its place", async () => {
    put("etc", "a file");
    await expect(guard()).rejects.toMatchObject({ details: { refusal: "EHA-UNIT-GUARD" } });
  });
});
