// What may be formatted, what must be there before a mount, and that first.init is never half used.

import { describe, expect, it } from "vitest";
import type { DiskContent } from "../../agent/domain/facts.ts";
import { check, format, initialise, inspect, mount, settle } from "../../agent/plan/disks.ts";
import { gist, stepOf } from "./decisions.ts";
import { eipassoc, me, settings, volumeSettings } from "./seat.ts";
import { attachedTo, disk, opened, openingAt, view, volume } from "./world.ts";

const blank = volume(1, { attachments: attachedTo(me) });
const written = opened(1, 4, { by: me, attachments: attachedTo(me) });
const opening = openingAt("format");

function formatting(content: DiskContent | null, over: Partial<typeof blank> = {}): string {
  const from = view({ volumes: [{ ...blank, ...over }], disks: [disk(1, { content })] });
  const answer = format(from, opening);
  return "kind" in answer ? gist(answer) : answer.stage;
}

const filesystem = (ours: boolean, type = "ext4") => ({ kind: "filesystem", type, ours }) as const;

describe("a format", () => {
  it("is for a volume born blank that reads as blank", () => {
    expect(formatting({ kind: "blank" })).toBe("format");
  });

  it("is not done again where our own mkfs has been, whole or not: the check tells", () => {
    expect(formatting(filesystem(true))).toBe("write");
  });

  it("never touches what was written, or came from a snapshot, whatever it reads as", () => {
    expect(formatting({ kind: "blank" }, { written: 3 })).toBe("write");
    expect(formatting({ kind: "blank" }, { parent: opened(1, 1).parent })).toBe("write");
    expect(formatting({ kind: "blank" }, { parent: null })).toBe("write");
  });

  it("is refused on another's file system, on foreign content, and on what cannot be read", () => {
    const contents: readonly (DiskContent | null)[] = [
      filesystem(false),
      filesystem(true, "xfs"),
      { kind: "foreign", what: "LVM" },
      { kind: "unreadable", why: "I/O error" },
      null,
    ];
    for (const content of contents) expect(formatting(content)).toBe("EHA-DISK-NOT-BLANK");
  });

  it("lets go where the device is not here", () => {
    const answer = format(view({ volumes: [blank], disks: [disk(1, { path: null })] }), opening);
    expect(answer).toMatchObject({ kind: "wait", opening: null });
  });
});

describe("before the mount", () => {
  it("every disk is checked, before the last proof", () => {
    const decision = check(view({ volumes: [written], disks: [disk(1)] }), opening);
    expect(gist(decision)).toBe("check");
    expect(decision).toMatchObject({ opening: { stage: "prove-again" } });
  });

  it("disks that are still here go on to the mount", () => {
    const here = view({ volumes: [written], disks: [disk(1)] });
    expect(inspect(here, opening)).toMatchObject({ stage: "mount" });
  });

  it("a device that went away lets go: a late detach has arrived", () => {
    const gone = view({ volumes: [{ ...written, attachments: [] }], disks: [disk(1)] });
    expect(inspect(gone, opening)).toMatchObject({ kind: "wait", opening: null });
    const unseen = view({ volumes: [written], disks: [disk(1, { path: null })] });
    expect(inspect(unseen, opening)).toMatchObject({ kind: "wait", opening: null });
  });

  it("a mounted file system is never checked", () => {
    const used = view({ volumes: [written], disks: [disk(1, { mountedAt: ["/data"] })] });
    expect(check(used, opening)).toMatchObject({ kind: "wait", opening: null });
  });

  it("a unit that runs on the bare mount point is stopped", () => {
    const units = [{ name: "db.service", state: "active" }] as const;
    const answer = mount(view({ volumes: [written], disks: [disk(1)], units }), opening);
    expect("kind" in answer && gist(answer)).toBe("stopUnit");
    expect(answer).toMatchObject({ opening: { stage: "format" } });
  });

  it("the units are guarded in the same round", () => {
    const answer = mount(view({ volumes: [written], disks: [disk(1)] }), opening);
    expect("kind" in answer && gist(answer)).toBe("guardUnits + mount");
  });

  it("nothing is mounted where the device went away after the check", () => {
    const answer = mount(view({ volumes: [written], disks: [] }), opening);
    expect(answer).toMatchObject({ kind: "wait", opening: null });
  });
});

describe("after the mount", () => {
  it("what is mounted already is not mounted again", () => {
    const mounted = [disk(1, { mountedAt: ["/data"] })];
    expect(mount(view({ volumes: [written], disks: mounted }), opening)).toMatchObject({
      stage: "settle",
    });
  });

  it("the file system is grown and owned", () => {
    const mounted = [disk(1, { mountedAt: ["/data"] })];
    expect(gist(settle(view({ volumes: [written], disks: mounted }), opening))).toBe("settle");
  });
});

describe("first.init", () => {
  const first = volumeSettings("data").first;
  if (first?.kind !== "blank") throw new Error("the builder makes blank volumes");
  const withInit = settings({
    volumes: [volumeSettings("data", { first: { ...first, init: "/bin/init" } })],
  });
  const pending = { ...written, init: { kind: "pending", attempts: 1 } } as const;

  it("runs while it is pending, with the attempt's number", () => {
    const answer = initialise(view({ settings: withInit, volumes: [pending] }), opening);
    const decision = "kind" in answer ? answer : null;
    expect(stepOf(decision, "initialise").with).toMatchObject({ command: "/bin/init", attempt: 2 });
  });

  it("does not run once it is done", () => {
    expect(initialise(view({ volumes: [written] }), opening)).toMatchObject({ stage: "opened" });
  });

  it("does not run again where only the tag is old", () => {
    const memory = {
      initialised: [pending.volumeId],
      proven: { associationId: eipassoc(4), look: 1 },
    };
    const answer = initialise(view({ settings: withInit, volumes: [pending], memory }), opening);
    expect(answer).toMatchObject({ stage: "opened" });
  });

  it("that is pending with no command to run refuses", () => {
    const answer = initialise(view({ volumes: [pending] }), opening);
    expect("kind" in answer && gist(answer)).toBe("EHA-INIT-FAILED");
  });
});
