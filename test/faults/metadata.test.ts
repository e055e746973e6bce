// A launch while IMDS fails in each of its ways for a while: the agent keeps asking, and comes into service
// with one volume. Of a holder only how slow it may be is here; the rest is in bad-input/metadata.test.ts.

import { afterEach, describe, expect, it, vi } from "vitest";
import { type Event, serve } from "../../agent/flow/serve.ts";
import type { Imds } from "../../agent/port/imds.ts";
import type { FaultSettings } from "../region/faults/settings.ts";
import { expectServed, type Rehearsal, refusals, rehearse, untilServed } from "./rehearsal.ts";

let rehearsal: Rehearsal;
afterEach(() => rehearsal.stage.close());
vi.setConfig({ testTimeout: 60_000 });

const durationMs = 1_500;
const refusing = (status: number): FaultSettings => ({ refusedMetadata: { status, durationMs } });

describe("failure mode 22: a launch whose IMDS", () => {
  it.each<readonly [string, FaultSettings, readonly string[]]>([
    ["is silent", { absentMetadata: { how: "silence", durationMs } }, []],
    ["cuts every connection", { absentMetadata: { how: "cut", durationMs } }, []],
    ["is slow", { slowMetadata: { delayMs: 400, durationMs } }, []],
    ["has forgotten its tokens", refusing(401), []],
    ["is switched off, which is told at once", refusing(403), ["EHA-IMDS"]],
    ["throttles", refusing(429), []],
    ["fails", refusing(500), []],
    ["answers with nonsense", { garbledMetadata: { durationMs: 400 } }, []],
    ["does not reach it over the hops", { hopLimit: { durationMs } }, []],
  ])("%s goes on once it answers", async (_how, faults, told) => {
    rehearsal = await rehearse();
    const { agent, stage } = rehearsal;
    rehearsal.fail(faults);
    void agent.run();
    await untilServed(stage, agent);
    await expectServed(rehearsal, agent);
    expect(refusals(agent)).toEqual(told);
  });
});

describe("a holder whose IMDS is slow", () => {
  /** What the watch ends with when each read takes so long, in a minute. */
  async function watched(readMs: (path: string) => number): Promise<Event> {
    rehearsal = await rehearse();
    const { agent, stage } = rehearsal;
    const { clock, imds } = agent.observer.ports;
    const slow: Imds = {
      async read(path) {
        await clock.sleep(readMs(path));
        return imds.read(path);
      },
    };
    const observer = { ...agent.observer, ports: { ...agent.observer.ports, imds: slow } };
    const post = { watch: { publicIp: null, armed: false }, silent: false };
    const end = new AbortController();
    const { signal } = end;
    const watching = serve({ observer, post, signal, takeDue: () => null, checkMs: null });
    void stage.clock.sleep(60_000).then(() => end.abort());
    return watching;
  }

  it("has no doubt as long as its polls miss no more than three turns", async () => {
    expect(await watched(() => 1_000)).toEqual({ kind: "aborted" });
  });

  it.each([7_000, 35_000])(
    "has one when an answer took %i ms: it may have stood still",
    async (ms) => {
      const frozen = [ms];
      const found = await watched(() => frozen.pop() ?? 0);
      expect(found).toMatchObject({ kind: "doubt", gone: false });
    },
  );
});
