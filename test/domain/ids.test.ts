// Ids have EC2's documented shape, or are none.

import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  allocationId,
  associationId,
  instanceId,
  interfaceId,
  snapshotId,
  volumeId,
} from "../../agent/domain/ids.ts";

const parsers = [
  ["i", instanceId],
  ["vol", volumeId],
  ["snap", snapshotId],
  ["eipalloc", allocationId],
  ["eipassoc", associationId],
  ["eni", interfaceId],
] as const;

describe("an id", () => {
  it("of 8 or 17 hexadecimal digits is read as it stands", () => {
    for (const [prefix, parse] of parsers) {
      for (const digits of ["0123abcd", "0123456789abcdef0"]) {
        expect(parse(`${prefix}-${digits}`)).toBe(`${prefix}-${digits}`);
      }
    }
  });

  it("of another kind, length, case or with anything around it is none", () => {
    const wrong = [
      "vol-0123abc",
      "vol-0123ABCD",
      " vol-0123abcd",
      "vol-0123abcd\n",
      "snap-0123abcd",
    ];
    for (const text of [...wrong, "", undefined]) expect(volumeId(text)).toBeNull();
  });

  it("is never taken for another kind's", () => {
    for (const [prefix] of parsers) {
      const readers = parsers.filter(([, parse]) => parse(`${prefix}-0123abcd`) !== null);
      expect(readers.map(([of]) => of)).toEqual([prefix]);
    }
  });

  it("is read from any text without a throw", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        for (const [, parse] of parsers) expect([null, text]).toContain(parse(text));
      }),
    );
  });
});
