// The agent is killed at every step of a launch and of a release, before the deed, after it with the
// answer withheld, and after the answer; and the seat ends where it should. The steps come from the
// agent's own map of executors, so a new step that no rehearsal kills fails here.

import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import type { StepName } from "../../agent/domain/steps.ts";
import { executorsOf } from "../../agent/flow/executors.ts";
import type { Ports } from "../../agent/flow/ports.ts";
import type { Found } from "./rehearsal.ts";
import { type Point, points, signs } from "./signs.ts";

const program = fileURLToPath(new URL("main.ts", import.meta.url));
// Five lives, some hundred restarts of the agent, on two busy cores.
const rehearsalMs = 12 * 60_000;

const steps = Object.keys(executorsOf({} as unknown as Ports)) as StepName[];
const killable = steps.filter((step) => signs[step].kind !== "outside").toSorted();

describe.skipIf(process.getuid?.() !== 0)(
  "an agent killed at every step",
  { concurrent: true },
  () => {
    it.each(points)(
      "%s the deed: nothing is lost, nothing is doubled",
      { timeout: rehearsalMs },
      async (point) => {
        const found = await rehearse(point);
        expect(found.killed).toEqual(killable);
        expect(found).toMatchObject({ point, acknowledged: 80, lost: 0 });
        // One restore for the move, one for each crash into the other zone; no volume was made twice.
        const origins = found.volumes.map((volume) => `${volume.parent} ${volume.zone}`);
        expect(new Set(origins).size).toBe(origins.length);
        expect(origins.filter((origin) => origin.startsWith("blank"))).toHaveLength(1);
        // The seat has one volume: every set has one snapshot, and there is one final set.
        expect(Object.values(found.sets).every((count) => count === 1)).toBe(true);
        expect(Object.keys(found.sets).filter((set) => set.endsWith("/final"))).toHaveLength(1);
        // Killed around it, `first.init` may run again; it is recorded as done once, and never runs after.
        expect(found.attempts).toBeLessThanOrEqual(2);
      },
    );
  },
);

async function rehearse(point: Point): Promise<Found> {
  const child = spawn(process.execPath, [program, point], { stdio: ["ignore", "pipe", "pipe"] });
  const [output, errors] = await Promise.all([text(child.stdout), text(child.stderr)]);
  const last = output.trim().split("\n").at(-1) ?? "";
  if (!last.startsWith("{")) throw new Error(`Cannot rehearse "${point}": ${errors.slice(-2_000)}`);
  return JSON.parse(last) as Found;
}
