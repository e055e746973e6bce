// scripts/setup on machines that lack something, made of a PATH with only what the test puts there.
// Its apt-get is a stand-in that writes down how it was called: nothing is installed here.

import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));
const needed = ["cat", "dirname", "find", "mktemp", "rm", "sed", "sh", "sort", "touch", "tr"];

let place: string;

beforeEach(async () => {
  place = await mkdtemp(join(tmpdir(), "ec2-ha-setup-"));
  await mkdir(join(place, "bin"));
  await mkdir(join(place, "scripts"));
  await mkdir(join(place, "node_modules"));
  await cp(join(root, "scripts/setup"), join(place, "scripts/setup"));
  await writeFile(join(place, "package-lock.json"), "{}");
  await writeFile(join(place, "node_modules/.set-up"), "");
  for (const name of needed) await symlink(await pathOf(name), join(place, "bin", name));
  await stand("node", "echo 20");
  await stand("npm", `echo npm "$@" >>"${place}/calls"`);
  await stand("apt-get", `echo apt-get "$@" >>"${place}/calls"`);
  await stand("id", "echo 1000");
});

afterEach(async () => {
  await rm(place, { recursive: true, force: true });
});

const command = "Missing: systemd-container: as root run: apt-get install -y systemd-container\n";

describe("set-up", () => {
  it("is silent when nothing is missing", async () => {
    await stand("systemd-nspawn", "");
    expect(await setUp("systemd")).toEqual({ exitCode: 0, output: "" });
    expect(await calls()).toBe("");
  });

  it("prints the command and fails where it may not install", async () => {
    expect(await setUp("systemd")).toEqual({ exitCode: 1, output: command });
    expect(await calls()).toBe("");
  });

  it("notes what is missing and goes on when it is optional", async () => {
    expect(await setUp("--optional", "systemd")).toEqual({ exitCode: 0, output: command });
  });

  it("installs as root, and says so first", async () => {
    await stand("id", "echo 0");
    expect(await setUp("systemd")).toEqual({
      exitCode: 0,
      output: "Installing systemd-container (apt-get)\n",
    });
    expect(await calls()).toBe(
      "apt-get update -qq\napt-get install -y -qq --no-install-recommends systemd-container\n",
    );
  });

  it("says what apt-get said when an installation fails", async () => {
    await stand("id", "echo 0");
    await stand("apt-get", "echo no network\nexit 100");
    const output = `Installing systemd-container (apt-get)\nno network\n${command}`;
    expect(await setUp("systemd")).toEqual({ exitCode: 1, output });
  });

  it("installs the Node packages when the lockfile is newer than the last time", async () => {
    await rm(join(place, "node_modules/.set-up"));
    expect((await setUp()).output).toBe("Installing Node packages (npm install)\n");
    expect(await calls()).toContain("npm install --no-save --ignore-scripts");
    expect((await setUp()).output).toBe("");
  });

  it("does an interrupted installation again", async () => {
    await rm(join(place, "node_modules/.set-up"));
    await stand("npm", "exit 1");
    expect((await setUp()).exitCode).toBe(1);
    expect((await setUp()).output).toBe("Installing Node packages (npm install)\n");
  });

  it("refuses a Node that is too old to start with", async () => {
    await stand("node", "echo 16");
    const { exitCode, output } = await setUp();
    expect(exitCode).toBe(1);
    expect(output).toContain("Cannot start with Node 16: ");
  });

  it("refuses a group that it does not know", async () => {
    expect(await setUp("nonsense")).toEqual({
      exitCode: 2,
      output: 'Cannot set up "nonsense": it is no group: disks, systemd, shell or aws-cli\n',
    });
  });
});

/** Puts a program of that name on the PATH, in place of the one before. */
async function stand(name: string, script: string): Promise<void> {
  const path = join(place, "bin", name);
  await rm(path, { force: true });
  await writeFile(path, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
}

async function calls(): Promise<string> {
  return await readFile(join(place, "calls"), "utf8").catch(() => "");
}

async function setUp(
  ...args: readonly string[]
): Promise<{ readonly exitCode: number; readonly output: string }> {
  const env = { PATH: join(place, "bin") };
  return await new Promise((resolve) => {
    execFile(join(place, "scripts/setup"), args, { env }, (error, stdout, stderr) => {
      resolve({ exitCode: error === null ? 0 : Number(error.code), output: stdout + stderr });
    });
  });
}

async function pathOf(name: string): Promise<string> {
  return await new Promise((resolve, reject) => {
    execFile("/bin/sh", ["-c", `command -v ${name}`], (error, stdout) => {
      if (error === null) resolve(stdout.trim());
      else reject(new Error(`Cannot find ${name}: it is not on the PATH`));
    });
  });
}
