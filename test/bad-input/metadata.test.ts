// IMDS that answers badly while the seat is held, each in its way: the holder serves on,
// lets go of nothing, and hears IMDS again when it is well. What one bad answer says of the address is
// asked of EC2 before anything is believed.

import { afterEach, describe, expect, it, vi } from "vitest";
import { type Rehearsal, refusals, rehearse, serving } from "../faults/rehearsal.ts";
import type { FaultSettings } from "../region/faults/settings.ts";

let rehearsal: Rehearsal;
afterEach(() => rehearsal.stage.close());
vi.setConfig({ testTimeout: 60_000 });

const badly: readonly (readonly [string, FaultSettings])[] = [
  ["is silent", { absentMetadata: { how: "silence" } }],
  ["cuts every connection", { absentMetadata: { how: "cut" } }],
  ["says 401 to every token", { refusedMetadata: { status: 401 } }],
  ["says 403, as if it were switched off", { refusedMetadata: { status: 403 } }],
  ["says 404 to every path", { refusedMetadata: { status: 404 } }],
  ["says 503", { refusedMetadata: { status: 503 } }],
  ["answers with a page of HTML", { garbledMetadata: { body: "<html>Please log in</html>" } }],
  ["answers with nothing", { garbledMetadata: { body: "" } }],
];

describe("failure mode 22: a holder whose IMDS", () => {
  it.each(badly)("%s serves on", async (_how, faults) => {
    rehearsal = await rehearse();
    const agent = await serving(rehearsal);
    const before = [...agent.machine.deeds];
    rehearsal.fail(faults);
    await rehearsal.stage.clock.sleep(8_000);
    rehearsal.heal();
    await rehearsal.stage.clock.sleep(4_000);
    expect(agent.machine.deeds).toEqual(before);
    expect(agent.machine.mountPoints()).toEqual(["/data"]);
    expect(refusals(agent)).toEqual([]);
  });
});
