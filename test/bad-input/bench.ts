// The steps on disks as the agent runs them, on loop devices instead of EBS volumes: everything below
// the steps is the agent's own and real, but for PID 1, whose stand-in runs what it is given.

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect } from "vitest";
import type { RefusalCode } from "../../agent/domain/decision.ts";
import { type VolumeId, volumeId } from "../../agent/domain/ids.ts";
import type { Outcome } from "../../agent/domain/steps.ts";
import { diskExecutors } from "../../agent/flow/executors-disks.ts";
import { systemClock } from "../../agent/port/clock.ts";
import { devicesPort } from "../../agent/port/devices.ts";
import { diskContentsPort } from "../../agent/port/disk-content.ts";
import { filesystemsPort } from "../../agent/port/filesystems.ts";
import { hostPrograms } from "../../agent/port/host-programs.ts";
import { mountsPort } from "../../agent/port/mounts.ts";
import { programsPort } from "../../agent/port/programs.ts";
import { unitsPort } from "../../agent/port/units.ts";
import { createPaperJournal } from "../flow/paper-journal.ts";
import { type Disk, run } from "../port/real-disks.ts";

const stub = (name: string) => fileURLToPath(new URL(`../port/stubs/${name}`, import.meta.url));

export const id: VolumeId = known(volumeId("vol-0123456789abcdef0"));

/** `systemdRun` is what is run in the place of systemd's own. */
export function stepsOn(disk: Disk, systemdRun: string = stub("systemd-run")) {
  const clock = systemClock();
  const programs = programsPort({ clock });
  const host = hostPrograms({ programs, systemdRun });
  const device = { ...disk, volumeId: id };
  return diskExecutors({
    devices: { ...devicesPort({ clock }), find: async () => device, verify: async () => true },
    contents: diskContentsPort({ clock, programs }),
    filesystems: filesystemsPort({ programs, host }),
    mounts: mountsPort({ clock, host }),
    units: unitsPort({ clock, programs, host }),
    journal: createPaperJournal(),
  });
}

/** One refusal, whose message has the volume or the path, what was found, and what to do. */
export function expectRefused(outcome: Outcome, code: RefusalCode, found: string): void {
  if (outcome.kind !== "refused") throw new Error(`expected ${code}, found ${outcome.kind}`);
  expect(outcome.code).toBe(code);
  expect(outcome.why).toContain(found);
  expect(outcome.why).toMatch(/, then restart the agent$/);
}

export function expectNotMounted(disk: Disk): void {
  expect(run("findmnt", "--noheadings", "--output", "SOURCE").split("\n")).not.toContain(disk.path);
}

/** Of all that is on the disk: what was refused must leave it as it was. */
export function digestOf(disk: Disk): string {
  return createHash("sha256").update(readFileSync(disk.image)).digest("hex");
}

function known<T>(value: T | null): T {
  if (value === null) throw new Error("expected an id");
  return value;
}
