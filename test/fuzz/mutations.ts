// Inputs that are almost right: a valid text or value with a few small wounds. A parser refuses noise
// at its first character; what is nearly right reaches the rest of it.

import * as fc from "fast-check";

/** What has broken other parsers. */
const oddities = [
  "",
  "\u0000",
  "\n",
  "\r\n",
  "\ufeff",
  "\u2028",
  "\ud800",
  "💾",
  "__proto__",
  "constructor",
  "toString",
  "-0",
  "1e999",
  "9007199254740993",
  "NaN",
  "null",
  "../..",
  "%s%n",
  "${HOME}",
  "<!--",
  "]]>",
  "&lt;",
  "&#0;",
  "\\134",
  "=",
  " ",
  "*a",
  "&a",
  "!!",
  "%YAML 1.1\n---\n",
];

const oddity = fc.oneof(fc.constantFrom(...oddities), fc.string({ unit: "binary", maxLength: 8 }));

interface Wound {
  readonly at: number;
  readonly length: number;
  readonly put: string;
  readonly twice: boolean;
}

const wound: fc.Arbitrary<Wound> = fc.record({
  at: fc.nat({ max: 10_000 }),
  length: fc.oneof(fc.constant(0), fc.nat({ max: 12 }), fc.nat({ max: 200 })),
  put: oddity,
  twice: fc.boolean(),
});

/** One of the texts, with up to four places cut out, doubled, or overwritten. */
export function woundedText(...valid: readonly string[]): fc.Arbitrary<string> {
  return fc
    .tuple(fc.constantFrom(...valid), fc.array(wound, { maxLength: 4 }))
    .map(([text, wounds]) => wounds.reduce(wounded, text));
}

function wounded(text: string, { at, length, put, twice }: Wound): string {
  const from = text === "" ? 0 : at % text.length;
  const middle = text.slice(from, from + length);
  return text.slice(0, from) + (twice ? middle + middle : "") + put + text.slice(from + length);
}

/** Any text at all, or a valid one with wounds. */
export function anyText(...valid: readonly string[]): fc.Arbitrary<string> {
  return fc.oneof(
    { weight: 3, arbitrary: woundedText(...valid) },
    { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 200 }) },
  );
}

/** A value of the kind that a parsed YAML or JSON text can hold, and some that only a program can. */
const anyValue: fc.Arbitrary<unknown> = fc.oneof(
  oddity,
  fc.anything({ maxDepth: 2, withDate: true, withNullPrototype: true }),
  fc.constantFrom<unknown>(null, undefined, Number.NaN, -1, 0, 1.5, 2 ** 53, true, [], {}),
);

/** The value, with one of its parts, however deep, replaced or taken away. */
export function woundedValue(valid: object): fc.Arbitrary<unknown> {
  const paths = pathsOf(valid);
  const one = fc.tuple(fc.constantFrom(...paths), anyValue, fc.boolean());
  return fc
    .array(one, { minLength: 1, maxLength: 3 })
    .map((wounds) =>
      wounds.reduce<unknown>(
        (value, [path, put, away]) => replaced(value, path, { put, away }),
        valid,
      ),
    );
}

function pathsOf(value: unknown): readonly (readonly string[])[] {
  if (typeof value !== "object" || value === null || value instanceof Date) return [[]];
  const below = Object.entries(value).flatMap(([key, inner]) =>
    pathsOf(inner).map((path) => [key, ...path]),
  );
  return [[], ...below];
}

interface Replacement {
  readonly put: unknown;
  readonly away: boolean;
}

function replaced(value: unknown, path: readonly string[], how: Replacement): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return how.put;
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) {
    const items: readonly unknown[] = value;
    return items.map((item, index) => (String(index) === key ? replaced(item, rest, how) : item));
  }
  const entries = new Map<string, unknown>(Object.entries(value));
  if (rest.length === 0 && how.away) entries.delete(key);
  else entries.set(key, replaced(entries.get(key), rest, how));
  return Object.fromEntries(entries);
}
