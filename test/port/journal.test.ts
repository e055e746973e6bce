// The journal's lines as systemd keeps them and as a person sees them: one for each start and end of a
// step, with its milliseconds and ids, and failures with their kind.

import { Writable } from "node:stream";
import { expect, test } from "vitest";
import { Failure } from "../../agent/domain/failure.ts";
import { systemClock } from "../../agent/port/clock.ts";
import { type Journal, journalPort } from "../../agent/port/journal.ts";

function listen(isTTY: boolean): { readonly journal: Journal; readonly lines: () => string[] } {
  let text = "";
  const destination = new Writable({
    write(chunk, _encoding, done) {
      text += String(chunk);
      done();
    },
  });
  const journal = journalPort({
    clock: systemClock(),
    destination: Object.assign(destination, { isTTY }),
  });
  return { journal, lines: () => text.trim().split("\n") };
}

const failure = new Failure({
  kind: "denied",
  action: "associate",
  subject: '"eipalloc-1"',
  found: "denied ec2:AssociateAddress",
  next: "add it to the instance role",
  code: "UnauthorizedOperation",
});

function tell(journal: Journal): void {
  journal.started("attach", { volumeId: "vol-1" });
  journal.done("attach", 1234, { volumeId: "vol-1" });
  journal.failed("associate", 87, failure);
  journal.info("waiting", { for: "vol-1" });
  journal.refused("EHA-TIP-FORK", "two copies claim to be the newest");
  journal.trouble(failure);
}

test("each line is JSON with its time, message and ids", () => {
  const { journal, lines } = listen(false);
  tell(journal);
  const parsed = lines().map((line): unknown => JSON.parse(line));
  const always = { time: expect.stringMatching(/^\d{4}-.*Z$/), monotonicMs: expect.any(Number) };
  const details = { volumeId: "vol-1" };
  const message =
    'Cannot associate "eipalloc-1": denied ec2:AssociateAddress: add it to the instance role';
  expect(parsed).toEqual([
    {
      level: 30,
      ...always,
      step: "attach",
      phase: "started",
      with: details,
      msg: "attach started",
    },
    {
      level: 30,
      ...always,
      ...{ step: "attach", phase: "done", ms: 1234, with: details, msg: "attach done in 1234 ms" },
    },
    {
      level: 40,
      ...always,
      step: "associate",
      phase: "failed",
      ms: 87,
      kind: "denied",
      msg: message,
    },
    { level: 30, ...always, for: "vol-1", msg: "waiting" },
    { level: 50, ...always, code: "EHA-TIP-FORK", msg: "two copies claim to be the newest" },
    { level: 40, ...always, kind: "denied", code: "UnauthorizedOperation", msg: message },
  ]);
});

test("on a terminal a line is the time of day and the message", () => {
  const { journal, lines } = listen(true);
  tell(journal);
  const messages = lines().map((line) => line.replace(/^\d\d:\d\d:\d\d\.\d{3} /, ""));
  expect(messages.slice(0, 2)).toEqual(["attach started", "attach done in 1234 ms"]);
});
