// Programs of the system, run with a deadline that holds whatever they leave behind.

import { expect, it } from "vitest";
import { tryCommand } from "../region/machines/command.ts";

it("a program's output and exit code come back", async () => {
  const result = await tryCommand(["sh", "-c", "cat; echo low >&2; exit 3"], { input: "high" });
  expect(result).toEqual({ exitCode: 3, stdout: "high", stderr: "low\n" });
});

it("a deadline holds though what the program started keeps its output open", async () => {
  const stubborn = ["sh", "-c", "echo begun; sleep 5 & wait"];
  const late = new Promise((resolve) => {
    setTimeout(resolve, 3_000, "late");
  });
  const result = await Promise.race([tryCommand(stubborn, { timeoutMs: 300 }), late]);
  expect(result).toMatchObject({ exitCode: null, stdout: "begun\n" });
});
