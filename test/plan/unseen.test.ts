// What is believed to be gone: only what several whole looks over some time did not show.

import { describe, expect, it } from "vitest";
import { remember } from "../../agent/plan/memory.ts";
import { isAddressMissing, mayBeListed } from "../../agent/plan/unseen.ts";
import { addressOnly } from "./seat.ts";
import { address, view } from "./world.ts";

type Over = NonNullable<Parameters<typeof view>[0]>;

/** The view after looks at these moments, each of which saw the same. */
function looked(over: Over, ...momentsMs: readonly number[]) {
  const moments = momentsMs.map((monotonicMs, index) => ({ monotonicMs, look: index + 1 }));
  return moments.reduce((known, moment) => {
    const next = { ...view({ ...over, ...moment }), memory: known.memory };
    return { ...next, memory: remember(next) };
  }, view(over));
}

describe("the address", () => {
  const none = { address: null };

  it("is missing once three looks over twenty seconds did not show it", () => {
    expect(isAddressMissing(looked(none, 0))).toBe(false);
    expect(isAddressMissing(looked(none, 0, 30_000))).toBe(false);
    expect(isAddressMissing(looked(none, 0, 5_000, 10_000))).toBe(false);
    expect(isAddressMissing(looked(none, 0, 10_000, 20_000))).toBe(true);
  });

  it("is not missing once a look has shown it, or where none is wanted", () => {
    const gone = looked(none, 0, 10_000, 20_000);
    const shown = { ...view({ address: address() }), memory: gone.memory };
    expect(remember(shown).addressless).toBeNull();
    const settings = { ...addressOnly, address: null };
    expect(looked({ ...none, settings }, 0).memory.addressless).toBeNull();
  });

  it("is not missed twice in one whole look", () => {
    const once = looked(none, 0);
    const narrow = { ...once, facts: { ...once.facts, monotonicMs: 30_000 } };
    expect(remember(narrow).addressless).toMatchObject({ looks: 1 });
  });
});

describe("an instance that no group lists", () => {
  const at = (target: string | null) => ({ me: { group: null, target } });

  it("may still be listed while IMDS shows a target state, for two minutes", () => {
    expect(mayBeListed(looked(at("InService"), 0, 10_000, 20_000))).toBe(true);
    expect(mayBeListed(looked(at("InService"), 0, 60_000, 120_000))).toBe(false);
  });

  it("is in none where IMDS shows no target state, or that it was detached", () => {
    expect(mayBeListed(looked(at(null), 0))).toBe(false);
    expect(mayBeListed(looked(at("Detached"), 0))).toBe(false);
  });
});
