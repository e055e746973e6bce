// How a stage passes on, and how it gives up.

import { describe, expect, it } from "vitest";
import { again, enter, idsOf } from "../../agent/plan/stage.ts";
import { vol } from "./seat.ts";
import { openingAt, view } from "./world.ts";

describe("a stage", () => {
  it("entered in a look needs a later one for what must be newer", () => {
    expect(enter("confirm", view(), openingAt("lease"))).toMatchObject({
      stage: "confirm",
      sinceLook: 10,
    });
  });

  it("that gives up ends the opening and looks at everything again", () => {
    expect(again("the tip has changed")).toMatchObject({
      kind: "wait",
      pace: "now",
      look: { kind: "all" },
      opening: null,
    });
  });

  it("knows its volumes' ids", () => {
    expect(idsOf(openingAt("claim"))).toEqual([vol(1)]);
  });
});
