// What was found, in a form that a line of a journal can hold. Anything that the world answers may be
// of any length and hold any character; an error has to stay one sentence on one line all the same.

/** Enough to recognise a value, or what a program said last. */
const legibleCharactersMax = 300;

/** Line ends and other characters without a glyph are blanks; what is too long is cut, and says so. */
export function legible(text: string, charactersMax: number = legibleCharactersMax): string {
  const short = text.slice(0, charactersMax);
  const plain = short
    .replace(/[\p{Cc}\p{Zl}\p{Zp}\p{Cs}]+/gu, " ")
    .replace(/ {2,}/g, " ")
    .trim();
  return text.length > charactersMax ? `${plain}…` : plain;
}

/** Any value as JSON where it has one; never throws, whatever it is. */
export function shown(value: unknown, charactersMax: number = legibleCharactersMax): string {
  return legible(json(value), charactersMax);
}

function json(value: unknown): string {
  if (value === undefined) return "missing";
  // JSON has no word for these: it says null.
  if (typeof value === "number" && !Number.isFinite(value)) return String(value);
  try {
    const text: unknown = JSON.stringify(value);
    return typeof text === "string" ? text : `a ${typeof value}`;
  } catch {
    // It holds itself, or a number that is too large.
    return typeof value === "bigint" ? String(value) : "a value that cannot be written";
  }
}
