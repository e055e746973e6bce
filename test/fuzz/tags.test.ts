// Tags: anyone may edit them, and other tools copy them. Whatever they hold, a resource is read as what
// its tags say, or reported with the tag and what was wanted; what is written is read back the same.

import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { associationId, instanceId, volumeId } from "../../agent/domain/ids.ts";
import {
  formatMark,
  formatReleasing,
  parseInit,
  parseMark,
  parseMembers,
  parseOpened,
  parseReleasing,
} from "../../agent/domain/mark.ts";
import { readMark, readSets, readVolumes } from "../../agent/domain/readings.ts";
import { tags } from "../../agent/domain/tags.ts";
import { snap, startMs, vol } from "../plan/seat.ts";
import { anyText } from "./mutations.ts";
import { always } from "./runs.ts";

const markText =
  "7 i-0123456789abcdef0 2026-11-22T09:00:00Z eipassoc-0123456789abcdef0 data=vol-0123456789abcdef0 wal=vol-0123456789abcdef1";
const texts = [
  "1",
  "true",
  "blank",
  "data",
  "data wal",
  "final",
  "orders/7/final",
  "pending 3",
  "done",
  "drain 2026-11-22T09:00:00Z 2026-11-22T09:10:00Z",
  "i-0123456789abcdef0 2026-11-22T09:00:00Z eipassoc-0123456789abcdef0",
  "snap-0123456789abcdef0",
  "data=vol-0123456789abcdef0",
  markText,
  `${markText} fallback`,
];
const anyTags = fc.dictionary(
  fc.oneof(
    { weight: 5, arbitrary: fc.constantFrom<string>(...Object.values(tags)) },
    fc.constantFrom("__proto__", "constructor", "aws:autoscaling:groupName", "ec2-ha:unknown", ""),
  ),
  anyText(...texts),
);

describe("a resource with any tags", () => {
  it("is a fact, or is reported with what was wanted, and never both", () =>
    always(fc.array(anyTags, { maxLength: 3 }), (all) => {
      const volumes = all.map((found, index) => ({
        volumeId: vol(index + 1),
        zone: "a",
        state: "available" as const,
        sizeGib: 1,
        attachments: [],
        multiAttach: false,
        createdMs: startMs,
        tags: found,
      }));
      const { facts, malformed } = readVolumes(volumes);
      const named = new Set([
        ...facts.map((fact) => fact.volumeId),
        ...malformed.map((one) => one.subject),
      ]);
      expect(named.size).toBe(all.length);
      for (const { found, wanted, tag } of malformed) {
        expect(found).toMatch(/^[^\n\r\u2028\u2029]*$/);
        expect(`${wanted} ${tag}`).toMatch(/\S \S/);
      }
      for (const fact of facts) {
        expect(fact.name).toMatch(/^[a-z0-9-]{1,16}$/);
        expect(Number.isSafeInteger(fact.written) && fact.written >= 0).toBe(true);
      }
    }));

  it("is a set only with the members it names", () =>
    always(fc.array(anyTags, { maxLength: 4 }), (all) => {
      const snapshots = all.map((found, index) => ({
        snapshotId: snap(index + 1),
        volumeId: vol(index + 1),
        state: "completed" as const,
        archived: false,
        progressPercent: 100,
        sizeGib: 1,
        startedMs: startMs + index,
        tags: found,
      }));
      const { facts } = readSets(snapshots);
      const ours = snapshots.filter((one) => Object.hasOwn(one.tags, tags.set));
      expect(facts.flatMap((set) => set.snapshots).length).toBeLessThanOrEqual(ours.length);
      for (const set of facts) expect(set.of).toBeGreaterThan(0);
    }));

  it("has a mark, none, or one that is reported", () =>
    always(anyTags, (found) => {
      const { facts, malformed } = readMark("address", found);
      expect(facts.length + malformed.length).toBeLessThanOrEqual(1);
      if (!Object.hasOwn(found, tags.mark)) expect(facts).toEqual([]);
    }));
});

it("what any parser of tags understands, it writes again as it was", () =>
  always(anyText(...texts), (text) => {
    const mark = parseMark(text);
    if (mark !== null) expect(formatMark(mark)).toBe(text);
    const releasing = parseReleasing(text);
    if (releasing !== null) expect(parseReleasing(formatReleasing(releasing))).toEqual(releasing);
    parseMembers(text);
    parseOpened(text);
    parseInit(text);
  }));

it("any mark that is written is read back the same", () => {
  const hex = fc.integer({ min: 0, max: 2 ** 31 }).map((n) => n.toString(16).padStart(17, "0"));
  const name = fc.stringMatching(/^[a-z0-9-]{1,16}$/);
  const parts = fc.record({
    generation: fc.integer({ min: 1, max: 999_999_999 }),
    id: hex,
    names: fc.uniqueArray(name, { minLength: 1, maxLength: 5 }),
    fallback: fc.boolean(),
  });
  return always(parts, ({ generation, id, names, fallback }) => {
    const opener = instanceId(`i-${id}`);
    const association = associationId(`eipassoc-${id}`);
    const volume = volumeId(`vol-${id}`);
    if (opener === null || association === null || volume === null) throw new Error("expected ids");
    const members = names.map((entry) => ({ name: entry, volumeId: volume }));
    const at = "2026-11-22T09:00:00Z";
    const mark = { generation, opener, at, associationId: association, members, fallback };
    expect(parseMark(formatMark(mark))).toEqual(mark);
  });
});
