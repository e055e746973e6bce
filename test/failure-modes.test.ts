// The list of what went wrong for others, kept honest: each number is in the name of a test that the
// table of test/README.md points at, or the table says to which later part of the work it belongs.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

const here = import.meta.dirname;
const numbersMax = 42;

interface Row {
  readonly number: number;
  readonly covered: string;
}

const rows: readonly Row[] = readFileSync(join(here, "README.md"), "utf8")
  .split("\n")
  .flatMap((line) => {
    const cells = /^\|\s*(\d+)\s*\|[^|]*\|([^|]*)\|$/.exec(line);
    return cells === null ? [] : [{ number: Number(cells[1]), covered: cells[2] ?? "" }];
  });

/** By test file, as the table writes it: the numbers in the names of its tests. */
const named: ReadonlyMap<string, ReadonlySet<number>> = new Map(
  readdirSync(here, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".test.ts") && file !== "failure-modes.test.ts")
    .map((file) => [file, numbersIn(readFileSync(join(here, file), "utf8"))]),
);

/** Of "failure mode 7" and of "failure modes 5 and 36". */
function numbersIn(text: string): ReadonlySet<number> {
  const mentions = [...text.matchAll(/["'`]failure modes? ((?:\d+(?:, | and )?)+)/g)];
  return new Set(mentions.flatMap(([, list = ""]) => list.match(/\d+/g) ?? []).map(Number));
}

function filesOf({ covered }: Row): readonly string[] {
  return [...covered.matchAll(/`([^`]+\.test\.ts)`/g)].map(([, file = ""]) => file);
}

it("the table has each number once, in order", () => {
  const wanted = Array.from({ length: numbersMax }, (_, index) => index + 1);
  expect(rows.map((row) => row.number)).toEqual(wanted);
});

describe.each(rows)("failure mode $number", (row) => {
  it("is in the name of a test that the table points at, or a later part's", () => {
    const files = filesOf(row);
    const tested = files.some((file) => named.get(file)?.has(row.number) === true);
    const later = /\bpart [3-6]\b/.test(row.covered);
    expect({ covered: row.covered.trim(), tested: tested || later }).toMatchObject({
      tested: true,
    });
  });

  it("points at files that there are", () => {
    expect(filesOf(row).filter((file) => !named.has(file))).toEqual([]);
  });
});

it("no test is named by a number that its row does not point at", () => {
  const stray = [...named].flatMap(([file, numbers]) =>
    [...numbers]
      .filter((number) => !rows.some((row) => row.number === number && filesOf(row).includes(file)))
      .map((number) => `${file}: ${number}`),
  );
  expect(stray).toEqual([]);
});
