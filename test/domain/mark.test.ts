// The words in tags: what is written is read back the same, and nothing else is understood.

import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  formatInit,
  formatMark,
  formatMembers,
  formatOpened,
  formatReleasing,
  instant,
  type Mark,
  parseGeneration,
  parseInit,
  parseMark,
  parseMembers,
  parseOpened,
  parseReleasing,
} from "../../agent/domain/mark.ts";
import { eipassoc, i, vol } from "../plan/seat.ts";

const numbers = fc.integer({ min: 1, max: 0xffff_ffff });
const generations = fc.integer({ min: 1, max: 999_999_999 });
const seconds = fc.integer({ min: 0, max: 4_000_000_000 }).map((atS) => atS * 1_000);
const at = seconds.map(instant);
const names = fc.stringMatching(/^[a-z0-9-]{1,16}$/);
const members = fc
  .uniqueArray(fc.tuple(names, numbers), { minLength: 1, maxLength: 4, selector: ([name]) => name })
  .map((pairs) => pairs.map(([name, n]) => ({ name, volumeId: vol(n) })));
const opened = fc.record({
  opener: numbers.map(i),
  at,
  associationId: numbers.map(eipassoc),
});
const marks: fc.Arbitrary<Mark> = fc
  .tuple(opened, generations, members, fc.boolean())
  .map(([claim, generation, of, fallback]) => ({ ...claim, generation, members: of, fallback }));

describe("what is written is read back the same", () => {
  it("for a mark, which uses only characters that every service takes", () => {
    fc.assert(
      fc.property(marks, (mark) => {
        const text = formatMark(mark);
        expect(text).toMatch(/^[A-Za-z0-9 +\-=._:/@]*$/);
        expect(parseMark(text)).toEqual(mark);
      }),
    );
  });

  it("for members, a claim, a release, an initialisation and a generation", () => {
    fc.assert(
      fc.property(members, (of) => {
        expect(parseMembers(formatMembers(of))).toEqual(of);
      }),
    );
    fc.assert(
      fc.property(opened, (claim) => {
        expect(parseOpened(formatOpened(claim))).toEqual(claim);
      }),
    );
    fc.assert(
      fc.property(
        fc.stringMatching(/^[a-z-]{1,9}$/),
        seconds,
        seconds,
        (phase, atMs, deadlineMs) => {
          const releasing = { phase, atMs, deadlineMs };
          expect(parseReleasing(formatReleasing(releasing))).toEqual(releasing);
        },
      ),
    );
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 999_999 }), (attempts) => {
        const init = { kind: "pending", attempts } as const;
        expect(parseInit(formatInit(init))).toEqual(init);
      }),
    );
    fc.assert(
      fc.property(generations, (n) => {
        expect(parseGeneration(String(n))).toBe(n);
      }),
    );
    expect(parseInit(formatInit({ kind: "done" }))).toEqual({ kind: "done" });
  });

  it("for the words of the design's own example", () => {
    const text =
      "7 i-0000000000000abc0 2026-11-22T09:00:00Z eipassoc-0000000000000def0 data=vol-00000000000000001 wal=vol-00000000000000002 fallback";
    const mark = parseMark(text);
    expect(mark).toMatchObject({ generation: 7, fallback: true, members: [{}, {}] });
    expect(mark === null ? null : formatMark(mark)).toBe(text);
  });
});

describe("nothing else is understood", () => {
  it("in a mark: a word too few or too many, a name twice, a number that is none", () => {
    const good = `7 ${i(1)} 2026-11-22T09:00:00Z ${eipassoc(1)} data=${vol(1)}`;
    expect(parseMark(good)).not.toBeNull();
    const bad = [
      `${good} `,
      ` ${good}`,
      `${good} more`,
      `${good} data=${vol(2)}`,
      good.replace("7", "07"),
      good.replace("7", "0"),
      good.replace(` data=${vol(1)}`, ""),
      good.replace("data=", "DATA="),
      good.replace("09:00:00Z", "09:00:00+01:00"),
      good.replace("2026-11-22", "2026-13-45"),
      good.replace("  ", " ").replace(" ", "  "),
    ];
    expect(bad.filter((text) => parseMark(text) !== null)).toEqual([]);
  });

  it("in times that look like one and are none", () => {
    expect(parseReleasing("stopping 2026-13-45T09:00:00Z 2026-11-22T09:00:00Z")).toBeNull();
    expect(parseOpened(`${i(1)} 2026-11-22T29:00:00Z ${eipassoc(1)}`)).toBeNull();
  });

  it("in generations and attempts beyond their bounds", () => {
    for (const text of ["", "0", "-1", "1.0", "1e3", " 1", "1234567890", undefined]) {
      expect(parseGeneration(text)).toBeNull();
    }
    for (const text of ["", "pending 0", "pending 01", "pending -1", "Done", "pending 1234567"]) {
      expect(parseInit(text)).toBeNull();
    }
  });

  it("and no text makes a reader throw", () => {
    const readers = [
      parseMark,
      parseMembers,
      parseOpened,
      parseReleasing,
      parseInit,
      parseGeneration,
    ];
    const near = fc
      .array(
        fc.constantFrom("7", i(1), "2026-11-22T09:00:00Z", eipassoc(1), `a=${vol(1)}`, "", "="),
      )
      .map((words) => words.join(" "));
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.string({ unit: "binary" }), near), (text) => {
        for (const read of readers) expect(() => read(text)).not.toThrow();
      }),
    );
  });
});
