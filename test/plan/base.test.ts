// The tip table of the design, row by row: where the newest data is, who has it, and what follows.

import { describe, expect, it } from "vitest";
import { chooseBase } from "../../agent/plan/base.ts";
import { findTip } from "../../agent/plan/tip.ts";
import type { Choice, View } from "../../agent/plan/view.ts";
import { gist, stepOf } from "./decisions.ts";
import { i, instantOf, me, startMs, vol } from "./seat.ts";
import {
  address,
  attachedTo,
  group,
  inGroup,
  instance,
  markOf,
  opened,
  setOf,
  silentFor,
  view,
  volume,
} from "./world.ts";

function choose(at: View): Choice {
  const tip = findTip(at);
  if (tip.kind === "look" || tip.kind === "refuse") throw new Error(JSON.stringify(tip));
  return chooseBase(at, tip);
}

function tell(choice: Choice): string {
  return choice.kind === "base" ? choice.base.kind : gist(choice.decision);
}

type Over = Parameters<typeof view>[0] & { readonly zone?: string };

/** Generation 3 on vol-1 in zone a, or another, held by i-2 unless it is said to be free. */
function held(over: Over = {}, by: readonly number[] = [2]): View {
  const { zone = "a", ...rest } = over;
  const attachments = by.flatMap((n) => attachedTo(i(n)));
  const tip = opened(1, 3, { zone, attachments });
  return view({ volumes: [tip], address: address({ mark: markOf(3, [tip]) }), ...rest });
}

const free = (over: Over = {}) => held(over, []);
const finalOf3 = setOf(1, [opened(1, 3)]);
const terminatingWait = inGroup(2, "Terminating:Wait");

describe("volumes that are free", () => {
  it("in my zone are attached", () => {
    expect(tell(choose(free()))).toBe("attach");
  });

  it("failure mode 14: in my zone are attached even where a final set exists", () => {
    expect(tell(choose(free({ sets: [finalOf3] })))).toBe("attach");
  });

  it("in another zone are restored from the final set of exactly their `written`", () => {
    expect(tell(choose(free({ zone: "b", sets: [finalOf3] })))).toBe("restore");
  });

  it("in another zone are restored from a final set that is still pending", () => {
    const sets = [setOf(1, [opened(1, 3)], { state: "pending" })];
    expect(tell(choose(free({ zone: "b", sets })))).toBe("restore");
  });

  it("in another zone without such a set are snapshotted now", () => {
    const older = setOf(1, [opened(1, 2)]);
    const memory = silentFor(vol(1), 3_000);
    expect(tell(choose(free({ zone: "b", sets: [older], memory })))).toBe("snapshotVolume");
  });

  it("in another zone are looked at twice before that: one answer is no proof", () => {
    expect(tell(choose(free({ zone: "b" })))).toBe("wait");
    expect(tell(choose(free({ zone: "b", memory: silentFor(vol(1), 2_999) })))).toBe("wait");
  });

  it("in another zone after the mark has moved on are snapshotted, whatever the final set says", () => {
    const tip = opened(1, 3, { zone: "b" });
    const at = free({
      zone: "b",
      sets: [finalOf3],
      address: address({ mark: markOf(4, [tip]) }),
      memory: silentFor(vol(1), 3_000),
    });
    expect(tell(choose(at))).toBe("snapshotVolume");
  });

  it("and still being created are waited for", () => {
    const tip = opened(1, 3, { state: "creating" });
    const at = view({ volumes: [tip], address: address({ mark: markOf(3, [tip]) }) });
    expect(tell(choose(at))).toBe("wait");
  });
});

describe("volumes attached to me and not mounted", () => {
  it("are opened anew (R4)", () => {
    const tip = opened(1, 3, { by: me, attachments: attachedTo(me) });
    const mark = markOf(3, [tip], { opener: me });
    expect(tell(choose(view({ volumes: [tip], address: address({ mark }) })))).toBe("attach");
  });
});

