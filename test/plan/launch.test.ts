// The branches of a launch: when nothing may be touched, when the seat is held, when it was lost.

import { describe, expect, it } from "vitest";
import { planLaunch } from "../../agent/plan/launch.ts";
import { gist, stepOf } from "./decisions.ts";
import { addressOnly, i, me, vol } from "./seat.ts";
import {
  address,
  attachedTo,
  disk,
  group,
  inGroup,
  markOf,
  opened,
  openingAt,
  serving,
  view,
} from "./world.ts";

const tell = (at: Parameters<typeof planLaunch>[0]) => gist(planLaunch(at));

describe("a launch", () => {
  it.each([
    ["Warmed:Pending", "wait"],
    ["Warmed:Pending:Wait", "completeHook"],
    ["Warmed:Pending:Proceed", "wait"],
    ["Warmed:Stopped", "wait"],
    ["Warmed:Terminating:Wait", "completeHook"],
  ])("failure mode 33: in %s of a warm pool takes nothing, and holds nobody up", (state, told) => {
    const target = state.startsWith("Warmed:Term") ? "Warmed:Terminated" : "Warmed:Stopped";
    expect(tell(view({ me: { group: group(state), target } }))).toBe(told);
  });

  it("failure mode 33: answers the pool's hooks by their own names, and not while it holds a volume", () => {
    const at = { group: group("Warmed:Pending:Wait"), target: "Warmed:Stopped" };
    const decision = planLaunch(view({ me: at }));
    expect(stepOf(decision, "completeHook").with).toMatchObject({
      hook: "on-launch",
      result: "CONTINUE",
    });
    const volumes = [opened(1, 1, { attachments: attachedTo(me) })];
    expect(tell(view({ me: at, volumes }))).toBe("wait");
  });

  it("failure mode 33: is not let into service by an IMDS that still speaks of the pool", () => {
    const at = { group: group("Pending:Wait"), target: "Warmed:Stopped" };
    expect(tell(view({ me: at }))).toBe("wait");
  });

  it("without an address to be found looks again, and is refused once that was often enough", () => {
    expect(tell(view({ address: null }))).toBe("wait");
    const addressless = { sinceMs: 900_000, looks: 3, look: 10 };
    expect(tell(view({ address: null, memory: { addressless } }))).toBe("EHA-ADDRESS-MISSING");
  });

  it("keeps an opening under way through an empty answer about the address", () => {
    const opening = openingAt("mount");
    expect(planLaunch(view({ address: null, memory: { opening } }))).toMatchObject({ opening });
  });

  it("with target state Terminated lets go of an opening under way", () => {
    const volumes = [opened(1, 3, { attachments: attachedTo(me) })];
    const memory = { opening: openingAt("claim") };
    const at = view({ volumes, disks: [disk(1)], memory, me: { target: "Terminated" } });
    expect(planLaunch(at)).toMatchObject({ steps: [{ name: "detach" }], opening: null });
  });

  it("in the middle of a release goes on with that", () => {
    expect(tell(serving({ memory: { releasingSinceMs: 0 } }))).not.toBe("done");
  });

  it("of a seat with an address only starts the service first", () => {
    expect(tell(view({ settings: addressOnly }))).toBe("startUnit");
    const units = [{ name: "db.service", state: "active" }] as const;
    expect(tell(view({ settings: addressOnly, units }))).toBe("associate");
    const held = address({ holder: me });
    expect(tell(view({ settings: addressOnly, units, address: held }))).toBe("completeHook");
  });

  it("begins by the lease, once the tip is known", () => {
    const tip = opened(1, 3);
    const at = view({ volumes: [tip], address: address({ mark: markOf(3, [tip]) }) });
    expect(planLaunch(at)).toMatchObject({
      steps: [{ name: "associate" }],
      opening: { stage: "lease", from: 3, base: { kind: "attach" } },
    });
  });
});

describe("a launched instance", () => {
  it("that holds the seat and serves is done", () => {
    const at = serving({ memory: { opening: openingAt("opened") } });
    expect(tell(at)).toBe("done");
  });

  it("whose agent was restarted goes on from what may be repeated", () => {
    expect(tell(serving())).toBe("settle");
  });

  it("that lost the seat stops, unmounts, and lets go, in this order", () => {
    const others = markOf(5, [opened(2, 5)]);
    const lost = { address: address({ holder: i(2), association: 5, mark: others }) };
    expect(tell(serving(lost))).toBe("stopUnit");
    const down = { ...lost, units: [] };
    expect(tell(serving(down))).toBe("unmount");
    expect(tell(serving({ ...down, disks: [disk(1)] }))).toBe("detach");
  });

  it("with half of its mounts unmounts them and opens anew", () => {
    const at = serving({ disks: [disk(1, { mountedAt: ["/mnt"] })], units: [] });
    expect(stepOf(planLaunch(at), "unmount").with.mountPoint).toBe("/mnt");
  });

  it("lets go of what is attached here and no part of the seat's newest data", () => {
    const stray = opened(2, 2, { attachments: attachedTo(me) });
    const volumes = [opened(1, 4, { by: me, attachments: attachedTo(me) }), stray];
    const disks = [disk(1, { mountedAt: ["/data"] }), disk(2)];
    const at = serving({ volumes, disks, memory: { opening: openingAt("opened") } });
    expect(stepOf(planLaunch(at), "detach").with).toEqual({ volumeId: vol(2), instanceId: me });
  });

  it("that attached without the lease detaches", () => {
    const volumes = [opened(1, 3, { attachments: attachedTo(me) })];
    const mark = markOf(3, volumes);
    const held = address({ holder: i(2), association: 8, mark });
    const at = view({
      volumes,
      disks: [disk(1)],
      address: held,
      instances: [inGroup(2, "Pending")],
    });
    expect(tell(at)).toBe("detach");
  });

  it("that is stuck says so, and does not serve", () => {
    const stuck = { code: "EHA-DISK-DAMAGED", message: "fsck" } as const;
    expect(tell(serving({ memory: { stuck } }))).toBe("EHA-DISK-DAMAGED");
  });
});

describe("a launch that is refused", () => {
  const abandoning = { ...addressOnly, address: "tag", onRefusal: "abandon" } as const;
  const at = (settings: typeof addressOnly, refusedSinceMs: number | null) =>
    view({
      settings,
      address: null,
      me: { group: group("Pending:Wait") },
      memory: { refusedSinceMs, addressless: { sinceMs: 0, looks: 9, look: 10 } },
    });

  it("failure mode 32: holds its hook", () => {
    expect(tell(at({ ...abandoning, onRefusal: "hold" }, 0))).toBe("EHA-ADDRESS-MISSING");
  });

  it("abandons it where the operator asked for that, and only after patience", () => {
    expect(tell(at(abandoning, 990_000))).toBe("EHA-ADDRESS-MISSING");
    const decision = planLaunch(at(abandoning, 0));
    expect(stepOf(decision, "completeHook").with.result).toBe("ABANDON");
  });
});
