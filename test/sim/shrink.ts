// What a violation needs: strikes and deeds are left out, half of them at a time and then one by one,
// as long as the same invariant still breaks. What remains is told as a story.

import { type RunOptions, type RunResult, runSeed } from "./run.ts";

/** A run costs a fraction of a second; more than this many are not worth a shorter story. */
const runsMax = 120;

type Cause = number | string;

export async function shrink(options: RunOptions, first: RunResult): Promise<string> {
  const invariant = first.violation?.invariant;
  let best = first;
  let muted: readonly Cause[] = [];
  let runs = 0;
  const attempt = async (more: readonly Cause[]): Promise<boolean> => {
    if (runs >= runsMax || more.length === 0) return false;
    runs += 1;
    const result = await runSeed({ ...options, ...mutes([...muted, ...more]) });
    if (result.violation?.invariant !== invariant) return false;
    muted = [...muted, ...more];
    best = result;
    return true;
  };
  for (let size = causesOf(best).length; size >= 1; size = Math.floor(size / 2)) {
    for (const part of partsOf(causesOf(best), size)) await attempt(part);
  }
  const needed = causesOf(best).map(String).join(", ");
  const title = `seed ${options.seed}: ${invariant}: ${best.violation?.found ?? ""}`;
  return [title, `it needs: ${needed === "" ? "nothing" : needed}`, ...best.story].join("\n");
}

function causesOf({ struck, deeds }: RunResult): readonly Cause[] {
  return [...struck, ...deeds];
}

function mutes(causes: readonly Cause[]): Pick<RunOptions, "mutedStrikes" | "mutedDeeds"> {
  return {
    mutedStrikes: new Set(causes.filter((cause) => typeof cause === "number")),
    mutedDeeds: new Set(causes.filter((cause) => typeof cause === "string")),
  };
}

function partsOf<T>(all: readonly T[], size: number): readonly (readonly T[])[] {
  const parts: T[][] = [];
  for (let start = 0; start < all.length; start += size) parts.push(all.slice(start, start + size));
  return parts;
}
