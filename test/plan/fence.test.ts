// Fencing: only members, only when silent past patience, and a leaving one by its own hook.

import { describe, expect, it } from "vitest";
import { fenceLeaving, fenceOrWait } from "../../agent/plan/fence.ts";
import { gist, stepOf } from "./decisions.ts";
import { i, startMs } from "./seat.ts";
import { attachedTo, group, hook, inGroup, instance, opened, silentFor, view } from "./world.ts";

const silent = { memory: silentFor(i(2), 130_000) };
const lively = { memory: silentFor(i(2), 110_000) };

describe("a taker in the way", () => {
  const taker = inGroup(2, "Pending:Wait");

  it("is waited for while it shows life", () => {
    expect(gist(fenceOrWait(view(lively), taker, "it has the address"))).toBe("wait");
  });

  it("that was never watched is not silent yet", () => {
    expect(gist(fenceOrWait(view(), taker, "it has the address"))).toBe("wait");
  });

  it("that is silent past patience is ended through its group", () => {
    const decision = fenceOrWait(view(silent), taker, "it has the address");
    expect(stepOf(decision, "fence").with).toEqual({ instanceId: i(2), grouped: true });
  });

  it("in no group is ended directly", () => {
    const alone = instance(2, { group: null });
    expect(stepOf(fenceOrWait(view(silent), alone, ""), "fence").with.grouped).toBe(false);
  });

  it("that is ending already is only waited for", () => {
    const ending = instance(2, { state: "shutting-down" });
    expect(gist(fenceOrWait(view(silent), ending, ""))).toBe("wait");
  });

  it("that is no member of the seat is never fenced", () => {
    const stranger = instance(2, { member: false });
    expect(gist(fenceOrWait(view(silent), stranger, ""))).toBe("EHA-ADDRESS-HELD");
  });
});

describe("a leaving holder", () => {
  const holder = inGroup(2, "Terminating:Wait");

  it("is waited for while it changes, and until the deadline that it announced", () => {
    expect(gist(fenceLeaving(view(lively), holder))).toBe("wait");
    const releasing = { phase: "stopping", atMs: startMs, deadlineMs: startMs + 1 };
    const volumes = [opened(1, 3, { attachments: attachedTo(i(2)), releasing })];
    expect(gist(fenceLeaving(view({ ...silent, volumes }), holder))).toBe("wait");
  });

  it("is not waited for by a deadline that is over, or another's", () => {
    const releasing = { phase: "stopping", atMs: startMs, deadlineMs: startMs };
    const own = opened(1, 3, { attachments: attachedTo(i(2)), releasing });
    const later = { ...releasing, deadlineMs: startMs + 60_000 };
    const others = opened(2, 3, { attachments: attachedTo(i(3)), releasing: later });
    expect(gist(fenceLeaving(view({ ...silent, volumes: [own, others] }), holder))).toBe(
      "completeHook",
    );
  });

  it("that is silent has its hook answered for it", () => {
    const decision = fenceLeaving(view(silent), holder);
    expect(stepOf(decision, "completeHook").with).toMatchObject({
      hook: "on-terminate",
      instanceId: i(2),
    });
  });

  it("is terminated where answering our hook would move nothing", () => {
    expect(gist(fenceLeaving(view(silent), inGroup(2, "Terminating:Retained")))).toBe("fence");
    const two = group("Pending:Wait", { hooks: [hook("terminate", "a"), hook("terminate", "b")] });
    expect(gist(fenceLeaving(view({ ...silent, me: { group: two } }), holder))).toBe("fence");
  });
});
