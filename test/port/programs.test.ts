// Programs are run for real: their output, their end by signal, their absence, and the death of a
// whole group that is out of time.

import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { systemClock } from "../../agent/port/clock.ts";
import { describeResult, programsPort } from "../../agent/port/programs.ts";

const clock = systemClock();
const programs = programsPort({ clock });

function shell(script: string, timeoutMs = 5_000) {
  return programs.run({ file: "sh", args: ["-c", script], timeoutMs });
}

test("a program's exit code and output are values", async () => {
  const result = await shell("echo out; echo err >&2; exit 3");
  expect(result).toEqual({ exitCode: 3, signal: null, stdout: "out\n", stderr: "err\n" });
  expect(describeResult(result)).toBe("exit 3, err");
});

test("a program that a signal ended has no exit code", async () => {
  const result = await shell("kill -KILL $$");
  expect(result).toMatchObject({ exitCode: null, signal: "SIGKILL" });
  expect(describeResult(result)).toBe("signal SIGKILL");
});

test("input and environment reach the program, and it answers in the C locale", async () => {
  const result = await programs.run({
    file: "sh",
    args: ["-c", 'cat; echo "$WORD $LC_ALL $PWD"'],
    timeoutMs: 5_000,
    environment: { WORD: "told" },
    input: "given ",
  });
  expect(result.stdout).toBe("given told C /\n");
});

test("of a long output the last 64 KiB are kept", async () => {
  const result = await shell("seq 1 100000");
  expect(result.stdout.length).toBe(64 * 1024);
  expect(result.stdout.endsWith("100000\n")).toBe(true);
});

test("a program that is not there names the package to install", async () => {
  const absent = "/nowhere/mkfs.xfs";
  const attempt = programs.run({ file: absent, args: [], timeoutMs: 1_000 });
  await expect(attempt).rejects.toThrow(
    'Cannot run "/nowhere/mkfs.xfs": it is not installed: install the package xfsprogs',
  );
  await expect(attempt).rejects.toMatchObject({ details: { kind: "broken" } });
});

test("a program out of time is killed with its children", async () => {
  const directory = await mkdtemp(join(tmpdir(), "ec2-ha-agent-"));
  const attempt = shell(`sleep 61 & echo $! > ${directory}/pid; wait`, 200);
  await expect(attempt).rejects.toMatchObject({ details: { kind: "transient" } });
  await expect(attempt).rejects.toThrow(/it had not ended after 200 ms: it was killed$/);
  const pid = (await readFile(join(directory, "pid"), "utf8")).trim();
  const state = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "gone");
  expect(state === "gone" || state.includes(") Z ")).toBe(true);
  await rm(directory, { recursive: true });
});

test("a program that ignores the request to end is killed all the same", async () => {
  const startedMs = clock.monotonicMs();
  await expect(shell("trap '' TERM; sleep 62; sleep 62", 100)).rejects.toThrow(/killed$/);
  expect(clock.monotonicMs() - startedMs).toBeLessThan(4_000);
});

test("a child that keeps the pipe open does not hold up the answer", async () => {
  const startedMs = clock.monotonicMs();
  const result = await shell("echo here; sleep 3 & exit 0");
  expect(result).toMatchObject({ exitCode: 0, stdout: "here\n" });
  expect(clock.monotonicMs() - startedMs).toBeLessThan(2_000);
});
