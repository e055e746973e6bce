// What an idle holder makes of IMDS: a reason for doubt is no proof, and a lag is no reason.

import { describe, expect, it } from "vitest";
import { judge, pollMs } from "../../agent/plan/watch.ts";

const ip = "203.0.113.9";
const armed = { publicIp: ip, armed: true };
const calm = { target: "InService", publicIps: [ip], interrupted: false, gapMs: pollMs };

describe("a holder", () => {
  it("is armed once IMDS has shown the address here", () => {
    const unarmed = { publicIp: ip, armed: false };
    expect(judge(unarmed, calm)).toEqual({ kind: "hold", watch: armed });
    expect(judge(unarmed, { ...calm, publicIps: [] })).toEqual({ kind: "hold", watch: unarmed });
  });

  it("doubts its lease when an address shown before is gone", () => {
    expect(judge(armed, { ...calm, publicIps: ["198.51.100.1"] }).kind).toBe("doubt");
  });

  it("does not doubt in a turn that did not ask, or without an address", () => {
    expect(judge(armed, { ...calm, publicIps: null }).kind).toBe("hold");
    const bare = { publicIp: null, armed: false };
    expect(judge(bare, { ...calm, publicIps: [] }).kind).toBe("hold");
  });

  it("doubts after it stood still for more than three turns", () => {
    expect(judge(armed, { ...calm, gapMs: 3 * pollMs }).kind).toBe("hold");
    expect(judge(armed, { ...calm, gapMs: 3 * pollMs + 1 }).kind).toBe("doubt");
  });

  it("releases when its group or a spot notice says so, before anything else", () => {
    expect(judge(armed, { ...calm, target: "Terminated", gapMs: 99_000 }).kind).toBe("release");
    expect(judge(armed, { ...calm, interrupted: true, publicIps: [] }).kind).toBe("release");
  });
});
