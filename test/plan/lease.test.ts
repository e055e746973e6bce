// R5: who may take the address, and from whom.

import { describe, expect, it } from "vitest";
import { holdsWithoutLease, isTerminating, takeLease } from "../../agent/plan/lease.ts";
import type { View } from "../../agent/plan/view.ts";
import { gist, stepOf } from "./decisions.ts";
import { addressOnly, eipassoc, i, me } from "./seat.ts";
import {
  address,
  attachedTo,
  inGroup,
  instance,
  markOf,
  opened,
  openingAt,
  silentFor,
  view,
} from "./world.ts";

function take(at: View, lossless = false) {
  if (at.facts.address === null) throw new Error("the seat has an address here");
  const lease = takeLease(at, at.facts.address, { lossless, opening: openingAt("lease") });
  return lease.kind === "mine" ? null : lease.decision;
}

const tell = (at: View, lossless = false) => gist(take(at, lossless));

const free = opened(1, 3);
const busy = opened(1, 3, { attachments: attachedTo(i(2)) });
const mark = markOf(3, [free]);
/** Held by i-2, who opened under this very association. */
const openers = address({ holder: i(2), association: 3, mark });
/** Held by i-2 under another association than the mark's: it has not opened. */
const takers = address({ holder: i(2), association: 7, mark });

describe("R5: the address", () => {
  it("failure mode 26: is taken where nobody has it, and only if still nobody has it", () => {
    const decision = take(view());
    expect(gist(decision)).toBe("associate");
    expect(decision).toMatchObject({ opening: { stage: "lease" } });
  });

  it("that is mine is mine", () => {
    expect(tell(view({ address: address({ holder: me }) }))).toBe("null");
  });

  it("is taken from a holder that let go of all it opened under this very association", () => {
    const at = view({ volumes: [free], address: openers, instances: [inGroup(2, "InService")] });
    const decision = take(at);
    expect(stepOf(decision, "disassociate").with).toEqual({
      associationId: eipassoc(3),
      from: i(2),
    });
  });

  it("is not taken from a holder that still has a volume it opened", () => {
    const at = view({ volumes: [busy], address: openers, instances: [inGroup(2, "InService")] });
    expect(tell(at)).toBe("wait");
  });

  it("is not taken where a volume of the mark cannot be seen", () => {
    const at = view({ volumes: [], address: openers, instances: [inGroup(2, "InService")] });
    expect(tell(at)).toBe("wait");
  });

  it("is not taken from a taker under a new association, though every volume is free", () => {
    const at = view({ volumes: [free], address: takers, instances: [inGroup(2, "Pending:Wait")] });
    expect(tell(at)).toBe("wait");
  });

  it("of a taker that is silent past patience comes by fencing it, never by robbing it", () => {
    const at = view({
      volumes: [free],
      address: takers,
      instances: [inGroup(2, "Pending:Wait")],
      memory: silentFor(i(2), 130_000),
    });
    expect(tell(at)).toBe("fence");
  });

  it("of a stranger to the seat is never fenced for", () => {
    const stranger = instance(2, { group: null, member: false });
    const at = view({ volumes: [free], address: takers, instances: [stranger] });
    expect(tell(at)).toBe("EHA-ADDRESS-HELD");
  });

  it("is taken from a holder that is leaving once its final set holds everything", () => {
    const leaving = [inGroup(2, "Terminating:Wait")];
    const at = view({ volumes: [busy], address: openers, instances: leaving });
    expect(tell(at, true)).toBe("disassociate");
    expect(tell(at, false)).toBe("wait");
  });

  it("is not taken from a holder that serves, even where a final set would hold everything", () => {
    const at = view({ volumes: [busy], address: openers, instances: [inGroup(2, "InService")] });
    expect(tell(at, true)).toBe("wait");
  });

  it("is taken from who is terminated or stopped", () => {
    for (const state of ["terminated", "stopped"] as const) {
      const instances = [instance(2, { state, group: null })];
      expect(tell(view({ volumes: [busy], address: openers, instances }))).toBe("disassociate");
    }
  });

  it("of one that EC2 does not know is taken only when that has lasted", () => {
    const facts = { volumes: [busy], address: takers, instances: [instance(2, { state: "gone" })] };
    expect(tell(view(facts))).toBe("wait");
    expect(tell(view({ ...facts, memory: silentFor(i(2), 11_000) }))).toBe("disassociate");
  });

  it("of one that is stopping is waited for", () => {
    const at = view({ address: takers, instances: [instance(2, { state: "stopping" })] });
    expect(tell(at)).toBe("wait");
  });

  it("of one of whom nothing is known yet is waited for", () => {
    expect(tell(view({ address: takers }))).toBe("wait");
  });

  it("that stands on something that is no instance is refused", () => {
    const odd = { ...address({ holder: i(2) }), instanceId: null };
    expect(tell(view({ address: odd }))).toBe("EHA-ADDRESS-HELD");
  });
});

describe("the address of a seat without volumes", () => {
  const at = (over: Parameters<typeof view>[0]) =>
    view({ settings: addressOnly, address: address({ holder: i(2) }), ...over });

  it("is taken from a holder that is leaving", () => {
    expect(tell(at({ instances: [inGroup(2, "Terminating:Wait")] }))).toBe("disassociate");
  });

  it("is not taken from one that lives", () => {
    expect(tell(at({ instances: [inGroup(2, "InService")] }))).toBe("EHA-HANDOVER-UNSUPPORTED");
    const alone = instance(2, { group: null });
    expect(tell(at({ instances: [alone] }))).toBe("EHA-ADDRESS-HELD");
  });
});

describe("attaching", () => {
  const mine = opened(1, 3, { attachments: attachedTo(me) });

  it("is without the lease where the address is another's", () => {
    const at = view({ volumes: [mine], address: address({ holder: i(2) }) });
    expect(holdsWithoutLease(at)).toBe(true);
  });

  it("is not where the address is mine, or nobody's", () => {
    expect(holdsWithoutLease(view({ volumes: [mine] }))).toBe(false);
    const held = view({ volumes: [mine], address: address({ holder: me }) });
    expect(holdsWithoutLease(held)).toBe(false);
  });
});

describe("an instance", () => {
  it("is terminating in any state of its group that begins so", () => {
    expect(isTerminating(inGroup(2, "Terminating:Proceed"))).toBe(true);
    expect(isTerminating(inGroup(2, "InService"))).toBe(false);
  });
});
