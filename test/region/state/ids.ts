// Identifiers as AWS forms them, from a seed: one seed and one order of calls give the same ids, so
// that a failed run can be read beside its repetition.

export interface Ids {
  /** For instance `vol-0` and sixteen more hexadecimal digits. */
  next(prefix: string): string;
  uuid(): string;
}

export function createIds(seed: number): Ids {
  const random = createRandom(seed);
  const hex = (digits: number) =>
    Array.from({ length: digits }, () => Math.floor(random() * 16).toString(16)).join("");
  return {
    next: (prefix) => `${prefix}-0${hex(16)}`,
    uuid: () => `${hex(8)}-${hex(4)}-4${hex(3)}-a${hex(3)}-${hex(12)}`,
  };
}

/** Mulberry32, from 0 to 1: 32 bits of state are enough for a rehearsal and reproducible everywhere. */
export function createRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
