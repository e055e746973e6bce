// Words like a word: what somebody may have meant who typed another one. Only ever said, never acted
// upon.

/** Nobody mistypes more than this; it bounds the work for a word that is no word at all. */
const comparedCharactersMax = 64;

/** The known words in the order of their likeness, those alone that differ in so many letters at most. */
export function nearest<Word extends string>(
  word: string,
  known: readonly Word[],
  lettersMax: number,
): readonly Word[] {
  const text = word.slice(0, comparedCharactersMax).toLowerCase();
  return known
    .map((entry) => ({ entry, letters: distance(text, entry.toLowerCase()) }))
    .filter(({ letters }) => letters <= lettersMax)
    .toSorted((left, right) => left.letters - right.letters)
    .map(({ entry }) => entry);
}

/** Letters to insert, delete or replace (Levenshtein), a row of the table at a time. */
function distance(left: string, right: string): number {
  let row = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (const [index, letter] of left.split("").entries()) {
    const next = [index + 1];
    for (const [at, other] of right.split("").entries()) {
      const replaced = (row[at] ?? 0) + (letter === other ? 0 : 1);
      next.push(Math.min(replaced, (row[at + 1] ?? 0) + 1, (next[at] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
