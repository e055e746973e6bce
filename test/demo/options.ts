// What the demo may be asked for. The first mistake is named, and nothing has been started by then.
// scripts/demo refuses with the same words before there is a Node that could run this file; the test
// beside it holds the two to each other.

export type Pattern = "stateful" | "address";
export type Init = "systemd" | "small" | "auto";

export interface Options {
  readonly pattern: Pattern;
  /** Where the numbers go as JSON; null prints them only. */
  readonly jsonFile: string | null;
  /** PID 1 of the rehearsal's instances. */
  readonly init: Init;
}

export type Request =
  | { readonly kind: "run"; readonly options: Options }
  | { readonly kind: "help" }
  | { readonly kind: "bad"; readonly message: string };

type Draft = { -readonly [Key in keyof Options]: Options[Key] };

export function parseOptions(words: readonly string[]): Request {
  const draft: Draft = { pattern: "stateful", jsonFile: null, init: "auto" };
  const rest = words.flatMap(splitEquals);
  for (let index = 0; index < rest.length; index += 2) {
    const name = rest[index];
    if (name === "--help" || name === "-h") return { kind: "help" };
    const message = place(draft, name ?? "", rest[index + 1]);
    if (message !== null) return { kind: "bad", message };
  }
  return { kind: "run", options: draft };
}

function splitEquals(word: string): readonly string[] {
  const [, name, value] = /^(--[a-z]+)=(.*)$/s.exec(word) ?? [];
  return name === undefined || value === undefined ? [word] : [name, value];
}

/** Puts one option where it belongs, or says what is wrong with it. */
function place(draft: Draft, name: string, value: string | undefined): string | null {
  if (name !== "--pattern" && name !== "--json" && name !== "--init") {
    return `Cannot read arguments: found "${name}", which is no option: see --help`;
  }
  if (value === undefined || value === "") {
    return `Cannot read arguments: "${name}" has no value: see --help`;
  }
  if (name === "--json") {
    draft.jsonFile = value;
    return null;
  }
  if (name === "--pattern") {
    if (!isPattern(value)) return unknownValue(name, value, "stateful or address");
    draft.pattern = value;
    return null;
  }
  if (!isInit(value)) return unknownValue(name, value, "systemd, small or auto");
  draft.init = value;
  return null;
}

const unknownValue = (name: string, found: string, wanted: string): string =>
  `Cannot read arguments: found "${found}" for "${name}", wanted ${wanted}: see --help`;

const isPattern = (value: string): value is Pattern => value === "stateful" || value === "address";

const isInit = (value: string): value is Init =>
  value === "systemd" || value === "small" || value === "auto";
