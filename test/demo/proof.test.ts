// The proof must find every kind of loss, also in a database that has the right number of rows.

import { describe, expect, test } from "vitest";
import { type Acknowledgement, valueOf } from "./client/ledger.ts";
import { lostIn, prove } from "./proof.ts";

const seed = "seed";
const promised = [1, 2, 3].map(
  (sequence): Acknowledgement => ({ sequence, instanceId: "i-1", zone: "a", atMs: sequence }),
);
const rows = (...sequences: readonly number[]): Map<number, string> =>
  new Map(sequences.map((sequence) => [sequence, valueOf(seed, sequence)]));

describe("the proof", () => {
  test("loses nothing when every promised write is there, and more", () => {
    const proof = prove(promised, { pairs: rows(1, 2, 3, 4), integrity: "ok" }, seed);
    expect(proof).toMatchObject({ acknowledged: 3, missing: [], wrong: [], rows: 4 });
    expect(lostIn(proof)).toBe(0);
  });

  test("finds a missing write although another one makes up the number", () => {
    const proof = prove(promised, { pairs: rows(1, 3, 4), integrity: "ok" }, seed);
    expect(proof.missing).toEqual([2]);
    expect(lostIn(proof)).toBe(1);
  });

  test("finds a write with the value of another one", () => {
    const pairs = rows(1, 2).set(3, valueOf(seed, 2));
    expect(prove(promised, { pairs, integrity: "ok" }, seed).wrong).toEqual([3]);
  });

  test("counts a write that was acknowledged twice once", () => {
    const twice = [...promised, ...promised];
    expect(prove(twice, { pairs: rows(1, 2, 3), integrity: "ok" }, seed).acknowledged).toBe(3);
  });

  test("calls a database that SQLite finds broken a loss", () => {
    const proof = prove(promised, { pairs: rows(1, 2, 3), integrity: "row 2 missing" }, seed);
    expect(lostIn(proof)).toBe(1);
  });
});
