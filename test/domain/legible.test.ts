// One line of a length that can be read, whatever it is made from.

import * as fc from "fast-check";
import { expect, it } from "vitest";
import { Failure } from "../../agent/domain/failure.ts";
import { legible, shown } from "../../agent/domain/legible.ts";

it.each([
  ["one line", "one line"],
  ["two\nlines\r\n", "two lines"],
  ["a\u0000b\u2028c\ud800d", "a b c d"],
  ["é💾", "é💾"],
])("%j is told as %j", (text, told) => {
  expect(legible(text)).toBe(told);
});

it("what is too long is cut, and says so", () => {
  expect(legible("x".repeat(301))).toBe(`${"x".repeat(300)}…`);
});

it.each([
  [undefined, "missing"],
  [null, "null"],
  ["a\nb", '"a\\nb"'],
  [Number.NaN, "NaN"],
  [{ a: [1] }, '{"a":[1]}'],
  [10n, "10"],
  [() => 1, "a function"],
])("the value %s is shown", (value, told) => {
  expect(shown(value)).toBe(told);
});

it("a value that holds itself is shown without a throw", () => {
  const knot: unknown[] = [];
  knot.push(knot);
  expect(shown(knot)).toBe("a value that cannot be written");
});

it("any value is shown in one line", () => {
  fc.assert(
    fc.property(fc.anything({ withBigInt: true }), (value) => {
      expect(shown(value)).toMatch(/^[^\n\r\u2028\u2029]{0,301}$/);
    }),
  );
});

it("a failure is one line although its cause said many", () => {
  const details = { kind: "broken", action: "run", subject: '"x"', next: "wait" } as const;
  const failure = new Failure({ ...details, found: `exit 1\n${"x".repeat(10_000)}` });
  expect(failure.message).toMatch(/^Cannot run "x": exit 1 x{293}…: wait$/);
});
