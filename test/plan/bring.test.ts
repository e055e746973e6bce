// Bringing the data here: found again where it was begun, made where it was not, from a whole set only.

import { describe, expect, it } from "vitest";
import type { Base } from "../../agent/domain/decision.ts";
import { bring } from "../../agent/plan/bring.ts";
import { gist, stepOf } from "./decisions.ts";
import { i, me, settings, vol, volumeSettings } from "./seat.ts";
import { address, attachedTo, markOf, opened, openingAt, setOf, view, volume } from "./world.ts";

const source = opened(2, 3, { zone: "b" });
const mark = markOf(3, [source]);
const held = address({ holder: me, association: 4, mark });
const final = setOf(1, [source]);
const parent = final.snapshots[0]?.snapshotId ?? null;

function bringing(base: Base, over: Parameters<typeof view>[0] = {}) {
  return bring(view(over), openingAt("bring", { base, members: [] }));
}

const restore: Base = { kind: "restore", setId: final.setId, of: 3 };

function restoring(over: Parameters<typeof view>[0] = {}) {
  return bringing(restore, { volumes: [source], sets: [final], address: held, ...over });
}

const tell = (answer: ReturnType<typeof bring>) => ("kind" in answer ? gist(answer) : answer.stage);

describe("a restore", () => {
  it("makes each volume from its snapshot, in my zone, by a token that a repeat would share", () => {
    const answer = restoring();
    const made = stepOf("kind" in answer ? answer : null, "createVolume").with;
    expect(made).toMatchObject({ zone: "a", source: { snapshotId: parent } });
    expect(made.tags["ec2-ha:parent"]).toBe(parent);
    expect(made.token).toBe(stepOf("kind" in answer ? answer : null, "createVolume").with.token);
  });

  it("finds again what a taker before it made and never opened", () => {
    expect(restoring({ volumes: [source, volume(3, { parent })] })).toMatchObject({
      stage: "attach",
      members: [{ name: "data", volumeId: vol(3) }],
    });
  });

  it("does not use what another opening claimed, or wrote, or has attached", () => {
    const claimed = opened(3, 4, { parent, written: 0, by: i(3) });
    const wrote = opened(4, 4, { parent, by: me });
    const taken = volume(5, { parent, attachments: attachedTo(i(3)) });
    for (const other of [claimed, wrote, taken]) {
      const answer = restoring({ volumes: [source, other], address: held });
      expect(tell(answer)).toBe("createVolume");
    }
  });

  it("waits for a volume that it has just made, listed or not", () => {
    const first = restoring();
    const { token } = stepOf("kind" in first ? first : null, "createVolume").with;
    const created = [{ purpose: token, volumeId: vol(3), snapshotIds: [], sinceMs: 0 }];
    expect(tell(restoring({ memory: { created } }))).toBe("wait");
    const creating = volume(3, { parent, state: "creating" });
    expect(tell(restoring({ volumes: [source, creating], memory: { created } }))).toBe("wait");
  });

  it("waits for a set that is pending", () => {
    const pending = setOf(1, [source], { state: "pending" });
    expect(tell(restoring({ sets: [pending] }))).toBe("wait");
  });

  it("lets go where the set is gone", () => {
    expect(restoring({ sets: [] })).toMatchObject({ kind: "wait", opening: null });
  });

  it("from a recovery set makes nothing before that is found valid", () => {
    const recovery = setOf(1, [source], { reason: "recovery", clean: false });
    const answer = restoring({ sets: [recovery] });
    expect(tell(answer)).toBe("wait");
  });
});

describe("an attachment", () => {
  it("has nothing to bring", () => {
    const members = [{ name: "data", volumeId: vol(1) }];
    expect(bringing({ kind: "attach", members })).toMatchObject({ stage: "attach", members });
  });
});

describe("a first boot", () => {
  it("makes a blank volume as the settings say", () => {
    const answer = bringing({ kind: "create" });
    const made = stepOf("kind" in answer ? answer : null, "createVolume").with;
    expect(made).toMatchObject({ source: { snapshotId: null, sizeGib: 10 } });
    expect(made.tags["ec2-ha:parent"]).toBe("blank");
  });

  it("uses the blank volume that another's first boot left in this zone", () => {
    const left = opened(1, 1, { parent: "blank", written: 0, by: i(3) });
    expect(bringing({ kind: "create" }, { volumes: [left] })).toMatchObject({ stage: "attach" });
  });

  it("leaves the one in another zone", () => {
    const left = volume(1, { zone: "b" });
    expect(tell(bringing({ kind: "create" }, { volumes: [left] }))).toBe("createVolume");
  });

  it("is refused for some minutes once three volumes have vanished, and then made once more", () => {
    const first = bringing({ kind: "create" });
    const { token } = stepOf("kind" in first ? first : null, "createVolume").with;
    const burned = ["0", "1", "2"].map((attempt) => {
      return { token: token.replace(/0$/, attempt), atMs: 700_000, vanished: true };
    });
    const at = (monotonicMs: number) =>
      tell(bringing({ kind: "create" }, { monotonicMs, memory: { burned } }));
    expect(at(900_000)).toBe("EHA-VOLUME-VANISHED");
    expect(at(1_000_000)).toBe("createVolume");
    const refused = burned.map((entry) => ({ ...entry, vanished: false }));
    expect(tell(bringing({ kind: "create" }, { memory: { burned: refused } }))).toBe(
      "createVolume",
    );
  });

  it("is refused for a volume without `first`", () => {
    const bare = settings({ volumes: [volumeSettings("data", { first: null })] });
    expect(tell(bringing({ kind: "create" }, { settings: bare }))).toBe("EHA-FIRST-UNSET");
  });
});
