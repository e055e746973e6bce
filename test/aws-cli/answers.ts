// Reading the program's JSON: a part of it by its path, such as `Volumes.0.State`. What is not there
// is undefined, and a test that expects something there fails by itself.

export function at(answer: unknown, path: string): unknown {
  return path.split(".").reduce<unknown>((found, part) => {
    if (typeof found !== "object" || found === null) return undefined;
    return new Map<string, unknown>(Object.entries(found)).get(part);
  }, answer);
}

export function textAt(answer: unknown, path: string): string {
  const found = at(answer, path);
  if (typeof found === "string") return found;
  throw new Error(`Cannot read "${path}": ${JSON.stringify(found)} is no text`);
}

/** The list as texts, in an order of its own; empty where there is no list. */
export function sortedTexts(list: unknown): readonly string[] {
  return Array.isArray(list) ? list.map(String).toSorted() : [];
}
