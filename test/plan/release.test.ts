// Releasing: the order, what is saved and what is not, and that no hook is answered without evidence.

import { describe, expect, it } from "vitest";
import { finalSetId } from "../../agent/plan/names.ts";
import { planRelease } from "../../agent/plan/release.ts";
import { gist, stepOf } from "./decisions.ts";
import { addressOnly, eipassoc, i, me, settings, startMs, vol } from "./seat.ts";
import {
  address,
  attachedTo,
  disk,
  group,
  malformed,
  markOf,
  opened,
  serving,
  setOf,
  view,
} from "./world.ts";

const releasing = { phase: "stopping", atMs: startMs, deadlineMs: startMs + 300_000 };
const announced = opened(1, 4, { by: me, attachments: attachedTo(me), releasing });
const down = [{ name: "db.service", state: "inactive" }] as const;
const leaving = { group: group("Terminating:Wait"), target: "Terminated" };

type Over = NonNullable<Parameters<typeof serving>[0]>;

/** Terminating for a second, announced. */
function mounted(over: Over = {}) {
  return serving({
    volumes: [announced],
    ...over,
    me: leaving,
    memory: { releasingSinceMs: 999_000, ...over.memory },
  });
}

/** The same, with units down and nothing mounted. */
function unmounted(over: Over = {}) {
  return mounted({ units: down, disks: [disk(1)], ...over });
}

const tell = (at: Parameters<typeof planRelease>[0]) => gist(planRelease(at));
const final = setOf(1, [announced], { setId: finalSetId("orders", 4, "clean") });
const unclean = setOf(2, [announced], {
  setId: finalSetId("orders", 4, "unclean"),
  clean: false,
});

describe("while mounted, a release", () => {
  it("announces itself with its deadline, then stops the units", () => {
    const decision = planRelease(mounted({ volumes: [{ ...announced, releasing: null }] }));
    expect(stepOf(decision, "announce").with.releasing).toEqual({
      phase: "stopping",
      atMs: startMs,
      deadlineMs: startMs + 299_000,
    });
    expect(tell(mounted())).toBe("stopUnit");
  });

  it("that cannot be announced goes on without, long before its deadline", () => {
    const volumes = [{ ...announced, releasing: null }];
    const after = (durationMs: number) => ({ releasingSinceMs: 1_000_000 - durationMs });
    expect(tell(mounted({ volumes, memory: after(60_000) }))).toBe("announce");
    expect(tell(mounted({ volumes, memory: after(80_000) }))).toBe("stopUnit");
  });

  it("runs each command once between the units' end and the unmount", () => {
    const set = settings({ beforeSnapshot: ["/bin/flush"] });
    expect(tell(mounted({ settings: set, units: down }))).toBe("runCommand");
    const memory = { commandsRun: ["/bin/flush"] };
    expect(tell(mounted({ settings: set, units: down, memory }))).toBe("unmount");
  });

  it("past its deadline takes an unclean set, under the lease, and then answers the hook", () => {
    const memory = { releasingSinceMs: 600_000 };
    expect(planRelease(mounted({ memory: { ...memory, proven: null } }))).toMatchObject({
      steps: [{ name: "prove" }],
    });
    const decision = planRelease(mounted({ memory }));
    expect(stepOf(decision, "snapshotSet").with.tags["ec2-ha:clean"]).toBe("false");
    expect(tell(mounted({ memory, sets: [unclean] }))).toBe("completeHook");
  });

  it("takes a clean set beside an unclean one: the names differ", () => {
    const decision = planRelease(unmounted({ sets: [unclean] }));
    expect(stepOf(decision, "snapshotSet").with.purpose).toBe("orders/4/final");
  });

  it("past its deadline and without the lease saves nothing, and does not ask for ever", () => {
    const memory = { releasingSinceMs: 600_000, proven: { associationId: null, look: 9 } };
    expect(tell(mounted({ memory }))).toBe("completeHook");
  });

  it("of what this instance did not open stops, unmounts, and saves nothing", () => {
    const others = opened(1, 4, { attachments: attachedTo(me) });
    expect(tell(mounted({ volumes: [others] }))).toBe("stopUnit");
    expect(tell(mounted({ volumes: [others], units: down }))).toBe("unmount");
    expect(tell(unmounted({ volumes: [others] }))).toBe("detach");
  });
});

