// What this process remembers, and that nothing is concluded from one look.

import { describe, expect, it } from "vitest";
import type { Facts } from "../../agent/domain/facts.ts";
import { advance, beginRelease, blankMemory, remember } from "../../agent/plan/memory.ts";
import { lookAgain, perform } from "../../agent/plan/view.ts";
import { after } from "./decisions.ts";
import { eipalloc, eipassoc, eni, i, me, settings, twoVolumes, vol } from "./seat.ts";
import {
  address,
  attachedTo,
  disk,
  group,
  inGroup,
  instance,
  markOf,
  opened,
  openingAt,
  setOf,
  view,
  volume,
} from "./world.ts";

type Over = NonNullable<Parameters<typeof view>[0]>;

/** Looks one after the other, each with what it sees and when. */
function seen(...looks: readonly Over[]) {
  return looks.reduce((memory, over) => {
    return remember({ ...view(over), memory });
  }, blankMemory);
}

describe("life", () => {
  const sinceOf = (first: Over, second: Over) =>
    seen({ monotonicMs: 1, ...first }, { monotonicMs: 2, ...second }).lives.find(
      (life) => life.subject === i(2),
    )?.sinceMs;
  const taker = { instances: [instance(2, { taking: "lease 1" })] };

  it("is shown by what an instance says, its states, its volumes and its mark", () => {
    const volumes = [opened(1, 3, { attachments: attachedTo(i(2)) })];
    const changes: readonly Over[] = [
      { instances: [instance(2, { taking: "lease 2" })] },
      { instances: [{ ...inGroup(2, "Terminating:Wait"), taking: "lease 1" }] },
      { instances: [instance(2, { taking: "lease 1", state: "stopping" })] },
      { ...taker, volumes },
      { ...taker, address: address({ mark: markOf(9, []) }) },
    ];
    for (const change of changes) expect(sinceOf(taker, change)).toBe(2);
  });

  it("is not shown by anything else", () => {
    expect(sinceOf(taker, { ...taker, nowMs: 5, volumes: [volume(1)] })).toBe(1);
  });

  it("of an attachment counts while it is attaching", () => {
    const attaching = { volumes: [volume(1, { attachments: attachedTo(me, "attaching") })] };
    const { lives } = seen({ monotonicMs: 1, ...attaching }, { monotonicMs: 9, ...attaching });
    expect(lives).toMatchObject([{ subject: vol(1), sinceMs: 1 }]);
    const attached = { volumes: [volume(1, { attachments: attachedTo(me), state: "in-use" })] };
    expect(seen(attaching, { ...attached, disks: [disk(1)] }).lives).toEqual([]);
    const noDevice = { monotonicMs: 5, ...attached };
    expect(seen(attaching, noDevice).lives).toMatchObject([{ subject: vol(1), sinceMs: 5 }]);
  });
});

describe("nothing", () => {
  it("counts from the first look that found none, and no longer once one found some", () => {
    const memory = seen({ look: 6, monotonicMs: 1 }, { look: 7, monotonicMs: 2 });
    expect(memory.nothing).toEqual({ sinceLook: 6, sinceMs: 1 });
    expect(seen({}, { volumes: [opened(1, 3)] }).nothing).toBeNull();
    expect(seen({}, { sets: [setOf(1, [opened(1, 3)])] }).nothing).toBeNull();
  });
});

describe("a volume that EC2 denies", () => {
  const denied = (look: number): Over => ({ look, monotonicMs: look, notFound: [vol(9)] });

  it("is counted once for each whole look", () => {
    const { lost } = seen(denied(1), denied(1), denied(2));
    expect(lost).toMatchObject([{ volumeId: vol(9), sinceMs: 1, looks: 2 }]);
  });

  it("stays denied through narrow looks that ask for others", () => {
    const { lost } = seen(denied(1), { look: 1, notFound: [] }, denied(2));
    expect(lost).toMatchObject([{ sinceMs: 1, looks: 2 }]);
  });

  it("is forgotten once it is seen", () => {
    expect(seen(denied(1), { volumes: [volume(9)] }).lost).toEqual([]);
  });
});

describe("a puzzle", () => {
  it("counts from the look that first found it, until one is clear", () => {
    const hidden = { address: address({ mark: markOf(3, [opened(1, 3)]) }) };
    const first = seen({ ...hidden, monotonicMs: 5 }, { ...hidden, monotonicMs: 9 });
    expect(first.hiddenSinceMs).toBe(5);
    const clear = { ...hidden, volumes: [opened(1, 3)] };
    expect(seen(hidden, clear).hiddenSinceMs).toBeNull();
  });
});

describe("a release", () => {
  const leaving = { me: { group: group("Terminating:Wait") } };

  it("counts from the look that first showed it, and is never taken back", () => {
    const memory = seen({ ...leaving, monotonicMs: 5 }, { ...leaving, monotonicMs: 9 }, {});
    expect(memory.releasingSinceMs).toBe(5);
    expect(seen({}).releasingSinceMs).toBeNull();
  });

  it("of a power-off keeps which commands it has run", () => {
    const begun = { ...beginRelease(blankMemory, 3), commandsRun: ["/bin/flush"] };
    const memory = remember({ ...view(), memory: begun });
    expect(memory).toMatchObject({ releasingSinceMs: 3, commandsRun: ["/bin/flush"] });
    expect(beginRelease(begun, 9).releasingSinceMs).toBe(3);
  });
});

