// Lifecycle hooks: which is ours, and that it is answered in its own state alone.

import { describe, expect, it } from "vitest";
import {
  abandonIfAsked,
  completeOwn,
  completePredecessor,
  ourHook,
} from "../../agent/plan/hook.ts";
import { gist, stepOf } from "./decisions.ts";
import { i, me, settings, startMs } from "./seat.ts";
import { attachedTo, disk, group, hook, inGroup, opened, view } from "./world.ts";

const two = group("Pending:Wait", { hooks: [hook("launch", "ours"), hook("launch", "theirs")] });

const misnamed = settings({ hooks: { launch: "other", terminate: null } });

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

  it("is none where the group shows none of its kind, which may only be late", () => {
    const none = group("Pending:Wait", { hooks: [] });
    expect(ourHook(view(), none, "launch").kind).toBe("none");
    expect(ourHook(view({ settings: misnamed }), none, "launch").kind).toBe("none");
  });

  it("is refused where the group has others, and not the one named", () => {
    const ours = ourHook(view({ settings: misnamed }), two, "launch");
    expect(ours.kind === "refuse" && gist(ours.decision)).toBe("EHA-HOOK-MISSING");
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

  it("is waited for while IMDS knows of a group that does not list this instance yet", () => {
    const at = (sinceMs: number, target: string) =>
      view({ me: { group: null, target }, memory: { unlisted: { sinceMs, looks: 5, look: 10 } } });
    expect(gist(completeOwn(at(990_000, "InService"), "launch", "ready"))).toBe("wait");
    expect(completeOwn(at(0, "InService"), "launch", "ready")).toBeNull();
  });
});

describe("a launch that is to be abandoned", () => {
  const refusal = { code: "EHA-NOT-READY", message: "" } as const;
  const at = (createdMs: number) =>
    view({
      settings: settings({ onRefusal: "abandon" }),
      volumes: [opened(1, 4, { createdMs })],
      disks: [disk(1, { mountedAt: ["/data"] })],
      memory: { refusedSinceMs: 0 },
    });

  it("failure mode 12: is not while the first reads of a volume just restored may be what is slow", () => {
    expect(abandonIfAsked(at(startMs - 3_600_000), refusal)).toBeNull();
    expect(gist(abandonIfAsked(at(startMs - 86_400_000), refusal))).toBe("completeHook");
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