describe("volumes held by another", () => {
  it("that is terminated, shutting down, stopping or gone are waited for", () => {
    for (const state of ["terminated", "shutting-down", "stopping", "gone"] as const) {
      const at = held({ instances: [instance(2, { state, group: null })] });
      expect(tell(choose(at))).toBe("wait");
    }
  });

  it("of which nothing is known yet are waited for", () => {
    expect(tell(choose(held()))).toBe("wait");
  });

  it("that is stopped are detached, with the instance's id", () => {
    const choice = choose(held({ instances: [instance(2, { state: "stopped", group: null })] }));
    expect(tell(choice)).toBe("detach");
    const decision = choice.kind === "next" ? choice.decision : null;
    expect(stepOf(decision, "detach").with).toEqual({ volumeId: vol(1), instanceId: i(2) });
  });

  it("that is stopped are waited for once they detach", () => {
    const tip = opened(1, 3, { attachments: attachedTo(i(2), "detaching") });
    const at = held({
      volumes: [tip],
      instances: [instance(2, { state: "stopped", group: null })],
    });
    expect(tell(choose(at))).toBe("wait");
  });

  it("failure mode 6: that is Terminating are waited for: its agent is saving", () => {
    expect(tell(choose(held({ instances: [terminatingWait] })))).toBe("wait");
  });

  it("that is Terminating in another zone are restored once its final set exists", () => {
    const at = held({ zone: "b", instances: [terminatingWait], sets: [finalOf3] });
    expect(tell(choose(at))).toBe("restore");
  });

  it("that is Terminating in my zone are waited for, final set or not", () => {
    expect(tell(choose(held({ instances: [terminatingWait], sets: [finalOf3] })))).toBe("wait");
  });

  it("that is Terminating and silent past patience lose it by its hook", () => {
    const memory = silentFor(i(2), 130_000);
    const choice = choose(held({ instances: [terminatingWait], memory }));
    expect(tell(choice)).toBe("completeHook");
  });

  it("that is Terminating and silent are waited for until its announced deadline", () => {
    const releasing = { phase: "stopping", atMs: startMs, deadlineMs: startMs + 1_000 };
    const tip = opened(1, 3, { attachments: attachedTo(i(2)), releasing });
    const memory = silentFor(i(2), 130_000);
    const at = held({ volumes: [tip], instances: [terminatingWait], memory });
    expect(tell(choose(at))).toBe("wait");
  });

  it("that is in Terminating:Retained and silent lose it by its termination", () => {
    const instances = [inGroup(2, "Terminating:Retained")];
    const choice = choose(held({ instances, memory: silentFor(i(2), 130_000) }));
    expect(tell(choice)).toBe("fence");
    const decision = choice.kind === "next" ? choice.decision : null;
    expect(stepOf(decision, "fence").with).toEqual({ instanceId: i(2), grouped: false });
  });

  it("that opened above a mark that a late call put back are no mere takers", () => {
    const tip = opened(1, 5, { by: i(2), attachments: attachedTo(i(2)) });
    const mark = markOf(4, [tip], { opener: i(3) });
    const facts = { volumes: [tip], address: address({ mark }), instances: [instance(2)] };
    const memory = silentFor(i(2), 130_000);
    expect(tell(choose(held({ ...facts, memory })))).toBe("EHA-HANDOVER-UNSUPPORTED");
  });

  it("that took them but has not opened are waited for, and lose it when silent", () => {
    const tip = opened(1, 3, { attachments: attachedTo(i(3)) });
    const facts = { volumes: [tip], instances: [inGroup(3, "Pending:Wait")] };
    expect(tell(choose(held(facts)))).toBe("wait");
    expect(tell(choose(held({ ...facts, memory: silentFor(i(3), 130_000) })))).toBe("fence");
  });

  it("failure mode 34: that is healthy in my group are its own until it hands over", () => {
    expect(tell(choose(held({ instances: [inGroup(2, "InService")] })))).toBe(
      "EHA-HANDOVER-UNSUPPORTED",
    );
  });

  it("that is healthy in no group of mine are its own", () => {
    const at = held({
      instances: [instance(2, { group: null })],
      me: { group: group("Pending:Wait", { name: "other" }) },
    });
    expect(tell(choose(at))).toBe("EHA-WATCH-UNSUPPORTED");
  });
});

describe("nothing at all", () => {
  it("is made", () => {
    expect(tell(choose(view()))).toBe("create");
  });

  it("is made though a first boot elsewhere left blank volumes behind", () => {
    const at = view({ volumes: [volume(1, { zone: "b" })], nowMs: Date.parse(instantOf(0)) });
    expect(tell(choose(at))).toBe("create");
  });
});

describe("a set alone", () => {
  it("that R2 lets stand in is restored", () => {
    const gone = opened(2, 3);
    const at = view({
      address: address({ mark: markOf(3, [gone]) }),
      sets: [setOf(1, [gone])],
      memory: { lost: [{ volumeId: vol(2), sinceMs: 0, looks: 3, look: 9 }] },
    });
    expect(tell(choose(at))).toBe("restore");
  });
});