describe("once unmounted, a release", () => {
  it("takes a clean set right after a proof of the lease", () => {
    const before = { proven: { associationId: eipassoc(4), look: 5 } };
    expect(tell(unmounted({ memory: before }))).toBe("prove");
    const decision = planRelease(unmounted());
    expect(stepOf(decision, "snapshotSet").with).toMatchObject({
      volumeIds: [vol(1)],
      tags: { "ec2-ha:of": "4", "ec2-ha:clean": "true", "ec2-ha:reason": "final" },
    });
  });

  it("marks again first where the address had to be taken back", () => {
    const proven = { associationId: eipassoc(9), look: 9 };
    expect(tell(unmounted({ memory: { proven } }))).toBe("mark");
  });

  it("waits while a device is not seen free, and past its deadline saves it unclean", () => {
    for (const disks of [[disk(1, { free: false })], []]) {
      expect(tell(unmounted({ disks }))).toBe("wait");
      const late = unmounted({ disks, memory: { releasingSinceMs: 600_000 } });
      expect(stepOf(planRelease(late), "snapshotSet").with.tags["ec2-ha:clean"]).toBe("false");
    }
  });

  it("detaches only once the set exists, and answers only once all is detached", () => {
    expect(tell(unmounted({ sets: [final] }))).toBe("detach");
    const free = { ...announced, attachments: [], state: "available" } as const;
    expect(tell(unmounted({ volumes: [free], disks: [], sets: [final] }))).toBe("completeHook");
  });

  it("saves what it opened though a stray volume is attached beside", () => {
    const stray = opened(2, 2, { attachments: attachedTo(me) });
    const decision = planRelease(unmounted({ volumes: [announced, stray] }));
    expect(stepOf(decision, "snapshotSet").with.volumeIds).toEqual([vol(1)]);
  });

  it("does not save without the lease: it is not the holder", () => {
    const lost = { proven: { associationId: null, look: 9 } };
    expect(tell(unmounted({ memory: lost }))).toBe("completeHook");
  });

  it("of a taker that has not opened only detaches", () => {
    const claimed = opened(1, 4, { by: me, written: 3, attachments: attachedTo(me) });
    expect(tell(unmounted({ volumes: [claimed] }))).toBe("detach");
  });
});

describe("the hook", () => {
  it("is not answered while a tag of the seat cannot be read", () => {
    const at = unmounted({ volumes: [], disks: [], malformed: [malformed()] });
    expect(tell(at)).toBe("EHA-TAG-MALFORMED");
  });

  it("failure mode 30: is not answered while what was opened here is out of sight", () => {
    expect(tell(unmounted({ volumes: [], disks: [] }))).toBe("wait");
    const lost = [{ volumeId: vol(1), sinceMs: 0, looks: 3, look: 9 }];
    expect(tell(unmounted({ volumes: [], disks: [], memory: { lost } }))).toBe("completeHook");
  });

  it("is answered at once by who holds nothing", () => {
    const others = markOf(4, [opened(1, 4)]);
    const at = view({
      volumes: [opened(1, 4, { attachments: attachedTo(i(2)) })],
      address: address({ holder: i(2), association: 4, mark: others }),
      me: leaving,
    });
    expect(tell(at)).toBe("completeHook");
  });

  it("of a seat without volumes is answered once the units are down", () => {
    const units = [{ name: "db.service", state: "active" }] as const;
    expect(tell(view({ settings: addressOnly, units, me: leaving }))).toBe("stopUnit");
    expect(tell(view({ settings: addressOnly, me: leaving }))).toBe("completeHook");
  });

  it("is nobody's where the machine powers off without a group", () => {
    expect(tell(view({ settings: addressOnly, me: { group: null } }))).toBe("done");
  });
});
