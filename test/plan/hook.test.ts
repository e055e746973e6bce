// Lifecycle hooks: which is ours, and that it is answered in its own state alone.

import { describe, expect, it } from "vitest";
import { completeOwn, completePredecessor, ourHook } from "../../agent/plan/hook.ts";
import { gist, stepOf } from "./decisions.ts";
import { i, me, settings } from "./seat.ts";
import { attachedTo, group, hook, inGroup, opened, view } from "./world.ts";

const two = group("Pending:Wait", { hooks: [hook("launch", "ours"), hook("launch", "theirs")] });

describe("our hook", () => {
  it("is the only one of its kind", () => {
    expect(ourHook(view(), group("Pending:Wait"), "launch")).toMatchObject({
      kind: "hook",
      hook: { name: "on-launch" },
    });
  });

  it("is the one that the settings name", () => {
    const named = settings({ hooks: { launch: "ours", terminate: null } });
    expect(ourHook(view({ settings: named }), two, "launch")).toMatchObject({
      hook: { name: "ours" },
    });
  });

  it("is refused where there are two and none is named", () => {
    const ours = ourHook(view(), two, "launch");
    expect(ours.kind === "refuse" && gist(ours.decision)).toBe("EHA-HOOK-AMBIGUOUS");
  });

  it("is none where the group has none of its kind, or not the one named", () => {
    expect(ourHook(view(), group("Pending:Wait", { hooks: [] }), "launch").kind).toBe("none");
    const named = settings({ hooks: { launch: "other", terminate: null } });
    expect(ourHook(view({ settings: named }), two, "launch").kind).toBe("none");
  });
});

describe("one's own hook", () => {
  const at = (state: string, over = {}) => view({ me: { group: group(state, over) } });

  it("is answered while it waits", () => {
    const decision = completeOwn(at("Pending:Wait"), "launch", "ready");
    expect(stepOf(decision, "completeHook").with).toEqual({
      group: "asg",
      hook: "on-launch",
      instanceId: me,
      result: "CONTINUE",
    });
    expect(gist(completeOwn(at("Terminating:Wait"), "terminate", "saved"))).toBe("completeHook");
  });

  it("is waited for before that, and no more once it was answered", () => {
    expect(gist(completeOwn(at("Pending"), "launch", "ready"))).toBe("wait");
    expect(completeOwn(at("Pending:Proceed"), "launch", "ready")).toBeNull();
    const bare = at("Terminating:Wait", { hooks: [] });
    expect(gist(completeOwn(bare, "terminate", "saved"))).toBe("wait");
  });

  it("is nobody's in another state, or without a group", () => {
    expect(completeOwn(at("InService"), "launch", "ready")).toBeNull();
    expect(completeOwn(at("InService"), "terminate", "saved")).toBeNull();
    expect(completeOwn(view({ me: { group: null } }), "launch", "ready")).toBeNull();
  });
});

describe("a predecessor's hook", () => {
  const leaving = [inGroup(2, "Terminating:Wait")];

  it("is answered for it once it has let go of every volume", () => {
    const decision = completePredecessor(view({ volumes: [opened(1, 3)], instances: leaving }));
    expect(stepOf(decision, "completeHook").with).toMatchObject({
      hook: "on-terminate",
      instanceId: i(2),
    });
  });

  it("is left alone while it has one", () => {
    const busy = opened(1, 3, { attachments: attachedTo(i(2), "detaching") });
    expect(completePredecessor(view({ volumes: [busy], instances: leaving }))).toBeNull();
  });

  it("is left alone in any other state, and in another group", () => {
    const at = (instances: typeof leaving) => view({ volumes: [opened(1, 3)], instances });
    expect(completePredecessor(at([inGroup(2, "InService")]))).toBeNull();
    expect(completePredecessor(at([inGroup(2, "Terminating:Proceed")]))).toBeNull();
    const stranger = {
      ...inGroup(2, ""),
      group: { name: "other", lifecycleState: "Terminating:Wait" },
    };
    expect(completePredecessor(at([stranger]))).toBeNull();
  });
});