describe("what was made", () => {
  const created = [{ purpose: "token/0", volumeId: vol(3), snapshotIds: [], sinceMs: 0 }];
  const from = (over: Over, facts: Partial<Facts> = {}) =>
    remember(view({ ...over, ...facts, memory: { created } }));

  it("burns its token where it failed, or vanished for good", () => {
    const burned = [{ token: "token/0", atMs: 1_000_000, vanished: true }];
    expect(from({ volumes: [volume(3, { state: "error" })] }).burned).toEqual(burned);
    expect(from({ notFound: [vol(3)] }).burned).toEqual(burned);
  });

  it("does not where it is only not listed yet", () => {
    expect(from({ notFound: [vol(3)], monotonicMs: 10_000 }).burned).toEqual([]);
    expect(from({ monotonicMs: 10_000 }).created).toEqual(created);
  });

  it("is forgotten once every list shows it: memory and requests stay small", () => {
    expect(from({ monotonicMs: 200_000 }).created).toEqual([]);
  });
});

describe("a lease", () => {
  const associate = {
    name: "associate",
    with: { allocationId: eipalloc, interfaceId: eni(1) },
  } as const;
  const prove = {
    name: "prove",
    with: { allocationId: eipalloc, interfaceId: eni(1), instanceId: me },
  } as const;
  const lease = (n: number) => ({ kind: "lease", associationId: eipassoc(n) }) as const;
  const refused = { kind: "refused", why: "another's", code: null } as const;

  it("just taken lets the next look serve as R6's", () => {
    const opening = openingAt("lease", { associationId: null });
    const memory = after(view(), perform([associate], { why: "", opening }), lease(7));
    expect(memory.opening).toMatchObject({
      stage: "confirm",
      associationId: eipassoc(7),
      sinceLook: 10,
    });
  });

  it("that was another's ends the opening", () => {
    const opening = openingAt("lease");
    const memory = after(view(), perform([associate], { why: "", opening }), refused);
    expect(memory.opening).toBeNull();
  });

  it("proven under another association is compared under that one", () => {
    const opening = openingAt("compare");
    const memory = after(view(), perform([prove], { why: "", opening }), lease(7));
    expect(memory.opening?.associationId).toBe(eipassoc(7));
    expect(memory.proven).toEqual({ associationId: eipassoc(7), look: 10 });
  });

  it("proven under another association than the mark's never leads to a mount", () => {
    const opening = openingAt("inspect");
    const same = after(view(), perform([prove], { why: "", opening }), lease(4));
    expect(same.opening?.stage).toBe("inspect");
    const moved = after(view(), perform([prove], { why: "", opening }), lease(7));
    expect(moved.opening).toBeNull();
    const lost = after(view(), perform([prove], { why: "", opening }), refused);
    expect(lost).toMatchObject({ opening: null, proven: { associationId: null } });
  });
});

describe("a step that was refused", () => {
  const check = { kind: "tcp", port: 5432 } as const;
  const checkReady = { name: "checkReady", with: { check, timeoutMs: 1_000 } } as const;

  it("with a code is stuck until the agent restarts", () => {
    const step = { name: "check", with: { volumeId: vol(1), path: "/dev/x" } } as const;
    const opening = openingAt("mount");
    const outcome = { kind: "refused", why: "fsck", code: "EHA-DISK-DAMAGED" } as const;
    const memory = after(view(), perform([step], { why: "", opening }), outcome);
    expect(memory).toMatchObject({ stuck: { code: "EHA-DISK-DAMAGED" }, opening: null });
  });

  it("of the service's readiness ends no opening", () => {
    const opening = openingAt("opened");
    const outcome = { kind: "refused", why: "no answer", code: null } as const;
    const memory = after(view(), perform([checkReady], { why: "", opening }), outcome);
    expect(memory).toMatchObject({
      opening: { stage: "opened" },
      readiness: { ready: false, why: "no answer" },
    });
  });

  it("and a readiness of an earlier opening is forgotten by the next", () => {
    const readiness = { ready: true, sinceMs: 0, checkedMs: 0, why: "" };
    const from = view({ memory: { readiness } });
    expect(advance(from, lookAgain("", openingAt("lease")), []).readiness).toBeNull();
    expect(advance(from, lookAgain("", openingAt("opened")), []).readiness).toEqual(readiness);
  });
});

describe("an initialisation", () => {
  it("that was seen to its end is not run again", () => {
    const args = { volumeId: vol(1), command: "/bin/init", mountPoint: "/data", attempt: 1 };
    const decision = perform([{ name: "initialise", with: args }], { why: "" });
    const memory = after(view({ settings: twoVolumes }), decision, { kind: "done" });
    expect(memory.initialised).toEqual([vol(1)]);
  });
});

describe("an attachment that is undone", () => {
  it("is counted, so that it is not repeated for ever", () => {
    const step = { name: "detach", with: { volumeId: vol(1), instanceId: me } } as const;
    const undo = (stage: "attach" | "settle") =>
      after(view(), perform([step], { why: "", opening: openingAt(stage) }), { kind: "done" });
    expect(undo("attach").reattached).toEqual([{ volumeId: vol(1), atMs: 1_000_000 }]);
    expect(undo("settle").reattached).toEqual([]);
  });
});

describe("a command", () => {
  it("that has run is remembered, and a token that was refused is burned", () => {
    const command = perform([{ name: "runCommand", with: { command: "/x", timeoutMs: 1 } }], {
      why: "",
    });
    expect(after(view({ settings: settings() }), command, { kind: "done" }).commandsRun).toEqual([
      "/x",
    ]);
  });
});
