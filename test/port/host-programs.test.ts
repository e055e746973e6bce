// What systemd-run is asked for, and what its exit codes become. The stand-in runs the command here.

import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { systemClock } from "../../agent/port/clock.ts";
import { hostPrograms } from "../../agent/port/host-programs.ts";
import { type Command, type Programs, programsPort } from "../../agent/port/programs.ts";

const systemdRun = fileURLToPath(new URL("stubs/systemd-run", import.meta.url));
const programs = programsPort({ clock: systemClock() });

test("a command becomes a transient unit with a limit of its own", async () => {
  const asked: Command[] = [];
  const recording: Programs = {
    run: (command) => {
      asked.push(command);
      return programs.run(command);
    },
  };
  const result = await hostPrograms({ programs: recording, systemdRun }).run({
    file: "sh",
    args: ["-c", 'echo "$WORD"; exit 3'],
    timeoutMs: 1_500,
    environment: { WORD: "a b" },
    unit: "ec2-ha-init.service",
  });
  expect(result).toMatchObject({ exitCode: 3, stdout: "a b\n" });
  expect(asked).toEqual([
    {
      file: systemdRun,
      args: [
        ...["--wait", "--collect", "--pipe", "--quiet", "--unit=ec2-ha-init.service"],
        ...["--property=RuntimeMaxSec=2", "--property=TimeoutStopSec=1", "--setenv=WORD=a b"],
        ...["--", "sh", "-c", 'echo "$WORD"; exit 3'],
      ],
      timeoutMs: 4_500,
    },
  ]);
});

test("a program that PID 1 cannot execute names its package", async () => {
  const attempt = hostPrograms({ programs, systemdRun }).run({
    file: "/nowhere/xfs_growfs",
    args: [],
    timeoutMs: 1_000,
  });
  await expect(attempt).rejects.toThrow(
    'Cannot run "/nowhere/xfs_growfs": it is not installed: install the package xfsprogs',
  );
});

test("a machine without systemd says so", async () => {
  const attempt = hostPrograms({ programs, systemdRun: "/nowhere/systemd-run" }).run({
    file: "true",
    args: [],
    timeoutMs: 1_000,
  });
  await expect(attempt).rejects.toThrow(/install the package systemd$/);
});
