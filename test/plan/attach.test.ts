// Attaching: the lock first, never beside another, and not believed before the device has shown up.

import { describe, expect, it } from "vitest";
import { attach } from "../../agent/plan/attach.ts";
import { gist, stepOf, stepsOf } from "./decisions.ts";
import { i, me, twoVolumes, vol } from "./seat.ts";
import { attachedTo, disk, openingAt, silentFor, view, volume } from "./world.ts";

const members = [
  { name: "data", volumeId: vol(1) },
  { name: "wal", volumeId: vol(2) },
];
const opening = openingAt("attach", { members });

function attaching(over: Parameters<typeof view>[0]) {
  const answer = attach(view({ settings: twoVolumes, ...over }), opening);
  return "kind" in answer ? answer : null;
}

const data = volume(1);
const wal = volume(2, { name: "wal" });
const here = { attachments: attachedTo(me), state: "in-use" } as const;

describe("attaching", () => {
  it("begins with the first volume by name, alone", () => {
    const decision = attaching({ volumes: [data, wal] });
    expect(stepsOf(decision).map((step) => step.with)).toEqual([
      { volumeId: vol(1), instanceId: me },
    ]);
  });

  it("goes on with the others once the lock is here", () => {
    const decision = attaching({ volumes: [{ ...data, ...here }, wal] });
    expect(stepOf(decision, "attach").with.volumeId).toBe(vol(2));
  });

  it("failure mode 7: lets go where another has one of them", () => {
    const taken = { ...data, attachments: attachedTo(i(3)) };
    expect(attaching({ volumes: [taken, wal] })).toMatchObject({ pace: "now", opening: null });
  });

  it("waits for what is not listed yet, and for what is attaching", () => {
    expect(gist(attaching({ volumes: [data] }))).toBe("wait");
    const slow = { ...here, attachments: attachedTo(me, "attaching") };
    const volumes = [
      { ...data, ...slow },
      { ...wal, ...here },
    ];
    expect(gist(attaching({ volumes }))).toBe("wait");
  });

  it("failure mode 2: that is stuck for 90 s is undone, to be tried under another device name", () => {
    const stuck = { ...data, ...here, attachments: attachedTo(me, "attaching") };
    const volumes = [stuck, { ...wal, ...here }];
    const decision = attaching({ volumes, memory: silentFor(vol(1), 91_000) });
    expect(stepOf(decision, "detach").with).toEqual({ volumeId: vol(1), instanceId: me });
  });

  it("that shows no device for 90 s is undone as well", () => {
    const volumes = [
      { ...data, ...here },
      { ...wal, ...here },
    ];
    const late = { volumes, disks: [disk(2)], memory: silentFor(vol(1), 91_000) };
    expect(stepOf(attaching(late), "detach").with.volumeId).toBe(vol(1));
  });

  it("that is stuck under three names is refused, and tried once more after a quarter of an hour", () => {
    const stuck = { ...data, ...here, attachments: attachedTo(me, "attaching") };
    const tried = (agoMs: number) => {
      const entry = { volumeId: vol(1), atMs: 1_000_000 - agoMs };
      const memory = { ...silentFor(vol(1), 91_000), reattached: [entry, entry, entry] };
      return gist(attaching({ volumes: [stuck, { ...wal, ...here }], memory }));
    };
    expect(tried(100_000)).toBe("EHA-ATTACH-STUCK");
    expect(tried(901_000)).toBe("detach");
  });

  it("is done when both devices have shown up, and not before", () => {
    const volumes = [
      { ...data, ...here },
      { ...wal, ...here },
    ];
    expect(attaching({ volumes, disks: [disk(1)] })).toMatchObject({ pace: "device" });
    const shown = view({ settings: twoVolumes, volumes, disks: [disk(1), disk(2)] });
    expect(attach(shown, opening)).toMatchObject({ stage: "prove" });
  });
});
